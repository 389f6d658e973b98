/// What a port fills with bytes and an exchange reads answers from: a decoder of whatever protocol.
public protocol FrameBuffer {
    /// Adds bytes as they came in.
    mutating func append(_ bytes: some Sequence<UInt8>)
    /// One byte of the buffer; for indices out of a frame.
    subscript(index: Int) -> UInt8 { get }
}

extension PacketDecoder: FrameBuffer {}
extension Protocol1Decoder: FrameBuffer {}
