import Robot
import Testing

@Suite("Saving and restoring a world's numbers")
struct WorldTransferTests {
    /// One number of every kind.
    private struct Numbers {
        var word: UInt64 = 0
        var double = 0.0
        var whole = 0
        var wide: Int64 = 0
        var truth = false
        var absent: Double? = 1
        var present: Double?

        mutating func carry(_ numbers: inout WorldNumbers) {
            numbers.carry(&word)
            numbers.carry(&double)
            numbers.carry(&whole)
            numbers.carry(&wide)
            numbers.carry(&truth)
            numbers.carry(&absent)
            numbers.carry(&present)
        }
    }

    private func saved(_ numbers: Numbers) -> WorldState {
        var numbers = numbers
        var world = WorldTransfer()
        world.part("all") { numbers.carry(&$0) }
        #expect(world.problem == nil)
        return world.state
    }

    /// What comes out of a state, and what did not fit.
    private func restored(_ state: WorldState) -> (Numbers, WorldProblem?) {
        var numbers = Numbers()
        var world = WorldTransfer(restoring: state)
        world.part("all") { numbers.carry(&$0) }
        return (numbers, world.problem)
    }

    @Test(
        "every number comes back with the same bits",
        arguments: [
            0x8000_0000_0000_0000, 0x3FF0_0000_0000_0001, 0x7FF0_0000_0000_0000,
            0x7FF8_0000_DEAD_BEEF, 0x0000_0000_0000_0001, 0xBFD5_5555_5555_5555,
        ] as [UInt64]
    )
    func bits(pattern: UInt64) {
        var numbers = Numbers()
        numbers.word = pattern
        numbers.double = Double(bitPattern: pattern)
        numbers.whole = .min
        numbers.wide = .max
        numbers.truth = true
        numbers.absent = nil
        numbers.present = Double(bitPattern: pattern)
        let (back, problem) = restored(saved(numbers))
        #expect(problem == nil)
        #expect(back.word == pattern && back.double.bitPattern == pattern)
        #expect(back.whole == .min && back.wide == .max && back.truth)
        #expect(back.absent == nil && back.present?.bitPattern == pattern)
    }

    @Test("a part that is missing, too short, too long or no truth is refused by its name")
    func refused() {
        let whole = saved(Numbers())
        let words = whole.parts["all"] ?? []
        #expect(words.count == 9)
        let none = restored(WorldState()).1
        #expect(none == .missing(part: "all"))
        var noTruth = words
        noTruth[4] = 2
        for spoilt in [Array(words.dropLast()), words + [0], noTruth] {
            let problem = restored(WorldState(parts: ["all": spoilt])).1
            #expect(problem == .doesNotFit(part: "all"))
        }
    }

    @Test("the first problem is kept, whatever comes after it")
    func firstProblem() {
        var world = WorldTransfer(restoring: WorldState(parts: ["b": [1]]))
        world.part("a") { _ in }
        world.part("b") { _ in }
        #expect(world.problem == .missing(part: "a"))
    }
}
