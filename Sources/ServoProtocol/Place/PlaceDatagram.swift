/// One datagram of an estimator outside of the robot; docs/speed-sensor.md has its layout.
///
/// 72 bytes, little-endian: `SBPL`, version, flags, number, time, place, heading, velocity, CRC-32.
/// Whatever the flags do not announce is not looked at.
public struct PlaceDatagram: Sendable, Hashable {
    /// Bytes of a datagram.
    public static let size = 72
    /// The layout described here.
    public static let version: UInt16 = 1

    /// What a datagram says.
    public struct Flags: OptionSet, Sendable, Hashable {
        /// The bits as they are sent.
        public let rawValue: UInt16

        /// Flags of these bits.
        public init(rawValue: UInt16) { self.rawValue = rawValue }

        /// Place along x and y.
        public static let place = Flags(rawValue: 1)
        /// Height above the ground.
        public static let height = Flags(rawValue: 2)
        /// Heading.
        public static let heading = Flags(rawValue: 4)
        /// Velocity along x and y.
        public static let velocity = Flags(rawValue: 8)
        /// The time is this machine's `CLOCK_MONOTONIC`.
        public static let sharedClock = Flags(rawValue: 16)
    }

    /// What is announced.
    public var flags: Flags
    /// Counts the sender's datagrams.
    public var sequence: UInt32
    /// When it was measured, nanoseconds.
    public var time: Int64
    /// x, y, height, metres.
    public var place: SIMD3<Double>
    /// From the frame's x, rad.
    public var heading: Double
    /// m/s along x and y.
    public var velocity: SIMD2<Float>

    /// A datagram.
    public init(
        flags: Flags,
        sequence: UInt32,
        time: Int64,
        place: SIMD3<Double> = .zero,
        heading: Double = 0,
        velocity: SIMD2<Float> = .zero
    ) {
        self.flags = flags
        self.sequence = sequence
        self.time = time
        self.place = place
        self.heading = heading
        self.velocity = velocity
    }

    /// What bytes say; `nil` if they are no datagram of this version, or damaged.
    public init?(_ bytes: [UInt8], count: Int) {
        guard count == Self.size, bytes.count >= count else { return nil }
        func word(_ at: Int, _ size: Int) -> UInt64 {
            var value: UInt64 = 0
            for place in (0..<size).reversed() { value = value << 8 | UInt64(bytes[at + place]) }
            return value
        }
        func double(_ at: Int) -> Double { Double(bitPattern: word(at, 8)) }
        func float(_ at: Int) -> Float { Float(bitPattern: UInt32(word(at, 4))) }
        guard word(0, 4) == Self.magic, word(4, 2) == UInt64(Self.version),
            word(68, 4) == UInt64(Self.crc(bytes, count: 68))
        else { return nil }
        self.init(
            flags: Flags(rawValue: UInt16(word(6, 2))),
            sequence: UInt32(word(8, 4)),
            time: Int64(bitPattern: word(16, 8)),
            place: SIMD3(double(24), double(32), double(40)),
            heading: double(48),
            velocity: SIMD2(float(56), float(60))
        )
    }

    /// The datagram's bytes.
    public var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Self.size)
        func add(_ value: UInt64, _ size: Int) {
            for place in 0..<size { bytes.append(UInt8(truncatingIfNeeded: value >> (8 * place))) }
        }
        add(Self.magic, 4)
        add(UInt64(Self.version), 2)
        add(UInt64(flags.rawValue), 2)
        add(UInt64(sequence), 4)
        add(0, 4)
        add(UInt64(bitPattern: time), 8)
        for axis in 0..<3 { add(place[axis].bitPattern, 8) }
        add(heading.bitPattern, 8)
        add(UInt64(velocity.x.bitPattern), 4)
        add(UInt64(velocity.y.bitPattern), 4)
        add(0, 4)
        add(UInt64(Self.crc(bytes, count: 68)), 4)
        return bytes
    }

    /// `SBPL` as a little-endian word.
    private static let magic: UInt64 = 0x4C50_4253

    /// The CRC-32 of zlib, PNG and Python's `zlib.crc32`, bit by bit: 68 bytes need no table.
    static func crc(_ bytes: [UInt8], count: Int) -> UInt32 {
        var remainder: UInt32 = 0xFFFF_FFFF
        for index in 0..<count {
            remainder ^= UInt32(bytes[index])
            for _ in 0..<8 {
                remainder = remainder >> 1 ^ (remainder & 1 == 1 ? 0xEDB8_8320 : 0)
            }
        }
        return ~remainder
    }
}
