import Testing

@testable import ServoEmulator

@Suite("Emulated moteus controllers on a pty serve programs that are not ours", .serialized)
struct MoteusPtyTests {
    private static func bus(_ form: MoteusForm) throws -> EmulatedMoteusBus {
        let plant = SharedPlant(PhysicsServoPlant(try TestMoteus.plant(2)))
        let setups = [1, 2].enumerated().map { index, id in
            MoteusSetup(id: UInt8(id), plantIndex: index, servo: TestMoteus.motor)
        }
        return try EmulatedMoteusBus(controllers: setups, plant: plant, form: form)
    }

    @Test(
        "the maker's own library gets every answer the docs promise",
        .enabled(
            if: PythonPeer.canImport("moteus"),
            """
            \(PythonPeer.interpreter) cannot import moteus: \
            python3 -m venv .venv && .venv/bin/pip install -r Tests/peers/requirements.txt
            """
        ),
        .timeLimit(.minutes(1)),
        arguments: [MoteusForm.usb, .uart]
    )
    func makersLibrary(form: MoteusForm) throws {
        let bus = try Self.bus(form)
        bus.start()
        defer { bus.stop() }
        let script = PythonPeer.packageRoot + "/Tests/peers/moteus_client.py"
        let (status, output) = PythonPeer.run([script, bus.path])
        #expect(status == 0, "\(output)")
        #expect(bus.counters.droppedReplies == 0)
        #expect(bus.counters.refusals == 0)
    }
}
