/// What a host asks of Dynamixel servos (e-manual, "Protocol 2.0", instruction codes).
public enum DynamixelInstruction: UInt8, Sendable, CaseIterable {
    /// Who is there: answers model number and firmware version.
    case ping = 0x01
    /// Read registers of one servo.
    case read = 0x02
    /// Write registers of one servo, or of all without an answer.
    case write = 0x03
    /// Hold a write back until `action`.
    case regWrite = 0x04
    /// Do the write that was held back.
    case action = 0x05
    /// Back to factory settings.
    case factoryReset = 0x06
    /// Restart.
    case reboot = 0x08
    /// Fold the multi-turn position into one turn.
    case clear = 0x10
    /// Store or restore the control table.
    case controlTableBackup = 0x20
    /// Read the same registers of several servos; one status each, in the order of the list.
    case syncRead = 0x82
    /// Write the same registers of several servos; no status.
    case syncWrite = 0x83
    /// As `syncRead`, answered in one status that the servos send together.
    case fastSyncRead = 0x8A
    /// Read different registers of several servos; one status each.
    case bulkRead = 0x92
    /// Write different registers of several servos; no status.
    case bulkWrite = 0x93
    /// As `bulkRead`, answered in one status that the servos send together.
    case fastBulkRead = 0x9A
}

/// What `factoryReset` leaves alone.
public enum FactoryResetScope: UInt8, Sendable, CaseIterable {
    /// Everything is reset.
    case all = 0xFF
    /// The ID stays.
    case keepingID = 0x01
    /// The ID and the baud rate stay.
    case keepingIDAndBaudRate = 0x02
}

/// The error byte of a status.
public struct StatusError: RawRepresentable, Sendable, Hashable {
    /// The number in bits 0 to 6.
    public enum Code: UInt8, Sendable, CaseIterable {
        /// No error.
        case none = 0
        /// The servo could not do what it was asked.
        case resultFail = 1
        /// Unknown instruction, or `action` with nothing held back.
        case instruction = 2
        /// The request's check sum was wrong.
        case checksum = 3
        /// A value outside the register's range, or a goal while the bus watchdog is tripped.
        case dataRange = 4
        /// Fewer bytes than the register has.
        case dataLength = 5
        /// A value outside a limit register.
        case dataLimit = 6
        /// Read-only or unknown register, or EEPROM while torque is on.
        case access = 7
    }

    /// The byte as sent.
    public var rawValue: UInt8

    /// The byte as received.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// An error byte from its parts.
    public init(_ code: Code = .none, alert: Bool = false) {
        rawValue = code.rawValue | (alert ? 0x80 : 0)
    }

    /// Whether some bit of Hardware Error Status (70) is set; says nothing about this exchange.
    public var isAlert: Bool { rawValue & 0x80 != 0 }

    /// What went wrong in this exchange, `nil` for a number the manual does not list.
    public var code: Code? { Code(rawValue: rawValue & 0x7F) }

    /// Whether the servo refused what it was asked, alert or not.
    public var isRefusal: Bool { rawValue & 0x7F != 0 }
}
