import ServoProtocol

/// What servos do with each instruction.
extension Protocol1Core {
    mutating func execute(_ request: Protocol1Packet, _ hearing: [Int]) -> [TimedReply] {
        switch request.instruction {
        case .ping: return ping(request.id, hearing)
        case .read: return read(request, hearing)
        case .syncRead:
            return chain(syncReadItems(request), hearing.filter { knowsSyncRead($0) })
        case .bulkRead:
            return chain(bulkReadItems(request), hearing.filter { servos[$0].isMX })
        case .syncWrite:
            syncWrite(request, hearing)
            return []
        case .write, .regWrite, .action, .reset, .reboot, .feetechReset, nil:
            return executeAlone(request, hearing)
        }
    }

    private func knowsSyncRead(_ index: Int) -> Bool {
        servos[index].table.wire == .feetechLittleEndian
    }

    // MARK: Ping and Read

    /// A broadcast ping is answered by all but SCS servos, each in a time slot of its own.
    private mutating func ping(_ id: UInt8, _ hearing: [Int]) -> [TimedReply] {
        guard id == Protocol1.broadcastID else {
            return collided(hearing.filter { servos[$0].id == id }) { core, index in
                core.line.wait(nanoseconds: core.servos[index].returnDelayNanoseconds)
                return core.send(index)
            }
        }
        var replies: [TimedReply] = []
        let start = line.freeAt
        for index in hearing.sorted(by: { servos[$0].id < servos[$1].id })
        where servos[index].table.wire != .feetechBigEndian {
            if options.timing == .honest {
                line.wait(until: start + Int64(servos[index].id) * options.pingSlotNanoseconds)
            }
            replies += send(index)
        }
        return replies
    }

    private mutating func read(_ request: Protocol1Packet, _ hearing: [Int]) -> [TimedReply] {
        collided(hearing.filter { servos[$0].id == request.id }) { core, index in
            guard request.parameters.count == 2 else { return core.refuseRead(index) }
            return core.readStatus(
                index,
                address: Int(request.parameters[0]),
                count: Int(request.parameters[1])
            )
        }
    }

    private mutating func refuseRead(_ index: Int) -> [TimedReply] {
        guard answersReads(index) else { return [] }
        line.wait(nanoseconds: servos[index].returnDelayNanoseconds)
        return send(index, .range)
    }

    private mutating func readStatus(_ index: Int, address: Int, count: Int) -> [TimedReply] {
        line.wait(nanoseconds: servos[index].returnDelayNanoseconds)
        // A servo reads its sensors when it answers, not when it is asked.
        follow(line.freeAt)
        refresh(index)
        guard answersReads(index) else { return [] }
        guard let bytes = servos[index].read(address: address, count: count), count > 0,
            count <= 253
        else { return send(index, .range) }
        return send(index, parameters: bytes)
    }

    /// Feetech answers reads at any Status Return Level, Dynamixel from 1 on.
    private func answersReads(_ index: Int) -> Bool {
        let servo = servos[index]
        return servo.table.wire.isFeetech || servo.image[servo.registers.statusReturnLevel] >= 1
    }

    /// Everything else is answered at the highest level: 1 with Feetech, 2 with Dynamixel.
    private func answersWrites(_ index: Int) -> Bool {
        let servo = servos[index]
        let needed = servo.table.wire.isFeetech ? 1 : 2
        return servo.image[servo.registers.statusReturnLevel] >= needed
    }

    // MARK: Writes and orders

    /// An instruction that its own servo answers and that a broadcast does silently.
    private mutating func executeAlone(
        _ request: Protocol1Packet,
        _ hearing: [Int]
    ) -> [TimedReply] {
        let isBroadcast = request.id == Protocol1.broadcastID
        var answering: [(index: Int, refusal: Protocol1Error, delay: Int64)] = []
        var writesGoal = false
        for index in hearing where isBroadcast || servos[index].id == request.id {
            // Answered at the return level and after the delay it had when it was asked.
            let answers = answersWrites(index) && !isBroadcast
            let delay = servos[index].returnDelayNanoseconds
            var refusal: Protocol1Error = []
            do throws(Protocol1Refusal) {
                let written = try perform(request, index)
                writesGoal = writesGoal || coversGoal(index, written)
            } catch {
                refusal = error.error
            }
            // A Feetech servo passes over what it does not know.
            if refusal == .instruction, servos[index].table.wire.isFeetech { continue }
            if answers { answering.append((index, refusal, delay)) }
        }
        let replies = collided(answering.map(\.index)) { core, index in
            guard let answer = answering.first(where: { $0.index == index }) else { return [] }
            core.line.wait(nanoseconds: answer.delay)
            return core.send(index, answer.refusal, id: request.id)
        }
        if writesGoal {
            sendCommands()
            countGoalPacket()
        }
        return replies
    }

    /// Does what a request says; returns the addresses it wrote.
    private mutating func perform(
        _ request: Protocol1Packet,
        _ index: Int
    ) throws(Protocol1Refusal) -> Range<Int> {
        switch request.instruction {
        case .write:
            let (address, data) = try addressed(request)
            try servos[index].write(address: address, data: data, now: servoTime)
            return address..<(address + data.count)
        case .regWrite:
            let (address, data) = try addressed(request)
            try servos[index].register(address: address, data: data)
            return 0..<0
        case .action:
            return try servos[index].action(now: servoTime)
        case .reset:
            servos[index].factoryReset(now: servoTime)
            return 0..<0
        case .feetechReset where servos[index].table.wire.isFeetech:
            servos[index].factoryReset(now: servoTime)
            return 0..<0
        default:
            throw Protocol1Refusal(.instruction)
        }
    }

    private func addressed(
        _ request: Protocol1Packet
    ) throws(Protocol1Refusal) -> (address: Int, data: [UInt8]) {
        guard request.parameters.count >= 2 else { throw Protocol1Refusal(.range) }
        return (Int(request.parameters[0]), Array(request.parameters.dropFirst()))
    }

    /// Whether a write reaches Goal Position.
    private func coversGoal(_ index: Int, _ addresses: Range<Int>) -> Bool {
        addresses.contains(Int(servos[index].registers.goalPosition.address))
    }

    private mutating func syncWrite(_ request: Protocol1Packet, _ hearing: [Int]) {
        let parameters = request.parameters
        guard parameters.count > 2 else { return }
        let address = Int(parameters[0])
        let count = Int(parameters[1])
        var writesGoal = false
        var offset = 2
        while count > 0, offset + count < parameters.count {
            let data = Array(parameters[(offset + 1)..<(offset + 1 + count)])
            for index in hearing where servos[index].id == parameters[offset] {
                // A refused goal counts too: the host's tick has passed all the same.
                writesGoal = writesGoal || coversGoal(index, address..<(address + count))
                do throws(Protocol1Refusal) {
                    try servos[index].write(address: address, data: data, now: servoTime)
                } catch {
                    // Nobody is told.
                    counters.silentRefusals += 1
                }
            }
            offset += count + 1
        }
        guard writesGoal else { return }
        sendCommands()
        countGoalPacket()
    }

    // MARK: Chains

    private func syncReadItems(_ request: Protocol1Packet) -> [GroupItem] {
        let parameters = request.parameters
        guard parameters.count > 2 else { return [] }
        return parameters.dropFirst(2).map { id in
            GroupItem(id: id, address: Int(parameters[0]), count: Int(parameters[1]))
        }
    }

    /// (count, ID, address) each; an ID that is named again counts once.
    private func bulkReadItems(_ request: Protocol1Packet) -> [GroupItem] {
        let parameters = request.parameters
        guard parameters.first == 0 else { return [] }
        var items: [GroupItem] = []
        var seen = Set<UInt8>()
        var offset = 1
        while offset + 2 < parameters.count {
            let id = parameters[offset + 1]
            if seen.insert(id).inserted {
                items.append(
                    GroupItem(
                        id: id,
                        address: Int(parameters[offset + 2]),
                        count: Int(parameters[offset])
                    )
                )
            }
            offset += 3
        }
        return items
    }

    /// Statuses one after the other; each servo waits for the one before it in the list.
    private mutating func chain(_ items: [GroupItem], _ hearing: [Int]) -> [TimedReply] {
        var replies: [TimedReply] = []
        for item in items {
            var answer: [TimedReply] = []
            for index in hearing where servos[index].id == item.id {
                answer += readStatus(index, address: item.address, count: item.count)
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
}
