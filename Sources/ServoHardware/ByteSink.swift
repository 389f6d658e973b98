import ServoProtocol

/// What takes bytes as a port delivers them: the decoder of some protocol.
protocol ByteSink {
    /// Adds bytes as they came in.
    mutating func append(_ bytes: some Sequence<UInt8>)
    /// Adds bytes as a port read them.
    ///
    /// A decoder that is in every tick has one of its own: the general form looks types up at run
    /// time.
    mutating func append(_ bytes: UnsafeRawBufferPointer)
}

extension ByteSink {
    mutating func append(_ bytes: UnsafeRawBufferPointer) { unsafe appendAny(bytes) }

    private mutating func appendAny(_ bytes: some Sequence<UInt8>) { append(bytes) }
}

extension PacketDecoder: ByteSink {}
extension Protocol1Decoder: ByteSink {}
extension ODriveLineParser: ByteSink {}
extension FdcanusbDecoder: ByteSink {}
