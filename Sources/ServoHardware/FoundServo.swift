import ServoProtocol

/// A servo that answered a ping.
public struct FoundServo: Sendable, Hashable {
    /// Its ID.
    public var id: UInt8
    /// The number of its model.
    public var modelNumber: UInt16
    /// The version of its firmware.
    public var firmware: UInt8
    /// The rate it answered at, bits per second.
    public var baudRate: Int
    /// Whether it reports a hardware error.
    public var hasAlert: Bool

    /// A servo that answered.
    public init(
        id: UInt8,
        modelNumber: UInt16,
        firmware: UInt8,
        baudRate: Int,
        hasAlert: Bool = false
    ) {
        self.id = id
        self.modelNumber = modelNumber
        self.firmware = firmware
        self.baudRate = baudRate
        self.hasAlert = hasAlert
    }

    /// The maker's name of its model, or `model N`.
    public var modelName: String { Self.name(ofModel: modelNumber) }

    static func name(ofModel number: UInt16) -> String {
        let table =
            ControlTable.model(number: number)
            // The other makers' numbers are none of Dynamixel 2.0's.
            ?? ControlTable.protocol1.first { $0.modelNumber == number }
        return table?.model ?? "model \(number)"
    }
}
