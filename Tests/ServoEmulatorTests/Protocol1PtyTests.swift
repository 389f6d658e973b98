import ServoProtocol
import Testing

@testable import ServoEmulator

@Suite("Protocol 1 servos on a pty serve programs that are not ours", .serialized)
struct Protocol1PtyTests {
    private func setups(_ servos: [(ControlTable, UInt8)], volts: Double) -> [EmulatedServoSetup] {
        servos.enumerated().map { index, servo in
            EmulatedServoSetup(
                table: servo.0,
                id: servo.1,
                plantIndex: index,
                initialPulses: servo.0.pulsesPerTurn == 4096 ? 2048 : 512,
                nominalVoltage: volts
            )
        }
    }

    private func serve(
        _ script: [String],
        _ servos: [EmulatedServoSetup]
    ) throws {
        let bus = try EmulatedProtocol1Bus(
            servos: servos,
            plant: SharedPlant(FreeServoPlant(setups: servos))
        )
        bus.start()
        defer { bus.stop() }
        let path = PythonPeer.packageRoot + "/Tests/peers/" + script[0]
        let (status, output) = PythonPeer.run([path, bus.path] + script.dropFirst())
        #expect(status == 0, "\(output)")
        #expect(bus.counters.droppedReplies == 0)
    }

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
        try serve(
            ["dxl1_sdk_client.py"],
            setups([(.ax12a, 1), (.ax12a, 2), (.mx28Protocol1, 3), (.mx28Protocol1, 4)], volts: 12)
        )
    }

    @Test(
        "a Feetech SDK gets every answer it expects, from STS and SCS servos",
        .enabled(
            if: PythonPeer.canImport("scservo_sdk"),
            """
            \(PythonPeer.interpreter) cannot import scservo_sdk: \
            python3 -m venv .venv && .venv/bin/pip install -r Tests/peers/requirements.txt
            """
        ),
        .timeLimit(.minutes(1))
    )
    func feetechSDK() throws {
        let sts = setups([(.sts3215, 1), (.sts3215, 2), (.sts3215, 3)], volts: 7.4)
        try serve(["sts_sdk_client.py"], sts)
        try serve(["sts_sdk_client.py", "scs"], setups([(.scs0009, 1)], volts: 7.4))
    }
}
