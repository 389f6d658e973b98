import ServoProtocol

extension EmulatedMoteus {
    /// Settings that the console knows, of the many a real controller has.
    private static let settings: [String: any WritableKeyPath<MoteusSetup, Double> & Sendable] = [
        "servo.pid_position.kp": \.kp,
        "servo.pid_position.ki": \.ki,
        "servo.pid_position.kd": \.kd,
        "servo.default_timeout_s": \.defaultTimeout,
        "servo.timeout_mode": \.timeoutModeNumber,
        "servo.timeout_max_torque_Nm": \.timeoutMaximumTorque,
        "servo.max_voltage": \.highestVoltage,
        "servopos.position_min": \.positionMinimum,
        "servopos.position_max": \.positionMaximum,
        "id.id": \.idNumber,
    ]

    /// Takes text for the console and obeys whole lines.
    mutating func hear(_ text: [UInt8]) {
        consoleInput += text
        while let end = consoleInput.firstIndex(where: { $0 == 10 || $0 == 13 }) {
            let line = String(decoding: consoleInput[..<end], as: UTF8.self)
            consoleInput.removeSubrange(...end)
            if !line.isEmpty { consoleOutput += Array((obey(line) + "\r\n").utf8) }
        }
    }

    /// Adds what the console has to say to a reply.
    mutating func say(in reply: inout MoteusFrame, limit: Int) {
        let text = consoleOutput.prefix(max(min(limit, MoteusFrame.consoleRoom), 0))
        reply.appendConsole(text, fromController: true)
        consoleOutput.removeFirst(text.count)
    }

    /// Obeys one line; returns the answer.
    mutating func obey(_ line: String) -> String {
        let words = line.split(separator: " ").map(String.init)
        guard words.count >= 2, words[0] == "conf" else { return "ERR unknown command" }
        switch (words[1], words.count) {
        case ("write", 2):
            stored = setup
            return "OK"
        case ("load", 2):
            setup = stored
            return "OK"
        case ("get", 3):
            guard let path = Self.settings[words[2]] else { return "ERR unknown parameter" }
            return "\(setup[keyPath: path])"
        case ("set", 4):
            guard let path = Self.settings[words[2]] else { return "ERR unknown parameter" }
            guard let value = Double(words[3]) else { return "ERR error setting" }
            setup[keyPath: path] = value
            id = setup.id
            // The maker's firmware stops a motor whose settings change under it.
            if mode.hasTorque { report(MoteusFault(rawValue: 41)) }
            return "OK"
        default: return "ERR unknown subcommand"
        }
    }
}

extension MoteusSetup {
    fileprivate var timeoutModeNumber: Double {
        get { Double(timeoutMode) }
        set { if newValue.isFinite, abs(newValue) < 100 { timeoutMode = Int(newValue) } }
    }

    fileprivate var idNumber: Double {
        get { Double(id) }
        set { if (1...126).contains(newValue) { id = UInt8(newValue) } }
    }

    /// NaN is no bound.
    fileprivate var positionMinimum: Double {
        get { positionBounds.lowerBound.isFinite ? positionBounds.lowerBound : .nan }
        set {
            let bound = newValue.isNaN ? -.infinity : newValue
            positionBounds = bound...max(bound, positionBounds.upperBound)
        }
    }

    fileprivate var positionMaximum: Double {
        get { positionBounds.upperBound.isFinite ? positionBounds.upperBound : .nan }
        set {
            let bound = newValue.isNaN ? .infinity : newValue
            positionBounds = min(bound, positionBounds.lowerBound)...bound
        }
    }
}
