/// Room for taking one observation's frames through an encoder.
final class PictureScratch {
    let shape: EncoderShape
    /// What came out, one row.
    let features: FeatureRows
    private let room: EncoderRoom
    private let bytes: ByteMatrix

    init(shape: EncoderShape) {
        self.shape = shape
        features = FeatureRows(shape: shape, rows: 1)
        room = EncoderRoom(shape: shape)
        bytes = ByteMatrix(rows: 1, columns: shape.image.observationBytes)
    }

    /// Fills `features` from frames, the newest first.
    func run(_ encoder: Encoder, _ parameters: FloatBuffer, _ frames: Span<UInt8>) {
        precondition(frames.count == bytes.columns, "\(frames.count) bytes of frames")
        unsafe frames.withUnsafeBufferPointer { frames in
            guard let start = frames.baseAddress else { return }
            // Safety: the row is as long as the frames.
            unsafe bytes.pointer(row: 0).update(from: start, count: frames.count)
        }
        encoder.convert(bytes, rows: 0..<1, room: room)
        encoder.convolve(parameters: parameters, room: room, into: room.group)
        encoder.kernels.transpose(room.group.last.flat.columns(0..<1), into: features.flat)
        features.finish(0..<1, encoder, parameters)
    }
}
