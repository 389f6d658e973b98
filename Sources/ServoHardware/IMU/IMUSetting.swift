import Realtime
import Robot
import ServoProtocol

/// Sets a unit to what sacbot wants of it, and makes sure that it is set.
///
/// Nothing is saved in the unit: it would wear its memory at every start.
struct IMUSetting {
    let port: SerialPort
    let spoken: IMUProtocol

    /// How long a unit may take to answer; it may be in the middle of its output.
    private static let patience: Int64 = 300_000_000
    private static let attempts = 3

    /// Sets rate and content.
    func set(rate: Double) throws(IMUError) {
        switch spoken {
        // Nothing can be set.
        case .bno08xRVC: break
        case .vectorNavASCII: try setVectorNavText(rate: Int(rate.rounded()))
        case .vectorNavBinary: try setVectorNavBinary(rate: rate)
        case .witMotion: try setWitMotion(rate: rate)
        }
    }

    // MARK: VectorNav

    private func setVectorNavText(rate: Int) throws(IMUError) {
        try ask(.asyncType(.quaternionAll), "its text of quaternion and rates")
        try ask(.asyncRate(rate), "\(rate) Hz")
    }

    private func setVectorNavBinary(rate: Double) throws(IMUError) {
        let divisor = Int((Double(VectorNavCommand.measurementRate) / rate).rounded())
        try ask(.asyncType(nil), "to be without text")
        // Both ports, because the unit does not say which of its two we are at.
        try ask(
            .binaryOutput(ports: 3, divisor: divisor, fields: .wanted),
            "binary output at \(VectorNavCommand.measurementRate / divisor) Hz"
        )
    }

    private func ask(_ command: VectorNavCommand, _ what: String) throws(IMUError) {
        for _ in 0..<Self.attempts {
            var decoder = VectorNavDecoder()
            let deadline = MonotonicClock.now() + Self.patience
            try send(command.encoded(), deadline: deadline)
            while try read(deadline: deadline, { decoder.append($0, time: 0) }) {
                while let message = decoder.next() {
                    switch message {
                    case .reply(let fields) where fields.starts(with: command.expectedReply):
                        return
                    // A command that arrived damaged is sent again.
                    case .error(.invalidChecksum): break
                    case .error(let error):
                        throw .refused(port: port.path, what: what, why: error.description)
                    case .reply, .measurement: break
                    }
                }
            }
        }
        throw .unanswered(port: port.path, spoken: spoken, baudRate: port.baudRate)
    }

    // MARK: WitMotion

    private func setWitMotion(rate: Double) throws(IMUError) {
        let known = WitMotionCommand.rateCodes.first { abs($0.hertz - rate) < 1e-9 }
        guard let code = known?.code else {
            throw .refused(port: port.path, what: "\(rate) Hz", why: "it has no code for that rate")
        }
        let wanted: (content: Int16, rate: Int16) = (
            Int16(bitPattern: WitMotionContent.wanted.rawValue), Int16(code)
        )
        var answer: SIMD4<Int16>?
        for _ in 0..<Self.attempts {
            for command in [WitMotionCommand.unlock, .content(.wanted), .unlock, .rate(code: code)]
            {
                let deadline = MonotonicClock.now() + Self.patience
                try send(command.encoded(), deadline: deadline)
                // Commands are not answered, and a unit in its output may miss one right behind
                // another; the maker's programs wait as well.
                try listen(until: MonotonicClock.now() + Self.patience / 5)
            }
            answer = try readWitMotion(WitMotionCommand.contentRegister)
            if let answer, answer[0] == wanted.content, answer[1] == wanted.rate { return }
        }
        guard answer != nil else {
            throw .unanswered(port: port.path, spoken: spoken, baudRate: port.baudRate)
        }
        throw .notTaken(port: port.path, what: "\(rate) Hz")
    }

    /// Four registers from this one on, `nil` without an answer.
    private func readWitMotion(_ register: UInt8) throws(IMUError) -> SIMD4<Int16>? {
        var decoder = WitMotionDecoder()
        let deadline = MonotonicClock.now() + Self.patience
        try send(WitMotionCommand.read(register: register).encoded(), deadline: deadline)
        while try read(deadline: deadline, { decoder.append($0, time: 0) }) {
            while decoder.nextSample() != nil {}
            if let registers = decoder.registers { return registers }
        }
        return nil
    }

    // MARK: Port

    private func send(_ bytes: [UInt8], deadline: Int64) throws(IMUError) {
        do throws(HardwareError) {
            _ = try port.write(bytes, deadline: deadline)
        } catch {
            throw .port(error)
        }
    }

    /// Hands over bytes; false once the time is over.
    private func read(
        deadline: Int64,
        _ take: (Span<UInt8>) -> Void
    ) throws(IMUError) -> Bool {
        do throws(HardwareError) {
            return try port.read(deadline: deadline, take) > 0
        } catch {
            throw .port(error)
        }
    }

    private func listen(until deadline: Int64) throws(IMUError) {
        while try read(deadline: deadline, { _ in }) {}
    }
}
