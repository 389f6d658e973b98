import Physics
import ServoProtocol
import Testing

@testable import ServoEmulator

@Suite("An emulated ODrive board has states, errors and a watchdog")
struct ODriveStateTests {
    @Test("closed loop needs calibration, which takes its time")
    func calibration() {
        var board = TestBoard { setup, _ in setup.isCalibrated = false }
        board.close()
        #expect(board.say("r axis0.current_state") == ["1"])
        #expect(board.say("r axis0.error") == ["1"])
        board.say("w axis0.requested_state 3")
        board.wait(3)
        // A new request clears an invalid state by itself.
        #expect(board.say("r axis0.error") == ["0"])
        #expect(board.say("r axis0.current_state") == ["4"])
        board.wait(3000)
        #expect(board.say("r axis0.current_state") == ["7"])
        #expect(board.number("axis0.motor.is_calibrated") == 1)
        #expect(board.number("axis0.encoder.is_ready") == 0)
        board.wait(5990)
        #expect(board.say("r axis0.current_state") == ["7"])
        board.wait(10)
        #expect(board.say("r axis0.current_state") == ["1"])
        #expect(board.number("axis0.encoder.is_ready") == 1)
        board.close()
        #expect(board.say("r axis0.current_state") == ["8"])
        #expect(board.say("r axis1.current_state") == ["1"])
    }

    @Test("a calibration that is broken off has calibrated nothing")
    func brokenOff() {
        var board = TestBoard { setup, _ in setup.isCalibrated = false }
        board.say("w axis0.requested_state 4")
        board.wait(1000)
        board.say("w axis0.requested_state 1")
        board.wait(5000)
        #expect(board.say("r axis0.current_state") == ["1"])
        #expect(board.number("axis0.motor.is_calibrated") == 0)
        for state in ["6", "7", "8", "9", "10", "11", "12", "13", "5", "14", "77"] {
            board.say("w axis0.error 0")
            board.say("w axis0.requested_state " + state)
            board.wait(5)
            #expect(board.say("r axis0.current_state") == ["1"])
            #expect(board.say("r axis0.error") == ["1"], "state \(state)")
        }
    }

    @Test("any error drops the axis to idle, and closed loop is refused until it is cleared")
    func errors() {
        let faults: [(ODriveFault, error: Int, word: String, value: Int)] = [
            (.axisError(axis: 0, 0x4000), 0x4000, "axis0.error", 0x4000),
            (.motorError(axis: 0, 0x8), 0x40, "axis0.motor.error", 8),
            (.encoderError(axis: 0, 0x4), 0x100, "axis0.encoder.error", 4),
            (.controllerError(axis: 0, 0x80), 0x200, "axis0.controller.error", 0x80),
            (.deviceError(0x10), 0x40, "error", 0x10),
        ]
        for (fault, error, word, value) in faults {
            var board = TestBoard()
            board.close()
            board.core.inject(fault)
            #expect(board.say("r axis0.current_state") == ["1"])
            #expect(board.say("r axis0.error") == ["\(error)"])
            #expect(board.say("r " + word) == ["\(value)"])
            #expect(board.rotor { $0.rotors[0].command.torqueEnabled } == false)
            board.close()
            #expect(board.say("r axis0.current_state") == ["1"])
            board.say("sc")
            #expect(board.say("r axis0.error") == ["0"])
            #expect(board.say("r " + word) == ["0"])
            board.close()
            #expect(board.say("r axis0.current_state") == ["8"])
        }
    }

    @Test("an error of one axis leaves the other one running")
    func otherAxis() {
        var board = TestBoard()
        board.close()
        board.core.inject(.motorError(axis: 0, 8))
        #expect(board.say("r axis1.current_state") == ["8"])
        #expect(board.rotor { $0.rotors[1].command.torqueEnabled } == true)
    }

    // MARK: Watchdog

    private func armed(timeout: String) -> TestBoard {
        var board = TestBoard()
        board.say("w axis0.config.watchdog_timeout " + timeout)
        board.say("u 0")
        board.say("w axis0.config.enable_watchdog 1")
        board.close()
        board.say("u 0")
        return board
    }

    @Test(
        "the watchdog is fed by set points and u, not by f, r and w",
        arguments: [
            ("p 0 0", true), ("q 0 0", true), ("v 0 0", true), ("c 0 0", true), ("t 0 0", true),
            ("u 0", true), ("esl 0 0", true), ("f 0", false), ("r axis0.error", false),
            ("w axis0.controller.input_pos 0", false), ("u 1", false), ("p 1 0", false),
            ("sc", false), ("p 0", false), ("p 0 0*1", false),
        ]
    )
    func feeding(_ line: String, feeds: Bool) {
        var board = armed(timeout: "0.1")
        for _ in 0..<10 {
            board.wait(50)
            board.say(line)
        }
        #expect(board.say("r axis0.current_state") == [feeds ? "8" : "1"], "\(line)")
        #expect(board.core.axes[0].errors.contains(.watchdogExpired) == !feeds, "\(line)")
    }

    @Test("it expires on time, not when somebody looks, and says 800h")
    func onTime() {
        var board = armed(timeout: "0.1")
        board.wait(99.9)
        #expect(board.say("r axis0.current_state") == ["8"])
        board.wait(0.2)
        #expect(board.say("r axis0.error") == ["2048"])
        #expect(board.say("r axis0.current_state") == ["1"])
        #expect(board.core.counters.watchdogTrips == 1)
        // A motor that ran on until somebody looked would have gone further.
        var late = armed(timeout: "0.1")
        late.say("v 0 1")
        late.wait(100)
        let there = late.rotor { $0.rotors[0].velocity } ?? 0
        #expect(there > 1)
        late.wait(900)
        #expect(late.rotor { $0.rotors[0].velocity } == there)
    }

    @Test("it expires in idle, too, and again after sc, until it is fed or disabled")
    func idle() {
        var board = TestBoard()
        board.say("w axis0.config.watchdog_timeout 0.1")
        board.wait(1000)
        #expect(board.say("r axis0.error") == ["0"])
        board.say("w axis0.config.enable_watchdog 1")
        board.wait(1)
        #expect(board.say("r axis0.error") == ["2048"])
        board.say("sc")
        board.wait(1)
        #expect(board.say("r axis0.error") == ["2048"])
        board.say("u 0")
        board.say("sc")
        board.wait(90)
        #expect(board.say("r axis0.error") == ["0"])
        board.say("w axis0.config.enable_watchdog 0")
        board.wait(1000)
        #expect(board.say("r axis0.error") == ["0"])
    }

    // MARK: Power

    @Test("a restart forgets what was not saved, switches off and starts counting at zero")
    func reboot() {
        var board = TestBoard()
        board.say("w axis0.controller.config.pos_gain 5")
        board.say("ss")
        #expect(board.core.counters.reboots == 1)
        board.say("w axis0.controller.config.vel_gain 0.5")
        board.close()
        board.say("p 0 0.1")
        board.wait(2000)
        #expect((board.number("axis0.encoder.pos_estimate") ?? 0) > 0.09)
        // Saving is refused while a motor runs.
        board.say("ss")
        #expect(board.core.counters.reboots == 1)
        board.core.inject(.powerCycle)
        #expect(board.number("axis0.encoder.pos_estimate") == 0)
        #expect(board.say("r axis0.current_state") == ["1"])
        #expect(board.number("axis0.controller.config.pos_gain") == 5)
        #expect(board.number("axis0.controller.config.vel_gain") == 0.166667)
        #expect(board.rotor { $0.rotors[0].command.torqueEnabled } == false)
        board.say("se")
        #expect(board.number("axis0.controller.config.pos_gain") == 20)
        board.say("sr")
        #expect(board.core.counters.reboots == 4)
    }

    @Test("an absolute encoder knows where in its turn it stands")
    func absolute() {
        var board = TestBoard { setup, _ in setup.axes[0]?.encoder = .absolute }
        board.close()
        board.say("p 0 -0.25")
        board.say("p 1 -0.25")
        board.wait(3000)
        board.core.inject(.powerCycle)
        let position = board.number("axis0.encoder.pos_estimate") ?? 9
        #expect(abs(position - 0.75) < 0.001)
        #expect(board.number("axis1.encoder.pos_estimate") == 0)
    }

    @Test("a supply that breaks down drops both motors, and restarts the board if it is deep")
    func brownOut() {
        var board = TestBoard()
        board.close()
        board.core.inject(.busVoltage(7))
        #expect(board.say("r error") == ["2"])
        #expect(board.say("r axis0.current_state") == ["1"])
        #expect(board.say("r axis1.error") == ["64"])
        #expect(board.say("r vbus_voltage") == ["7.000000"])
        board.core.inject(.busVoltage(3))
        #expect(board.core.counters.reboots == 1)
        board.core.inject(.busVoltage(nil))
        board.say("sc")
        board.close()
        #expect(board.say("r axis0.current_state") == ["8"])
    }

    @Test("answers are lost, damaged and late on demand")
    func wire() {
        var board = TestBoard { setup, options in
            setup.rate = 500_000
            setup.answerNanoseconds = 0
            options.timing = .honest
        }
        board.core.inject(.dropAnswers(2))
        #expect((0..<4).map { _ in board.say("f 0").count } == [0, 0, 1, 1])
        board.core.inject(.dropRequests(1))
        #expect(board.say("p 0 0.5") == [])
        #expect(board.number("axis0.controller.input_pos") == 0)
        board.core.inject(.corruptAnswers(1))
        #expect(board.raw("f 0\n") != ["0.000000 0.000000\r\n"])
        #expect(board.raw("f 0\n") == ["0.000000 0.000000\r\n"])
        board.now += 1_000_000_000
        board.core.inject(.delayAnswers(1, nanoseconds: 30_000_000))
        let late = board.core.receive(Array("f 0\nf 1\n".utf8), rate: nil, now: board.now)
        #expect(late.map { ($0.time - board.now) / 1_000_000 } == [30, 30])
        #expect(late[0].time < late[1].time)
        board.core.inject(.disconnected(true))
        #expect(board.say("f 0") == [])
        board.core.inject(.disconnected(false))
        #expect(board.say("f 0").count == 1)
        board.core.inject(.temperature(axis: 1, 99))
        #expect(board.number("axis1.motor.fet_thermistor.temperature") == 99)
    }

    // MARK: Stepped clock

    @Test("stepped: a tick runs when each axis in closed loop has its set point, states at once")
    func stepped() {
        var board = TestBoard { _, options in options.clock = .stepped(tickNanoseconds: 10_000_000)
        }
        board.wait(5000)
        #expect(board.shared.ticks == 0)
        board.say("w axis0.requested_state 8")
        board.say("w axis1.requested_state 8")
        #expect(board.say("r axis0.current_state") == ["8"])
        board.say("p 0 0")
        #expect(board.shared.ticks == 0)
        board.say("p 1 0")
        #expect(board.shared.ticks == 1)
        // A host that steers only one of them loses a tick and no more.
        board.say("p 0 0")
        board.say("p 0 0")
        #expect(board.shared.ticks == 2)
        board.say("p 1 0")
        #expect(board.shared.ticks == 3)
        board.say("w axis1.requested_state 1")
        board.say("p 0 0.1")
        #expect(board.shared.ticks == 4)
        #expect((board.number("axis0.encoder.pos_estimate") ?? 0) > 0)
    }

    @Test("stepped: the watchdog runs in physics time")
    func steppedWatchdog() {
        var board = TestBoard { _, options in options.clock = .stepped(tickNanoseconds: 10_000_000)
        }
        for axis in ["0", "1"] {
            board.say("w axis\(axis).config.watchdog_timeout 0.035")
            board.say("u " + axis)
            board.say("w axis\(axis).config.enable_watchdog 1")
        }
        board.close()
        board.wait(10_000)
        #expect(board.say("r axis0.current_state") == ["8"])
        // Axis 0 is steered, axis 1 is not.
        for _ in 0..<4 { board.say("p 0 0") }
        #expect(board.say("r axis1.current_state") == ["8"])
        for _ in 0..<2 { board.say("p 0 0") }
        #expect(board.say("r axis1.error") == ["2048"])
        #expect(board.say("r axis0.current_state") == ["8"])
    }
}
