import Robot
import Safety
import ServoProtocol
import Testing

@testable import ServoHardware

/// An answer does not say to which question it belongs: one that comes late must not pass for the
/// answer to another question.
@Suite("Late answers", .serialized, .timeLimit(.minutes(1)))
struct LateAnswerTests {
    /// Address and length that a read asks for.
    private struct Question: Hashable {
        var address: Int
        var count: Int

        init?(_ request: InstructionPacket) {
            guard [.read, .syncRead].contains(request.instruction) else { return nil }
            func number(_ place: Int) -> Int {
                Int(request.parameters[place]) | Int(request.parameters[place + 1]) << 8
            }
            address = number(0)
            count = number(2)
        }

        func covers(_ register: Int) -> Bool { address <= register && register < address + count }
    }

    @Test("where a joint stands is asked for in a length of its own, before torque comes on")
    func ownLengths() throws {
        let bus = try BenchBus((1...3).map { BenchBus.ready(UInt8($0), place: $0 - 1) })
        let robot = TestRobot.robot(port: bus.port)
        let body = try ServoBody.connect(robot: robot, pacing: .stepped)
        var supervisor = Supervisor(robot: robot)
        var state = BodyState(jointCount: 3)
        _ = body.waitForTick()
        body.read(into: &state)
        let all = JointSet(0..<3)
        let permit = try supervisor.permitTorque(all, state: state, now: body.now()).get()
        let before = bus.requests.count
        try body.enableTorque(permit, state: &state)
        let questions = bus.requests[before...].compactMap(Question.init)
        let (homingOffset, presentPosition) = (20, 132)
        for register in [homingOffset, presentPosition] {
            let last = try #require(questions.last { $0.covers(register) })
            let alike = questions.filter { $0.count == last.count && $0 != last }
            #expect(alike.isEmpty, "\(register): \(last) and \(alike)")
        }
    }
}
