import Robot

/// What `sacbot jog` shows: a row a joint, the keys, the last message.
struct JogScreen {
    static let heading =
        "  joint             position       goal     velocity    current    temp  torque"
    static let keys = [
        "up/down joint   left/right nudge   +/- step   t torque   space STOP (all torque off)",
        "c clear fault   q quit (all torque off)",
    ]
    /// What one press of left or right moves, degrees.
    static let steps = [0.1, 0.5, 1.0, 2.0, 5.0, 10.0]

    let robot: RobotDescription
    let backend: String
    /// The chosen joint.
    var selected = 0
    /// Index into `steps`.
    var step = 2

    /// The step in radians.
    var stepAngle: Radians { Self.steps[step] * .pi / 180 }

    /// The screen's lines for a terminal of so many rows.
    func lines(_ view: JogView, rows: Int) -> [String] {
        var lines = ["sacbot jog   \(robot.name)   \(backend)", "", Self.heading]
        let room = max(3, rows - 10)
        let first = max(0, min(selected - room / 2, robot.joints.count - room))
        for index in robot.joints.indices.dropFirst(first).prefix(room) {
            lines.append(row(index, view))
        }
        let limits = robot.joints[selected].limits.position
        lines += [
            "",
            "step \(Self.steps[step]) deg   `\(robot.joints[selected].name)` may go from "
                + "\(degrees(limits.lowerBound)) to \(degrees(limits.upperBound)) deg   "
                + "late ticks \(view.skippedTicks)",
            "",
        ]
        return lines + Self.keys + [view.message]
    }

    private func row(_ index: Int, _ view: JogView) -> String {
        let sample = view.state.samples[index]
        let health = view.state.health[index]
        let isOn = view.state.torqueEnabled.contains(index)
        let marker = index == selected ? "> " : "  "
        return marker + robot.joints[index].name.padding(16)
            + (sample.map { degrees($0.position) } ?? "-").rightPadding(10)
            + (view.goals[index].map(degrees) ?? "-").rightPadding(11)
            + (sample.map { degrees($0.velocity) } ?? "-").rightPadding(13)
            + (sample.map { "\(Int(($0.current * 1000).rounded())) mA" } ?? "-").rightPadding(11)
            + (health.map { "\(Int($0.temperature))" } ?? "-").rightPadding(8)
            + (isOn ? "      ON" : "     off")
            + (health.map { $0.hardwareError == 0 ? "" : "  HARDWARE ERROR" } ?? "")
    }

    private func degrees(_ angle: Radians) -> String {
        // Plus zero: no minus before a nought.
        "\((angle * 1800 / .pi).rounded() / 10 + 0)"
    }
}
