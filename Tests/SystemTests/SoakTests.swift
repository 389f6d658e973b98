import Foundation
import Journal
import Testing

/// What every soak must show, however short.
private func expectSound(_ soak: Soak, _ end: ChildEnd) throws {
    #expect(end.code == 0, "\(end)")
    #expect(end.errors.contains("stopped: "), "\(end)")
    #expect(soak.faults > 0 && soak.answered > 0, "\(soak.answered) of \(soak.faults)")
    // A transition that found no room ends its episode with this fault: none was dropped.
    #expect(!end.errors.contains("fell a minute behind"), "\(end)")
    let verification = try soak.verify()
    #expect(verification.isWhole, "\(verification.problems)")
    let first = try #require(soak.samples.first)
    let last = try #require(soak.samples.last)
    // It went on after every fault: also in the last quarter of the time.
    let late = soak.samples[soak.samples.count * 3 / 4]
    #expect(last.steps > late.steps && late.steps > first.steps, "\(first) \(late) \(last)")
    // A port that is opened again must have been closed before: a leak grows with every fault.
    #expect(last.descriptors <= first.descriptors + 2, "\(first) \(last)")
}

/// `make soak MINUTES=10`.
@Suite("Soak", .serialized, .enabled(if: number("SACBOT_SOAK_MINUTES") != nil))
struct SoakTests {
    @Test("a robot that nobody touches learns on, and takes no more of the machine than it did")
    func soak() throws {
        let minutes = number("SACBOT_SOAK_MINUTES") ?? 10
        let faultMinutes = number("SACBOT_SOAK_FAULT_MINUTES") ?? 1
        let speed = number("SACBOT_SOAK_SPEED") ?? 1
        let seed = UInt64(number("SEED") ?? 31)
        let soak = try Soak(
            seconds: minutes * 60,
            faultEvery: faultMinutes * 60,
            speed: speed,
            seed: seed
        )
        let end = try soak.run(sampleEvery: max(5, minutes * 60 / 500))
        let lines = [Soak.Sample.header] + soak.samples.map(\.line)
        let path = ProcessInfo.processInfo.environment["SACBOT_SOAK_CSV"] ?? "soak.csv"
        try (lines.joined(separator: "\n") + "\n")
            .write(toFile: path, atomically: true, encoding: .utf8)
        try end.errors.write(toFile: path + ".log", atomically: true, encoding: .utf8)
        let last = try #require(soak.samples.last)
        print(
            """
            soak, \(minutes) minutes at \(speed) times real time, seed \(seed): \
            \(soak.faults) faults (\(soak.faultCounts)), \
            \(soak.answered) cleared, \(last.episodes) episodes, \(last.steps) steps, \
            \(last.updates) updates, \(last.skippedTicks) skipped ticks
            resident memory \(last.residentKB) kB, \(Int(soak.slope { Double($0.residentKB) })) kB/h
            file descriptors \(last.descriptors), \(soak.slope { Double($0.descriptors) }) per hour
            disk \(last.runBytes) bytes, \(Int(soak.slope { Double($0.runBytes) })) bytes/h
            log \(path)
            """
        )
        try expectSound(soak, end)
    }
}

extension WholeProgram {
    @Suite("A short soak")
    struct ShortSoakTests {
        @Test("servos that vanish and come back again and again leave nothing behind")
        func short() throws {
            let seed = UInt64(number("SEED") ?? 32)
            print("seed \(seed)")
            let soak = try Soak(seconds: 20, faultEvery: 9, kinds: [.frozen], seed: seed)
            let end = try soak.run(sampleEvery: 1)
            try expectSound(soak, end)
        }
    }
}
