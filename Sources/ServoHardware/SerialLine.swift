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
    /// Closes the device. Nothing may be called after it.
    func close()
}
