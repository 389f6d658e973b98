import ServoProtocol

/// What servos do with each instruction.
extension BusCore {
    /// Status Return Level (68) from which instructions other than Ping and reads are answered.
    private static let allLevel = 2
    /// Status Return Level from which reads are answered.
    private static let readLevel = 1

    mutating func execute(_ request: InstructionPacket, _ hearing: [Int]) -> [TimedReply] {
        switch request.instruction {
        case .ping: return ping(request.id, hearing)
        case .read: return read(request, hearing)
        case .write, .regWrite, .action, .factoryReset, .reboot, .clear, .controlTableBackup:
            return executeAlone(request, hearing)
        case .syncRead, .bulkRead:
            return chain(BusRequest.items(request), hearing)
        case .fastSyncRead, .fastBulkRead:
            return fastChain(BusRequest.items(request), hearing)
        case .syncWrite, .bulkWrite:
            groupWrite(BusRequest.items(request), hearing)
            return []
        }
    }

    // MARK: Ping and Read

    private mutating func ping(_ id: UInt8, _ hearing: [Int]) -> [TimedReply] {
        guard id == Dynamixel2.broadcastID else {
            return collided(hearing.filter { servos[$0].id == id }) { core, index in
                core.status(index, level: 0, parameters: core.pingParameters(index))
            }
        }
        var replies: [TimedReply] = []
        let start = line.freeAt
        for index in hearing.sorted(by: { servos[$0].id < servos[$1].id }) {
            if options.timing == .honest {
                line.wait(until: start + Int64(servos[index].id) * options.pingSlotNanoseconds)
            }
            replies += status(index, level: 0, parameters: pingParameters(index))
        }
        return replies
    }

    private func pingParameters(_ index: Int) -> [UInt8] {
        let number = servos[index].image[.modelNumber]
        return [
            UInt8(truncatingIfNeeded: number), UInt8(truncatingIfNeeded: number >> 8),
            UInt8(truncatingIfNeeded: servos[index].image[.firmwareVersion]),
        ]
    }

    private mutating func read(_ request: InstructionPacket, _ hearing: [Int]) -> [TimedReply] {
        collided(hearing.filter { servos[$0].id == request.id }) { core, index in
            guard let address = BusRequest.word(request.parameters, 0),
                let count = BusRequest.word(request.parameters, 2), count > 0
            else { return core.status(index, .dataLength, level: Self.readLevel) }
            return core.readStatus(index, address: address, count: count)
        }
    }

    private mutating func readStatus(_ index: Int, address: Int, count: Int) -> [TimedReply] {
        line.wait(nanoseconds: servos[index].returnDelayNanoseconds)
        // A servo reads its sensors when it answers, not when it is asked.
        follow(line.freeAt)
        refresh(index)
        guard let bytes = servos[index].image.read(address: address, count: count) else {
            return send(index, .access, level: Self.readLevel)
        }
        let twin = servos[index].faults.twinPulses.flatMap { pulses in
            servos[index].twin(pulses: pulses).read(address: address, count: count)
        }
        return send(index, level: Self.readLevel, parameters: bytes, twin: twin)
    }

    // MARK: Writes and orders

    /// An instruction that its own servo answers and that a broadcast does silently.
    private mutating func executeAlone(
        _ request: InstructionPacket,
        _ hearing: [Int]
    ) -> [TimedReply] {
        let isBroadcast = request.id == Dynamixel2.broadcastID
        var answering: [(index: Int, result: StatusError.Code, level: Int)] = []
        var rebooting: [Int] = []
        var goalWritten = false
        for index in hearing {
            let servo = servos[index]
            let isOwn = servo.id == request.id
            let isShadow = servo.isShadow(request.id)
            guard isBroadcast || isOwn || isShadow else { continue }
            // Answered at the return level, ID and rate it had when it was asked.
            let level = servo.image[.statusReturnLevel]
            var outcome = Outcome()
            let result = perform(request, index, shadow: isShadow, &outcome)
            goalWritten = goalWritten || outcome.writesGoal
            if outcome.reboots { rebooting.append(index) }
            if isOwn, options.answersAction || request.instruction != .action {
                answering.append((index, result, level))
            }
        }
        let replies = collided(answering.map(\.index)) { core, index in
            guard let answer = answering.first(where: { $0.index == index }),
                answer.level >= Self.allLevel
            else { return [] }
            return core.status(index, answer.result, id: request.id)
        }
        for index in rebooting { reboot(index) }
        if goalWritten {
            sendCommands()
            countGoalPacket()
        }
        return replies
    }

    /// What follows an instruction.
    private struct Outcome {
        var writesGoal = false
        var reboots = false
    }

    private mutating func perform(
        _ request: InstructionPacket,
        _ index: Int,
        shadow: Bool,
        _ outcome: inout Outcome
    ) -> StatusError.Code {
        do throws(Refusal) {
            switch request.instruction {
            case .write: try write(request, index, shadow: shadow, &outcome)
            case .regWrite:
                let (address, data) = try addressed(request)
                try servos[index].register(address: address, data: data, shadow: shadow)
            case .action:
                let written = try servos[index].action(now: servoTime)
                outcome.writesGoal = coversGoal(index, written)
            case .factoryReset: outcome.reboots = try factoryReset(request, index)
            case .reboot: outcome.reboots = true
            case .clear:
                guard request.parameters == [0x01, 0x44, 0x58, 0x4C, 0x22] else {
                    throw Refusal(.dataRange)
                }
                try servos[index].clearTurns()
            case .controlTableBackup: outcome.reboots = try backup(request, index)
            default: throw Refusal(.instruction)
            }
            return .none
        } catch {
            return error.code
        }
    }

    private func addressed(
        _ request: InstructionPacket
    ) throws(Refusal) -> (address: Int, data: [UInt8]) {
        guard let address = BusRequest.word(request.parameters, 0) else {
            throw Refusal(.dataLength)
        }
        return (address, Array(request.parameters.dropFirst(2)))
    }

    private mutating func write(
        _ request: InstructionPacket,
        _ index: Int,
        shadow: Bool,
        _ outcome: inout Outcome
    ) throws(Refusal) {
        let (address, data) = try addressed(request)
        // A refused goal counts too: the host's tick has passed all the same.
        outcome.writesGoal = coversGoal(index, address..<(address + data.count))
        try servos[index].write(address: address, data: data, shadow: shadow, now: servoTime)
    }

    /// Whether a write reaches Goal Position, directly or through Indirect Data.
    private func coversGoal(_ index: Int, _ addresses: Range<Int>) -> Bool {
        let goal = Field.goalPosition.address
        return addresses.contains { servos[index].image.resolved($0) == goal }
    }

    private mutating func factoryReset(
        _ request: InstructionPacket,
        _ index: Int
    ) throws(Refusal) -> Bool {
        guard request.parameters.count == 1,
            let scope = FactoryResetScope(rawValue: request.parameters[0])
        else { throw Refusal(.dataRange) }
        // All servos on one ID would be the end of the bus; ignored since firmware 42.
        let isBroadcast = request.id == Dynamixel2.broadcastID
        if isBroadcast, scope == .all, servos[index].image[.firmwareVersion] >= 42 { return false }
        pendingResets[index] = scope
        return true
    }

    private mutating func backup(
        _ request: InstructionPacket,
        _ index: Int
    ) throws(Refusal) -> Bool {
        let parameters = request.parameters
        guard parameters.count == 5, parameters[1...] == [0x43, 0x54, 0x52, 0x4C],
            parameters[0] == 1 || parameters[0] == 2
        else { throw Refusal(.dataRange) }
        let restore = parameters[0] == 2
        try servos[index].controlTableBackup(restore: restore)
        if restore { pendingRestores.insert(index) }
        return restore
    }

    /// Restarts a servo after its status went out.
    private mutating func reboot(_ index: Int) {
        if let scope = pendingResets.removeValue(forKey: index) {
            servos[index].factoryReset(scope)
        }
        servos[index].reboot(now: servoTime)
        if pendingRestores.remove(index) != nil { servos[index].restoreRAM() }
    }

    private mutating func groupWrite(_ items: [GroupItem], _ hearing: [Int]) {
        var goalWritten = false
        for item in items {
            for index in hearing {
                let shadow = servos[index].isShadow(item.id)
                guard servos[index].id == item.id || shadow else { continue }
                let addresses = item.address..<(item.address + item.data.count)
                goalWritten = goalWritten || coversGoal(index, addresses)
                do throws(Refusal) {
                    try servos[index].write(
                        address: item.address,
                        data: item.data,
                        shadow: shadow,
                        now: servoTime
                    )
                } catch {
                    // Group writes are not answered: a refusal is silent on real servos as well.
                    counters.silentRefusals += 1
                }
            }
        }
        guard goalWritten else { return }
        sendCommands()
        countGoalPacket()
    }

    // MARK: Chains

    /// Statuses one after the other; each servo waits for the one before it in the list.
    private mutating func chain(_ items: [GroupItem], _ hearing: [Int]) -> [TimedReply] {
        var replies: [TimedReply] = []
        for item in items {
            let answer = collided(hearing.filter { servos[$0].id == item.id }) { core, index in
                core.readStatus(index, address: item.address, count: item.count)
            }
            replies += answer
            guard answer.isEmpty else { continue }
            switch options.chainGap {
            case .silence: return replies
            case .wait(let nanoseconds): line.wait(nanoseconds: nanoseconds)
            }
        }
        return replies
    }

    /// One status that the listed servos send together; it ends at the first that is missing.
    private mutating func fastChain(_ items: [GroupItem], _ hearing: [Int]) -> [TimedReply] {
        let length = items.reduce(8) { $0 + 4 + $1.count }
        guard length <= Dynamixel2.longestFrame else { return [] }
        var frame = FastStatus.header(dataCounts: items.map(\.count))
        let header = frame.count
        for (position, item) in items.enumerated() {
            guard let index = hearing.first(where: { servos[$0].id == item.id }),
                hasFastReads(index), servos[index].image[.statusReturnLevel] >= Self.readLevel,
                !dropsReply(index)
            else { break }
            if position == 0 { line.wait(nanoseconds: servos[index].returnDelayNanoseconds) }
            follow(line.freeAt)
            refresh(index)
            let data = servos[index].image.read(address: item.address, count: item.count)
            // The length is fixed by the request, so a refusal carries zeros.
            let part = FastStatus.Part(
                id: servos[index].faults.wrongID ?? item.id,
                error: servos[index].statusError(data == nil ? .access : .none),
                data: data ?? Array(repeating: 0, count: item.count)
            )
            let before = frame.count
            FastStatus.append(part, to: &frame)
            let isSpoilt = servos[index].faults.twinPulses != nil
            if corruptsReply(index) || isSpoilt { frame[before + 2] ^= 0x01 }
            _ = line.reply(bytes: frame.count - (position == 0 ? 0 : before))
        }
        guard frame.count > header else { return [] }
        return [TimedReply(bytes: frame, time: line.freeAt)]
    }

    private func hasFastReads(_ index: Int) -> Bool {
        guard let firmware = servos[index].table.fastReadFirmware else { return false }
        return servos[index].image[.firmwareVersion] >= firmware
    }
}
