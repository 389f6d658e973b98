import ServoProtocol
import Testing

@Suite("Control tables")
struct ControlTableTests {
    @Test("The registers the control loop uses are where the e-manual has them")
    func usedRegisters() throws {
        let expected: [(Register.Name, UInt16, Int, Bool)] = [
            (.modelNumber, 0, 2, false), (.firmwareVersion, 6, 1, false), (.id, 7, 1, false),
            (.baudRate, 8, 1, false), (.returnDelayTime, 9, 1, false),
            (.operatingMode, 11, 1, false), (.homingOffset, 20, 4, true),
            (.maxPositionLimit, 48, 4, false), (.minPositionLimit, 52, 4, false),
            (.torqueEnable, 64, 1, false), (.statusReturnLevel, 68, 1, false),
            (.hardwareErrorStatus, 70, 1, false), (.positionDGain, 80, 2, false),
            (.positionIGain, 82, 2, false), (.positionPGain, 84, 2, false),
            (.busWatchdog, 98, 1, true), (.goalPosition, 116, 4, true),
            (.presentVelocity, 128, 4, true), (.presentPosition, 132, 4, true),
            (.presentInputVoltage, 144, 2, false), (.presentTemperature, 146, 1, false),
        ]
        for table in ControlTable.all {
            for (name, address, size, isSigned) in expected {
                let register = try #require(table.register(name), "\(table.model) \(name)")
                #expect(register.address == address)
                #expect(register.size == size)
                #expect(register.isSigned == isSigned)
                #expect(table.register(containing: Int(address) + size - 1) == register)
            }
        }
    }

    @Test("Models are found by number and by name")
    func models() throws {
        let numbers: [(String, UInt16)] = [
            ("XM430-W210", 1030), ("XM430-W350", 1020), ("XH430-W210", 1010),
            ("XM540-W270", 1120), ("XL430-W250", 1060), ("XL330-M077", 1190),
            ("XL330-M288", 1200), ("XC330-T288", 1220), ("MX-28", 30), ("MX-64", 311),
            ("MX-106", 321),
        ]
        for (name, number) in numbers {
            let table = try #require(ControlTable.model(named: name))
            #expect(table.modelNumber == number)
            #expect(ControlTable.model(number: number)?.model == name)
            #expect(table.register(.modelNumber)?.initialValue == Int(number))
        }
        #expect(ControlTable.all.count == 16)
        #expect(ControlTable.model(number: 12) == nil)
    }

    @Test(
        "Registers do not overlap and their sizes are 1, 2 or 4",
        arguments: ControlTable.all.map(\.model)
    )
    func noOverlap(_ model: String) throws {
        let table = try #require(ControlTable.model(named: model))
        for (a, b) in zip(table.registers, table.registers.dropFirst()) {
            #expect(a.addresses.upperBound <= b.addresses.lowerBound, "\(a.name) \(b.name)")
        }
        #expect(table.registers.allSatisfy { [1, 2, 4].contains($0.size) })
        #expect(Set(table.registers.map(\.name)).count == table.registers.count)
    }

    @Test("The XM430-W210 has the ranges of its manual page")
    func ranges() throws {
        let table = ControlTable.xm430w210
        let current = try #require(table.register(.goalCurrent))
        #expect(current.minimum == .negated(.currentLimit))
        #expect(current.maximum == .register(.currentLimit))
        #expect(table.register(.currentLimit)?.maximum == .number(1193))
        #expect(table.register(.operatingMode)?.allowed == [0, 1, 3, 4, 5, 16])
        #expect(table.register(.shutdown)?.initialValue == 0x34)
        #expect(table.register(.goalPosition)?.minimum == .register(.minPositionLimit))
        #expect(table.busWatchdogFirmware == 38)
        #expect(table.fastReadFirmware == 45)
        #expect(table.baudCodes.first { $0.rate == 1_000_000 }?.code == 3)
        #expect(table.currentUnit == 0.00269)
        #expect(table.size == 662)
        #expect(ControlTable.xl330m288.fastReadFirmware == 46)
        #expect(ControlTable.mx28.fastReadFirmware == nil)
        #expect(ControlTable.mx28.currentUnit == nil)
    }

    @Test("Numbers go into bytes and back, negative ones too")
    func numbers() throws {
        let table = ControlTable.xm430w210
        let position = try #require(table.register(.presentPosition))
        #expect(position.bytes(of: -100) == [0x9C, 0xFF, 0xFF, 0xFF])
        #expect(position.value(of: [0x9C, 0xFF, 0xFF, 0xFF, 0x11]) == -100)
        #expect(position.value(of: [0xFF, 0xFF, 0xFF, 0x7F]) == 2_147_483_647)
        let watchdog = try #require(table.register(.busWatchdog))
        #expect(watchdog.value(of: [0xFF]) == -1)
        let voltage = try #require(table.register(.presentInputVoltage))
        #expect(voltage.value(of: [0xFF, 0xFF]) == 65_535)
    }

    @Test("Hardware errors have names")
    func hardwareErrors() {
        #expect(HardwareErrorBits(rawValue: 0x24).words == "overheating, overload")
        #expect(HardwareErrorBits(rawValue: 0x01).words == "input voltage")
    }
}
