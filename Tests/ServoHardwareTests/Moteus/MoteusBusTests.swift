import Foundation
import Realtime
import ServoProtocol
import Testing

@testable import ServoHardware

@Suite(
    "A moteus bus with somebody else's device",
    .serialized,
    .enabled(
        if: ThirdPartyDevice.folder != nil,
        "shared/protocols/snippets is not on this machine"
    ),
    .timeLimit(.minutes(1))
)
struct MoteusBusTests {
    private func bus(_ device: ThirdPartyDevice, ids: [UInt8] = [1]) throws -> MoteusBus {
        let bus = MoteusBus(port: try SerialPort(path: device.port, baudRate: 921_600), ids: ids)
        try bus.detectChecksums()
        return bus
    }

    @Test("signs its lines exactly when the other side does", arguments: [true, false])
    func checksums(plain: Bool) throws {
        let device = try ThirdPartyDevice((plain ? ["--plain"] : []) + ["1"], peer: "mini_moteus")
        let bus = try bus(device)
        #expect(bus.usesChecksums == !plain)
        _ = device.tell("log")
        #expect(try bus.state(0)?.voltage == 24)
        let heard = device.tell("log").split(separator: " ")
        let stars = heard.filter { $0.contains("202a") }.count
        #expect(stars == (plain ? 0 : heard.count))
    }

    @Test("reads what the device holds")
    func reads() throws {
        let device = try ThirdPartyDevice(["1"], peer: "mini_moteus")
        let bus = try bus(device)
        for (register, value) in [("1", 0.75), ("2", -1.5), ("3", 0.25), ("4", 5), ("f", 38)] {
            #expect(device.tell("set \(register) \(value)") == "ok")
        }
        _ = device.tell("set 0 11")
        let state = try #require(try bus.state(0))
        #expect(state.position == 0.75 && state.velocity == -1.5 && state.torque == 0.25)
        #expect(state.current == 5 && state.voltage == 24 && state.temperature == 30)
        #expect(state.fault == .overTemperature && state.modeWords == "timed out")
        #expect(bus.counters.answers == 1 && bus.counters.corruptions == 0)
    }

    @Test("says goals as the device understands them, and stops it")
    func writes() throws {
        let device = try ThirdPartyDevice(["1"], peer: "mini_moteus")
        let bus = try bus(device)
        var goal = MoteusPosition(position: -0.125, velocity: 0)
        goal.maximumTorque = 0.5
        goal.watchdogTimeout = 0.25
        let state = try bus.state(0) { goal.append(to: &$0) }
        #expect(state?.mode == 10 && state?.position == -0.125)
        #expect(device.tell("get 20") == "-0.125")
        #expect(device.tell("get 25") == "0.5")
        #expect(device.tell("get 27") == "0.25")
        let stopped = try bus.stop(0)
        #expect(stopped?.mode == 0)
        #expect(device.tell("get 0") == "0")
    }

    @Test("one that is not there is silent in its slot, and costs a burst no more than the gap")
    func missing() throws {
        let device = try ThirdPartyDevice(["2"], peer: "mini_moteus")
        let bus = try bus(device, ids: [1, 2])
        for _ in 0..<3 {
            bus.begin()
            for place in 0..<2 {
                bus.add(place, wantsReply: true) { MoteusQuery().append(to: &$0) }
            }
            try bus.exchange(deadline: MonotonicClock.now() + 2_000_000_000)
            #expect(bus.slots.map(\.outcome) == [.silent, .value])
        }
        #expect(bus.slots.map(\.silentBursts) == [3, 0])
        #expect(bus.silentBurstsOfAll == 0)
        #expect(bus.counters.silences == 3 && bus.counters.answers == 3)
        #expect(try bus.state(0, attempts: 1) == nil)
    }

    @Test("who it is, and a console it does not have")
    func identity() throws {
        let device = try ThirdPartyDevice(["1"], peer: "mini_moteus")
        let bus = try bus(device)
        // The device counts the first register of a reply in one byte, so it cannot say 100.
        #expect(try bus.identify(0) == nil)
        bus.timing.patience = 10_000_000
        #expect(try bus.console(0, "conf get id.id") == nil)
    }
}
