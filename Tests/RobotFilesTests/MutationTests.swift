import RobotFiles
import Testing

/// Steele, Lea, Flood: Fast splittable pseudorandom number generators (SplitMix64).
struct SplitMix64: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

@Suite("Damaged robot files") struct MutationTests {
    static let seeds: [UInt64] = Array(1...10)

    /// Every `key:` of the text, comments left out.
    private func keys(of text: String) -> [Range<String.Index>] {
        text.matches(of: #/(?m)[a-z][a-z0-9_]*(?=:( |$))/#).map(\.range).filter { range in
            let line = text[..<range.lowerBound].lastIndex(of: "\n") ?? text.startIndex
            return !text[line..<range.lowerBound].contains("#")
        }
    }

    private func renamed(
        _ key: Substring,
        _ generator: inout SplitMix64
    ) -> String {
        var letters = Array(key)
        let place = Int.random(in: 0..<letters.count, using: &generator)
        switch Int.random(in: 0..<4, using: &generator) {
        case 0: letters.insert("x", at: place)
        case 1: letters[place] = "q"
        case 2:
            letters[place] = Character(
                letters[place].uppercased() == "_" ? "-" : letters[place].uppercased()
            )
        default: letters.append(contentsOf: "_new")
        }
        return String(letters)
    }

    @Test("a renamed key never passes", arguments: seeds) func rename(_ seed: UInt64) throws {
        var generator = SplitMix64(state: seed)
        let original = try robotPart("claw.yaml")
        let keys = keys(of: original)
        try #require(keys.count > 50)
        for _ in 0..<25 {
            let range = try #require(keys.randomElement(using: &generator))
            let new = renamed(original[range], &generator)
            let text = original.replacingCharacters(in: range, with: new)
            let line = original[..<range.lowerBound].count { $0 == "\n" } + 1
            let found = problemsOfRobot(text)
            #expect(
                found.contains { $0.hasPrefix("\(line):") && $0.contains("not a known key") },
                "seed \(seed): \(original[range]) -> \(new) in line \(line): \(found)"
            )
        }
    }

    @Test("a duplicated line never passes", arguments: seeds) func duplicate(_ seed: UInt64) throws
    {
        var generator = SplitMix64(state: seed)
        let lines = try robotPart("claw.yaml").split(separator: "\n")
        let candidates = lines.indices.filter {
            lines[$0].contains(": ") && !lines[$0].hasPrefix("#")
        }
        for _ in 0..<25 {
            let index = try #require(candidates.randomElement(using: &generator))
            var copy = lines
            copy.insert(lines[index], at: index + 1)
            let found = problemsOfRobot(copy.joined(separator: "\n"))
            #expect(!found.isEmpty, "seed \(seed): \(lines[index]) twice")
        }
    }

    @Test("a unit of something else never passes", arguments: seeds) func unit(_ seed: UInt64)
        throws
    {
        var generator = SplitMix64(state: seed)
        let original = try robotPart("claw.yaml")
        let units = original.matches(of: #/[0-9] (ms|Mbit/s|deg/s|degC|deg|A)(?=[\],}\n])/#)
            .map { $0.output.1.startIndex..<$0.output.1.endIndex }
        try #require(units.count > 35)
        // None of these fits where any of the above stands; the last one takes the unit away.
        let wrong = ["kHz", "V", "Nm", "%", "mm", "pulses", "furlongs", ""]
        for _ in 0..<25 {
            let range = try #require(units.randomElement(using: &generator))
            let new = try #require(wrong.randomElement(using: &generator))
            let text = original.replacingCharacters(in: range, with: new)
            let found = problemsOfRobot(text)
            #expect(
                found.contains { $0.contains("unit") },
                "seed \(seed): \(original[range]) -> \(new): \(found)"
            )
        }
    }

    @Test("dropped lines give problems or a robot, never a crash", arguments: seeds)
    func drop(_ seed: UInt64) throws {
        var generator = SplitMix64(state: seed)
        let lines = try robotPart("claw.yaml").split(separator: "\n")
        for _ in 0..<25 {
            var copy = lines
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                copy.remove(at: Int.random(in: 0..<copy.count, using: &generator))
            }
            for problem in problemsOfRobot(copy.joined(separator: "\n")) {
                let line = problem.split(separator: ":").first.flatMap { Int($0) }
                #expect((1...(copy.count + 1)).contains(line ?? 0), "seed \(seed): \(problem)")
            }
        }
    }

    @Test("random bytes give problems or a robot, never a crash", arguments: seeds)
    func bytes(_ seed: UInt64) throws {
        var generator = SplitMix64(state: seed)
        let original = Array(try robotPart("claw.yaml").utf8)
        for _ in 0..<50 {
            var bytes = original
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                let place = Int.random(in: 0..<bytes.count, using: &generator)
                switch Int.random(in: 0..<3, using: &generator) {
                case 0: bytes[place] = UInt8.random(in: 1...127, using: &generator)
                case 1: bytes.remove(at: place)
                default: bytes.removeSubrange(place...)
                }
                if bytes.isEmpty { break }
            }
            for problem in problemsOfRobot(String(decoding: bytes, as: UTF8.self)) {
                #expect(!problem.isEmpty, "seed \(seed)")
            }
        }
    }
}

extension String {
    fileprivate func replacingCharacters(in range: Range<Index>, with new: String) -> String {
        self[..<range.lowerBound] + new + self[range.upperBound...]
    }
}
