import Glibc
import Learning

/// Memory of a process that is ready to learn: a learner, and a replay with nothing in it.
///
/// Pages of shared libraries (MuJoCo's among them) count.
enum ResidentMemory {
    static let name = "memory.resident_mb"

    static func measure() throws -> [Figure] {
        let bytes = try Probe.numbers(.memory).map { Double($0) / 1_048_576 }
        guard bytes.count == 3 else { throw BenchFailure("the probe said nothing of use") }
        let figure = Figure(
            name: name,
            value: bytes[0],
            unit: "MiB",
            parameters: LearnerShape().fields.joined([
                "replay": .integer(0),
                "capacity": .integer(LearnerSettings().replayCapacity),
                "not_shared_mb": .number(bytes[1]),
                "after_first_update_mb": .number(bytes[2]),
            ])
        )
        return [figure]
    }

    /// Resident, resident and not from files, and resident after an update of 256 transitions.
    static func probe() -> String {
        let learner = LearnerShape().learner()
        let replay = LearnerShape().emptyReplay()
        let before = residentBytes()
        Experience.fill(replay, count: 256)
        let metrics = learner.update(from: replay)
        let after = residentBytes()
        let isFine = metrics.isFinite && replay.count == 256
        return isFine ? "\(before.all) \(before.own) \(after.all)" : ""
    }

    /// From the second and third number of /proc/self/statm: pages resident, of these from files.
    static func residentBytes() -> (all: Int, own: Int) {
        let descriptor = unsafe open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return (0, 0) }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 256)
        let count = unsafe read(descriptor, &bytes, bytes.count)
        guard count > 0 else { return (0, 0) }
        let text = String(decoding: bytes[..<count], as: UTF8.self)
        let pages = text.split(separator: " ").compactMap { Int($0) }
        guard pages.count >= 3 else { return (0, 0) }
        let size = sysconf(Int32(_SC_PAGESIZE))
        return (pages[1] * size, (pages[1] - pages[2]) * size)
    }
}
