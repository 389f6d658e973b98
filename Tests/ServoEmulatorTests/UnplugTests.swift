import Glibc
import Realtime
import ServoProtocol
import Testing

@testable import ServoEmulator

@Suite("An adapter that is pulled out", .serialized, .timeLimit(.minutes(1)))
struct UnplugTests {
    private func bus(link: String) throws -> EmulatedBus {
        var options = EmulatorOptions()
        options.symlinkPath = link
        options.timing = .instant
        options.checksBaudRate = false
        return try EmulatedBus(
            servos: PtyTests.servos,
            plant: FreeServoPlant(setups: PtyTests.servos),
            options: options
        )
    }

    /// Where a symbolic link leads, `nil` if it is not there.
    private func target(_ link: String) -> String? {
        var buffer = [CChar](repeating: 0, count: 256)
        let count = readlink(link, &buffer, buffer.count)
        guard count > 0 else { return nil }
        return String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Waits for something that another thread brings about.
    private func wait(until isTrue: () -> Bool) -> Bool {
        let end = MonotonicClock.now() + 20_000_000_000
        while MonotonicClock.now() < end {
            if isTrue() { return true }
            MonotonicClock.sleep(until: MonotonicClock.now() + 1_000_000)
        }
        return false
    }

    private func answersPing(_ client: Int32) -> Bool {
        var request = InstructionPacket.ping(id: 2).encoded()
        guard write(client, &request, request.count) == request.count else { return false }
        var descriptor = pollfd(fd: client, events: Int16(POLLIN), revents: 0)
        guard poll(&descriptor, 1, 10_000) > 0 else { return false }
        var chunk = [UInt8](repeating: 0, count: 64)
        let count = read(client, &chunk, chunk.count)
        return count > 0 && chunk[4] == 2
    }

    @Test("the old device hangs up; the stable name goes and comes back on another device")
    func unplug() throws {
        let link = "/tmp/sacbot-unplug-\(getpid())"
        let bus = try bus(link: link)
        bus.start()
        defer { bus.stop() }
        let old = bus.path
        #expect(target(link) == old)
        let client = open(link, O_RDWR | O_NOCTTY)
        #expect(answersPing(client))

        bus.unplug(nanoseconds: 50_000_000)
        var byte: UInt8 = 0
        let isHungUp = wait {
            var descriptor = pollfd(fd: client, events: Int16(POLLIN), revents: 0)
            return poll(&descriptor, 1, 0) > 0 && Int32(descriptor.revents) & POLLHUP != 0
        }
        #expect(isHungUp && read(client, &byte, 1) <= 0)
        let isBack = wait { target(link) != nil && target(link) != old }
        #expect(isBack)
        #expect(bus.path != old && target(link) == bus.path)
        let again = open(link, O_RDWR | O_NOCTTY)
        #expect(answersPing(again))
        close(again)
        close(client)
    }

    @Test("stopping while it is out leaves no link behind")
    func stopped() throws {
        let link = "/tmp/sacbot-unplug-stop-\(getpid())"
        let bus = try bus(link: link)
        bus.start()
        bus.unplug(nanoseconds: 3_600_000_000_000)
        let isGone = wait { target(link) == nil }
        #expect(isGone)
        bus.stop()
        #expect(target(link) == nil)
    }
}
