import ServoProtocol
import Testing

@Suite("ODrive's ASCII lines are those of the sheet")
struct ODriveFrameTests {
    /// A request and what writes it.
    struct Row: Sendable, CustomTestStringConvertible {
        var line: String
        var write: @Sendable (inout ODriveRequestWriter) -> Void
        var testDescription: String { line }
    }

    /// Checksums as the sheet has them; those without a mark there were worked out by hand.
    static let rows: [Row] = [
        Row(line: "r vbus_voltage*125") { $0.read("vbus_voltage") },
        Row(line: "f 0*118") { $0.feedback(axis: 0) },
        Row(line: "p 0 0.25*89") { $0.position(axis: 0, turns: 0.25) },
        Row(line: "u 0*101") { $0.feedWatchdog(axis: 0) },
        Row(line: "sc*16") { $0.system(.clearErrors) },
        Row(line: "w axis0.requested_state 8*10") { $0.write("axis0.requested_state", 8) },
        // 73^73 = 0; 73^65 = 16h, 73^72 = 01h.
        Row(line: "ss*0") { $0.system(.saveConfiguration) },
        Row(line: "se*22") { $0.system(.eraseConfiguration) },
        Row(line: "sr*1") { $0.system(.reboot) },
        Row(line: "i*105") { $0.info() },
        // f 0 with the digit one higher.
        Row(line: "f 1*119") { $0.feedback(axis: 1) },
        // 66^20 = 46h; 46^34 = 72h, 72^37 = 45h: 69.
        Row(line: "f 47*69") { $0.feedback(axis: 47) },
        // c 0 is 73h, a second space makes 53h, -.5 is 36h and the 0 before the point 06h.
        Row(line: "c 0 -0.5*85") { $0.torque(axis: 0, newtonMetres: -0.5) },
        // v 1 is 67h; space 47h; 2 is 75h: 117.
        Row(line: "v 1 2*117") { $0.velocity(axis: 1, turnsPerSecond: 2) },
        // t 0 is 64h; space 44h; 3 is 77h: 119.
        Row(line: "t 0 3*119") { $0.trajectory(axis: 0, turns: 3) },
    ]

    @Test("every worked request is written byte for byte", arguments: rows)
    func written(_ row: Row) {
        var writer = ODriveRequestWriter()
        row.write(&writer)
        let bytes = writer.bytes
        #expect(String(decoding: bytes, as: UTF8.self) == row.line + "\n")
        writer.removeAll()
        writer.usesChecksum = false
        row.write(&writer)
        let plain = row.line.split(separator: "*")[0]
        #expect(writer.bytes == Array((plain + "\n").utf8))
    }

    @Test("the checksum is that of the sheet, a space before the star included")
    func checksums() {
        let rows: [(String, UInt8)] = [
            ("r vbus_voltage ", 93), ("r vbus_voltage", 125), ("f 0", 118), ("p 0 0.25", 89),
            ("u 0", 101), ("sc", 16), ("w axis0.requested_state 8", 10),
            ("0.250000 -0.010000", 11),
        ]
        for (text, sum) in rows { #expect(ODriveASCII.checksum(text.utf8) == sum) }
    }

    @Test("set points carry what they are given, with up to six decimals")
    func setPoints() {
        var writer = ODriveRequestWriter(usesChecksum: false)
        writer.position(axis: 1, turns: -1.5, velocity: 0.125, torque: -0.0625)
        writer.position(axis: 0, turns: 0.1234567, velocity: 0)
        writer.position(axis: 0, turns: 3, velocityLimit: 2.5, torqueLimit: 0.75)
        writer.velocity(axis: 0, turnsPerSecond: -0.0000004, torque: 1e-6)
        writer.trajectory(axis: 1, turns: 123456.999999)
        writer.write("axis0.controller.config.vel_gain", 1.0 / 6)
        writer.write("axis0.config.enable_watchdog", 1)
        let lines = String(decoding: writer.bytes, as: UTF8.self)
        #expect(
            lines == """
                p 1 -1.5 0.125 -0.0625
                p 0 0.123457 0
                q 0 3 2.5 0.75
                v 0 0 0.000001
                t 1 123456.999999
                w axis0.controller.config.vel_gain 0.166667
                w axis0.config.enable_watchdog 1

                """
        )
    }

    @Test("the worked answer is read back, and so is every other kind")
    func answers() {
        let rows: [(String, ODriveAnswer)] = [
            ("0.250000 -0.010000", .feedback(position: 0.25, velocity: -0.01)),
            ("-12.500000 100.250000", .feedback(position: -12.5, velocity: 100.25)),
            ("unknown command", .refusal(.unknownCommand)),
            ("invalid command format", .refusal(.invalidFormat)),
            ("invalid property", .refusal(.invalidProperty)),
            ("not implemented", .refusal(.notImplemented)),
            ("invalid motor 47", .invalidMotor(47)),
            ("Hardware version: 3.6-56V", .hardware(major: 3, minor: 6, volts: 56)),
            ("Firmware version: 0.5.6", .firmware(major: 0, minor: 5, revision: 6)),
            ("Serial number: 3762364A3137", .serialNumber(0x3762_364A_3137)),
            ("invalid motor ", .other), ("invalid", .other), ("unknown command ", .other),
            ("0.25 -0.010000", .other), ("1.000000 2.000000 3.000000", .other), ("-", .other),
            ("encoder set to 3", .other), ("1.000000 ", .other), ("12345678901", .other),
        ]
        for (text, answer) in rows {
            for checked in [true, false] {
                var parser = ODriveLineParser(requiresChecksum: checked)
                parser.append(ODriveText.answer(text, checksum: checked))
                guard let line = parser.next() else {
                    Issue.record("\(text) was not taken for a line")
                    continue
                }
                #expect(line.hasChecksum == checked)
                #expect(parser.answer(line) == answer, "\(text)")
            }
        }
    }

    @Test("the worked answer carries the sheet's checksum, and only that one")
    func workedAnswer() {
        for sum in 0...300 {
            var parser = ODriveLineParser()
            parser.append(Array("0.250000 -0.010000*\(sum)\r\n".utf8))
            #expect((parser.next() != nil) == (sum == 11))
        }
    }

    @Test("values: whole numbers, decimals, infinities, and what nine characters hide")
    func values() throws {
        func value(_ text: String) throws -> ODriveValue {
            var parser = ODriveLineParser(requiresChecksum: false)
            parser.append(ODriveText.answer(text, checksum: false))
            guard let line = parser.next(), case .value(let value) = parser.answer(line) else {
                throw Missing(text: text)
            }
            return value
        }
        #expect(try value("2048").bits == 0x800)
        #expect(try value("0").bits == 0)
        #expect(try value("-1").bits == nil)
        // Bit 35 of motor.error is 34359738368: its first nine digits say nothing.
        #expect(try value("343597383").bits == nil)
        #expect(try value("343597383").mayBeCut)
        #expect(try value("67108864").bits == 0x400_0000)
        #expect(try value("24.123456").number == 24.123456)
        #expect(try value("-0.125000").number == -0.125)
        #expect(try value("inf").number == .infinity)
        #expect(try value("-inf").number == -.infinity)
        #expect(try value("nan").number.isNaN)
        #expect(try value("0.166667").isShowing(1.0 / 6))
        #expect(try !value("0.166667").isShowing(0.16667))
        // Single precision has 20.1 as 20.1000004; nine characters cut 1234.5678 to 1234.5677.
        #expect(try value("20.100000").isShowing(20.1))
        #expect(try value("1234.5677").isShowing(1234.5678))
        #expect(try !value("1234.5677").isShowing(1234.57))
        #expect(try value("8").isShowing(8))
        #expect(try !value("8").isShowing(1))
        #expect(try value("inf").isShowing(.infinity))
        #expect(try !value("inf").isShowing(1))
    }

    struct Missing: Error { var text: String }
}

/// Answers as a board writes them, put together without the code under test.
enum ODriveText {
    static func answer(_ text: String, checksum: Bool) -> [UInt8] {
        var sum: UInt8 = 0
        for byte in text.utf8 { sum ^= byte }
        return Array((checksum ? "\(text)*\(sum)\r\n" : "\(text)\r\n").utf8)
    }
}
