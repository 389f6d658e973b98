import Robot
import Testing

@testable import ServoHardware

@Suite("How long a tick keeps a bus busy")
struct WireBudgetTests {
    // Requests and answers as the protocol's pages count them: 14 + n bytes ask n servos, 11 + 10
    // answer; 14 + 5 n bytes write 4 to each; a Read is 14 bytes, its answer of 7 is 18.
    @Test(
        "bytes of a tick",
        arguments: [(1, 15 + 21 + 19 + 32), (9, 23 + 189 + 59 + 32), (11, 25 + 231 + 69 + 32)]
    )
    func bytes(servos: Int, expected: Int) {
        let budget = WireBudget.dynamixel(
            returnDelays: Array(repeating: 0, count: servos),
            baudRate: 1_000_000
        )
        #expect(budget.bytes == expected)
        // Ten bits a byte, one microsecond a bit.
        #expect(abs(budget.wireSeconds - Double(expected) * 10e-6) < 1e-12)
    }

    // A servo leaves the factory with 250 units of 2 us; nine in the sync read and one health read.
    @Test("return delays of the factory cost half a millisecond an answer")
    func waits() {
        let budget = WireBudget.dynamixel(
            returnDelays: Array(repeating: 250, count: 9),
            baudRate: 1_000_000
        )
        #expect(abs(budget.waits - 10 * 500e-6) < 1e-12)
    }

    @Test("a tick that cannot be kept fails, a narrow one warns")
    func verdicts() {
        // Ten servos: 330 bytes, 3.3 ms at 1 Mbit/s, 57 ms at 57600.
        let delays = Array(repeating: 0, count: 10)
        let fast = WireBudget.dynamixel(returnDelays: delays, baudRate: 1_000_000)
        let slow = WireBudget.dynamixel(returnDelays: delays, baudRate: 57_600)
        #expect(fast.line(subject: "", overhead: 0, tickSeconds: 0.010).verdict == .pass)
        #expect(fast.line(subject: "", overhead: 0, tickSeconds: 0.004).verdict == .warn)
        #expect(fast.line(subject: "", overhead: 0, tickSeconds: 0.003).verdict == .fail)
        #expect(slow.line(subject: "", overhead: 0, tickSeconds: 0.050).verdict == .fail)
        // Two turnarounds at 16 ms, an FTDI adapter as it comes.
        let held = fast.line(subject: "", overhead: 0.016, tickSeconds: 0.020)
        #expect(held.verdict == .fail)
        #expect(held.remedy.contains("baud:"))
    }
}
