import Glibc

/// What Linux did not permit a thread that has to be on time.
public enum RealtimeRefusal: Error, Sendable, Hashable {
    /// SCHED_FIFO with this priority.
    case priority(Int32, errno: Int32)
    /// Staying on this processor.
    case cpu(Int, errno: Int32)
    /// Locking the process in memory.
    case memory(errno: Int32)
    /// Giving way with this nice value.
    case nice(Int32, errno: Int32)
}

extension RealtimeRefusal: CustomStringConvertible {
    /// What goes on without it, and how to permit it.
    public var description: String {
        switch self {
        case .priority(let priority, let code):
            "no real-time priority \(priority) (\(Self.text(code))): other programs may delay the "
                + "robot's ticks; run as root, or allow it with `* - rtprio 99` in "
                + "/etc/security/limits.d or LimitRTPRIO=99 in the systemd unit"
        case .cpu(let cpu, let code):
            "the control thread cannot stay on processor \(cpu) (\(Self.text(code))); this machine "
                + "has \(sysconf(Int32(_SC_NPROCESSORS_ONLN))), counted from 0: change "
                + "`realtime: {cpu: ...}` in the robot file"
        case .memory(let code):
            "the program is not locked in memory (\(Self.text(code))): a page that was swapped out "
                + "delays a tick; run as root, or allow it with `* - memlock unlimited` in "
                + "/etc/security/limits.d or LimitMEMLOCK=infinity in the systemd unit"
        case .nice(let nice, let code):
            "no nice value \(nice) (\(Self.text(code)))"
        }
    }

    private static func text(_ code: Int32) -> String {
        guard let message = unsafe strerror(code) else { return "error \(code)" }
        return unsafe String(cString: message)
    }
}
