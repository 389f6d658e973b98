import ServoProtocol

/// What takes bytes as a port delivers them: the decoder of some protocol.
protocol ByteSink {
    /// Adds bytes as they came in.
    mutating func append(_ bytes: some Sequence<UInt8>)
}

extension PacketDecoder: ByteSink {}
extension Protocol1Decoder: ByteSink {}
extension ODriveLineParser: ByteSink {}
extension FdcanusbDecoder: ByteSink {}
