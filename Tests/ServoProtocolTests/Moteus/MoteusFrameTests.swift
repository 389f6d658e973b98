import ServoProtocol
import Testing

/// A frame that the maker's Python library sent, and how we say the same.
struct KnownMoteusFrame: Sendable, CustomTestStringConvertible {
    let what: String
    let id: UInt32
    let hex: String
    let build: @Sendable (inout MoteusFrame) -> Void

    var testDescription: String { what }
    /// As it goes over CAN.
    var padded: [UInt8] {
        let bytes = hexBytes(hex)
        let missing = CANFrame.paddedCount(bytes.count) - bytes.count
        return bytes + [UInt8](repeating: 0x50, count: missing)
    }

    static let all: [KnownMoteusFrame] = [
        .init(what: "query", id: 0x8001, hex: "11 00 1F 01 13 0D") {
            MoteusQuery().append(to: &$0)
        },
        .init(what: "stop and query", id: 0x8001, hex: "01 00 00 11 00 1F 01 13 0D") {
            $0.set(.stopped)
            MoteusQuery().append(to: &$0)
        },
        .init(what: "stop", id: 1, hex: "01 00 00") { $0.set(.stopped) },
        .init(what: "brake", id: 1, hex: "01 00 0F") { $0.set(.brake) },
        .init(
            what: "hold and query",
            id: 0x8001,
            hex: "01 00 0A 0D 20 00 00 C0 7F 11 00 1F 01 13 0D"
        ) {
            MoteusPosition(position: .nan).append(to: &$0)
            MoteusQuery().append(to: &$0)
        },
        .init(
            what: "position, velocity, torque and query",
            id: 0x8001,
            hex: """
                01 00 0A 0F 20 00 00 00 3F CD CC 4C 3E CD CC CC 3D 11 00 1F 01 13 0D
                """
        ) {
            var goal = MoteusPosition(position: 0.5, velocity: 0.2)
            goal.feedForwardTorque = 0.1
            goal.append(to: &$0)
            MoteusQuery().append(to: &$0)
        },
        .init(
            what: "position with gains, torque limit and watchdog",
            id: 1,
            hex: """
                01 00 0A 0E 20 00 00 00 3F 00 00 00 00 0F 23 00 00 00 3F 00 00 80 3E 00 00 00 40 \
                0D 27 CD CC CC 3D
                """
        ) {
            var goal = MoteusPosition(position: 0.5, velocity: 0)
            (goal.kpScale, goal.kdScale, goal.maximumTorque) = (0.5, 0.25, 2)
            goal.watchdogTimeout = 0.1
            goal.append(to: &$0)
        },
        .init(
            what: "position with limits",
            id: 1,
            hex: "01 00 0A 0E 20 00 00 00 3F 00 00 00 00 0E 28 00 00 00 40 00 00 80 40"
        ) {
            var goal = MoteusPosition(position: 0.5, velocity: 0)
            (goal.velocityLimit, goal.accelerationLimit) = (2, 4)
            goal.append(to: &$0)
        },
        .init(
            what: "stay within",
            id: 1,
            hex: "01 00 0D 0E 40 CD CC CC BD CD CC CC 3D"
        ) {
            $0.set(.stayWithin)
            $0.begin(.write, .withinLower, count: 2, as: .float)
            $0.append(-0.1, .position, as: .float)
            $0.append(0.1, .position, as: .float)
        },
        .init(what: "set nearest", id: 1, hex: "0D B0 02 00 00 80 3E") {
            $0.write(.setNearest, 0.25, as: .float)
        },
        .init(what: "set exact", id: 1, hex: "0D B1 02 00 00 80 3E") {
            $0.write(.setExact, 0.25, as: .float)
        },
        .init(what: "recapture", id: 1, hex: "01 B3 02 01") {
            $0.write(.recapture, 1, as: .int8)
        },
        // The library cuts 0.0096 off to 95 units; we round, so this is 0.0095.
        .init(what: "position in int16", id: 1, hex: "01 00 0A 07 20 5F 00 20 01 50 FF") {
            var goal = MoteusPosition(position: 0.0095, velocity: 0.072)
            goal.feedForwardTorque = -1.76
            goal.append(to: &$0, as: .int16)
        },
    ]
}

/// A frame's items, and whether it was damaged.
private func items(_ frame: CANFrame) -> (items: [MoteusSubframes.Item], isDamaged: Bool) {
    var subframes = MoteusSubframes(frame)
    var found: [MoteusSubframes.Item] = []
    while let item = subframes.next() { found.append(item) }
    return (found, subframes.isDamaged)
}

private func frame(_ bytes: [UInt8], id: UInt32 = 0x100) -> CANFrame {
    var frame = CANFrame(id: id)
    for byte in bytes { frame.append(byte) }
    return frame
}

@Suite("moteus subframes")
struct MoteusFrameTests {
    @Test("are sent as the maker's library sends them", arguments: KnownMoteusFrame.all)
    func encodes(_ known: KnownMoteusFrame) {
        var built = MoteusFrame(to: 1, wantsReply: known.id & 0x8000 != 0)
        known.build(&built)
        #expect(built.frame.bytes == hexBytes(known.hex))
        built.finish()
        #expect(built.frame.bytes == known.padded)
        #expect(built.frame.id == known.id)
        #expect(!built.isOverfull)
    }

    @Test("say the same after reading as before sending", arguments: KnownMoteusFrame.all)
    func decodes(_ known: KnownMoteusFrame) {
        var again = MoteusFrame(to: 1, wantsReply: false)
        let (found, isDamaged) = items(frame(known.padded))
        #expect(!isDamaged)
        for item in found {
            switch item {
            case .write(let register, let number):
                again.begin(.write, register, count: 1, as: number.resolution)
                again.append(number)
            case .read(let register, let count, let resolution):
                again.read(register, count: count, as: resolution)
            default: Issue.record("\(item)")
            }
        }
        #expect(items(again.frame).items == found)
        #expect(!found.isEmpty)
    }

    @Test("of a goal are the registers of the maker's table")
    func goalRegisters() {
        let known = KnownMoteusFrame.all[6]
        let found = items(frame(known.padded)).items
        let values = found.compactMap { item -> (UInt16, Double)? in
            guard case .write(let register, let number) = item else { return nil }
            return (register.rawValue, number.value(register.kind))
        }
        #expect(values.map(\.0) == [0x000, 0x020, 0x021, 0x023, 0x024, 0x025, 0x027])
        #expect(values.map(\.1) == [10, 0.5, 0, 0.5, 0.25, 2, Double(Float(0.1))])
    }

    @Test("of six neighbours have their number in a byte of its own")
    func manyNeighbours() {
        var goal = MoteusPosition(position: 0, velocity: 0)
        goal.feedForwardTorque = 0
        (goal.kpScale, goal.kdScale, goal.maximumTorque) = (1, 1, 1)
        var built = MoteusFrame(to: 1, wantsReply: false)
        goal.append(to: &built, as: .int8)
        #expect(built.frame.bytes == hexBytes("01 00 0A 00 06 20 00 00 00 7F 7F 02"))
    }

    @Test("of the docs' example reply are what the maker's library reads")
    func docsReply() throws {
        let state = try #require(
            MoteusState(frame(hexBytes("24 04 00 0A 00 5000 0001 70FF 23 0D 18 14 00".spaced)))
        )
        #expect(state.mode == 10)
        #expect(abs(state.position - 0.008) < 1e-9)
        #expect(abs(state.velocity - 0.064) < 1e-9)
        #expect(abs(state.torque + 1.44) < 1e-9)
        #expect(state.voltage == 12 && state.temperature == 20 && state.fault == .none)
    }

    @Test("of a reply lacking a register are no state")
    func incompleteReply() {
        let whole = hexBytes("24 04 00 0A 00 50 00 00 01 70 FF 23 0D 18 14 00")
        for count in 0..<whole.count {
            #expect(MoteusState(frame(Array(whole[..<count]))) == nil, "\(count) bytes")
        }
    }

    @Test("with a code nobody knows, or cut short, are damaged, and what came before holds")
    func damage() {
        for hex in ["60", "01", "01 00", "05 00 01", "0C 04 20 00", "30 01", "31", "80", "0C"] {
            let (found, isDamaged) = items(frame(hexBytes("01 00 0A " + hex)))
            #expect(isDamaged, "\(hex)")
            let mode = MoteusNumber(resolution: .int8, bits: 10)
            #expect(found.first == .write(.mode, mode), "\(hex)")
        }
        // A number that never ends.
        let (_, isDamaged) = items(frame(hexBytes("10 FF FF FF FF FF FF 01 00")))
        #expect(isDamaged)
    }

    @Test("report errors with register and code")
    func errors() {
        let (found, isDamaged) = items(frame(hexBytes("30 B0 02 01 31 7F 02")))
        #expect(!isDamaged)
        let high = MoteusRegister(rawValue: 0x130)
        let low = MoteusRegister(rawValue: 0x7F)
        #expect(found == [.writeError(high, code: 1), .readError(low, code: 2)])
        var built = MoteusFrame(to: 1, wantsReply: false)
        built.appendError(writing: true, high, code: 1)
        built.appendError(writing: false, low, code: 2)
        #expect(built.frame.bytes == hexBytes("30 B0 02 01 31 7F 02"))
    }

    @Test("carry console text as the maker's library does: code, channel, length, text")
    func console() {
        let text = Array("conf get id.id\n".utf8)
        var built = MoteusFrame(to: 1, wantsReply: false)
        built.appendConsole(text, fromController: false)
        built.pollConsole(limit: 48)
        #expect(built.frame.bytes == [0x40, 1, 15] + text + [0x42, 1, 48])
        let found = items(built.frame)
        #expect(found.items == [.consoleInput(3..<18), .consolePoll(limit: 48)])
        #expect(!found.isDamaged)
        let answer = items(frame(hexBytes("41 01 02 31 0A 50")))
        #expect(answer.items == [.consoleOutput(3..<5)])
        // Another channel, and less text than said.
        #expect(items(frame(hexBytes("41 02 02 31 0A"))).isDamaged)
        #expect(items(frame(hexBytes("41 01 03 31 0A"))).isDamaged)
    }

    @Test("of any bytes never trap, and say no more than a frame can hold", arguments: 1...4)
    func anyBytes(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        // Codes with their counts, registers, and now and then anything.
        let alphabet: [UInt8] =
            [0, 1, 2, 3, 5, 0x0A, 0x0C, 0x0F, 0x11, 0x14, 0x1F, 0x20, 0x2F]
            + [0x30, 0x31, 0x40, 0x41, 0x42, 0x50, 0x60, 0x7F, 0x80, 0xB0, 0xFF]
        for _ in 0..<20_000 {
            let bytes = (0..<Int.random(in: 0...64, using: &random)).map { _ in
                alphabet.randomElement(using: &random) ?? 0
            }
            let found = items(frame(bytes)).items
            let isBounded = found.count <= 64
            if !isBounded { Issue.record("seed \(seed): \(found.count) items") }
            if let state = MoteusState(frame(bytes)) { _ = state.modeWords + "\(state.fault)" }
        }
    }

    @Test("that do not fit are noted")
    func overfull() {
        var built = MoteusFrame(to: 1, wantsReply: false)
        built.begin(.write, .mode, count: 15, as: .float)
        for _ in 0..<15 { built.append(0, .integer, as: .float) }
        #expect(built.frame.count == 63 && !built.isOverfull)
        built.read(.mode, count: 1, as: .int8)
        #expect(built.isOverfull)
    }

    @Test("go to IDs of destination, source, reply bit and prefix")
    func identifiers() {
        #expect(MoteusFrame(to: 1, wantsReply: true).frame.id == 0x8001)
        #expect(MoteusFrame(to: 0x7F, from: 0x12, wantsReply: false).frame.id == 0x127F)
        #expect(MoteusFrame(to: 2, wantsReply: true, prefix: 0x1ABC).frame.id == 0x1ABC_8002)
    }

    @Test(
        "are padded to the lengths CAN-FD has",
        arguments: [
            (0, 0), (8, 8), (9, 12), (13, 16), (17, 20), (22, 24), (25, 32), (33, 48), (49, 64),
        ]
    )
    func padding(count: Int, padded: Int) {
        #expect(CANFrame.paddedCount(count) == padded)
    }
}

extension String {
    /// Pairs of digits with blanks between, from digits grouped in any way.
    fileprivate var spaced: String {
        let digits = filter { $0 != " " }
        return stride(from: 0, to: digits.count, by: 2)
            .map { digits.dropFirst($0).prefix(2) }.joined(separator: " ")
    }
}
