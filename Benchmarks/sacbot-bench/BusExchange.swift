import Glibc
import ServoEmulator
import ServoHardware
import ServoProtocol

/// One exchange with nine servos by the bus engine alone: a sync read of ten bytes, a sync write of
/// four.
///
/// With peers (`BENCH_PEERS=1`) the servos are the C emulator that the peers use, in a process of
/// its own, and the bare C client, Robotis' SDK and we take turns; otherwise they are a thread of
/// this process. The shares of wire time are of our own emulator with honest timing.
enum BusExchange {
    static let p50 = "bus.exchange_p50_us"
    static let processor = "bus.exchange_cpu_us"
    static let rate = "bus.exchange_rate"
    static let wireShares = [1, 2, 4].map { "bus.exchange_wire_share_\($0)M" }
    static let names = [p50, processor, rate] + wireShares

    static let ids: [UInt8] = [10, 11, 12, 20, 21, 22, 30, 31, 32]
    private static let rounds = 5
    private static let cycles = 2000

    static func measure() throws -> [Figure] {
        var figures: [Figure]
        if Peers.areWanted, let peers = try BusPeers() {
            defer { peers.stop() }
            figures = try against(peers)
        } else {
            figures = try alone()
        }
        for (megabits, name) in zip([1, 2, 4], wireShares) {
            figures.append(try wireShare(name, megabits: megabits))
        }
        return figures
    }

    // MARK: As fast as it goes

    /// Microseconds, and cycles a second.
    private struct Round {
        var middle: Double
        var late: Double
        var processor: Double
        var rate: Double
    }

    private static func run(_ probe: BusProbe, cycles: Int) throws -> Round {
        var times = [Double](repeating: 0, count: cycles)
        let before = threadProcessorTime()
        for cycle in 0..<cycles {
            times[cycle] =
                Double(
                    try nanoseconds { _ = try probe.cycle(goal: 2000 + cycle % 100) }
                ) * 1e-3
        }
        let spent = Double(threadProcessorTime() - before) * 1e-3
        return Round(
            middle: times.median,
            late: times.quantile(0.99),
            processor: spent / Double(cycles),
            rate: 1e6 * Double(cycles) / times.reduce(0, +)
        )
    }

    private static func alone() throws -> [Figure] {
        let bus = try servos(timing: .instant, baudRate: 1_000_000)
        bus.start()
        defer { bus.stop() }
        let probe = try BusProbe(port: bus.path, baudRate: 1_000_000, ids: ids)
        defer { probe.close() }
        _ = try run(probe, cycles: 500)
        let own = try (0..<rounds).map { _ in try run(probe, cycles: cycles) }
        return figures(own, lost: probe.lost, emulator: "sacbot, a thread of this process", [])
    }

    private static func against(_ peers: BusPeers) throws -> [Figure] {
        peers.pin(toCore: "0")
        defer { peers.pin(toCore: "0-\(max(0, sysconf(Int32(_SC_NPROCESSORS_ONLN)) - 1))") }
        let probe = try BusProbe(port: peers.port, baudRate: 1_000_000, ids: ids)
        var own: [Round] = []
        var bare: [BusPeers.Result] = []
        var kits: [BusPeers.Result] = []
        _ = try run(probe, cycles: 500)
        for _ in 0..<rounds {
            bare.append(try peers.bareClient(cycles: cycles))
            own.append(try run(probe, cycles: cycles))
            if let kit = try peers.kit(cycles: cycles / 2) { kits.append(kit) }
        }
        let lost = probe.lost
        probe.close()
        var more: [(String, Figure.Value)] = [
            ("c_client_p50_us", .number(bare.map(\.middle).median)),
            ("c_client_cpu_us", .number(bare.map(\.processor).median)),
            ("p50_over_c_client", .number(own.map(\.middle).median / bare.map(\.middle).median)),
        ]
        if !kits.isEmpty {
            let processor = own.map(\.processor).median
            more += [
                ("sdk_p50_us", .number(kits.map(\.middle).median)),
                ("sdk_cpu_us", .number(kits.map(\.processor).median)),
                ("rate_over_sdk", .number(own.map(\.rate).median / kits.map(\.rate).median)),
                ("cpu_over_sdk", .number(processor / kits.map(\.processor).median)),
            ]
        }
        return figures(own, lost: lost, emulator: "dxl_emu, a process of its own", more)
    }

    private static func figures(
        _ rounds: [Round],
        lost: Int,
        emulator: String,
        _ more: [(String, Figure.Value)]
    ) -> [Figure] {
        let values = [
            (p50, rounds.map(\.middle).median, "us"),
            (processor, rounds.map(\.processor).median, "us"),
            (rate, rounds.map(\.rate).median, "1/s"),
        ]
        let parameters: [(String, Figure.Value)] =
            [
                ("servos", .integer(ids.count)), ("read_bytes", .integer(10)),
                ("write_bytes", .integer(4)), ("emulator", .text(emulator)),
                ("p99_us", .number(rounds.map(\.late).median)), ("lost", .integer(lost)),
                ("rounds", .integer(rounds.count)), ("cycles", .integer(cycles)),
            ] + more
        return values.map { name, value, unit in
            Figure(name: name, value: value, unit: unit, parameters: parameters)
        }
    }

    // MARK: At the wire's own speed

    private static func wireShare(_ name: String, megabits: Int) throws -> Figure {
        let baudRate = megabits * 1_000_000
        let bus = try servos(timing: .honest, baudRate: baudRate)
        bus.start()
        defer { bus.stop() }
        let probe = try BusProbe(port: bus.path, baudRate: baudRate, ids: ids)
        defer { probe.close() }
        _ = try run(probe, cycles: 50)
        let rounds = try (0..<Self.rounds).map { _ in try run(probe, cycles: 200) }
        let wire = Double(probe.wireBytes) * 10 / Double(megabits)
        let middle = rounds.map(\.middle).median
        return Figure(
            name: name,
            value: middle / wire,
            unit: "1",
            parameters: [
                "p50_us": .number(middle), "p99_us": .number(rounds.map(\.late).median),
                "wire_us": .number(wire), "wire_bytes": .integer(probe.wireBytes),
                "cpu_us": .number(rounds.map(\.processor).median), "lost": .integer(probe.lost),
                "emulator": .text("sacbot, honest, a thread of this process"),
            ]
        )
    }

    private static func servos(
        timing: EmulatorOptions.Timing,
        baudRate: Int
    ) throws -> EmulatedBus {
        var options = EmulatorOptions()
        options.timing = timing
        // Time passes with the writes: physics are no part of what is measured.
        options.clock = .stepped(tickNanoseconds: 10_000_000)
        let setups = ids.enumerated().map { index, id in
            EmulatedServoSetup(
                table: .xm430w210,
                id: id,
                baudRate: baudRate,
                plantIndex: index
            )
        }
        return try EmulatedBus(
            servos: setups,
            plant: FreeServoPlant(setups: setups),
            options: options
        )
    }
}
