import ServoProtocol

/// How a host reaches emulated moteus controllers.
public enum MoteusForm: Sendable, Hashable {
    /// Through an fdcanusb on USB, controllers on CAN-FD behind it.
    case usb
    /// One controller on a plain UART, which answers as if it were an fdcanusb.
    case uart
}

/// How long things take on their way; all zero under instant timing.
struct MoteusWire: Sendable {
    let form: MoteusForm
    let isHonest: Bool
    /// Bits per second of the UART.
    var baudRate = 921_600
    /// From the end of a request to the beginning of its reply; a guess, of the order of one pass
    /// of the controller's main loop.
    private let turnaround: Int64 = 50_000
    /// When each way is free.
    private var toAdapter = Int64.min
    private var bus = Int64.min
    private var toHost = Int64.min

    init(form: MoteusForm, isHonest: Bool) {
        self.form = form
        self.isHonest = isHonest
    }

    /// When a line of `bytes` that the host hands over at `now` is in the adapter.
    mutating func line(bytes: Int, now: Int64) -> Int64 {
        toAdapter = max(now, toAdapter) + duration(bytes: bytes)
        return toAdapter
    }

    /// When a frame that is in the adapter at `now` has crossed the bus.
    mutating func frame(_ frame: CANFrame, now: Int64) -> Int64 {
        guard form == .usb else { return now }
        bus = max(now, bus) + duration(frame)
        return bus
    }

    /// When a reply to something that came at `now` is in the adapter.
    mutating func reply(_ frame: CANFrame, now: Int64) -> Int64 {
        self.frame(frame, now: isHonest ? now + turnaround : now)
    }

    /// When a line of `bytes` that the adapter has at `now` is with the host.
    mutating func answer(bytes: Int, now: Int64) -> Int64 {
        toHost = max(now, toHost) + duration(bytes: bytes)
        return toHost
    }

    /// USB full speed, 12 Mbit/s, without its own framing; a UART has ten bits a byte.
    private func duration(bytes: Int) -> Int64 {
        guard isHonest else { return 0 }
        switch form {
        case .usb: return Int64(bytes) * 8 * 1000 / 12
        case .uart: return Int64(bytes) * 10 * 1_000_000_000 / Int64(max(baudRate, 1))
        }
    }

    /// ISO 11898-1 without stuffing that depends on the data: 30 bits outside the data phase, 19
    /// more for a long identifier, at 1 Mbit/s; the rest at 5 Mbit/s if the rate is switched.
    private func duration(_ frame: CANFrame) -> Int64 {
        guard isHonest else { return 0 }
        let slow = frame.hasExtendedID ? 49 : 30
        // ESI, data length, stuff count, check sum and its fixed stuff bits.
        let fast = 8 * frame.count + (frame.count > 16 ? 1 + 4 + 4 + 21 + 7 : 1 + 4 + 4 + 17 + 6)
        return Int64(slow) * 1000 + Int64(fast) * (frame.switchesBitRate ? 200 : 1000)
    }
}
