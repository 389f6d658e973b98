import Testing

@testable import Learning

private func file(_ header: String, _ data: [UInt8] = []) -> [UInt8] {
    let text = Array(header.utf8)
    return (0..<8).map { UInt8(truncatingIfNeeded: text.count >> (8 * $0)) } + text + data
}

@Suite("Safetensors")
struct SafetensorsTests {
    static let tensors = [
        NamedTensor(name: "counts", shape: [3], storage: .u64([0, 1, .max])),
        NamedTensor(name: "signed", shape: [2], storage: .i64([.min, -1])),
        NamedTensor(
            name: "w",
            shape: [2, 3],
            floats: [0, -0.0, 1.5, -2.25, .infinity, Float.leastNonzeroMagnitude]
        ),
        NamedTensor(name: "one", shape: [], floats: [7]),
        NamedTensor(name: "empty", shape: [0, 4], floats: []),
    ]

    @Test("What is written is read back, names, shapes, kinds and bits")
    func roundTrip() throws {
        let notes = ["robot": "claw", "odd \"text\"\\": "a\nb\u{1}é🤖"]
        let read = try Safetensors.decode(Safetensors.encode(Self.tensors, metadata: notes))
        #expect(read.metadata == notes)
        #expect(Set(read.tensors.map(\.name)) == Set(Self.tensors.map(\.name)))
        for tensor in Self.tensors { #expect(read.tensors.contains(tensor)) }
        let nothing = try Safetensors.decode(Safetensors.encode([]))
        #expect(nothing.tensors.isEmpty && nothing.metadata.isEmpty)
    }

    @Test("A file by the format's description is read: length, JSON, then little-endian numbers")
    func formatBytes() throws {
        let header =
            #" { "__metadata__" : {"format":"pt","\u00e9\ud83e\udd16":"\t"}, "#
            + #""b":{"data_offsets":[8,16],"shape":[1],"dtype":"I64"},"#
            + #""a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]} }  "#
        let data: [UInt8] =
            [0, 0, 0x80, 0x3F, 0, 0, 0, 0xC0] + [0xFE] + .init(repeating: 255, count: 7)
        let read = try Safetensors.decode(file(header, data))
        #expect(read.metadata == ["format": "pt", "é🤖": "\t"])
        #expect(
            read.tensors == [
                NamedTensor(name: "a", shape: [2], floats: [1, -2]),
                NamedTensor(name: "b", shape: [1], storage: .i64([-2])),
            ]
        )
    }

    @Test("What is written has an 8-byte aligned header and data without gaps")
    func layout() {
        let bytes = Safetensors.encode([NamedTensor(name: "x", shape: [1], floats: [1])])
        let header = #"{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#
        let padded = header + String(repeating: " ", count: (8 - header.utf8.count % 8) % 8)
        #expect(bytes == file(padded, [0, 0, 0x80, 0x3F]))
    }

    @Test("A file cut short anywhere, or with a byte too many, is refused")
    func truncated() {
        let bytes = Safetensors.encode(Self.tensors, metadata: ["a": "b"])
        for length in 0..<bytes.count {
            #expect(throws: LearningError.self) { try Safetensors.decode(Array(bytes[..<length])) }
        }
        #expect(throws: LearningError.self) { try Safetensors.decode(bytes + [0]) }
    }

    @Test(
        "A header that contradicts itself is refused",
        arguments: [
            #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}"#,
            #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#,
            #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}"#,
            #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4,8]}}"#,
            #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0]}}"#,
            #"{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}"#,
            #"{"a":{"dtype":"F32","shape":[1.0],"data_offsets":[0,4]}}"#,
            #"{"a":{"dtype":"F16","shape":[2],"data_offsets":[0,4]}}"#,
            #"{"a":{"dtype":"F32","data_offsets":[0,4]}}"#,
            #"{"a":{"dtype":"F32","shape":[1]}}"#,
            #"{"a":{"dtype":"F32","shape":[1],"shape":[1],"data_offsets":[0,4]}}"#,
            #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"more":1}}"#,
            #"{"a":{"dtype":"F32","shape":[4294967296,4294967296,4],"data_offsets":[0,4]}}"#,
            #"{"a":{"dtype":"F32","shape":[99999999999999999999],"data_offsets":[0,4]}}"#,
            #"{"a":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}}"#,
            #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}"#,
            #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}}"#,
            #"{"a":{"dtype":"F32","shape":[1,],"data_offsets":[0,4]}}"#,
            #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},}"#,
            #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[0],"data_offsets":[4,4]}}"#,
            #"{"__metadata__":{"a":1}}"#, #"{"\ud800":{}}"#, #"{"\u12":{}}"#, #"[]"#, #""#, #"{"#,
            #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#,
        ]
    )
    func contradictions(header: String) {
        #expect(throws: LearningError.self) { try Safetensors.decode(file(header, [0, 0, 0, 0])) }
    }

    @Test("A header length beyond the file, or beyond any memory, is refused")
    func headerLength() {
        for length: UInt64 in [3, 1 << 20, 1 << 40, .max] {
            let bytes =
                (0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) } + [0x7B, 0x7D]
            #expect(throws: LearningError.self) { try Safetensors.decode(bytes) }
        }
    }

    @Test("Changing any byte of the header never crashes")
    func damagedBytes() {
        let bytes = Safetensors.encode(Self.tensors, metadata: ["a": "b"])
        var random = RandomSource(seed: 77)
        for position in 0..<min(bytes.count, 400) {
            for _ in 0..<8 {
                var damaged = bytes
                damaged[position] = UInt8(random.index(below: 256))
                // Either outcome is right; a trap is not.
                _ = try? Safetensors.decode(damaged)
            }
        }
    }

    @Test("An error says what, where and what to do")
    func errorText() {
        #expect {
            try Safetensors.decode([1, 2, 3])
        } throws: { error in
            "\(error)".contains("byte 3") && "\(error)".contains("earlier checkpoint")
        }
    }
}
