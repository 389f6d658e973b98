import CRealtime

/// What a process that has to be on time asks of its memory.
public enum ProcessMemory {
    /// Brings everything the process has mapped into memory and keeps it and all that follows there.
    ///
    /// What is mapped now, the program's code for one, is fetched at once, so call it before large
    /// memory is reserved; what comes later stays once it was touched. Where a limit would make later
    /// allocations fail nothing is locked.
    ///
    /// - Returns: why it is not permitted, `nil` if it is done.
    public static func lock() -> RealtimeRefusal? {
        let code = sacbot_lock_memory()
        return code == 0 ? nil : .memory(errno: code)
    }
}
