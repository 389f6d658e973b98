import CZstd

/// Pictures as they lie on the disk: packed by zstd, which loses nothing.
///
/// A step's picture is nearly the one before it, and zstd's window reaches back over many of them.
enum PicturePacking {
    /// Fast enough for the learner's thread: some hundred megabytes a second.
    private static let level: Int32 = 3

    /// The bytes, packed.
    static func packed(_ bytes: [UInt8]) -> [UInt8] {
        var room = [UInt8](repeating: 0, count: ZSTD_compressBound(bytes.count))
        let size = unsafe room.withUnsafeMutableBytes { room in
            unsafe bytes.withUnsafeBytes { bytes in
                unsafe ZSTD_compress(
                    room.baseAddress,
                    room.count,
                    bytes.baseAddress,
                    bytes.count,
                    level
                )
            }
        }
        precondition(ZSTD_isError(size) == 0, "zstd refuses a buffer of the size it asked for")
        room.removeLast(room.count - size)
        return room
    }

    /// The bytes that were packed; nil unless they are exactly `count`.
    static func unpacked(_ packed: UnsafeRawBufferPointer, count: Int) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        let size = unsafe bytes.withUnsafeMutableBytes { bytes in
            unsafe ZSTD_decompress(
                bytes.baseAddress,
                bytes.count,
                packed.baseAddress,
                packed.count
            )
        }
        return ZSTD_isError(size) == 0 && size == count ? bytes : nil
    }
}
