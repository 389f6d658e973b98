/// Where a walking robot's place and speed come from; the robot file's `speed_sensor`.
public struct SpeedSensorDescription: Sendable, Hashable {
    /// How reports come in.
    public enum Source: Sendable, Hashable {
        /// Datagrams to this port of the loopback interface.
        case udp(port: Int)
        /// Datagrams to a Unix socket at this path.
        case unix(path: String)
        /// Nobody from outside: the legs' own kinematics and the IMU.
        case legs
    }

    /// How reports come in.
    public var source: Source
    /// How old a place may be, in seconds.
    public var staleAfter: Seconds
    /// How long before a report's time stamp what it says was measured, in seconds.
    public var latency: Seconds
    /// Whether the legs' kinematics step in where nothing comes from outside.
    public var fallsBackToLegs: Bool
    /// The estimator a simulation has in place of the real one.
    public var simulated: SimulatedEstimator

    /// A sensor.
    public init(
        source: Source,
        staleAfter: Seconds = 0.1,
        latency: Seconds = 0,
        fallsBackToLegs: Bool = false,
        simulated: SimulatedEstimator = SimulatedEstimator()
    ) {
        self.source = source
        self.staleAfter = staleAfter
        self.latency = latency
        self.fallsBackToLegs = fallsBackToLegs
        self.simulated = simulated
    }

    /// Whether the legs' kinematics are used at all.
    public var usesLegs: Bool { source == .legs || fallsBackToLegs }
}

/// How good the estimator of a simulation is.
public struct SimulatedEstimator: Sendable, Hashable {
    /// Reports a second.
    public var rate: Double
    /// Standard deviation of a place, metres.
    public var placeNoise: Double
    /// Standard deviation of a heading, rad.
    public var headingNoise: Radians
    /// From the measurement to the report's arrival, in seconds.
    public var latency: Seconds

    /// An estimator; one that says everything at once and exactly, unless told otherwise.
    public init(
        rate: Double = 200,
        placeNoise: Double = 0,
        headingNoise: Radians = 0,
        latency: Seconds = 0
    ) {
        self.rate = rate
        self.placeNoise = placeNoise
        self.headingNoise = headingNoise
        self.latency = latency
    }
}

/// One report of an estimator outside of the robot: motion capture, visual odometry, a camera.
public struct PlaceReport: Sendable, Hashable, BitwiseCopyable {
    /// Counts the sender's reports.
    public var sequence: UInt32
    /// When it was measured, on the sender's clock, nanoseconds.
    public var time: Int64
    /// Whether that clock is this machine's `CLOCK_MONOTONIC`.
    public var sharesClock: Bool
    /// Metres along x, y and above the ground; `nil` if the sender says velocities only.
    ///
    /// NaN for a height that it does not know.
    public var place: SIMD3<Double>?
    /// Which way the robot points, from the frame's x; `nil` if it is not known.
    public var heading: Radians?
    /// m/s along the frame's x and y; `nil` if it is not known.
    ///
    /// Without a place they are added up.
    public var velocity: SIMD2<Double>?

    /// A report.
    public init(
        sequence: UInt32,
        time: Int64,
        sharesClock: Bool,
        place: SIMD3<Double>?,
        heading: Radians?,
        velocity: SIMD2<Double>? = nil
    ) {
        self.sequence = sequence
        self.time = time
        self.sharesClock = sharesClock
        self.place = place
        self.heading = heading
        self.velocity = velocity
    }
}
