/// The safetensors file format: a JSON header that says where each tensor lies, then the numbers.
///
/// Little-endian; any safetensors reader opens what `encode` writes. `decode` reads F32, U64 and
/// I64 and trusts nothing: whatever the bytes, it returns or throws.
public enum Safetensors {
    /// The longest header that is read, in bytes, as in the format's reference reader.
    static let longestHeader = 100_000_000

    /// The file that holds these tensors and notes.
    ///
    /// Traps when two tensors have one name.
    public static func encode(
        _ tensors: [NamedTensor],
        metadata: [String: String] = [:]
    ) -> [UInt8] {
        precondition(
            Set(tensors.map(\.name)).count == tensors.count,
            "two tensors of one name"
        )
        // Eight-byte numbers first: every tensor then starts on a multiple of its own size.
        let ordered =
            tensors.filter { $0.storage.width == 8 } + tensors.filter { $0.storage.width == 4 }
        var entries: [String] = []
        if !metadata.isEmpty {
            let notes = metadata.sorted { $0.key < $1.key }.map {
                "\(JSONText.quoted($0.key)):\(JSONText.quoted($0.value))"
            }
            entries.append("\"__metadata__\":{\(notes.joined(separator: ","))}")
        }
        var offset = 0
        for tensor in ordered {
            let end = offset + tensor.storage.count * tensor.storage.width
            let shape = tensor.shape.map(String.init).joined(separator: ",")
            entries.append(
                "\(JSONText.quoted(tensor.name)):{\"dtype\":\"\(tensor.storage.kind)\","
                    + "\"shape\":[\(shape)],\"data_offsets\":[\(offset),\(end)]}"
            )
            offset = end
        }
        var header = Array("{\(entries.joined(separator: ","))}".utf8)
        while header.count % 8 != 0 { header.append(UInt8(ascii: " ")) }

        var bytes: [UInt8] = []
        bytes.reserveCapacity(8 + header.count + offset)
        append(UInt64(header.count), to: &bytes)
        bytes += header
        for tensor in ordered { append(tensor.storage, to: &bytes) }
        return bytes
    }

    /// The tensors, in the order of their data, and the notes of a file.
    ///
    /// - Throws: `LearningError.corruptFile` with the reason and the byte where it shows.
    public static func decode(
        _ bytes: [UInt8]
    ) throws(LearningError) -> (tensors: [NamedTensor], metadata: [String: String]) {
        guard bytes.count >= 8 else {
            throw .corruptFile(reason: "shorter than its header's length", byte: bytes.count)
        }
        let length = number(bytes, at: 0, as: UInt64.self)
        guard length <= UInt64(longestHeader), Int(length) <= bytes.count - 8 else {
            throw .corruptFile(reason: "a header of \(length) bytes does not fit", byte: 0)
        }
        let dataStart = 8 + Int(length)
        let header = try SafetensorsHeader(Array(bytes[8..<dataStart]))
        var expected = 0
        var tensors: [NamedTensor] = []
        for entry in header.entries.sorted(by: { ($0.begin, $0.end) < ($1.begin, $1.end) }) {
            guard entry.begin == expected else {
                throw .corruptFile(
                    reason: "tensor \"\(entry.name)\" begins at \(entry.begin), not \(expected)",
                    byte: dataStart
                )
            }
            guard entry.end <= bytes.count - dataStart else {
                throw .corruptFile(
                    reason: "tensor \"\(entry.name)\" ends after the file",
                    byte: bytes.count
                )
            }
            let range = dataStart + entry.begin..<dataStart + entry.end
            let storage = storage(entry.kind, bytes, range)
            tensors.append(NamedTensor(name: entry.name, shape: entry.shape, storage: storage))
            expected = entry.end
        }
        guard dataStart + expected == bytes.count else {
            throw .corruptFile(
                reason: "\(bytes.count - dataStart - expected) bytes belong to no tensor",
                byte: dataStart + expected
            )
        }
        return (tensors, header.metadata)
    }

    private static func storage(
        _ kind: SafetensorsHeader.Kind,
        _ bytes: [UInt8],
        _ range: Range<Int>
    ) -> NamedTensor.Storage {
        let starts = stride(from: range.lowerBound, to: range.upperBound, by: kind.width)
        return switch kind {
        case .f32:
            .floats(starts.map { Float(bitPattern: number(bytes, at: $0, as: UInt32.self)) })
        case .u64: .u64(starts.map { number(bytes, at: $0, as: UInt64.self) })
        case .i64:
            .i64(starts.map { Int64(bitPattern: number(bytes, at: $0, as: UInt64.self)) })
        }
    }

    private static func number<Number: FixedWidthInteger & UnsignedInteger>(
        _ bytes: [UInt8],
        at offset: Int,
        as type: Number.Type
    ) -> Number {
        var value: Number = 0
        for index in 0..<Number.bitWidth / 8 {
            value |= Number(bytes[offset + index]) << Number(8 * index)
        }
        return value
    }

    private static func append(_ storage: NamedTensor.Storage, to bytes: inout [UInt8]) {
        switch storage {
        case .floats(let values): for value in values { append(value.bitPattern, to: &bytes) }
        case .u64(let values): for value in values { append(value, to: &bytes) }
        case .i64(let values):
            for value in values { append(UInt64(bitPattern: value), to: &bytes) }
        }
    }

    private static func append(_ value: some FixedWidthInteger, to bytes: inout [UInt8]) {
        for index in 0..<value.bitWidth / 8 {
            bytes.append(UInt8(truncatingIfNeeded: value >> (8 * index)))
        }
    }
}

extension NamedTensor.Storage {
    /// Bytes of one number.
    var width: Int {
        switch self {
        case .floats: 4
        case .u64, .i64: 8
        }
    }

    /// The format's name for the kind of number.
    var kind: String {
        switch self {
        case .floats: "F32"
        case .u64: "U64"
        case .i64: "I64"
        }
    }
}
