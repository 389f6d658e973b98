import Robot

/// What `--port` means.
enum PortChoice {
    /// Ports to use instead of the robot file's, by name of the bus.
    ///
    /// - Parameter given: each `PORT`, or `BUS=PORT` for one of several buses.
    static func ports(_ given: [String], of robot: RobotDescription) throws -> [String: String] {
        let buses = robot.buses.map(\.name) + (robot.imu == nil ? [] : ["imu"])
        let known = buses.joined(separator: ", ")
        var ports: [String: String] = [:]
        for text in given {
            let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            // A device's path may have `=` in it; a bus's name has no slash.
            let isNamed = parts.count == 2 && !parts[0].contains("/")
            if !isNamed, buses.count != 1 {
                throw Failure("--port \(text): say which bus, BUS=PORT; buses: \(known)")
            }
            let bus = isNamed ? String(parts[0]) : buses[0]
            let path = isNamed ? String(parts[1]) : text
            guard buses.contains(bus) else {
                throw Failure("--port \(text): there is no bus `\(bus)`; buses: \(known)")
            }
            if path.isEmpty { throw Failure("--port \(text): the port's path is missing") }
            ports[bus] = path
        }
        return ports
    }
}
