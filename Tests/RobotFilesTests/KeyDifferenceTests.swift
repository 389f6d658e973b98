import Testing

@testable import RobotFiles

@Suite("What differs between two files")
struct KeyDifferenceTests {
    private static let usual = """
        robot: claw
        stop: park
        joints:
          - {name: top, id: 1, gains: {p: 1, i: 2}}
          - {name: "middle", id: 2}
        list: [1, 2]
        """

    private func keys(_ replacements: (String, String)...) throws -> [String] {
        var text = Self.usual
        for (old, new) in replacements {
            try #require(text.contains(old))
            text = text.replacing(old, with: new)
        }
        let old = try YAMLFile(path: "a", text: Self.usual)
        return try YAMLFile(path: "b", text: text).keysThatDiffer(from: old)
    }

    @Test("comments, quotes and the order of keys do not count")
    func same() throws {
        #expect(try keys(("stop: park", "stop: 'park' # gently")) == [])
        #expect(try keys(("{name: top, id: 1,", "{id: 1, name: top,")) == [])
    }

    @Test("a value is named by its way from the top, an item by its name or place")
    func named() throws {
        #expect(try keys(("stop: park", "stop: hold")) == ["stop"])
        #expect(try keys(("i: 2", "i: 3")) == ["joints[top].gains.i"])
        #expect(
            try keys(("id: 2", "id: 7"), ("[1, 2]", "[1, 3]")) == ["joints[middle].id", "list[1]"]
        )
    }

    @Test("keys that come and go differ, and so do lists of other items")
    func comeAndGo() throws {
        #expect(try keys(("stop: park", "estop: hold")) == ["stop", "estop"])
        #expect(try keys(("name: top", "name: tip")) == ["joints"])
        #expect(try keys(("[1, 2]", "[1]")) == ["list"])
        #expect(try keys(("[1, 2]", "{a: 1}")) == ["list"])
    }
}
