import Testing

@testable import ServoEmulator

@Suite("An emulated ODrive board speaks the sheet's lines")
struct ODriveLineTests {
    @Test("worked requests are taken, and answers carry a checksum when the request did")
    func worked() {
        var board = TestBoard()
        // XOR of "0.000000 0.000000": fourteen zeros and both points cancel, the space stays: 32.
        #expect(board.say("f 0*118") == ["0.000000 0.000000*32"])
        #expect(board.say("f 0") == ["0.000000 0.000000"])
        // XOR of "24.000000" is 32h^34h^2Eh = 28h = 40, six zeros cancel.
        #expect(board.say("r vbus_voltage *93") == ["24.000000*40"])
        #expect(board.say("r vbus_voltage*125") == ["24.000000*40"])
        #expect(board.say("r vbus_voltage") == ["24.000000"])
        for silent in ["p 0 0.25*89", "u 0*101", "sc*16", "p 0 0.25", "u 1", "c 0 0", "v 1 0"] {
            #expect(board.say(silent) == [], "\(silent)")
        }
        #expect(board.number("axis0.controller.input_pos") == 0.25)
        #expect(board.say("w axis0.requested_state 8*10") == [])
        board.wait(5)
        #expect(board.say("r axis0.current_state") == ["8"])
    }

    @Test("a wrong checksum is answered with silence")
    func wrongChecksum() {
        var board = TestBoard()
        for sum in 0...260 where sum != 118 { #expect(board.say("f 0*\(sum)") == []) }
        #expect(board.say("f 0*x") == [])
        #expect(board.say("p 0 0.25*88") == [])
        #expect(board.number("axis0.controller.input_pos") == 0)
        // A star with nothing behind it is no checksum, and no number either.
        #expect(board.say("f 0*") == ["0.000000 0.000000"])
    }

    @Test("CR, LF and ! each end a line, and an empty line is an unknown command")
    func lineEnds() {
        var board = TestBoard()
        #expect(board.raw("\n") == ["unknown command\r\n"])
        #expect(board.raw("f 0\r\n") == ["0.000000 0.000000\r\n", "unknown command\r\n"])
        #expect(board.raw("f 0!") == ["0.000000 0.000000\r\n"])
        #expect(board.raw("f") == [])
        #expect(board.raw(" 0") == [])
        #expect(board.raw("\r") == ["0.000000 0.000000\r\n"])
        #expect(board.say("f 0 ; how is it*7") == ["0.000000 0.000000"])
        #expect(board.say(";") == ["unknown command"])
        #expect(board.raw("f 0*118\nf 1*119\nr axis0.error*55\n").count == 3)
    }

    @Test("a line of 256 bytes with its end is taken, a longer one dropped up to its end")
    func longLines() {
        var board = TestBoard()
        let fits = "f 0" + String(repeating: " ", count: 252)
        #expect(board.say(fits) == ["0.000000 0.000000"])
        #expect(board.say(fits + " ") == [])
        #expect(board.say(fits + String(repeating: "f 0", count: 200)) == [])
        #expect(board.say("f 0") == ["0.000000 0.000000"])
    }

    @Test("what cannot be done is answered in the board's words")
    func refusals() {
        var board = TestBoard()
        let rows: [(String, String)] = [
            ("x", "unknown command"), ("?", "unknown command"), ("f", "invalid command format"),
            ("p 0", "invalid command format"), ("p", "invalid command format"),
            ("p 0 x", "invalid command format"), ("v 0", "invalid command format"),
            ("c x", "invalid command format"), ("u", "invalid command format"),
            ("r", "invalid command format"), ("w", "invalid command format"),
            ("esl 0", "invalid command format"), ("esw 0 1", "invalid command format"),
            ("f 2", "invalid motor 2"), ("f 4711", "invalid motor 4711"),
            ("p 2 0", "invalid motor 2"), ("u 3", "invalid motor 3"),
            ("f -1", "invalid motor 4294967295"), ("r axis2.error", "invalid property"),
            ("r axis0", "invalid property"), ("w axis0.nothing 1", "invalid property"),
            ("w vbus_voltage 3", "not implemented"),
            ("w axis0.current_state 8", "not implemented"),
            ("w axis0.controller.config.pos_gain x", "not implemented"),
            ("w axis0.controller.config.pos_gain", "not implemented"),
        ]
        for (line, answer) in rows { #expect(board.say(line) == [answer], "\(line)") }
        #expect(board.say("sx") == [])
    }

    @Test("values have six decimals and at most nine characters")
    func values() {
        var board = TestBoard()
        func read(_ value: String) -> [String] {
            board.say("w axis0.controller.config.vel_limit " + value)
            return board.say("r axis0.controller.config.vel_limit")
        }
        #expect(read("1") == ["1.000000"])
        #expect(read("12.3456789") == ["12.345679"])
        #expect(read("-12.3456789") == ["-12.34567"])
        #expect(read("123456789") == ["123456792"])
        #expect(read("inf") == ["inf"])
        // 0.1 in single precision is 0.100000001.
        #expect(read("0.1") == ["0.100000"])
        #expect(board.say("r axis0.motor.config.torque_lim") == ["inf"])
        // 3762364A3137h is 60894957154615.
        #expect(board.say("r serial_number") == ["608949571"])
        #expect(
            board.say("i") == [
                "Hardware version: 3.6-56V", "Firmware version: 0.5.6",
                "Serial number: 3762364A3137",
            ]
        )
        // Bit 35 is 34359738368.
        board.core.inject(.motorError(axis: 1, 0x8_0000_0000))
        #expect(board.say("r axis1.motor.error") == ["343597383"])
        #expect(board.say("r axis1.error") == ["64"])
        #expect(board.say("r axis0.motor.fet_thermistor.temperature") == ["31.500000"])
    }

    @Test("every property of the host's list is there, with the factory's value")
    func factory() {
        var board = TestBoard()
        let rows: [(String, Double)] = [
            ("controller.config.pos_gain", 20), ("controller.config.vel_gain", 0.166667),
            ("controller.config.vel_integrator_gain", 0.333333),
            ("controller.config.vel_limit", 2), ("controller.config.vel_ramp_rate", 1),
            ("controller.config.torque_ramp_rate", 0.01),
            ("controller.config.input_filter_bandwidth", 2),
            ("controller.config.control_mode", 3), ("controller.config.input_mode", 1),
            ("controller.config.vel_limit_tolerance", 1.2),
            ("motor.config.current_lim", 10), ("motor.config.torque_constant", 0.04),
            ("config.enable_watchdog", 0), ("config.watchdog_timeout", 0), ("current_state", 1),
            ("requested_state", 0), ("error", 0), ("motor.error", 0), ("encoder.error", 0),
            ("controller.error", 0), ("motor.is_calibrated", 1), ("encoder.is_ready", 1),
            ("encoder.pos_estimate", 0), ("encoder.vel_estimate", 0),
            ("motor.current_control.Iq_measured", 0),
        ]
        for (name, value) in rows {
            for axis in 0...1 { #expect(board.number("axis\(axis).\(name)") == value, "\(name)") }
        }
        #expect(board.number("error") == 0)
        #expect(board.number("fw_version_minor") == 5)
    }

    @Test("set points set what the sheet says and leave the rest as it is")
    func setPoints() {
        var board = TestBoard()
        func inputs() -> [Double?] {
            ["input_pos", "input_vel", "input_torque", "config.control_mode", "config.input_mode"]
                .map { board.number("axis0.controller." + $0) }
        }
        board.say("p 0 1.5 0.25 0.125")
        #expect(inputs() == [1.5, 0.25, 0.125, 3, 1])
        board.say("p 0 2")
        #expect(inputs() == [2, 0.25, 0.125, 3, 1])
        board.say("v 0 0.5")
        #expect(inputs() == [2, 0.5, 0.125, 2, 1])
        board.say("v 0 0.75 0.5")
        #expect(inputs() == [2, 0.75, 0.5, 2, 1])
        board.say("c 0 -0.25")
        #expect(inputs() == [2, 0.75, -0.25, 1, 1])
        board.say("t 0 3")
        #expect(inputs() == [3, 0.75, -0.25, 3, 5])
        board.say("q 0 1 4 0.5")
        #expect(inputs() == [1, 0.75, -0.25, 3, 5])
        #expect(board.number("axis0.controller.config.vel_limit") == 4)
        #expect(board.number("axis0.motor.config.torque_lim") == 0.5)
        // The other axis is left alone.
        #expect(board.number("axis1.controller.config.vel_limit") == 2)
        // Without a space, and with more than one, as the board's library reads it.
        board.say("p0   -0.5")
        #expect(inputs()[0] == -0.5)
        #expect(board.say("esl 1 -8192") == ["encoder set to 4294959104"])
        #expect(board.say("f 1") == ["-1.000000 0.000000"])
    }

    @Test("answers come after the bytes of request and answer have passed, each way its own wire")
    func timing() {
        var board = TestBoard { setup, options in
            setup.rate = 115_200
            setup.answerNanoseconds = 100_000
            options.timing = .honest
        }
        let byte: Int64 = 10_000_000_000 / 115_200
        let start = board.now
        // `f 0*118` and LF are 8 bytes, `0.000000 0.000000*32` and CR LF 22.
        let two = board.core.receive(Array("f 0*118\nf 1*119\n".utf8), rate: 115_200, now: start)
        #expect(two.map(\.bytes.count) == [22, 22])
        #expect(two[0].time == start + 8 * byte + 100_000 + 22 * byte)
        // The second is ready long before the first is out.
        #expect(two[1].time == two[0].time + 22 * byte)
        // At another rate the board understands nothing.
        let deaf = board.core.receive(Array("f 0\n".utf8), rate: 9600, now: start + 1)
        #expect(deaf.isEmpty)
        #expect(board.core.counters.inputAtWrongRate == 1)
    }

    @Test("whatever comes, a board answers in lines of at most 64 bytes and stays alive")
    func fuzz() {
        var state: UInt64 = 0x5EED_0D21
        func draw(_ bound: Int) -> Int {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return Int((state >> 11) % UInt64(bound))
        }
        let pool = [
            "p 0 ", "f 1", "r axis0.", "w axis1.requested_state ", "8", "*118", "\n", "\n", "!",
            "1e9", "-0.5", "inf", "nan", ";", "sc", "sr", "esl 0 ", "q 1 ", "99999999999999999999",
            "w axis0.controller.config.vel_limit ", "w axis0.config.watchdog_timeout ", "t 0 ",
            "u 0\n", "controller.config.input_mode ", "w axis0.controller.config.input_mode 7\n",
        ]
        var board = TestBoard()
        for _ in 0..<20_000 {
            var text: [UInt8] = []
            for _ in 0..<draw(8) {
                text += draw(6) == 0 ? [UInt8(draw(256))] : Array(pool[draw(pool.count)].utf8)
            }
            board.now += Int64(draw(3_000_000))
            for reply in board.core.receive(text, rate: nil, now: board.now) {
                let isLine = reply.bytes.count <= 64 && reply.bytes.suffix(2) == [0x0D, 0x0A]
                if !isLine { Issue.record("answer to \(text)") }
            }
        }
        board.wait(10)
        #expect(board.say("") == ["unknown command"])
    }
}
