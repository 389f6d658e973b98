import ServoProtocol

extension EmulatedMoteus {
    /// Whether a frame asks for a mode with torque.
    static func isGoal(_ frame: CANFrame) -> Bool {
        var items = MoteusSubframes(frame)
        while let item = items.next() {
            guard case .write(.mode, let number) = item else { continue }
            return MoteusMode(rawValue: number.count)?.hasTorque ?? false
        }
        return false
    }

    /// Does what a frame says; returns what it would answer.
    ///
    /// Writes to a command's registers hold from the end of the frame on, and only if the frame
    /// sets a mode too.
    mutating func take(_ frame: CANFrame, now: Int64) -> CANFrame {
        let source = UInt8(frame.id >> 8 & 0x7F)
        var reply = MoteusFrame(to: source, from: id, wantsReply: false)
        var items = MoteusSubframes(frame)
        var reads: [(MoteusRegister, Int, MoteusResolution)] = []
        var goal = MoteusGoal()
        var wanted: MoteusMode?
        while let item = items.next() {
            switch item {
            case .write(.mode, let number):
                wanted = MoteusMode(rawValue: number.count)
                if wanted == nil { reply.appendError(writing: true, .mode, code: 1) }
            case .write(let register, let number):
                let value = number.value(register.kind)
                if MoteusGoal.has(register) {
                    goal[register] = value
                } else if !write(register, value, now: now) {
                    reply.appendError(writing: true, register, code: 1)
                }
            case .read(let first, let count, let resolution):
                reads.append((first, min(count, 64), resolution))
            case .consoleInput(let text): hear(text.map { frame[$0] })
            case .consolePoll(let limit): say(in: &reply, limit: limit)
            default: break
            }
        }
        if let wanted, !take(wanted, goal, now: now) {
            reply.appendError(writing: true, .mode, code: 2)
        }
        for (first, count, resolution) in reads {
            report(first, count, resolution, in: &reply, now: now)
        }
        reply.finish()
        return reply.frame
    }

    /// Adds registers to a reply; those that do not exist end the list with an error.
    private func report(
        _ first: MoteusRegister,
        _ count: Int,
        _ resolution: MoteusResolution,
        in reply: inout MoteusFrame,
        now: Int64
    ) {
        var values: [Double] = []
        for offset in 0..<count {
            guard let value = read(first.advanced(by: offset), now: now) else { break }
            values.append(value)
        }
        let room = reply.frame.count
        if !values.isEmpty {
            reply.begin(.reply, first, count: values.count, as: resolution)
            for (offset, value) in values.enumerated() {
                reply.append(value, first.advanced(by: offset).kind, as: resolution)
            }
        }
        if values.count < count {
            reply.appendError(writing: false, first.advanced(by: values.count), code: 1)
        }
        // A reply has one frame; what does not fit is not said.
        if reply.isOverfull { reply.truncate(to: room) }
    }

    /// Brings trouble about.
    mutating func inject(_ trouble: MoteusTrouble, now: Int64) {
        switch trouble {
        case .fault(let code): report(MoteusFault(rawValue: code))
        case .temperature(let value): troubles.temperature = value
        case .inputVoltage(let value): troubles.inputVoltage = value
        case .disconnected(let isOff): troubles.isDisconnected = isOff
        case .dropReplies(let count): troubles.repliesToDrop = count
        case .corruptReplies(let count): troubles.repliesToCorrupt = count
        case .delayReplies(let count, let nanoseconds):
            (troubles.repliesToDelay, troubles.replyDelay) = (count, nanoseconds)
        case .powerCycle: powerCycle(now: now)
        }
    }
}
