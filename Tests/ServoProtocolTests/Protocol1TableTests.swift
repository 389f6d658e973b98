import ServoProtocol
import Testing

@Suite("Control tables of Dynamixel 1.0 and Feetech")
struct Protocol1TableTests {
    @Test("Models are found by name, and by number on their own wire")
    func models() throws {
        let known: [(String, UInt16, ServoWire)] = [
            ("AX-12A", 12, .dynamixel1), ("MX-28(1.0)", 29, .dynamixel1),
            ("STS3215", 777, .feetechLittleEndian), ("SCS0009", 1284, .feetechBigEndian),
        ]
        for (name, number, wire) in known {
            let table = try #require(ControlTable.model(named: name))
            #expect(table.modelNumber == number)
            #expect(table.wire == wire)
            #expect(ControlTable.model(number: number, on: wire)?.model == name)
            #expect(ControlTable.model(number: number) == nil)
            #expect(table.register(.modelNumber)?.initialValue == Int(number))
            #expect(table.registers.allSatisfy { $0.order == wire.byteOrder || $0.size == 1 })
        }
        #expect(ControlTable.all.allSatisfy { $0.wire == .dynamixel2 })
        #expect(ControlTable.protocol1.count == known.count)
    }

    @Test("AX-12A and MX-28 have their registers where the e-manual has them")
    func dynamixel() throws {
        let expected: [(Register.Name, UInt16, Int)] = [
            (.modelNumber, 0, 2), (.id, 3, 1), (.baudRate, 4, 1), (.returnDelayTime, 5, 1),
            (.cwAngleLimit, 6, 2), (.ccwAngleLimit, 8, 2), (.maxTorque, 14, 2),
            (.statusReturnLevel, 16, 1), (.shutdown, 18, 1), (.torqueEnable, 24, 1),
            (.goalPosition, 30, 2), (.movingSpeed, 32, 2), (.torqueLimit, 34, 2),
            (.presentPosition, 36, 2), (.presentSpeed, 38, 2), (.presentLoad, 40, 2),
            (.presentVoltage, 42, 1), (.presentTemperature, 43, 1), (.registered, 44, 1),
            (.moving, 46, 1), (.lock, 47, 1), (.punch, 48, 2),
        ]
        for table in [ControlTable.ax12a, .mx28Protocol1] {
            for (name, address, size) in expected {
                let register = try #require(table.register(name), "\(table.model) \(name)")
                #expect(register.address == address)
                #expect(register.size == size)
            }
            #expect(table.register(.presentLoad)?.signMagnitude == .bit10)
            #expect(table.register(.presentSpeed)?.signMagnitude == .bit10)
            #expect(table.baudCode(near: 1_000_000)?.code == 1)
            #expect(table.baudCode(near: 115_200)?.code == 16)
            #expect(table.baudCode(near: 57_600)?.code == 34)
            #expect(table.baudCode(near: 700_000) == nil)
        }
        #expect(ControlTable.mx28Protocol1.register(.goalPosition)?.isSigned == true)
        #expect(ControlTable.mx28Protocol1.baudCode(near: 3_000_000)?.code == 252)
        #expect(ControlTable.ax12a.baudCode(near: 3_000_000) == nil)
    }

    @Test("STS3215 has its registers where the vendor and LeRobot have them")
    func sts() throws {
        let expected: [(Register.Name, UInt16, Int, SignMagnitude?)] = [
            (.modelNumber, 3, 2, nil), (.id, 5, 1, nil), (.baudRate, 6, 1, nil),
            (.returnDelayTime, 7, 1, nil), (.statusReturnLevel, 8, 1, nil),
            (.minPositionLimit, 9, 2, nil), (.maxPositionLimit, 11, 2, nil),
            (.homingOffset, 31, 2, .bit11), (.operatingMode, 33, 1, nil),
            (.torqueEnable, 40, 1, nil), (.acceleration, 41, 1, nil),
            (.goalPosition, 42, 2, .bit15), (.goalTime, 44, 2, nil),
            (.goalVelocity, 46, 2, .bit15), (.torqueLimit, 48, 2, nil), (.lock, 55, 1, nil),
            (.presentPosition, 56, 2, .bit15), (.presentVelocity, 58, 2, .bit15),
            (.presentLoad, 60, 2, .bit10), (.presentVoltage, 62, 1, nil),
            (.presentTemperature, 63, 1, nil), (.status, 65, 1, nil), (.moving, 66, 1, nil),
            (.presentCurrent, 69, 2, nil), (.maximumAcceleration, 85, 1, nil),
        ]
        let table = ControlTable.sts3215
        for (name, address, size, sign) in expected {
            let register = try #require(table.register(name), "\(name)")
            #expect(register.address == address)
            #expect(register.size == size)
            #expect(register.signMagnitude == sign)
        }
        #expect(table.currentUnit == 0.0065)
        #expect(table.baudCode(near: 1_000_000)?.code == 0)
        #expect(ControlTable.scs0009.register(.lock)?.address == 48)
        #expect(ControlTable.scs0009.register(.homingOffset) == nil)
    }

    @Test(
        "Registers do not overlap and their sizes are 1 or 2",
        arguments: ControlTable.protocol1.map(\.model)
    )
    func noOverlap(_ model: String) throws {
        let table = try #require(ControlTable.model(named: model))
        for (a, b) in zip(table.registers, table.registers.dropFirst()) {
            #expect(a.addresses.upperBound <= b.addresses.lowerBound, "\(a.name) \(b.name)")
        }
        #expect(table.registers.allSatisfy { [1, 2].contains($0.size) })
        #expect(Set(table.registers.map(\.name)).count == table.registers.count)
    }
}
