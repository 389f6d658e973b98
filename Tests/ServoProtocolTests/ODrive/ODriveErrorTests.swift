import ServoProtocol
import Testing

@Suite("ODrive's error words, states and modes have the sheet's numbers")
struct ODriveErrorTests {
    private func masks<Word: ODriveErrorWord>(_ word: Word.Type) -> [UInt64] {
        Word.bits.map(\.mask)
    }

    @Test("the bits are those of section 4")
    func bits() {
        #expect(masks(ODriveDeviceErrors.self) == [1, 2, 4, 8, 0x10, 0x20, 0x40, 0x80])
        #expect(
            masks(ODriveAxisErrors.self) == [
                1, 0x40, 0x80, 0x100, 0x200, 0x800, 0x1000, 0x2000, 0x4000, 0x20000, 0x40000,
                0x80000,
            ]
        )
        #expect(
            masks(ODriveMotorErrors.self) == [
                1, 2, 8, 0x10, 0x80, 0x400, 0x1000, 0x10000, 0x20000, 0x40000, 0x80000, 0x100000,
                0x200000, 0x400000, 0x800000, 0x1000000, 0x2000000, 0x4000000, 0x8000000,
                0x10000000, 0x20000000, 0x40000000, 0x80000000, 0x1_0000_0000, 0x2_0000_0000,
                0x4_0000_0000, 0x8_0000_0000,
            ]
        )
        #expect(
            masks(ODriveEncoderErrors.self) == [1, 2, 4, 8, 0x10, 0x20, 0x40, 0x80, 0x100, 0x200]
        )
        #expect(masks(ODriveControllerErrors.self) == [1, 2, 4, 8, 0x10, 0x20, 0x40, 0x80])
        #expect(
            masks(ODriveActiveErrors.self) == [
                1, 2, 4, 8, 0x10, 0x20, 0x40, 0x100, 0x200, 0x400, 0x800, 0x1000, 0x2000, 0x4000,
                0x8000, 0x10000, 0x1000000, 0x2000000, 0x4000000, 0x8000000, 0x10000000,
                0x40000000,
            ]
        )
    }

    @Test("the constants lie on their bits")
    func constants() {
        #expect(ODriveAxisErrors.watchdogExpired.rawValue == 0x800)
        #expect(ODriveAxisErrors.controllerFailed.rawValue == 0x200)
        #expect(ODriveAxisErrors.encoderFailed.rawValue == 0x100)
        #expect(ODriveAxisErrors.motorFailed.rawValue == 0x40)
        #expect(ODriveControllerErrors.overspeed.rawValue == 1)
        #expect(ODriveMotorErrors.transistorOverTemperature.rawValue == 0x40000)
        #expect(ODriveMotorErrors.unbalancedPhases.rawValue == 0x8_0000_0000)
        #expect(ODriveEncoderErrors.indexNotFound.rawValue == 0x20)
        #expect(ODriveDeviceErrors.busUnderVoltage.rawValue == 2)
        #expect(ODriveActiveErrors.watchdogExpired.rawValue == 0x1000000)
    }

    @Test("a word is told in words, unknown bits included, with something to do for each")
    func words() {
        let axis: ODriveAxisErrors = [.watchdogExpired, .motorFailed]
        #expect(axis.words == "motor failed, watchdog expired")
        #expect(axis.remedies.count == 2)
        #expect(ODriveAxisErrors().words == "no error")
        #expect(ODriveAxisErrors().remedies.isEmpty)
        let odd = ODriveControllerErrors(rawValue: 0x101)
        #expect(odd.words == "overspeed, unknown bits 0x100")
        #expect(odd.unknown == 0x100)
        #expect(odd.remedies.count == 2)
        // One remedy is said once.
        let spi = ODriveEncoderErrors([.spiTimeout, .spiFailed])
        #expect(spi.remedies.count == 1)
    }

    @Test("every bit has a name of its own and a remedy")
    func complete() {
        func check<Word: ODriveErrorWord>(_ word: Word.Type) {
            #expect(Set(Word.bits.map(\.name)).count == Word.bits.count)
            #expect(Word.bits.allSatisfy { !$0.name.isEmpty && $0.remedy.count > 10 })
            #expect(Word.bits.allSatisfy { $0.mask.nonzeroBitCount == 1 })
        }
        check(ODriveDeviceErrors.self)
        check(ODriveAxisErrors.self)
        check(ODriveMotorErrors.self)
        check(ODriveEncoderErrors.self)
        check(ODriveControllerErrors.self)
        check(ODriveActiveErrors.self)
    }

    @Test("states and modes have the sheet's numbers")
    func numbers() {
        #expect(ODriveAxisState.allCases.map(\.rawValue) == Array(0...16))
        #expect(ODriveAxisState(rawValue: 1) == .idle)
        #expect(ODriveAxisState(rawValue: 3) == .fullCalibration)
        #expect(ODriveAxisState(rawValue: 6) == .encoderIndexSearch)
        #expect(ODriveAxisState(rawValue: 7) == .encoderOffsetCalibration)
        #expect(ODriveAxisState(rawValue: 8) == .closedLoopControl)
        #expect(ODriveAxisState(rawValue: 11) == .homing)
        #expect(ODriveControlMode.position.rawValue == 3)
        #expect(ODriveControlMode.torque.rawValue == 1)
        #expect(ODriveInputMode.passthrough.rawValue == 1)
        #expect(ODriveInputMode.trapezoidalTrajectory.rawValue == 5)
        #expect(ODriveInputMode.allCases.count == 9)
        #expect(ODriveProperty.Axis.error.path(1) == "axis1.error")
    }
}
