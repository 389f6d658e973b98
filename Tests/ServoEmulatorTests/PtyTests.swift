import Glibc
import ServoProtocol
import Testing

@testable import ServoEmulator

@Suite("Servos on a pty serve programs that are not ours", .serialized)
struct PtyTests {
    /// What the scripts in Tests/peers expect.
    static let servos = [
        EmulatedServoSetup(table: .xm430w210, id: 1, plantIndex: 0),
        EmulatedServoSetup(table: .xm430w210, id: 2, plantIndex: 1),
        EmulatedServoSetup(table: .xl330m288, id: 3, plantIndex: 2, nominalVoltage: 5),
    ]

    @Test(
        "Robotis' own SDK gets every answer its manual promises",
        .enabled(
            if: PythonPeer.canImport("dynamixel_sdk"),
            """
            \(PythonPeer.interpreter) cannot import dynamixel_sdk: \
            python3 -m venv .venv && .venv/bin/pip install -r Tests/peers/requirements.txt
            """
        ),
        .timeLimit(.minutes(1))
    )
    func robotisSDK() throws {
        let bus = try EmulatedBus(
            servos: Self.servos,
            plant: FreeServoPlant(setups: Self.servos)
        )
        bus.start()
        defer { bus.stop() }
        let script = PythonPeer.packageRoot + "/Tests/peers/dxl_sdk_client.py"
        let (status, output) = PythonPeer.run([script, bus.path])
        #expect(status == 0, "\(output)")
        #expect(bus.counters.droppedReplies == 0)
    }

    @Test("the device has a stable name while the bus lives", .timeLimit(.minutes(1)))
    func link() throws {
        let path = "/tmp/sacbot-emulator-link-\(getpid())"
        var options = EmulatorOptions()
        options.symlinkPath = path
        let bus = try EmulatedBus(
            servos: Self.servos,
            plant: FreeServoPlant(setups: Self.servos),
            options: options
        )
        bus.start()
        #expect(access(path, F_OK) == 0)
        bus.stop()
        #expect(access(path, F_OK) != 0)
        bus.stop()
        #expect(bus.withDevice { $0.servos.count } == nil)
    }

    @Test("a link where there is no folder is an error that names it", .timeLimit(.minutes(1)))
    func noLink() {
        var options = EmulatorOptions()
        options.symlinkPath = "/nowhere/servo"
        #expect(throws: EmulatorError.noLink(path: "/nowhere/servo", errno: ENOENT)) {
            _ = try EmulatedBus(
                servos: Self.servos,
                plant: FreeServoPlant(setups: Self.servos),
                options: options
            )
        }
    }

    @Test("a stopped bus is the end of the file for a client", .timeLimit(.minutes(1)))
    func unplugged() throws {
        let bus = try EmulatedBus(servos: Self.servos, plant: FreeServoPlant(setups: Self.servos))
        bus.start()
        let client = open(bus.path, O_RDWR | O_NOCTTY)
        #expect(client >= 0)
        defer { close(client) }
        bus.stop()
        var byte: UInt8 = 0
        #expect(read(client, &byte, 1) <= 0)
    }

    @Test("a request in single bytes is understood", .timeLimit(.minutes(1)))
    func singleBytes() throws {
        var options = EmulatorOptions()
        options.checksBaudRate = false
        let bus = try EmulatedBus(
            servos: Self.servos,
            plant: FreeServoPlant(setups: Self.servos),
            options: options
        )
        bus.start()
        defer { bus.stop() }
        let client = open(bus.path, O_RDWR | O_NOCTTY)
        defer { close(client) }
        for byte in InstructionPacket.ping(id: 2).encoded() {
            var byte = byte
            #expect(write(client, &byte, 1) == 1)
        }
        var decoder = PacketDecoder()
        var answer: DecodedPacket?
        var chunk = [UInt8](repeating: 0, count: 64)
        while answer == nil {
            var descriptor = pollfd(fd: client, events: Int16(POLLIN), revents: 0)
            guard poll(&descriptor, 1, 10_000) > 0 else { break }
            let count = read(client, &chunk, chunk.count)
            guard count > 0 else { break }
            decoder.append(chunk[..<count])
            answer = decoder.next()
        }
        let firmware = EmulatorOptions().firmwareVersion
        let status = StatusPacket.ping(id: 2, modelNumber: 1030, firmware: firmware)
        #expect(answer == .status(status))
    }
}
