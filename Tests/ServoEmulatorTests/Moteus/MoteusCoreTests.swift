import Physics
import ServoProtocol
import Testing

@testable import ServoEmulator

@Suite("An emulated moteus")
struct MoteusCoreTests {
    @Test("answers a query in the worked frame's form")
    func workedQuery() throws {
        let bus = try TestMoteus()
        let answers = bus.lines("can send 8001 11001F01130D BF *AD")
        try #require(answers.count == 2)
        #expect(answers[0].hasPrefix("OK *"))
        // 22 bytes padded to 24: mode, three floats, voltage 24 V (48), 25 degrees, no fault.
        let data = "210000" + "2F01" + String(repeating: "00", count: 12) + "230D301900" + "5050"
        #expect(answers[1].hasPrefix("rcv 0100 \(data) e B F r *"))
    }

    @Test("signs its answers exactly when the request was signed")
    func checksums() throws {
        let bus = try TestMoteus()
        #expect(
            bus.lines("can send 8001 11001F01130D BF").allSatisfy { (line: String) in
                !line.contains("*")
            }
        )
        #expect(
            bus.lines("can send 8001 11001F01130D BF *AD").allSatisfy { (line: String) in
                line.contains("*")
            }
        )
        #expect(bus.lines("can send 8001 11001F01130D BF *AC") == ["ERR invalid checksum"])
    }

    @Test("on a UART signs always, and demands it once the host has signed")
    func uart() throws {
        let bus = try TestMoteus(form: .uart)
        #expect(
            bus.lines("can send 8001 11001F01130D BF").allSatisfy { (line: String) in
                line.contains("*")
            }
        )
        #expect(bus.lines("can send 8001 11001F01130D BF *AD").count == 2)
        let refusal = bus.lines("can send 8001 11001F01130D BF")
        #expect(refusal.count == 1 && refusal[0].hasPrefix("ERR checksum"))
    }

    @Test("'s adapter speaks of its bus as the README says")
    func adapter() throws {
        let bus = try TestMoteus()
        #expect(bus.lines("can on") == ["ERR already in BusOn"])
        #expect(bus.lines("can off") == ["OK"])
        #expect(bus.lines("can send 8001 110000") == ["ERR not in BusOn state"])
        #expect(bus.lines("can on") == ["OK"])
        #expect(bus.lines("can send 8001") == ["ERR insufficient options"])
        #expect(bus.lines("nonsense") == ["ERR unknown command"])
    }

    @Test("does not answer for another ID, nor without the reply bit; everybody is 7F")
    func addresses() throws {
        let bus = try TestMoteus(ids: [1, 5])
        #expect(bus.lines("can send 8002 110000") == ["OK"])
        #expect(bus.lines("can send 0001 110000") == ["OK"])
        #expect(bus.send(to: 5) { $0.read(.mode, count: 1, as: .int8) }.map(\.id) == [0x500])
        #expect(
            bus.send(to: 0x7F) { $0.read(.mode, count: 1, as: .int8) }.map(\.id) == [0x100, 0x500]
        )
        #expect(try TestMoteus(ids: [3, 3]).core.controllers.count == 2)
        let twins = try TestMoteus(ids: [3, 3])
        let spoilt = twins.send(to: 3) { $0.read(.mode, count: 1, as: .int8) }
        #expect(spoilt.isEmpty)
    }

    @Test("goes from stopped over enabling to position, and there")
    func position() throws {
        let bus = try TestMoteus()
        #expect(bus.go(0.1)?.mode == MoteusMode.enabling.rawValue)
        for _ in 0..<40 {
            bus.wait(50)
            bus.go(0.1)
        }
        let state = bus.state
        #expect(state.mode == 10)
        #expect(abs(state.position - 0.1) < 1e-4)
        #expect(state.fault == .none && state.voltage == 24)
        let stopped = bus.ask { $0.set(.stopped) }
        #expect(stopped?.mode == 0)
    }

    @Test("gives the default law's torque: 4 N·m a revolution, and half of it at kp scale 0.5")
    func law() throws {
        let bus = try TestMoteus()
        bus.motors.setGrip(servo: 0, torque: 10)
        for (scale, feedForward) in [(1.0, 0), (0.5, 0.1), (0, -0.25)] {
            for _ in 0..<3 {
                bus.go(0.1) {
                    $0.kpScale = scale
                    $0.feedForwardTorque = feedForward
                }
                bus.wait(20)
            }
            let state = bus.state
            // The grip creeps a little, so the error is not quite 0.1.
            let torque = 4 * scale * (0.1 - state.position) + feedForward
            #expect(abs(state.position) < 0.01)
            #expect(abs(state.torque - torque) < 0.003, "kp scale \(scale)")
            // 0.05 N·m an ampere.
            #expect(abs(state.current - state.torque / 0.05) < 0.001)
        }
    }

    @Test("never gives more than the maximum torque, commanded or configured")
    func maximumTorque() throws {
        let bus = try TestMoteus(setUp: { $0.maximumTorque = 0.7 })
        bus.motors.setGrip(servo: 0, torque: 10)
        for (commanded, torque) in [(0.3, 0.3), (Double.nan, 0.7), (5, 0.7)] {
            for _ in 0..<3 {
                bus.go(-2) { $0.maximumTorque = commanded }
                bus.wait(20)
            }
            #expect(abs(bus.state.torque + torque) < 0.001)
        }
    }

    @Test("moves on with a velocity, from where it is if the position is NaN")
    func velocity() throws {
        let bus = try TestMoteus()
        bus.go(.nan)
        bus.wait(10)
        for _ in 0..<20 {
            bus.go(.nan) { $0.velocity = 0.5 }
            bus.wait(50)
        }
        let state = bus.state
        #expect(abs(state.velocity - 0.5) < 0.01)
        #expect(abs(state.position - 0.5) < 0.01)
    }

    @Test("counts from 0 within half a turn at power-on, and from elsewhere when told")
    func counting() throws {
        let bus = try TestMoteus()
        bus.motors.setAngle(servo: 0, 2 * .pi * 3.2)
        bus.core.inject(.powerCycle, controller: 1)
        #expect(abs(bus.state.position - 0.2) < 1e-4)
        bus.motors.setAngle(servo: 0, 2 * .pi * 3.7)
        bus.core.inject(.powerCycle, controller: 1)
        #expect(abs(bus.state.position + 0.3) < 1e-4)
        _ = bus.send { $0.write(.setNearest, 5.4, as: .float) }
        #expect(abs(bus.state.position - 5.7) < 1e-4)
        _ = bus.send { $0.write(.setExact, 5.4, as: .float) }
        #expect(abs(bus.state.position - 5.4) < 1e-4)
        #expect(bus.read(0x00C) == 2)
    }

    @Test("says who it is, in every resolution, and refuses what it has not")
    func registers() throws {
        let bus = try TestMoteus(ids: [1])
        #expect(bus.read(0x100) == 4 && bus.read(0x101) == 0x000103 && bus.read(0x110) == 1)
        for resolution in MoteusResolution.allCases {
            let frame = bus.send { $0.read(.voltage, count: 1, as: resolution) }[0]
            var items = MoteusSubframes(frame)
            guard case .reply(.voltage, let number) = items.next() else {
                Issue.record("\(resolution)")
                return
            }
            #expect(number.value(.voltage) == 24)
        }
        let unknown = MoteusRegister(rawValue: 0x2F0)
        var items = MoteusSubframes(bus.send { $0.read(unknown, count: 1, as: .int8) }[0])
        let refusal = items.next()
        #expect(refusal == .readError(unknown, code: 1))
        bus.wait(1500)
        #expect(bus.read(0x070) == 1500)
    }

    @Test("stays within its bounds: no torque inside, the law at the bound")
    func stayWithin() throws {
        let bus = try TestMoteus()
        func within(_ frame: inout MoteusFrame) {
            frame.set(.stayWithin)
            frame.begin(.write, .withinLower, count: 2, as: .float)
            frame.append(-0.1, .position, as: .float)
            frame.append(0.1, .position, as: .float)
        }
        bus.motors.setDisturbance(servo: 0, torque: 0.2)
        var crossed = 0.0
        for _ in 0..<100 {
            _ = bus.ask { within(&$0) }
            bus.wait(50)
            crossed = max(crossed, bus.motors.angle(servo: 0) / (2 * .pi))
        }
        // 0.2 N·m against 4 N·m a revolution behind the bound.
        #expect(abs(bus.state.position - 0.15) < 0.01)
        #expect(bus.ask()?.mode == 13)
    }
}
