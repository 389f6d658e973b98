import Testing

@testable import ServoEmulator

@Suite(
    "A client in Python speaks to the emulated ODrive board",
    .serialized,
    .timeLimit(.minutes(1))
)
struct ODrivePeerTests {
    @Test(
        "every row of the sheet, over a pty, with checksums worked out by the client",
        .enabled(if: PythonPeer.canImport("serial"))
    )
    func ascii() throws {
        var setup = ODriveSetup(axes: TestBoard.axes)
        setup.rate = 500_000
        setup.isCalibrated = false
        setup.motorCalibrationNanoseconds = 50_000_000
        setup.encoderCalibrationNanoseconds = 50_000_000
        let plant = SharedPlant(ODrivePlant(RotorPlant(count: 2, inertia: 0.001)))
        let board = try EmulatedODrive(setup: setup, plant: plant)
        board.start()
        defer { board.stop() }
        let script = PythonPeer.packageRoot + "/Tests/peers/odrive_ascii.py"
        let run = PythonPeer.run([script, board.path, "500000"])
        #expect(run.status == 0, "\(run.output)")
        #expect(run.output.hasSuffix("all is well\n"), "\(run.output)")
        #expect(board.counters.watchdogTrips == 1)
    }
}
