/// Bytes that came in and were not yet taken for a frame.
///
/// Its memory is made once. Index 0 is the oldest byte.
struct ByteWindow: Sendable {
    /// More than ten of the longest frames of any device here.
    static let capacity = 4096

    private var bytes = [UInt8](repeating: 0, count: ByteWindow.capacity)
    private var start = 0
    private var end = 0
    /// When the newest bytes were read.
    private(set) var time: Int64 = 0

    /// How many bytes wait.
    var count: Int { end - start }

    /// One byte.
    subscript(index: Int) -> UInt8 { bytes[start + index] }

    /// Two bytes as a number, least significant first.
    func int16(at index: Int) -> Int16 {
        Int16(bitPattern: UInt16(self[index]) | UInt16(self[index + 1]) << 8)
    }

    /// Adds bytes; returns how many old ones had to go because nobody took them.
    mutating func append(_ new: Span<UInt8>, time: Int64) -> Int {
        self.time = max(self.time, time)
        let skipped = max(0, new.count - Self.capacity)
        let added = new.count - skipped
        let dropped = max(0, count + added - Self.capacity)
        start += dropped
        if end + added > Self.capacity { moveToFront() }
        for index in skipped..<new.count {
            bytes[end] = new[index]
            end += 1
        }
        return dropped + skipped
    }

    /// Takes the oldest bytes out.
    mutating func removeFirst(_ number: Int) { start += number }

    private mutating func moveToFront() {
        for index in start..<end { bytes[index - start] = bytes[index] }
        end -= start
        start = 0
    }
}
