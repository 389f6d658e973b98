/// One CAN or CAN-FD frame: an ID and up to 64 bytes, in place.
public struct CANFrame: Sendable {
    /// Bytes a CAN-FD frame may have beyond eight.
    ///
    /// ISO 11898-1, data length code.
    private static let longCounts: [7 of Int] = [12, 16, 20, 24, 32, 48, 64]

    /// The identifier, 11 or 29 bits.
    public var id: UInt32
    /// Whether the identifier has 29 bits.
    public var hasExtendedID: Bool
    /// Whether the data go at the faster rate (BRS).
    public var switchesBitRate = true
    /// Whether it is a CAN-FD frame.
    public var isFD = true
    /// Whether it asks for data instead of having any.
    public var isRemote = false
    /// Bytes of data.
    public private(set) var count = 0
    private var data = [64 of UInt8](repeating: 0)

    /// A CAN-FD frame without data; identifiers beyond 7FF are extended ones.
    public init(id: UInt32) {
        self.id = id
        hasExtendedID = id > 0x7FF
    }

    /// One byte of the data, below `count`.
    public subscript(index: Int) -> UInt8 {
        get {
            precondition(index < count, "byte \(index) of a frame of \(count)")
            return data[index]
        }
        set {
            precondition(index < count, "byte \(index) of a frame of \(count)")
            data[index] = newValue
        }
    }

    /// Adds a byte; `false` if there are 64 already.
    @discardableResult
    public mutating func append(_ byte: UInt8) -> Bool {
        guard count < 64 else { return false }
        data[count] = byte
        count += 1
        return true
    }

    /// Forgets the data from a byte on.
    public mutating func truncate(to count: Int) { self.count = min(self.count, max(count, 0)) }

    /// Fills the data up to a length that CAN-FD has.
    public mutating func pad(with byte: UInt8) {
        let full = Self.paddedCount(count)
        while count < full { append(byte) }
    }

    /// The shortest length that CAN-FD has for this many bytes, up to 64.
    public static func paddedCount(_ count: Int) -> Int {
        guard count > 8 else { return count }
        for index in 0..<7 where longCounts[index] >= count { return longCounts[index] }
        return 64
    }

    /// A copy of the data.
    public var bytes: [UInt8] { (0..<count).map { data[$0] } }
}

extension CANFrame: Equatable {
    /// Equal in ID, kind and data.
    public static func == (a: CANFrame, b: CANFrame) -> Bool {
        guard a.id == b.id, a.hasExtendedID == b.hasExtendedID, a.isFD == b.isFD,
            a.switchesBitRate == b.switchesBitRate, a.isRemote == b.isRemote, a.count == b.count
        else { return false }
        for index in 0..<a.count where a.data[index] != b.data[index] { return false }
        return true
    }
}
