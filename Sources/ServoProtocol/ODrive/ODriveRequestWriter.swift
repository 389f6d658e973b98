/// Builds ODrive requests one behind the other in a buffer it keeps.
///
/// Every line ends with LF alone: a board answers the empty line between CR and LF with `unknown
/// command`. Numbers are written with up to six decimals, as many as the board's own answers have.
/// Allocates nothing while all lines fit into the capacity.
public struct ODriveRequestWriter: Sendable {
    /// The lines so far.
    public private(set) var bytes: [UInt8] = []
    /// Whether lines carry a checksum; the board's answers then do as well.
    ///
    /// Holds for lines begun after it was set.
    public var usesChecksum: Bool
    /// Where the unfinished line begins.
    private var lineStart = 0

    /// A writer without lines.
    public init(usesChecksum: Bool = true, capacity: Int = 1024) {
        self.usesChecksum = usesChecksum
        bytes.reserveCapacity(capacity)
    }

    /// Forgets all lines.
    public mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        lineStart = 0
    }

    // MARK: Set points

    /// `p`: position control; feeds the axis watchdog.
    ///
    /// A feed-forward that is left out stays what it was, so a torque can only be given together
    /// with a velocity.
    ///
    /// - Parameters:
    ///   - turns: `input_pos`.
    ///   - velocity: feed-forward in turns/s.
    ///   - torque: feed-forward in N·m.
    public mutating func position(
        axis: Int,
        turns: Double,
        velocity: Double? = nil,
        torque: Double? = nil
    ) {
        setPoint("p", axis, turns, velocity, torque)
    }

    /// `q`: position control that overwrites `vel_limit` (turns/s) and `torque_lim` (N·m).
    ///
    /// Feeds the axis watchdog.
    public mutating func position(
        axis: Int,
        turns: Double,
        velocityLimit: Double,
        torqueLimit: Double? = nil
    ) {
        setPoint("q", axis, turns, velocityLimit, torqueLimit)
    }

    /// `v`: velocity control in turns/s with a torque feed-forward in N·m; feeds the axis watchdog.
    public mutating func velocity(axis: Int, turnsPerSecond: Double, torque: Double? = nil) {
        setPoint("v", axis, turnsPerSecond, torque)
    }

    /// `c`: torque control in N·m; feeds the axis watchdog.
    public mutating func torque(axis: Int, newtonMetres: Double) {
        setPoint("c", axis, newtonMetres)
    }

    /// `t`: a trapezoidal move, at the limits of `trap_traj.config`; feeds the axis watchdog.
    public mutating func trajectory(axis: Int, turns: Double) { setPoint("t", axis, turns) }

    private mutating func setPoint(
        _ command: Unicode.Scalar,
        _ axis: Int,
        _ first: Double,
        _ second: Double? = nil,
        _ third: Double? = nil
    ) {
        begin(command, axis)
        argument(first)
        if let second {
            argument(second)
            if let third { argument(third) }
        }
        end()
    }

    // MARK: Questions

    /// `f`: asks for position and velocity.
    ///
    /// Does not feed the watchdog. An axis a board does not have is answered with `invalid motor`
    /// and its number, which tells that answer from all others.
    public mutating func feedback(axis: Int) {
        begin("f", axis)
        end()
    }

    /// `u`: feeds the axis watchdog and does nothing else.
    public mutating func feedWatchdog(axis: Int) {
        begin("u", axis)
        end()
    }

    /// `r`: asks for a property by its path from the board's root, for example `axis0.error`.
    public mutating func read(_ path: String) {
        text("r ")
        text(path)
        end()
    }

    /// `w`: sets a property to a number.
    public mutating func write(_ path: String, _ value: Double) {
        text("w ")
        text(path)
        argument(value)
        end()
    }

    /// `w`: sets a property to a whole number; 1 and 0 stand for true and false.
    public mutating func write(_ path: String, _ value: Int) {
        text("w ")
        text(path)
        byte(ODriveASCII.space)
        whole(value)
        end()
    }

    /// `i`: asks for hardware version, firmware version and serial number, three answers.
    public mutating func info() {
        text("i")
        end()
    }

    /// What the board does as a whole.
    public enum SystemCommand: String, Sendable, CaseIterable {
        /// Keeps the configuration over power-off.
        case saveConfiguration = "ss"
        /// Back to the factory's configuration.
        case eraseConfiguration = "se"
        /// Restarts.
        case reboot = "sr"
        /// Clears the errors of the board and of both axes; 0.5.2 and later.
        case clearErrors = "sc"
    }

    /// `ss`, `se`, `sr` or `sc`; none is answered.
    public mutating func system(_ command: SystemCommand) {
        text(command.rawValue)
        end()
    }

    // MARK: Parts of a line

    private mutating func begin(_ command: Unicode.Scalar, _ axis: Int) {
        byte(UInt8(truncatingIfNeeded: command.value))
        byte(ODriveASCII.space)
        whole(axis)
    }

    private mutating func argument(_ value: Double) {
        byte(ODriveASCII.space)
        decimal(value)
    }

    private mutating func end() {
        if usesChecksum {
            let sum = ODriveASCII.checksum(bytes[lineStart...])
            byte(ODriveASCII.asterisk)
            whole(Int(sum))
        }
        byte(ODriveASCII.lineFeed)
        precondition(
            bytes.count - lineStart <= ODriveASCII.longestRequest,
            "an ODrive request is longer than 256 bytes"
        )
        lineStart = bytes.count
    }

    private mutating func byte(_ value: UInt8) { bytes.append(value) }

    private mutating func text(_ value: String) { bytes.append(contentsOf: value.utf8) }

    private mutating func whole(_ value: Int) {
        if value < 0 { byte(ODriveASCII.minus) }
        digits(UInt64(value.magnitude))
    }

    private mutating func digits(_ value: UInt64) {
        let first = bytes.count
        var rest = value
        repeat {
            byte(ODriveASCII.zero + UInt8(rest % 10))
            rest /= 10
        } while rest > 0
        // Swapped in place: reversing a slice would copy it.
        var (low, high) = (first, bytes.count - 1)
        while low < high {
            bytes.swapAt(low, high)
            low += 1
            high -= 1
        }
    }

    /// Up to six decimals, without trailing zeros.
    private mutating func decimal(_ value: Double) {
        precondition(value.isFinite && value.magnitude < 1e9, "an ODrive cannot be sent \(value)")
        let millionths = UInt64((value.magnitude * 1e6).rounded())
        if value < 0, millionths > 0 { byte(ODriveASCII.minus) }
        digits(millionths / 1_000_000)
        var rest = millionths % 1_000_000
        guard rest > 0 else { return }
        byte(ODriveASCII.point)
        var unit: UInt64 = 100_000
        while rest > 0 {
            byte(ODriveASCII.zero + UInt8(rest / unit))
            rest %= unit
            unit /= 10
        }
    }
}
