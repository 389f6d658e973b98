import ServoProtocol
import Testing

@testable import ServoEmulator
@testable import ServoHardware

@Suite("No answer is ever taken for another axis's, or for a newer one")
struct ODriveDialogueTests {
    private let first = ODriveAnswer.feedback(position: 1, velocity: 0)
    private let second = ODriveAnswer.feedback(position: 2, velocity: 0)
    private let health = ODriveAnswer.refusal(.notImplemented)

    /// A dialogue in step that has asked `f 0`, a property and `f 1`.
    private func asked() -> ODriveDialogue {
        var dialogue = ODriveDialogue()
        let fence = dialogue.begin() ?? 0
        dialogue.hear(.invalidMotor(fence), time: 0)
        ask(&dialogue)
        return dialogue
    }

    private func ask(_ dialogue: inout ODriveDialogue) {
        for kind in [ODriveDialogue.Kind.feedback, .value, .feedback] { dialogue.expect(kind) }
    }

    private func positions(_ dialogue: ODriveDialogue) -> [ODriveAnswer?] {
        dialogue.questions.map(\.answer)
    }

    @Test("what is heard is given to the questions it can only belong to")
    func certain() {
        let rows: [(heard: [ODriveAnswer], answers: [ODriveAnswer?])] = [
            ([], [nil, nil, nil]),
            // One position alone may be either axis's.
            ([first], [nil, nil, nil]),
            ([health], [nil, health, nil]),
            ([first, health], [first, health, nil]),
            ([health, second], [nil, health, second]),
            ([first, second], [first, nil, second]),
            ([first, health, second], [first, health, second]),
            // Nobody asked for that much.
            ([first, first, first], [nil, nil, nil]),
            ([health, health], [nil, nil, nil]),
            ([first, .other, second], [nil, nil, nil]),
            ([second, health, first, first], [nil, nil, nil]),
        ]
        for (heard, answers) in rows {
            var dialogue = asked()
            for answer in heard { dialogue.hear(answer, time: 7) }
            dialogue.conclude()
            #expect(positions(dialogue) == answers, "\(heard)")
            #expect(dialogue.isComplete == !answers.contains(nil))
            #expect(dialogue.isInStep == !answers.contains(nil))
        }
    }

    @Test("out of step nothing is taken until the fence that was sent behind it has come")
    func fences() {
        var dialogue = asked()
        dialogue.hear(first, time: 0)
        let fence = dialogue.begin() ?? 0
        #expect(fence > 1)
        ask(&dialogue)
        // The late ones, an older fence and one never sent.
        for answer in [health, second, .invalidMotor(fence - 1), .invalidMotor(fence + 1), first] {
            dialogue.hear(answer, time: 0)
        }
        #expect(positions(dialogue) == [nil, nil, nil])
        dialogue.hear(.invalidMotor(fence), time: 0)
        for answer in [first, health, second] { dialogue.hear(answer, time: 0) }
        #expect(positions(dialogue) == [first, health, second])
        #expect(dialogue.begin() == nil)
    }

    @Test("a fence that is lost itself costs another, and never lets an old one count")
    func lostFence() {
        var dialogue = asked()
        var seen: Set<Int> = []
        for _ in 0..<5 {
            let fence = dialogue.begin() ?? 0
            #expect(seen.insert(fence).inserted)
            ask(&dialogue)
            for answer in [first, health, second] { dialogue.hear(answer, time: 0) }
            #expect(positions(dialogue) == [nil, nil, nil])
        }
        let fence = dialogue.begin() ?? 0
        ask(&dialogue)
        // All five come at once, late, each with what was asked behind it.
        for old in seen.sorted() {
            for answer in [.invalidMotor(old), first, health, second] {
                dialogue.hear(answer, time: 0)
            }
        }
        #expect(positions(dialogue) == [nil, nil, nil])
        dialogue.hear(.invalidMotor(fence), time: 0)
        #expect(dialogue.isInStep)
    }

    @Test("a write that is refused does not take the place of the reading behind it")
    func refusedWrite() {
        var dialogue = ODriveDialogue()
        let value = ODriveAnswer.refusal(.invalidProperty)
        func run(_ heard: [ODriveAnswer]) -> [ODriveAnswer?] {
            if let fence = dialogue.begin() { dialogue.hear(.invalidMotor(fence), time: 0) }
            dialogue.expect(.refusalIfAny)
            dialogue.expect(.value)
            for answer in heard { dialogue.hear(answer, time: 0) }
            return positions(dialogue)
        }
        #expect(run([value]) == [nil, nil])
        #expect(run([health, value]) == [health, value])
        #expect(dialogue.isComplete)
    }

    // MARK: Against the board, with faults

    /// What happens to one line on its way.
    private struct Weather {
        var drop: Double
        var flip: Double
        var late: Double
        var cut: Double
    }

    /// A generator of its own, so that a seed says everything.
    private struct Dice {
        var state: UInt64
        mutating func draw() -> Double {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return Double(state >> 11) / Double(1 << 53)
        }
        mutating func draw(_ bound: Int) -> Int { Int(draw() * Double(bound)) }
        mutating func happens(_ chance: Double) -> Bool { draw() < chance }
    }

    /// Host and board with a line between them on which things happen.
    private struct Line {
        var board = TestBoard()
        var dialogue = ODriveDialogue()
        var parser = ODriveLineParser()
        var writer = ODriveRequestWriter()
        var dice: Dice
        /// Bytes on their way, and the tick in which they arrive.
        var onTheWay: [(tick: Int, bytes: [UInt8])] = []
        var tick = 0
        var taken = 0
        var wrong: [String] = []
        /// Ticks in which taking good lines as they come would have been wrong.
        var traps = 0

        /// One tick: positions that only this tick has, questions, answers.
        mutating func run(_ weather: Weather) {
            tick += 1
            let turns = Double(tick)
            board.shared.withPlant { plant in
                guard let rotors = (plant as? ODrivePlant)?.inner as? RotorPlant else { return }
                rotors.rotors[0].position = turns * 2 * .pi
                rotors.rotors[1].position = -turns * 2 * .pi
            }
            // What has arrived by now is flushed.
            onTheWay.removeAll { $0.tick < tick }
            parser.removeAll()
            writer.removeAll()
            if let fence = dialogue.begin() { writer.feedback(axis: fence) }
            for (axis, kind) in [(0, ODriveDialogue.Kind.feedback), (2, .value), (1, .feedback)] {
                dialogue.expect(kind)
                if axis == 2 { writer.read("vbus_voltage") } else { writer.feedback(axis: axis) }
            }
            send(weather)
            deliver()
            dialogue.conclude()
            judge()
        }

        private mutating func send(_ weather: Weather) {
            board.now += 10_000_000
            for request in writer.bytes.split(separator: 0x0A) {
                let bytes = Array(request) + [0x0A]
                for reply in board.core.receive(damaged(bytes, weather), rate: nil, now: board.now)
                {
                    let answer = damaged(reply.bytes, weather)
                    guard !answer.isEmpty else { continue }
                    // Answers keep their order however late they are.
                    let delay = dice.happens(weather.late) ? 1 + dice.draw(3) : 0
                    let before = onTheWay.last?.tick ?? tick
                    onTheWay.append((max(before, tick + delay), answer))
                }
            }
        }

        private mutating func damaged(_ line: [UInt8], _ weather: Weather) -> [UInt8] {
            var line = line
            if dice.happens(weather.drop) { return [] }
            // One flip a line: two may cancel out in a checksum, as the sheet says.
            if dice.happens(weather.flip) { line[dice.draw(line.count)] ^= 1 << dice.draw(8) }
            if dice.happens(weather.cut) { line.removeLast(dice.draw(line.count)) }
            return line
        }

        private mutating func deliver() {
            var naive: [Double] = []
            while let next = onTheWay.first, next.tick <= tick, !dialogue.isComplete {
                onTheWay.removeFirst()
                parser.append(next.bytes)
                while let found = parser.next() {
                    let answer = parser.answer(found)
                    dialogue.hear(answer, time: 0)
                    if case .feedback(let position, _) = answer { naive.append(position) }
                }
            }
            let own = [Double(tick), -Double(tick)]
            if zip(naive, own).contains(where: { $0 != $1 }) { traps += 1 }
        }

        private mutating func judge() {
            for (place, expected) in [(0, Double(tick)), (2, -Double(tick))] {
                guard let answer = dialogue.questions[place].answer else { continue }
                taken += 1
                guard case .feedback(let position, _) = answer, position == expected else {
                    wrong.append("tick \(tick), question \(place): \(answer)")
                    continue
                }
            }
        }
    }

    @Test(
        "random losses, damage, cuts and delays: each position taken is its axis's own, of its tick",
        arguments: [1, 2, 3] as [UInt64]
    )
    func weather(_ seed: UInt64) {
        let rates = [0.0, 0.001, 0.01, 0.1, 0.3]
        var dice = Dice(state: 0x9E37_79B9_7F4A_7C15 &* seed)
        var line = Line(dice: Dice(state: 0xD1B5_4A32_D192_ED03 &* seed))
        var ticks = 0
        for _ in 0..<300 {
            let weather = Weather(
                drop: rates[dice.draw(rates.count)],
                flip: rates[dice.draw(rates.count)],
                late: rates[dice.draw(rates.count)],
                cut: rates[dice.draw(rates.count)]
            )
            for _ in 0..<50 { line.run(weather) }
            ticks += 50
            // In good weather the line is in step again as soon as the late ones are in.
            for _ in 0..<5 { line.run(Weather(drop: 0, flip: 0, late: 0, cut: 0)) }
            #expect(line.dialogue.isComplete, "seed \(seed), after tick \(line.tick)")
        }
        #expect(line.wrong.isEmpty, "seed \(seed): \(line.wrong.prefix(3))")
        // The weather is bad enough to show a host that trusts the order.
        #expect(line.traps > ticks / 50, "seed \(seed): only \(line.traps) traps")
        #expect(line.taken > ticks / 2, "seed \(seed): only \(line.taken) positions")
    }

    @Test("one lost answer in a tick costs no more than that answer and no other tick")
    func oneLoss() {
        for lost in 0..<3 {
            var line = Line(dice: Dice(state: 99))
            let calm = Weather(drop: 0, flip: 0, late: 0, cut: 0)
            line.run(calm)
            #expect(line.taken == 2)
            line.board.core.inject(.dropAnswers(0))
            var board = line.board
            // The third answer of a tick is dropped by counting requests.
            let before = line.taken
            board.core.faults.answersToSpare = lost
            board.core.inject(.dropAnswers(1))
            line.board = board
            line.run(calm)
            #expect(line.taken - before == [1, 2, 1][lost], "answer \(lost)")
            line.run(calm)
            #expect(line.taken - before == [1, 2, 1][lost] + 2)
            #expect(line.wrong.isEmpty)
        }
    }

    @Test("the wire time of a tick is the sheet's: 8.9 ms for two axes at 115200 bit/s")
    func wireTime() {
        let two = ODriveWireTime.ordinary(axes: 2)
        #expect(abs(Double(two.nanoseconds(rate: 115_200)) * 1e-6 - 8.9) < 0.05)
        #expect(two.nanoseconds(rate: 500_000) == 2_040_000)
        #expect(ODriveWireTime.ordinary(axes: 1).bytes * 2 == two.bytes)
        // As the writer and the board have it.
        var writer = ODriveRequestWriter()
        writer.position(axis: 0, turns: 0.251234, velocity: 0, torque: 0)
        let setPoint = writer.bytes.count
        writer.feedback(axis: 0)
        let request = writer.bytes.count
        #expect(request <= ODriveWireTime.ordinary(axes: 1).requestBytes + 1)
        #expect(setPoint >= 20)
        let answer = Array("0.250000 -0.010000*11\r\n".utf8)
        #expect(answer.count == ODriveWireTime.ordinary(axes: 1).answerBytes)
        // Nothing is longer than the longest.
        writer.removeAll()
        for axis in 0...1 {
            writer.position(axis: axis, turns: -12.345678, velocity: 0, torque: 0)
            writer.feedback(axis: axis)
        }
        writer.read("axis1.motor.fet_thermistor.temperature")
        let longest = ODriveWireTime.longest(
            axes: 2,
            positionDigits: 2,
            velocityDigits: 2,
            healthPath: "axis1.motor.fet_thermistor.temperature"
        )
        #expect(writer.bytes.count <= longest.requestBytes)
        #expect(writer.bytes.count + 8 > longest.requestBytes)
        let line = "-12.345678 -12.345678*255\r\n".utf8.count
        #expect(longest.answerBytes == 2 * line + "12.345678*255\r\n".utf8.count)
    }
}
