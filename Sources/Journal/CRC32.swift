/// The CRC-32 of IEEE 802.3 (reflected polynomial 0xEDB88320), as zlib and PNG use it.
enum CRC32 {
    /// Eight tables of 256: `tables[k * 256 + b]` is byte `b` followed by `k` zero bytes.
    private static let tables: [UInt32] = {
        var tables = [UInt32](repeating: 0, count: 8 * 256)
        for byte in 0..<256 {
            var remainder = UInt32(byte)
            for _ in 0..<8 {
                remainder = (remainder >> 1) ^ (remainder & 1 == 1 ? 0xEDB8_8320 : 0)
            }
            tables[byte] = remainder
        }
        for index in 256..<tables.count {
            let shorter = tables[index - 256]
            tables[index] = (shorter >> 8) ^ tables[Int(shorter & 0xFF)]
        }
        return tables
    }()

    /// The checksum of `bytes`; "123456789" gives 0xCBF43926.
    static func checksum(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        unsafe tables.withUnsafeBufferPointer { tables in
            unsafe checksum(bytes, tables)
        }
    }

    /// The checksum of an array.
    static func checksum(_ bytes: [UInt8]) -> UInt32 {
        unsafe bytes.withUnsafeBytes { unsafe checksum($0) }
    }

    /// Eight bytes a round: the journal is read back at every start, so this is on its path.
    private static func checksum(
        _ bytes: UnsafeRawBufferPointer,
        _ table: UnsafeBufferPointer<UInt32>
    ) -> UInt32 {
        var state: UInt32 = ~0
        var offset = 0
        while offset + 8 <= bytes.count {
            let word = UInt64(
                littleEndian: unsafe bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            )
            let low = UInt32(truncatingIfNeeded: word) ^ state
            let high = UInt32(truncatingIfNeeded: word >> 32)
            state =
                unsafe table[7 * 256 + Int(low & 0xFF)]
                ^ table[6 * 256 + Int((low >> 8) & 0xFF)]
                ^ table[5 * 256 + Int((low >> 16) & 0xFF)]
                ^ table[4 * 256 + Int(low >> 24)]
            state =
                unsafe state
                ^ table[3 * 256 + Int(high & 0xFF)]
                ^ table[2 * 256 + Int((high >> 8) & 0xFF)]
                ^ table[256 + Int((high >> 16) & 0xFF)]
                ^ table[Int(high >> 24)]
            offset += 8
        }
        while offset < bytes.count {
            state = unsafe (state >> 8) ^ table[Int((state ^ UInt32(bytes[offset])) & 0xFF)]
            offset += 1
        }
        return ~state
    }
}
