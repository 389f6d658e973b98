import Realtime
import Robot
import ServoProtocol

/// Listens for inertial measurement units; sends nothing.
public struct IMUDeviceProbe: DeviceProbe {
    /// `IMU`.
    public let wire = "IMU"
    /// Rates that units are set to.
    public let rates = IMUProbe.usualRates
    /// A unit talks alone on its line.
    public let ownsPort = true

    /// A probe.
    public init() {}

    /// The unit that talks at a rate; takes a second.
    public func find(port: String, rate: Int) throws(HardwareError) -> [FoundDevice] {
        guard let unit = try IMUProbe.listen(port: port, bauds: [rate]) else { return [] }
        var device = FoundDevice(
            wire: wire,
            port: port,
            baudRate: rate,
            id: 0,
            model: unit.spoken.rawValue
        )
        device.remark = "\(Int(unit.rate.rounded())) Hz"
        if !unit.hasOrientation {
            device.errorWords = "\(device.remark), no orientation: give `rate:` to have it set"
        }
        return [device]
    }
}

/// Looks for an ODrive board.
///
/// Only properties are read, each request with a checksum: what an earlier program left half said
/// goes down with it instead of being obeyed.
public struct ODriveProbe: DeviceProbe {
    /// `ODrive`.
    public let wire = "ODrive"
    /// The factory's rate first; on USB any will do.
    public let rates = ODriveDriver.usualRates
    /// A board is alone on its line.
    public let ownsPort = true

    /// A probe.
    public init() {}

    /// The two axes of the board.
    public func find(port path: String, rate: Int) throws(HardwareError) -> [FoundDevice] {
        let port = try SerialPort(path: path, baudRate: rate)
        defer { port.close() }
        let bus = ODriveBus(port: port)
        let latency = Int64(port.latencyWarning?.milliseconds ?? 0) * 1_000_000
        bus.timing.patience = 50_000_000 + 2 * latency
        guard let identity = try bus.identify() else { return [] }
        let (major, minor, volts) = identity.hardware
        var devices: [FoundDevice] = []
        for axis in 0..<ODriveASCII.axisCount {
            func read(_ property: ODriveProperty.Axis) throws(HardwareError) -> ODriveValue? {
                guard case .value(let value) = try bus.read(property.path(axis)) else { return nil }
                return value
            }
            var device = FoundDevice(
                wire: wire,
                port: path,
                baudRate: rate,
                id: axis,
                model: "v\(major).\(minor) \(volts) V"
            )
            device.remark = "firmware \(identity.version)"
            if case .value(let supply) = try bus.read(ODriveProperty.busVoltage) {
                device.inputVoltage = supply.number
            }
            device.temperature = try read(.temperature)?.number
            if let state = try read(.currentState)?.number {
                device.hasTorque = ODriveAxisState(rawValue: Int(state))?.drivesMotor ?? true
            }
            if let bits = try read(.error)?.bits, bits != 0 {
                device.errorWords = ODriveCause(axis: ODriveAxisErrors(rawValue: bits)).words
            }
            devices.append(device)
        }
        return devices
    }
}

/// Looks for moteus controllers behind an fdcanusb, or for one on a UART.
public struct MoteusProbe: DeviceProbe {
    /// `moteus`.
    public let wire = "moteus"
    /// A UART's; an fdcanusb on USB takes any.
    public let rates = [921_600, 115_200]
    /// An adapter is alone on its line.
    public let ownsPort = true

    /// Controllers asked at once.
    private static let group = 8

    /// A probe.
    public init() {}

    /// Asks the adapter how it is, and if somebody answers, each ID who it is.
    public func find(port path: String, rate: Int) throws(HardwareError) -> [FoundDevice] {
        let port = try SerialPort(path: path, baudRate: rate)
        defer { port.close() }
        let range = BusProtocol.moteus.ids
        let ids = range.map { UInt8(truncatingIfNeeded: $0) }
        let bus = MoteusBus(port: port, ids: ids)
        let latency = Int64(port.latencyWarning?.milliseconds ?? 0) * 1_000_000
        bus.timing.patience = 50_000_000 + 2 * latency
        bus.timing.gap = 20_000_000 + latency
        guard try bus.detectChecksums(by: "can status") else { return [] }
        var devices: [FoundDevice] = []
        for first in stride(from: 0, to: ids.count, by: Self.group) {
            let places = first..<min(first + Self.group, ids.count)
            bus.begin()
            for place in places { bus.add(place, wantsReply: true) { MoteusIdentity.ask(&$0) } }
            try bus.exchange(deadline: MonotonicClock.now() + bus.timing.patience)
            for place in places where bus.slots[place].outcome == .value {
                guard let identity = MoteusIdentity(bus.slots[place].frame) else { continue }
                var device = FoundDevice(
                    wire: wire,
                    port: path,
                    baudRate: rate,
                    id: Int(ids[place]),
                    model: "board \(identity.model)"
                )
                device.modelNumber = identity.model
                device.remark = "firmware \(identity.version)"
                devices.append(device)
            }
        }
        for index in devices.indices {
            guard let place = ids.firstIndex(of: UInt8(devices[index].id)),
                let state = try bus.state(place)
            else { continue }
            devices[index].inputVoltage = state.voltage
            devices[index].temperature = state.temperature
            devices[index].hasTorque = MoteusMode(rawValue: state.mode)?.hasTorque ?? true
            if state.mode == MoteusMode.fault.rawValue {
                devices[index].errorWords = "\(state.fault)"
            }
        }
        return devices
    }
}
