import CTerminal
import Realtime

/// An open serial device, whatever library opened it; used by one thread.
///
/// Numbers that come back are counts, or a negative errno value.
protocol SerialLine: AnyObject {
    /// The file descriptor, for poll and flock.
    var descriptor: Int32 { get }
    /// Sets the bits per second. 0 or a negative errno value.
    func setBaudRate(_ rate: Int) -> Int32
    /// Throws away what has arrived and was not read. 0 or a negative errno value.
    func flushInput() -> Int32
    /// Takes what has arrived, without waiting; 0 if there is nothing.
    func read(into buffer: UnsafeMutableRawBufferPointer) -> Int32
    /// Gives as much as fits, without waiting; 0 if nothing does.
    func write(_ buffer: UnsafeRawBufferPointer) -> Int32
    /// Keeps other programs away. 0 or a negative errno value.
    func lock() -> Int32
    /// Waits until there is something to read, or with `writing` room to write.
    ///
    /// Returns the events that poll reports, 0 when the deadline (nanoseconds on CLOCK_MONOTONIC)
    /// has passed, or a negative errno value.
    func wait(writing: Bool, deadline: Int64) -> Int32
    /// Closes the device. Nothing may be called after it.
    func close()
}

extension SerialLine {
    /// Locks the descriptor with flock.
    func lock() -> Int32 { sacbot_lock(descriptor) }

    /// Waits with poll; a signal ends a wait early, so that it is begun again.
    func wait(writing: Bool, deadline: Int64) -> Int32 {
        while true {
            let left = deadline - MonotonicClock.now()
            let events = sacbot_wait(descriptor, writing ? 1 : 0, left)
            if events != 0 || MonotonicClock.now() >= deadline { return events }
        }
    }
}
