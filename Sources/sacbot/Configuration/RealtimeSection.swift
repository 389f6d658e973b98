import Realtime
import RobotFiles

/// Reads the robot file's `realtime:`.
enum RealtimeSection {
    /// What the control thread asks of Linux.
    static func priority(_ root: Section) -> ThreadPriority {
        let section = root.sectionOrEmpty("realtime")
        let usual = Int(ThreadPriority.control.fifo ?? 40)
        var priority = ThreadPriority.control
        priority.fifo = Int32(section.integer("priority", in: 1...99, default: usual))
        priority.cpu = section.optionalInteger("cpu", in: 0...1023)
        return priority
    }
}

/// Reads the robot file's `runs:`.
enum RunsSection {
    /// Bytes a run may take on the disk; `nil` for no bound.
    static func diskQuota(_ root: Section) -> Int? {
        root.sectionOrEmpty("runs").optionalQuantity("quota", .bytes, in: 1e6...1e15)
            .map { Int($0) }
    }
}
