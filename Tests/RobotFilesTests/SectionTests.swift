import RobotFiles
import Testing

private enum Colour: String, CaseIterable { case red, green, blue }

@Suite("Section") struct SectionTests {
    // Expected values are the units' definitions; doubles are compared to a few roundings.
    static let written: [(String, Measure, Double)] = [
        ("90 deg", Measure.radians, Double.pi / 2), ("1.5 rad", .radians, 1.5),
        ("180 deg/s", .radiansPerSecond, .pi), ("2 rad/s", .radiansPerSecond, 2),
        ("30 rev/min", .radiansPerSecond, .pi), ("1.2 A", .amperes, 1.2),
        ("300 mA", .amperes, 0.3), ("12 V", .volts, 12), ("4850 mV", .volts, 4.85),
        ("55 degC", .celsius, 55), ("55 °C", .celsius, 55), ("10 Hz", .hertz, 10),
        ("1.5 kHz", .hertz, 1500), ("200 ms", .seconds, 0.2), ("3 s", .seconds, 3),
        ("2 min", .seconds, 120), ("50 us", .seconds, 50e-6), ("1 h", .seconds, 3600),
        ("57600 bit/s", .bitsPerSecond, 57600), ("57.6 kbit/s", .bitsPerSecond, 57600),
        ("1 Mbit/s", .bitsPerSecond, 1e6), ("0.5 N·m", .newtonMetres, 0.5),
        ("0.5 Nm", .newtonMetres, 0.5), ("0.5 N*m", .newtonMetres, 0.5),
        ("5 %", .fraction, 0.05), ("5%", .fraction, 0.05), ("12 mm", .metres, 0.012),
        ("1.5 m", .metres, 1.5), ("3072 pulses", .pulses, 3072),
        ("-1e2 deg", .radians, -100 * .pi / 180),
        ("30deg", .radians, .pi / 6), ("+30 deg", .radians, .pi / 6),
    ]

    @Test(
        "every unit is read as SI",
        arguments: written
    ) func units(_ text: String, _ measure: Measure, _ expected: Double) {
        let found = problems(of: "a: \(text)\nb: \"\(text)\"\n") { section in
            for key in ["a", "b"] {
                let value = section.quantity(key, measure)
                #expect(abs(value - expected) <= abs(expected) * 4e-16, "\(value)")
            }
        }
        #expect(found == [])
    }

    struct Bad: Sendable, CustomTestStringConvertible {
        var text: String
        var expected: String
        var read: @Sendable (Section) -> Void
        init(_ text: String, _ expected: String, _ read: @escaping @Sendable (Section) -> Void) {
            (self.text, self.expected, self.read) = (text, expected, read)
        }
        var testDescription: String { text }
    }

    static let velocity: @Sendable (Section) -> Void = {
        _ = $0.quantity("v", .radiansPerSecond, in: 0...20)
    }
    static let number: @Sendable (Section) -> Void = { _ = $0.number("v", in: 0...1) }
    static let integer: @Sendable (Section) -> Void = { _ = $0.integer("v", in: 0...252) }
    static let range: @Sendable (Section) -> Void = { _ = $0.range("v", .radians, in: -7...7) }
    static let unitNeeded = "deg/s, rad/s or rev/min"
    static let finite = "a finite number with a unit is needed: deg/s, rad/s or rev/min"
    static let share = "a number without a unit is needed, 0 to 1"
    static let identity = "a whole number from 0 to 252 is needed"
    static let pair = """
        two numbers with a unit (deg or rad), for example [-1 deg, 1 deg] are needed
        """

    static let bad = [
        Bad("v: 2", "f.yaml:1:4: `v` is `2`; the unit is missing: \(unitNeeded)", velocity),
        Bad("v: 2 mA", "f.yaml:1:4: `v` is `2 mA`; the unit has to be \(unitNeeded)", velocity),
        Bad(
            "v: 2 RAD/S",
            "f.yaml:1:4: `v` is `2 RAD/S`; the unit has to be \(unitNeeded)",
            velocity
        ),
        Bad(
            "v: 2  deg/s",
            "f.yaml:1:4: `v` is `2  deg/s`; the unit has to be \(unitNeeded)",
            velocity
        ),
        Bad("v: .nan deg/s", "f.yaml:1:4: `v` is `.nan deg/s`; \(finite)", velocity),
        Bad("v: inf rad/s", "f.yaml:1:4: `v` is `inf rad/s`; \(finite)", velocity),
        Bad("v: 1e999 rad/s", "f.yaml:1:4: `v` is `1e999 rad/s`; \(finite)", velocity),
        Bad("v: 010 rad/s", "f.yaml:1:4: `v` is `010 rad/s`; \(finite)", velocity),
        Bad("v: .5 rad/s", "f.yaml:1:4: `v` is `.5 rad/s`; \(finite)", velocity),
        Bad(
            "v: 0x10 rad/s",
            "f.yaml:1:4: `v` is `0x10 rad/s`; the unit has to be \(unitNeeded)",
            velocity
        ),
        Bad("v: fast", "f.yaml:1:4: `v` is `fast`; \(finite)", velocity),
        Bad(
            "v:",
            "f.yaml:1:3: `v` is empty; a number with a unit is needed: \(unitNeeded)",
            velocity
        ),
        Bad(
            "v: [1 deg/s]",
            "f.yaml:1:4: `v` is a list; a number with a unit is needed: \(unitNeeded)",
            velocity
        ),
        Bad(
            "v: 1200 deg/s",
            "f.yaml:1:4: `v` is `1200 deg/s`; allowed is 0 deg/s to 1145.92 deg/s",
            velocity
        ),
        Bad(
            "v: 200 rev/min",
            "f.yaml:1:4: `v` is `200 rev/min`; allowed is 0 rev/min to 190.986 rev/min",
            velocity
        ),
        Bad(
            "v: -1 rad/s",
            "f.yaml:1:4: `v` is `-1 rad/s`; allowed is 0 rad/s to 20 rad/s",
            velocity
        ),
        Bad(
            "w: 1",
            "f.yaml:1:1: the file needs `v`: a number with a unit (\(unitNeeded))"
        ) {
            _ = $0.has("w")
            velocity($0)
        },
        Bad("v: 2 s", "f.yaml:1:4: `v` is `2 s`; \(share)", number),
        Bad("v: nan", "f.yaml:1:4: `v` is `nan`; \(share)", number),
        Bad("v: -.inf", "f.yaml:1:4: `v` is `-.inf`; \(share)", number),
        Bad("v: 1.5", "f.yaml:1:4: `v` is `1.5`; \(share)", number),
        Bad("v: 1_0", "f.yaml:1:4: `v` is `1_0`; \(share)", number),
        Bad("v: 1.", "f.yaml:1:4: `v` is `1.`; \(share)", number),
        Bad("v: 1e", "f.yaml:1:4: `v` is `1e`; \(share)", number),
        Bad("v: \"1\"", "f.yaml:1:4: `v` is the text \"1\"; \(share)", number),
        Bad("v: -1", "f.yaml:1:4: `v` is `-1`; a number without a unit is needed, at least 0") {
            _ = $0.number("v", in: 0 ... .infinity)
        },
        Bad("v: 12.0", "f.yaml:1:4: `v` is `12.0`; \(identity)", integer),
        Bad("v: 253", "f.yaml:1:4: `v` is `253`; \(identity)", integer),
        Bad("v: 012", "f.yaml:1:4: `v` is `012`; \(identity)", integer),
        Bad("v: 0x0C", "f.yaml:1:4: `v` is `0x0C`; \(identity)", integer),
        Bad(
            "v: 99999999999999999999",
            "f.yaml:1:4: `v` is `99999999999999999999`; \(identity)",
            integer
        ),
        Bad("v: yes", "f.yaml:1:4: `v` is `yes`; write true or false") { _ = $0.boolean("v") },
        Bad("v: True", "f.yaml:1:4: `v` is `True`; write true or false") { _ = $0.boolean("v") },
        Bad("v: 'true'", "f.yaml:1:4: `v` is the text \"true\"; write true or false") {
            _ = $0.boolean("v")
        },
        Bad(
            "v: gren",
            "f.yaml:1:4: `v` is `gren`; allowed is red, green or blue; did you mean `green`?"
        ) {
            _ = $0.choice("v", Colour.self)
        },
        Bad("v: pink", "f.yaml:1:4: `v` is `pink`; allowed is red, green or blue") {
            _ = $0.choice("v", default: Colour.red)
        },
        Bad("v: {a: 1}", "f.yaml:1:4: `v` is a mapping; a text is needed") { _ = $0.text("v") },
        Bad("v: ''", "f.yaml:1:4: `v` is the text \"\"; a text is needed") { _ = $0.text("v") },
        Bad("v: ~", "f.yaml:1:4: `v` is empty; a text is needed") { _ = $0.optionalText("v") },
        Bad(
            "v: ../x",
            "f.yaml:1:4: `v` is `../x`; a name is a letter, then letters, digits, _ and -, at most 64"
        ) {
            _ = $0.identifier("v")
        },
        Bad("v: 3 deg", "f.yaml:1:4: `v` is `3 deg`; \(pair)", range),
        Bad("v: [3 deg]", "f.yaml:1:4: `v` is a list; \(pair)", range),
        Bad(
            "v: [3 deg, 3 deg]",
            "f.yaml:1:4: `v` is a list; the first number has to be below the second",
            range
        ),
        Bad("v: [3 deg, 4]", "f.yaml:1:12: `v` is `4`; the unit is missing: deg or rad", range),
        Bad("v: [-8 rad, 4 rad]", "f.yaml:1:5: `v` is `-8 rad`; allowed is -7 rad to 7 rad", range),
        Bad("v: [64, x, 64]", "f.yaml:1:9: `v` is `x`; a whole number from 1 to 512 is needed") {
            _ = $0.integers("v", in: 1...512)
        },
        Bad("v: 64", "f.yaml:1:4: `v` is `64`; a list of numbers is needed") {
            _ = $0.numbers("v")
        },
        Bad(
            "v: [1 s, 2 s]",
            "f.yaml:1:4: `v` has 2 items; a list of 3 numbers with a unit (s, ms, us, min or h) is needed"
        ) { _ = $0.quantities("v", .seconds, count: 3) },
        Bad("v: 1", "f.yaml:1:4: `v` is `1`; a mapping is needed") {
            _ = $0.section("v").text("inside")
        },
        Bad("w: 1", "f.yaml:1:1: the file needs `v`: a mapping") {
            _ = $0.has("w")
            _ = $0.section("v").text("inside")
        },
        Bad("v: {a: 1}", "f.yaml:1:4: `v` is a mapping; a list of mappings is needed") {
            _ = $0.sections("v")
        },
        Bad("v: []", "f.yaml:1:4: `v` is a list; a list of mappings is needed") {
            _ = $0.sections("v")
        },
        Bad("v: [{a: x}, 7]", "f.yaml:1:13: `v[item 2]` is `7`; a mapping is needed") {
            for item in $0.sections("v") { _ = item.text("a") }
        },
        Bad(
            "v: [{name: n, a: x, b: 1}]",
            "f.yaml:1:21: `v[n].b` is not a known key; known here: a, name"
        ) {
            for item in $0.sections("v") { _ = (item.text("a"), item.text("name")) }
        },
        Bad("v: {one: {}, two: 3}", "f.yaml:1:19: `v[two]` is `3`; a mapping is needed") {
            _ = $0.namedSections("v")
        },
        Bad(
            "v: 1\nvelocty: 2",
            "f.yaml:2:1: `velocty` is not a known key; did you mean `velocity`?"
        ) {
            _ = ($0.text("v"), $0.optionalText("velocity"))
        },
        Bad("v: {x: 1}", "f.yaml:1:5: `v.x` is not a known key; no keys are expected here") {
            _ = $0.section("v")
        },
    ]

    @Test("a bad value is one problem that says where, what and what is allowed", arguments: bad)
    func badValue(_ bad: Bad) { #expect(problems(of: bad.text, read: bad.read) == [bad.expected]) }

    @Test("all problems of a file come at once, in the order of the lines") func together() {
        let text = "limit: 3\nname: x\nname: y\nspeeed: 1 rad/s\nid: 300\n"
        let found = problems(of: text) { section in
            _ = section.integer("id", in: 0...252)
            _ = section.quantity("speed", .radiansPerSecond)
            _ = section.quantity("limit", .amperes)
            _ = section.text("name")
        }
        #expect(
            found == [
                "f.yaml:1:1: the file needs `speed`: a number with a unit (deg/s, rad/s or rev/min)",
                "f.yaml:1:8: `limit` is `3`; the unit is missing: A or mA",
                "f.yaml:3:1: `name` was already given in line 2",
                "f.yaml:4:1: `speeed` is not a known key; did you mean `speed`?",
                "f.yaml:5:5: `id` is `300`; a whole number from 0 to 252 is needed",
            ]
        )
    }

    @Test("defaults apply to keys that are not given") func defaults() {
        let found = problems(of: "here: 1\n") { section in
            #expect(section.integer("here", in: 0...9, default: 5) == 1)
            #expect(section.integer("n", in: 0...9, default: 5) == 5)
            #expect(section.quantity("q", .seconds, default: 0.25) == 0.25)
            #expect(section.optionalQuantity("q", .seconds) == nil)
            #expect(section.boolean("b", default: true))
            #expect(section.choice("c", default: Colour.green) == .green)
            #expect(section.text("t", default: "x") == "x")
            #expect(section.integers("l", in: 0...9, default: [1, 2]) == [1, 2])
            #expect(section.range("r", .radians, default: -1...1) == -1...1)
            #expect(section.optionalSection("s") == nil)
            #expect(section.sectionOrEmpty("s").number("x", default: 3) == 3)
            #expect(section.optionalSections("ss") == nil)
        }
        #expect(found == [])
    }

    @Test("lists and named sections keep the order of the file") func order() {
        let found = problems(of: "tasks: {b: {n: 1}, a: {n: 2}}\nlist: [3, 1, 2]\n") { section in
            let tasks = section.namedSections("tasks")
            #expect(tasks.map(\.name) == ["b", "a"])
            #expect(tasks.map { $0.section.integer("n", in: 0...9) } == [1, 2])
            #expect(section.numbers("list") == [3, 1, 2])
        }
        #expect(found == [])
    }

    @Test("two readers of one section share what they know") func shared() {
        let found = problems(of: "s: {a: x, b: y, c: z}\n") { section in
            _ = section.section("s").text("a")
            _ = section.section("s").text("b")
        }
        #expect(found == ["f.yaml:1:17: `s.c` is not a known key; known here: a, b"])
    }

    @Test("a section backed by defaults takes what it lacks, mappings key by key") func backed() {
        let text =
            "base: {a: 1, g: {p: 1, i: 2}}\nitems:\n  - {b: 7, g: {p: 5}}\n  - {a: 3, b: 8}\n"
        let found = problems(of: text) { section in
            let base = section.section("base")
            let values = section.sections("items").map { item -> [Int] in
                let item = item.backed(by: base)
                let gains = item.section("g")
                return ["a", "b"].map { item.integer($0, in: 0...9) }
                    + ["p", "i"].map { gains.integer($0, in: 0...9) }
            }
            #expect(values == [[1, 7, 5, 2], [3, 8, 1, 2]])
        }
        #expect(found == [])
    }

    @Test("a mistake in the defaults is one problem, however many use them") func backedMistake() {
        let text = "base: {a: x, typo: 1}\nitems: [{b: 1}, {b: 2}]\n"
        let found = problems(of: text) { section in
            let base = section.section("base")
            for item in section.sections("items") {
                _ = item.backed(by: base).integer("a", in: 0...9)
                _ = item.backed(by: base).integer("b", in: 0...9)
            }
        }
        #expect(
            found == [
                "f.yaml:1:11: `base.a` is `x`; a whole number from 0 to 9 is needed",
                "f.yaml:1:14: `base.typo` is not a known key; known here: a, b",
            ]
        )
    }

    @Test("a bound written in another unit is inside the range") func rounding() {
        let found = problems(of: "a: 180 deg\nb: -180 deg\nc: 60 deg\n") { section in
            #expect(section.quantity("a", .radians, in: -.pi ... .pi) == .pi)
            #expect(section.quantity("b", .radians, in: -.pi ... .pi) == -.pi)
            #expect(section.quantity("c", .radians, in: 0 ... .pi / 3) <= .pi / 3)
        }
        #expect(found == [])
    }
}
