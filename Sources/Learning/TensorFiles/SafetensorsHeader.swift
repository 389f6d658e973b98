/// What the header of a safetensors file says, checked for everything that needs no data.
struct SafetensorsHeader {
    /// The kinds of numbers this project writes.
    enum Kind: String {
        case f32 = "F32"
        case u64 = "U64"
        case i64 = "I64"

        var width: Int { self == .f32 ? 4 : 8 }
    }

    /// One tensor: where its bytes lie, counted from the end of the header.
    struct Entry {
        let name: String
        let kind: Kind
        let shape: [Int]
        let begin: Int
        let end: Int
    }

    private(set) var entries: [Entry] = []
    private(set) var metadata: [String: String] = [:]

    /// Reads the header's bytes, which follow the first eight of the file.
    init(_ bytes: [UInt8]) throws(LearningError) {
        var text = JSONText(bytes, fileOffset: 8)
        var names: Set<String> = []
        try text.object { (text, name) throws(LearningError) in
            guard names.insert(name).inserted else {
                throw text.corrupt("\"\(name)\" is there twice")
            }
            if name == "__metadata__" {
                try text.object { (text, key) throws(LearningError) in
                    metadata[key] = try text.string()
                }
            } else {
                entries.append(try Self.entry(name, &text))
            }
        }
        try text.end()
    }

    private static func entry(_ name: String, _ text: inout JSONText) throws(LearningError) -> Entry
    {
        var kind: Kind?
        var shape: [Int]?
        var offsets: [Int]?
        try text.object { (text, key) throws(LearningError) in
            switch key {
            case "dtype":
                let word = try text.string()
                guard let known = Kind(rawValue: word), kind == nil else {
                    throw text.corrupt("tensor \"\(name)\" is of kind \"\(word)\"")
                }
                kind = known
            case "shape" where shape == nil: shape = try text.wholeNumbers()
            case "data_offsets" where offsets == nil: offsets = try text.wholeNumbers()
            default: throw text.corrupt("tensor \"\(name)\" has an odd field \"\(key)\"")
            }
        }
        guard let kind, let shape, let offsets, offsets.count == 2, offsets[0] <= offsets[1] else {
            throw text.corrupt("tensor \"\(name)\" lacks its kind, shape or place")
        }
        var size = kind.width
        for length in shape {
            let product = size.multipliedReportingOverflow(by: length)
            guard !product.overflow else { throw text.corrupt("tensor \"\(name)\" is too large") }
            size = product.partialValue
        }
        guard offsets[1] - offsets[0] == size else {
            throw text.corrupt("tensor \"\(name)\" of shape \(shape) is not \(size) bytes long")
        }
        return Entry(name: name, kind: kind, shape: shape, begin: offsets[0], end: offsets[1])
    }
}
