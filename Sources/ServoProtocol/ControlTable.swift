/// The registers of one servo model and what its numbers mean.
///
/// Tables are generated from the makers' manuals: `ControlTable.all` are those of Dynamixel 2.0,
/// `ControlTable.protocol1` those that speak Dynamixel 1.0 or Feetech's protocol.
public struct ControlTable: Sendable {
    /// A run of registers that mirror others of the owner's choice, byte by byte.
    public struct IndirectBlock: Sendable, Hashable {
        /// Address of the first two-byte pointer.
        public var firstAddress: UInt16
        /// Address of the first mirrored byte.
        public var firstData: UInt16
        /// Number of pointers, and of mirrored bytes.
        public var count: Int
        /// What a pointer may point to.
        public var targets: ClosedRange<Int>
    }

    /// A numbered baud rate.
    public struct BaudCode: Sendable, Hashable {
        /// What the Baud Rate register holds.
        public var code: Int
        /// Bits per second.
        public var rate: Int
    }

    /// The maker's name, for example `XM430-W210`.
    public var model: String
    /// What the model speaks.
    public var wire: ServoWire
    /// What its Model Number register holds (and a 2.0 servo answers to a ping).
    public var modelNumber: UInt16
    /// Encoder pulses in one turn of the horn.
    public var pulsesPerTurn: Int
    /// One unit of the velocity registers in revolutions per minute.
    public var velocityUnit: Double
    /// One unit of the current registers in amperes, `nil` if the model measures only a load in
    /// 0.1 %.
    public var currentUnit: Double?
    /// Values of Operating Mode that the model knows; empty if it has no such register.
    public var operatingModes: [Int]
    /// Baud rates that can be set.
    public var baudCodes: [BaudCode]
    /// The rate of a new servo.
    public var initialBaudRate: Int
    /// One unit of Bus Watchdog (98) in milliseconds, 0 if the model has no watchdog.
    public var busWatchdogUnitMilliseconds: Int
    /// Firmware version from which Bus Watchdog is there; 0 if always.
    public var busWatchdogFirmware: Int
    /// Firmware version from which fast sync and bulk read are there, `nil` if never.
    public var fastReadFirmware: Int?
    /// Firmware version from which the clear instruction and time-based profiles are there,
    /// `Int.max` if never.
    public var clearFirmware: Int
    /// Firmware version from which the control table backup is there, `nil` if never.
    public var backupFirmware: Int?
    /// Bits of Hardware Error Status (70), or of the error byte that stand for the servo's own
    /// condition, that the model knows.
    public var hardwareErrorMask: UInt8
    /// Mirrors.
    public var indirectBlocks: [IndirectBlock]
    /// Registers in rising order of address.
    public var registers: [Register]

    /// Where goals may lie in operating modes 4 and 5, pulses.
    public static let extendedPositionRange = -1_048_575...1_048_575

    /// What PWM and torque registers hold for all there is: 885 in protocol 2.0, 1023 in 1.0, 1000
    /// with Feetech.
    public var fullPWM: Int {
        switch wire {
        case .dynamixel2: 885
        case .dynamixel1: 1023
        case .feetechLittleEndian, .feetechBigEndian: 1000
        }
    }

    /// The register of that name, `nil` if the model has none.
    public func register(_ name: Register.Name) -> Register? {
        registers.first { $0.name == name }
    }

    /// The register that contains the byte at `address`, `nil` if there is none.
    public func register(containing address: Int) -> Register? {
        registers.first { $0.addresses.contains(address) }
    }

    /// The size of the table in bytes: one more than the last used address.
    public var size: Int {
        let plain = registers.map(\.addresses.upperBound).max() ?? 0
        let mirrored = indirectBlocks.map { Int($0.firstData) + $0.count }.max() ?? 0
        return max(plain, mirrored)
    }

    /// The table of a model number among the models of one wire, `nil` if the model is unknown.
    ///
    /// The makers number each for themselves, so a number means nothing without its wire.
    public static func model(number: UInt16, on wire: ServoWire = .dynamixel2) -> ControlTable? {
        (wire == .dynamixel2 ? all : protocol1).first {
            $0.modelNumber == number && $0.wire == wire
        }
    }

    /// The table of a model by the maker's name, whatever it speaks; `nil` if it is unknown.
    public static func model(named name: String) -> ControlTable? {
        all.first { $0.model == name } ?? protocol1.first { $0.model == name }
    }

    /// The numbered rate nearest to a wanted one, `nil` if none is within 3 %.
    ///
    /// Servos of protocol 1.0 divide 2 MHz and miss the round rates: 117 647 bit/s is their
    /// 115 200. A UART takes up to 3 % of error.
    public func baudCode(near rate: Int) -> BaudCode? {
        let nearest = baudCodes.min { abs($0.rate - rate) < abs($1.rate - rate) }
        guard let nearest, abs(nearest.rate - rate) * 100 <= rate * 3 else { return nil }
        return nearest
    }

    /// Makes a model's registers out of another's.
    static func registers(
        of base: [Register],
        without removed: Set<Register.Name> = [],
        with changed: [Register] = []
    ) -> [Register] {
        let names = removed.union(changed.map(\.name))
        return (base.filter { !names.contains($0.name) } + changed)
            .sorted { $0.address < $1.address }
    }
}

/// A name for what Hardware Error Status (70) and Shutdown (63) number.
public struct HardwareErrorBits: OptionSet, Sendable, Hashable {
    /// The register's value.
    public var rawValue: UInt8
    /// The register's value.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Supply voltage outside its limits.
    public static let inputVoltage = HardwareErrorBits(rawValue: 1 << 0)
    /// Too hot.
    public static let overheating = HardwareErrorBits(rawValue: 1 << 2)
    /// Encoder broken.
    public static let motorEncoder = HardwareErrorBits(rawValue: 1 << 3)
    /// Electrical shock, or not enough power for the motor.
    public static let electricalShock = HardwareErrorBits(rawValue: 1 << 4)
    /// Load too high for too long.
    public static let overload = HardwareErrorBits(rawValue: 1 << 5)

    /// The set bits in words, for a person.
    public var words: String {
        let names: [(HardwareErrorBits, String)] = [
            (.inputVoltage, "input voltage"), (.overheating, "overheating"),
            (.motorEncoder, "motor encoder"), (.electricalShock, "electrical shock"),
            (.overload, "overload"),
        ]
        let known = names.filter { contains($0.0) }.map(\.1)
        return known.isEmpty ? "bits \(String(rawValue, radix: 2))" : known.joined(separator: ", ")
    }
}
