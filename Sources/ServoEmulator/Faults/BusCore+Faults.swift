import ServoProtocol

/// What can go wrong with Dynamixel servos.
extension BusCore {
    /// The servos' own time: physics time under the stepped clock.
    public func deviceTime(at now: Int64) -> Int64 { servoTime(at: now) }

    /// The servos' IDs.
    public var unitIDs: [Int] { servos.map { Int($0.id) } }

    /// Brings a fault about in the servo with this ID.
    @discardableResult
    public mutating func begin(
        _ fault: FaultKind,
        unit: Int,
        value: Double?,
        now: Int64
    ) -> Bool {
        guard let index = servos.firstIndex(where: { Int($0.id) == unit }) else { return false }
        _ = advance(to: now)
        defer { sendCommands() }
        let image = servos[index].image
        switch fault {
        case .alert:
            let bits = value.map { UInt8(clamping: Int($0)) }
            inject(.hardwareError(bits ?? HardwareErrorBits.inputVoltage.rawValue), at: index)
        case .overload:
            inject(.hardwareError(HardwareErrorBits.overload.rawValue), at: index)
        case .overheating:
            let limit = Double(image[.temperatureLimit])
            inject(.temperature(value ?? limit + 5), at: index)
        case .brownOut:
            // A third below the least the servo runs at.
            let least = Double(image[.minVoltageLimit]) / 10
            inject(.inputVoltage(value ?? least * 2 / 3), at: index)
        case .reboot: inject(.powerCycle, at: index)
        case .watchdogTrip:
            guard servos[index].isTorqueOn, image[.busWatchdog] > 0 else { return false }
            trip(index)
        case .wrongID:
            let next = (servos[index].id + 1) % (Dynamixel2.highestID + 1)
            servos[index].faults.wrongID = value.map { UInt8(clamping: Int($0)) } ?? next
        case .idCollision: servos[index].faults.twinPulses = Int(value ?? 100)
        case .disconnected: inject(.disconnected(true), at: index)
        case .lostReply, .lateReply, .bitFlip, .splitReply, .garbage, .lostRequest,
            .requestBitFlip, .echo, .latencyStall, .unplug:
            return false
        }
        return true
    }

    /// Takes the cause away; hardware errors and a tripped watchdog stay until the host acts.
    public mutating func end(_ fault: FaultKind, unit: Int, now: Int64) {
        guard let index = servos.firstIndex(where: { Int($0.id) == unit }) else { return }
        _ = advance(to: now)
        switch fault {
        case .alert, .overload: inject(.hardwareError(0), at: index)
        case .overheating: inject(.temperature(nil), at: index)
        case .brownOut:
            inject(.inputVoltage(nil), at: index)
            inject(.powerCycle, at: index)
        case .wrongID: servos[index].faults.wrongID = nil
        case .idCollision: servos[index].faults.twinPulses = nil
        case .disconnected: inject(.disconnected(false), at: index)
        case .reboot, .watchdogTrip, .lostReply, .lateReply, .bitFlip, .splitReply, .garbage,
            .lostRequest, .requestBitFlip, .echo, .latencyStall, .unplug:
            break
        }
        sendCommands()
    }

    private mutating func inject(_ fault: ServoFault, at index: Int) {
        servos[index].inject(fault, now: servoTime)
    }
}

extension EmulatedServo {
    /// The registers of a second servo of the same ID that stands `pulses` away.
    func twin(pulses: Int) -> RegisterImage {
        var image = image
        image[.presentPosition] += pulses
        image[.presentTemperature] = (image[.presentTemperature] + 1) % 256
        image[.homingOffset] += 1
        return image
    }
}
