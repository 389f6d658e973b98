/// What a number measures and the units it may be written in.
///
/// The value inside the program is always in the SI unit of the measure's name (degrees Celsius for
/// temperatures, a fraction for per cent).
public struct Measure: Sendable, Hashable {
    /// One way to write the unit.
    public struct Unit: Sendable, Hashable {
        /// As it stands in the file, for example `deg/s`.
        public var symbol: String
        var numerator: Double
        var denominator: Double

        /// A unit of `numerator / denominator` SI units.
        ///
        /// Two numbers, so that 200 ms is 200/1000 s, correctly rounded.
        public init(_ symbol: String, _ numerator: Double = 1, per denominator: Double = 1) {
            self.symbol = symbol
            self.numerator = numerator
            self.denominator = denominator
        }

        /// A value in this unit as SI.
        func si(_ value: Double) -> Double { value * numerator / denominator }

        /// An SI value in this unit.
        func value(si: Double) -> Double { si * denominator / numerator }
    }

    /// The units in the order messages list them, the usual one first.
    public var units: [Unit]

    /// A measure written in these units; the first is the one messages use.
    public init(_ units: [Unit]) {
        precondition(!units.isEmpty, "a measure has a unit")
        self.units = units
    }

    /// The unit with this symbol.
    func unit(_ symbol: String) -> Unit? { units.first { $0.symbol == symbol } }

    /// `rad/s, deg/s or rev/min`.
    var choices: String { listed(units.map(\.symbol)) }

    /// Angles: `deg`, `rad`.
    public static let radians = Measure([Unit("deg", .pi, per: 180), Unit("rad")])
    /// Angular velocities: `deg/s`, `rad/s`, `rev/min`.
    public static let radiansPerSecond = Measure([
        Unit("deg/s", .pi, per: 180), Unit("rad/s"), Unit("rev/min", 2 * .pi, per: 60),
    ])
    /// Angular accelerations: `deg/s²`, `deg/s^2`, `rad/s²`, `rad/s^2`.
    public static let radiansPerSecondSquared = Measure([
        Unit("deg/s²", .pi, per: 180), Unit("deg/s^2", .pi, per: 180), Unit("rad/s²"),
        Unit("rad/s^2"),
    ])
    /// Currents: `A`, `mA`.
    public static let amperes = Measure([Unit("A"), Unit("mA", per: 1000)])
    /// Voltages: `V`, `mV`.
    public static let volts = Measure([Unit("V"), Unit("mV", per: 1000)])
    /// Powers: `W`, `mW`.
    public static let watts = Measure([Unit("W"), Unit("mW", per: 1000)])
    /// Temperatures: `degC`, `°C`.
    public static let celsius = Measure([Unit("degC"), Unit("°C")])
    /// Rates: `Hz`, `kHz`.
    public static let hertz = Measure([Unit("Hz"), Unit("kHz", 1000)])
    /// Times: `us`, `ms`, `s`, `min`, `h`.
    public static let seconds = Measure([
        Unit("s"), Unit("ms", per: 1000), Unit("us", per: 1_000_000), Unit("min", 60),
        Unit("h", 3600),
    ])
    /// Data rates: `bit/s`, `kbit/s`, `Mbit/s`.
    public static let bitsPerSecond = Measure([
        Unit("bit/s"), Unit("kbit/s", 1000), Unit("Mbit/s", 1_000_000),
    ])
    /// Torques: `N·m`, `Nm`, `N*m`.
    public static let newtonMetres = Measure([Unit("N·m"), Unit("Nm"), Unit("N*m")])
    /// Springs: `N·m/rad`, `Nm/rad`.
    public static let newtonMetresPerRadian = Measure([Unit("N·m/rad"), Unit("Nm/rad")])
    /// Dampers: `N·m·s/rad`, `Nms/rad`.
    public static let newtonMetreSecondsPerRadian = Measure([Unit("N·m·s/rad"), Unit("Nms/rad")])
    /// Shares of a whole: `%`; 5 % is 0.05.
    public static let fraction = Measure([Unit("%", per: 100)])
    /// Speeds: `m/s`.
    public static let metresPerSecond = Measure([Unit("m/s")])
    /// Lengths: `m`, `mm`.
    public static let metres = Measure([Unit("m"), Unit("mm", per: 1000)])
    /// Room on a disk: `GB`, `MB`; decimal, as disks are sold.
    public static let bytes = Measure([Unit("GB", 1e9), Unit("MB", 1e6)])
    /// Encoder counts: `pulses`.
    public static let pulses = Measure([Unit("pulses")])
}

/// `a`, `a or b`, `a, b or c`.
func listed(_ words: [String], last: String = "or") -> String {
    guard let final = words.last, words.count > 1 else { return words.first ?? "nothing" }
    return words.dropLast().joined(separator: ", ") + " \(last) " + final
}
