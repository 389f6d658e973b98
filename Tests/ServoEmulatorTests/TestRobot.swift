import Robot

/// A robot of two XM430-W210 on two buses, both with ID 10.
enum TestRobot {
    static let tick: Int64 = 10_000_000

    static func robot(
        ports: [String] = ["", ""],
        rates: [Int] = [1_000_000, 57_600],
        watchdog: Seconds? = nil
    ) -> RobotDescription {
        RobotDescription(
            name: "two",
            joints: [
                joint("a", bus: 0, reset: 0),
                joint("b", bus: 1, reset: .pi / 2),
            ],
            calibration: [
                JointCalibration(zeroPulse: 2048, direction: 1),
                JointCalibration(zeroPulse: 3000, direction: -1),
            ],
            buses: zip(ports, rates).enumerated().map { index, line in
                ServoBusDescription(
                    name: index == 0 ? "x" : "y",
                    port: line.0,
                    baudRate: line.1,
                    servoWatchdog: watchdog
                )
            },
            tickNanoseconds: tick,
            modelPath: nil,
            stop: .hold,
            emergencyStop: .release,
            arming: .manual
        )
    }

    private static func joint(_ name: String, bus: Int, reset: Double) -> Joint {
        Joint(
            name: name,
            role: .actuated,
            busIndex: bus,
            servoID: 10,
            servo: .xm430w210,
            limits: JointLimits(
                position: -0.5...1.7,
                goalVelocity: 2,
                tripVelocity: 4,
                current: 1,
                followingError: 0.5,
                pauseTemperature: 60,
                stopTemperature: 70
            ),
            resetPosition: reset,
            gains: .registers(PositionGains(proportional: 800, integral: 0, derivative: 0))
        )
    }
}
