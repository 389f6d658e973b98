import Testing

/// A hand on emulated servos, and the person at `sacbot calibrate` it belongs to.
struct HandCalibration {
    var bench: Bench
    /// Emulated servos with `--hand`, whose standard input is the hand's.
    var servos: ChildProcess
    var hand: Person
    var joints: [String]

    /// Calibrates `bench` from the first question to the last; how the program ended.
    ///
    /// Every joint is turned from `-degrees` to `degrees`, left at +20 degrees and moved by the
    /// program from there towards its middle, against the arrow that it shows.
    func run(port: String, upTo degrees: Int) throws -> ChildEnd {
        let person = try Person()
        let process = try bench.start(
            arguments: ["calibrate", "--robot", "bench", "--port", port],
            input: person.input
        )
        try process.line(with: "torque is off at all joints", on: .output)
        for joint in joints { try turn(joint, 0) }
        try process.line(with: "middle of its range", on: .output)
        try person.type("")
        try process.line(with: "from stop to stop", on: .output)
        for joint in joints { try showRange(of: joint, degrees) }
        try person.type("")
        try process.line(with: "Now each joint moves", on: .output)
        for joint in joints {
            try hand.type("let-go \(joint)")
            try servos.line(with: "let go \(joint)", on: .output)
        }
        try person.type("")
        for joint in joints {
            try process.line(with: "`\(joint)` moved by", on: .output)
            try person.type("n")
        }
        return try process.end()
    }

    private func showRange(of joint: String, _ degrees: Int) throws {
        for angle in [-degrees, 0, degrees, 20] {
            try turn(joint, angle)
            try hand.type("wait")
            try servos.line(with: "read", on: .output)
        }
    }

    /// Turns a joint to an angle in degrees of its own sense and holds it.
    private func turn(_ joint: String, _ degrees: Int) throws {
        try hand.type("turn \(joint) \(degrees)")
        try servos.line(with: "turned \(joint)", on: .output)
    }
}
