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
        \(buses.map { "  - {name: \($0), port: /dev/nope-\($0), baud: \(baud), watchdog: 1 s}" }.lines)
        joint_defaults:
          position: [-90 deg, 90 deg]
          reset: 0 deg
          goal_velocity: 180 deg/s
          trip_velocity: 600 deg/s
          current: 600 mA
          following_error: 45 deg
          pause_temperature: 50 degC
          stop_temperature: 60 degC
          gains: {p: 400, i: 0, d: 0}
        joints:
        \(joints.map { "  - {name: \($0.name), id: \($0.id), bus: \($0.bus), servo: \($0.servo)}" }.lines)
        safety: {stale_ticks: 40, late_ticks: 400, after_outage: \(afterOutage)}
        reset: {tolerance: 5 deg, \(reset)}
        tasks:
          reach:
            policy_rate: 10 Hz
            duration: \(duration)
            pose: {range: 0.8}
            observation: \(observation)
            reward:
              - {term: target_error, weight: -5}
            success: {below: 0.05 rad}
        learner:
          profile: sac
          hidden_widths: [32, 32]
          batch: 32
          warm_up: 60
        \(trials.map { "simulation: {trials: {\($0)}}" } ?? "")

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
            \(bodies.lines)
            </worldbody>
            </mujoco>

            """
    }

    var calibration: String {
        """
        robot: \(name)
        joints:
        \(joints.map { "  \($0.name): {zero: 2048 pulses, direction: 1}" }.lines)

        """
    }
}

extension Array where Element == String {
    fileprivate var lines: String { joined(separator: "\n") }
}
