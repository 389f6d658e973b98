import ServoProtocol

/// One servo's part of a group request.
struct GroupItem: Sendable, Hashable {
    var id: UInt8
    var address: Int
    var count: Int
    /// What is written; empty in a read.
    var data: [UInt8] = []
}

/// What the parameters of a request say.
enum BusRequest {
    /// The number in two bytes at `offset`, `nil` if they are not there.
    static func word(_ parameters: [UInt8], _ offset: Int) -> Int? {
        guard offset + 1 < parameters.count else { return nil }
        return Int(parameters[offset]) | Int(parameters[offset + 1]) << 8
    }

    /// The items of a group request, in the order of its list; cut off where it makes no sense.
    static func items(_ request: InstructionPacket) -> [GroupItem] {
        let parameters = request.parameters
        switch request.instruction {
        case .syncRead, .fastSyncRead:
            guard let address = word(parameters, 0), let count = word(parameters, 2) else {
                return []
            }
            return parameters.dropFirst(4).map { GroupItem(id: $0, address: address, count: count) }
        case .syncWrite: return syncWriteItems(parameters)
        case .bulkRead, .fastBulkRead: return bulkReadItems(parameters)
        case .bulkWrite: return bulkWriteItems(parameters)
        default: return []
        }
    }

    private static func syncWriteItems(_ parameters: [UInt8]) -> [GroupItem] {
        guard let address = word(parameters, 0), let count = word(parameters, 2) else { return [] }
        var items: [GroupItem] = []
        var offset = 4
        while offset + count < parameters.count {
            let data = Array(parameters[(offset + 1)..<(offset + 1 + count)])
            items.append(
                GroupItem(id: parameters[offset], address: address, count: count, data: data)
            )
            offset += count + 1
        }
        return items
    }

    private static func bulkReadItems(_ parameters: [UInt8]) -> [GroupItem] {
        var items: [GroupItem] = []
        var seen = Set<UInt8>()
        var offset = 0
        while let address = word(parameters, offset + 1), let count = word(parameters, offset + 3) {
            // An ID may appear once; the manual does not say what a second entry does.
            if seen.insert(parameters[offset]).inserted {
                items.append(GroupItem(id: parameters[offset], address: address, count: count))
            }
            offset += 5
        }
        return items
    }

    private static func bulkWriteItems(_ parameters: [UInt8]) -> [GroupItem] {
        var items: [GroupItem] = []
        var offset = 0
        while let address = word(parameters, offset + 1), let count = word(parameters, offset + 3),
            offset + 5 + count <= parameters.count
        {
            let data = Array(parameters[(offset + 5)..<(offset + 5 + count)])
            items.append(
                GroupItem(id: parameters[offset], address: address, count: count, data: data)
            )
            offset += 5 + count
        }
        return items
    }

    /// The IDs a request names: its ID field, or the entries of its list.
    static func namedIDs(_ request: InstructionPacket) -> [UInt8] {
        request.id == Dynamixel2.broadcastID ? items(request).map(\.id) : [request.id]
    }
}
