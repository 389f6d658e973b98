/// The data of a frame to or from a moteus: subframes that write, read and report registers.
///
/// Built in place. A subframe is `begin`, one `append` for each register, or `read` alone; `finish`
/// pads. Everything that does not fit in 64 bytes is left out and noted in `isOverfull`.
public struct MoteusFrame: Sendable {
    /// The frame so far.
    public private(set) var frame: CANFrame
    /// Whether something did not fit.
    public private(set) var isOverfull = false

    /// What a subframe does; raw values are its code without resolution and count.
    public enum Action: UInt8, Sendable {
        /// Host to controller: values for registers.
        case write = 0x00
        /// Host to controller: registers to report.
        case read = 0x10
        /// Controller to host: values of registers.
        case reply = 0x20
    }

    /// Fills frames up to a length that CAN-FD has.
    public static let padding: UInt8 = 0x50
    /// The address that every controller takes for its own.
    public static let everybody: UInt8 = 0x7F

    /// A request to a controller.
    ///
    /// - Parameters:
    ///   - destination: its ID, 1...127.
    ///   - source: our own.
    ///   - wantsReply: whether it answers.
    ///   - prefix: the controller's `can.prefix`, 13 bits.
    public init(
        to destination: UInt8,
        from source: UInt8 = 0,
        wantsReply: Bool,
        prefix: UInt16 = 0
    ) {
        let low = UInt32(destination & 0x7F) | UInt32(source & 0x7F) << 8
        let reply: UInt32 = wantsReply ? 0x8000 : 0
        frame = CANFrame(id: UInt32(prefix & 0x1FFF) << 16 | reply | low)
    }

    /// Begins a subframe for `count` registers from `first` on.
    public mutating func begin(
        _ action: Action,
        _ first: MoteusRegister,
        count: Int,
        as resolution: MoteusResolution
    ) {
        let code = action.rawValue | resolution.rawValue << 2
        // Up to three stand in the code itself; nothing in that place says that a number follows.
        if (1...3).contains(count) {
            add(code | UInt8(truncatingIfNeeded: count))
        } else {
            add(code)
            add(number: count)
        }
        add(number: Int(first.rawValue))
    }

    /// Sets the mode, which must come first in a frame; with `stopped`, faults are cleared and so
    /// is an expired watchdog.
    public mutating func set(_ mode: MoteusMode) {
        write(.mode, Double(mode.rawValue), as: .int8)
    }

    /// Adds the next register's value; `kind` and resolution must be those of its subframe.
    public mutating func append(
        _ value: Double,
        _ kind: MoteusRegister.Kind,
        as resolution: MoteusResolution
    ) {
        append(MoteusNumber(value, kind, as: resolution))
    }

    /// Adds the next register's value.
    public mutating func append(_ number: MoteusNumber) {
        for index in 0..<number.resolution.byteCount {
            add(UInt8(truncatingIfNeeded: number.bits >> UInt32(8 * index)))
        }
    }

    /// Writes one register.
    public mutating func write(
        _ register: MoteusRegister,
        _ value: Double,
        as resolution: MoteusResolution
    ) {
        begin(.write, register, count: 1, as: resolution)
        append(value, register.kind, as: resolution)
    }

    /// Asks for `count` registers from `first` on.
    public mutating func read(
        _ first: MoteusRegister,
        count: Int,
        as resolution: MoteusResolution
    ) {
        begin(.read, first, count: count, as: resolution)
    }

    /// Says that a register could not be written (30) or read (31).
    public mutating func appendError(writing: Bool, _ register: MoteusRegister, code: UInt8) {
        add(writing ? 0x30 : 0x31)
        add(number: Int(register.rawValue))
        add(code)
    }

    /// What one frame can carry to or from a console.
    public static let consoleRoom = 61

    /// Adds text for the controller's console (40), or of it (41); at most `consoleRoom` bytes.
    public mutating func appendConsole(_ text: some Collection<UInt8>, fromController: Bool) {
        add(fromController ? 0x41 : 0x40)
        add(1)
        add(number: text.count)
        for byte in text { add(byte) }
    }

    /// Asks for what the console has to say.
    public mutating func pollConsole(limit: Int = consoleRoom) {
        add(0x42)
        add(1)
        add(number: limit)
    }

    /// Pads to a length that CAN-FD has.
    public mutating func finish() { frame.pad(with: Self.padding) }

    /// Takes back what was added beyond `count` bytes.
    public mutating func truncate(to count: Int) {
        frame.truncate(to: count)
        isOverfull = false
    }

    private mutating func add(_ byte: UInt8) {
        if !frame.append(byte) { isOverfull = true }
    }

    /// Seven bits a byte, low ones first, the highest bit says that more follow.
    private mutating func add(number: Int) {
        var rest = number
        while rest > 0x7F {
            add(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        add(UInt8(truncatingIfNeeded: rest))
    }
}
