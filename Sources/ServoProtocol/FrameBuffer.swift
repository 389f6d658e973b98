/// What a port fills with bytes and an exchange reads answers from: a decoder of whatever protocol.
public protocol FrameBuffer {
    /// Adds bytes as they came in.
    mutating func append(_ bytes: some Sequence<UInt8>)
    /// One byte of the buffer; for indices out of a frame.
    subscript(index: Int) -> UInt8 { get }
    /// Copies bytes of the buffer over those of an array from `offset` on.
    func copy(_ bytes: Range<Int>, to array: inout [UInt8], at offset: Int)
}

extension FrameBuffer {
    /// Copies byte by byte.
    public func copy(_ bytes: Range<Int>, to array: inout [UInt8], at offset: Int) {
        for (step, index) in bytes.enumerated() { array[offset + step] = self[index] }
    }
}

extension PacketDecoder: FrameBuffer {}
extension Protocol1Decoder: FrameBuffer {}
