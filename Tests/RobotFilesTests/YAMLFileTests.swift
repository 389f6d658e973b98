import RobotFiles
import Testing

/// The problems of a text, or none.
func problems(of text: String, read: (Section) -> Void = { $0.ignoreUnreadKeys() }) -> [String] {
    do {
        let file = try YAMLFile(path: "f.yaml", text: text)
        read(file.section)
        file.section.finish()
        try file.check()
        return []
    } catch {
        return error.description.split(separator: "\n").map(String.init)
    }
}

@Suite("YAML files") struct YAMLFileTests {
    struct Row: Sendable, CustomTestStringConvertible {
        var name: String
        var text: String
        var expected: String
        var testDescription: String { name }
    }

    static let rows = [
        Row(name: "empty", text: "", expected: "f.yaml:1:1: the file is empty"),
        Row(name: "only a comment", text: "# hello\n", expected: "f.yaml:2:1: the file is empty"),
        Row(
            name: "a list",
            text: "- a\n- b\n",
            expected: "f.yaml:1:1: the file is a list; `key: value` lines are needed"
        ),
        Row(
            name: "a word",
            text: "hello\n",
            expected: "f.yaml:1:1: the file is `hello`; `key: value` lines are needed"
        ),
        Row(
            name: "tab as indentation",
            text: "a:\n\tb: 1\n",
            expected: "f.yaml:2:1: a tab; indent and separate with spaces"
        ),
        Row(
            name: "tab after a colon",
            text: "a: 1\nbc:\t2\n",
            expected: "f.yaml:2:4: a tab; indent and separate with spaces"
        ),
        Row(
            name: "anchor",
            text: "a: &x 1\n",
            expected:
                "f.yaml:1:4: an anchor (&name) is not used in robot files; write the value out"
        ),
        Row(
            name: "anchor on a mapping",
            text: "a: &x\n  b: 1\n",
            expected:
                "f.yaml:1:4: an anchor (&name) is not used in robot files; write the value out"
        ),
        Row(
            name: "alias",
            text: "a: 1\nb: *x\n",
            expected: "f.yaml:2:4: an alias (*name) is not used in robot files; write the value out"
        ),
        Row(
            name: "tag",
            text: "a: !!int 1\n",
            expected: "f.yaml:1:4: a tag (!name) is not used in robot files; write the value out"
        ),
        Row(
            name: "tag on a list",
            text: "a: !x [1]\n",
            expected: "f.yaml:1:4: a tag (!name) is not used in robot files; write the value out"
        ),
        Row(
            name: "two documents",
            text: "a: 1\n---\nb: 1\n",
            expected:
                "f.yaml:2:1: a second document; a robot file has one, without `---` in between"
        ),
        Row(
            name: "a list as key",
            text: "? [a, b]\n: 1\n",
            expected: "f.yaml:1:3: a key has to be a word"
        ),
        Row(
            name: "duplicate key",
            text: "a: 1\nb: 2\na: 3\n",
            expected: "f.yaml:3:1: `a` was already given in line 1"
        ),
        Row(
            name: "duplicate key in a flow mapping below",
            text: "a:\n  - {b: 1, c: 2, b: 3}\n",
            expected: "f.yaml:2:18: `b` was already given in line 2"
        ),
        Row(
            name: "too deep",
            text: "a: " + String(repeating: "[", count: 40) + String(repeating: "]", count: 40),
            expected: "f.yaml:1:20: more than 16 levels deep"
        ),
    ]

    @Test("what a robot file has no use for is refused with its place", arguments: rows)
    func refused(_ row: Row) { #expect(problems(of: row.text) == [row.expected]) }

    @Test("a syntax error names the line and column where libyaml gave up")
    func syntax() {
        let found = problems(of: "a: [1, 2\nb: 3\n")
        #expect(found.count == 1)
        #expect(found.first?.hasPrefix("f.yaml:2:2: not YAML: ") == true, "\(found)")
    }

    @Test("a byte that is not UTF-8 is refused with its place") func bytes() throws {
        try withTemporaryFolder { folder in
            let path = folder + "/x.yaml"
            try write(Array("a: 1\nb: ".utf8) + [0xFF, 0x0A], to: path)
            let error = #expect(throws: RobotFileError.self) { _ = try YAMLFile.load(path) }
            #expect(error?.description.hasPrefix("\(path):2:4: not plain UTF-8 text: ") == true)
        }
    }

    @Test("a tab in a comment is nobody's business") func tabInComment() {
        #expect(problems(of: "a: 1 #\tone\n#\ttwo\n") == [])
    }

    @Test("one document between --- and ... is one document") func markers() {
        #expect(problems(of: "---\na: 1\n...\n") == [])
    }

    @Test("columns count characters, not bytes") func columns() {
        let found = problems(of: "a: {b: 40 °C, c: 1, c: 2}\n")
        #expect(found == ["f.yaml:1:21: `c` was already given in line 1"])
    }

    @Test("a missing file and a folder say why they cannot be read") func unreadable() {
        let missing = #expect(throws: RobotFileError.self) { _ = try YAMLFile.load("/no/such") }
        #expect(missing?.description == "/no/such: cannot be read: No such file or directory")
        let folder = #expect(throws: RobotFileError.self) { _ = try YAMLFile.load("/tmp") }
        #expect(folder?.description == "/tmp: cannot be read: Is a directory")
    }

    @Test("an endless file is refused, not read") func endless() {
        let error = #expect(throws: RobotFileError.self) { _ = try YAMLFile.load("/dev/zero") }
        guard case .tooLong = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test("a file longer than a mebibyte is refused") func long() throws {
        try withTemporaryFolder { folder in
            let path = folder + "/x.yaml"
            try write([UInt8](repeating: 0x20, count: (1 << 20) + 1), to: path)
            #expect(throws: RobotFileError.tooLong(path: path, bytes: 1_048_577)) {
                _ = try YAMLFile.load(path)
            }
        }
    }

    // Vectors of the FNV reference code (http://www.isthe.com/chongo/tech/comp/fnv).
    @Test(
        "the content hash is FNV-1a 64",
        arguments: [
            ("", "cbf29ce484222325"), ("a", "af63dc4c8601ec8c"), ("foobar", "85944171f73967e8"),
        ]
    ) func hash(_ text: String, _ expected: String) {
        #expect(ContentHash(text.utf8).description == expected)
    }

    @Test("a loaded file's hash is that of its bytes") func fileHash() throws {
        let file = try YAMLFile(path: "f.yaml", text: "a: 1\n")
        #expect(file.contentHash == ContentHash("a: 1\n".utf8))
    }
}
