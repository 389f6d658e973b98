public import Robot
import ServoProtocol

/// A device that answered while a port was searched.
///
/// What it did not say, or what its wire protocol does not have, is `nil`.
public struct FoundDevice: Sendable, Hashable, Codable {
    /// The wire protocol's name, for example `Dynamixel 2.0`.
    public var wire: String
    /// The port it answered on.
    public var port: String
    /// The rate it answered at, bits per second.
    public var baudRate: Int
    /// Its ID or address.
    public var id: Int
    /// The maker's name of its model, or `model N`.
    public var model: String
    /// The number by which it names its model.
    public var modelNumber: Int?
    /// Its firmware version.
    public var firmware: Int?
    /// Supply voltage as it measures it.
    public var inputVoltage: Volts?
    /// Temperature inside.
    public var temperature: Celsius?
    /// Hardware error bits in its manual's numbering; 0 is healthy.
    public var hardwareError: UInt8?
    /// The hardware error in words; empty when healthy or unknown.
    public var errorWords = ""
    /// What else it says of itself; empty if nothing.
    public var remark = ""
    /// Whether its torque is on.
    public var hasTorque: Bool?
    /// Return Delay Time register, 2 us a unit.
    public var returnDelay: Int?
    /// Whether its answers look like those of two devices that share its ID.
    public var isCollision = false

    /// A device of which only wire, port, rate, ID and model are known.
    public init(wire: String, port: String, baudRate: Int, id: Int, model: String) {
        self.wire = wire
        self.port = port
        self.baudRate = baudRate
        self.id = id
        self.model = model
    }

    /// What a person should know of it, in words; `ok` if nothing is wrong.
    public var condition: String {
        if isCollision {
            return "damaged answers: two devices may share ID \(id); connect one at a time"
        }
        if !errorWords.isEmpty { return errorWords }
        return remark.isEmpty ? "ok" : "ok, \(remark)"
    }
}

/// Looks for the devices of one wire protocol; one of these for each protocol that can be scanned.
public protocol DeviceProbe: Sendable {
    /// The protocol's name for people.
    var wire: String { get }
    /// Rates its devices may be set to, the usual ones first, bits per second.
    var rates: [Int] { get }
    /// Whether a port on which one of its devices answers has no others.
    var ownsPort: Bool { get }
    /// Who answers on a port at a rate.
    ///
    /// Opens the port and gives it back. Writes nothing that a device keeps. Ends within a few
    /// seconds whatever is on the port.
    ///
    /// - Throws: trouble with the port; `rateRefused` if the adapter cannot do the rate.
    func find(port: String, rate: Int) throws(HardwareError) -> [FoundDevice]
}

extension DeviceProbe {
    /// Servos share their line.
    public var ownsPort: Bool { false }
}
