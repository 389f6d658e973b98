import Testing

/// A small robot of hinges that touch nothing, written as its owner would write it.
///
/// Ticks are long and patience is generous: these tests are about what the program does, on
/// machines that stall for half a second.
struct BenchRobot {
    struct Joint {
        var name: String
        var id: Int
        var bus = "desk"
        var servo = "XL330-M288"
    }

    /// What is spoken on the buses, and what follows from it.
    struct Wire: Sendable, CustomTestStringConvertible {
        var spoken = "dynamixel"
        var baud = "1 Mbit/s"
        var watchdog = "watchdog: 1 s"
        var servo = "XL330-M288"
        var current = "600 mA"
        var gains = "{p: 400, i: 0, d: 0}"
        var ids = [1, 2]
        var zeroPulse = 2048
        var testDescription: String { servo }

        private static let none = "no_watchdog: accepted"
        private static let soft = "{p: 32, i: 0, d: 0}"
        private static let spring = "{stiffness: 2 N·m/rad, damping: 0.05 N·m·s/rad}"

        static let all = [
            Wire(),
            Wire(
                spoken: "dynamixel-1",
                watchdog: none,
                servo: "AX-12A",
                current: "1 A",
                gains: soft,
                zeroPulse: 512
            ),
            Wire(
                spoken: "dynamixel-1",
                watchdog: none,
                servo: "MX-28(1.0)",
                current: "1 A",
                gains: soft
            ),
            Wire(spoken: "feetech", watchdog: none, servo: "STS3215", current: "1 A", gains: soft),
            Wire(
                spoken: "moteus",
                baud: "12 Mbit/s",
                servo: "moteus U8",
                current: "20 A",
                gains: spring,
                zeroPulse: 0
            ),
            Wire(
                spoken: "odrive",
                baud: "500 kbit/s",
                servo: "ODrive U8",
                current: "20 A",
                gains: spring,
                ids: [0, 1],
                zeroPulse: 0
            ),
        ]
    }

    /// A robot of two joints on one bus that speaks this.
    init(on wire: Wire) {
        self.wire = wire
        baud = wire.baud
        joints = zip(["left", "right"], wire.ids).map { name, id in
            Joint(name: name, id: id, servo: wire.servo)
        }
        simulation = "step: 1 ms"
    }

    init() {}

    var wire = Wire()
    /// Keys of the simulation besides its trials.
    var simulation = "step: 2.5 ms"
    var name = "bench"
    var joints = [Joint(name: "joint", id: 1)]
    var buses = ["desk"]
    var baud = "1 Mbit/s"
    var arm = "manual"
    var tick = "50 ms"
    var duration = "1 s"
    var afterOutage = "stop"
    /// What the task sees; another list makes another policy.
    var observation = "[joint_positions, last_action, target_error]"
    /// Keys of the reset.
    var reset = "joint_time: 3 s, retries: 1"
    /// When policies are tried out; `nil` for never.
    var trials: String?
    /// A camera's keys in the robot file; `nil` for no camera.
    var camera: String?
    /// Limits that the model's hinges have; `nil` for none.
    var hingeRange: String?

    /// A policy step is a tenth of a second, an episode ten of them.
    static let episodeSteps = 10

    var yaml: String {
        """
        robot: \(name)
        model: \(name).xml
        tick: \(tick)
        stop: park
        estop: release
        arm: \(arm)
        buses:
        \(buses.map { "  - {name: \($0), port: /dev/nope-\($0), protocol: \(wire.spoken), baud: \(baud), \(wire.watchdog)}" }.lines)
        joint_defaults:
          position: [-90 deg, 90 deg]
          reset: 0 deg
          goal_velocity: 180 deg/s
          trip_velocity: \(wire.spoken == "dynamixel" ? 600 : 3600) deg/s
          current: \(wire.current)
          following_error: 45 deg
          pause_temperature: 50 degC
          stop_temperature: 60 degC
          gains: \(wire.gains)
        joints:
        \(joints.map { "  - {name: \($0.name), id: \($0.id), bus: \($0.bus), servo: \($0.servo)}" }.lines)
        safety: {stale_ticks: 40, late_ticks: 400, after_outage: \(afterOutage)}
        reset: {tolerance: 5 deg, \(reset)}
        \(camera.map { "cameras: {eye: {\($0)}}" } ?? "# no camera")
        tasks:
          reach:
            \(camera == nil ? "# blind" : "camera: eye")
            policy_rate: 10 Hz
            duration: \(duration)
            pose: {range: 0.8}
            observation: \(observation)
            reward:
              - {term: target_error, weight: -5}
            success: {below: 0.05 rad}
        learner:
          profile: sac
          \(camera == nil ? "# blind" : "encoder: paper")
          hidden_widths: [32, 32]
          batch: 32
          warm_up: 60
        simulation: {\(simulation)\(trials.map { ", trials: {\($0)}" } ?? "")}

        """
    }

    /// MuJoCo's model: a pointer on a vertical axis for each joint.
    var model: String {
        let limits = hingeRange.map { "limited=\"true\" range=\"\($0)\"" } ?? ""
        let bodies = joints.enumerated().map { index, joint in
            """
            <body pos="\(index) 0 0">
              <joint name="\(joint.name)" type="hinge" axis="0 0 1" \(limits)/>
              <geom type="box" pos="0.02 0 0" size="0.02 0.003 0.001" mass="0.004"/>
            </body>
            """
        }
        return """
            <mujoco model="\(name)">
            <compiler angle="radian"/>
            <option timestep="0.0025"/>
            <default><geom contype="0" conaffinity="0"/></default>
            <worldbody>
            <camera name="eye" pos="0 0 0.15"/>
            \(bodies.lines)
            </worldbody>
            </mujoco>

            """
    }

    var calibration: String {
        """
        robot: \(name)
        joints:
        \(joints.map { "  \($0.name): {zero: \(wire.zeroPulse) pulses, direction: 1}" }.lines)

        """
    }
}

extension Array where Element == String {
    fileprivate var lines: String { joined(separator: "\n") }
}
