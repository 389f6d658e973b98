import Robot
import Testing

@testable import ServoHardware

private let threeServos = ["1:XM430-W210:46", "2:XM430-W210:46", "3:XM430-W210:46"]

@Suite(
    "Bringing up a bus of somebody else's servos",
    .serialized,
    .timeLimit(.minutes(1)),
    .enabled(if: ThirdPartyDevice.folder != nil, "needs mini_dxl.py in shared/ or SACBOT_SHARED")
)
struct ConnectTests {
    private func problems(
        _ device: ThirdPartyDevice,
        _ robot: RobotDescription
    ) -> [ServoProblem] {
        do {
            _ = try ServoBody.connect(robot: robot)
            return []
        } catch {
            guard case .servos(let problems) = error else {
                Issue.record("\(error)")
                return []
            }
            return problems
        }
    }

    @Test("All servos answer: the body knows model and firmware of each")
    func allThere() throws {
        let device = try ThirdPartyDevice(threeServos)
        let body = try ServoBody.connect(robot: TestRobot.robot(port: device.port))
        #expect(body.servos.map(\.id) == [1, 2, 3])
        #expect(body.servos.allSatisfy { $0.modelNumber == 1030 && $0.firmware == 46 })
        #expect(body.torqueFoundOn.isEmpty)
        #expect(body.jointCount == 3)
        #expect(device.get(1, 64, 1) == 0)
    }

    @Test("The port can be named at the start, by its bus")
    func portOverride() throws {
        let device = try ThirdPartyDevice(threeServos)
        let robot = TestRobot.robot(port: "/dev/ttyNOPE")
        let body = try ServoBody.connect(robot: robot, portOverride: ["hand": device.port])
        #expect(body.servos.count == 3)
    }

    @Test("Every missing servo, wrong model and stranger is named in one error")
    func everythingWrong() throws {
        let device = try ThirdPartyDevice([
            "1:XM430-W210:46", "3:XL330-M288:46", "7:XM430-W210:46",
        ])
        let found = problems(device, TestRobot.robot(ids: [1, 2, 3, 4], port: device.port))
        #expect(
            found == [
                .wrongModel(joint: "c", id: 3, expected: "XM430-W210", found: 1200),
                .missing(joint: "b", id: 2, bus: "hand", rate: 1_000_000, answersAt: nil),
                .missing(joint: "d", id: 4, bus: "hand", rate: 1_000_000, answersAt: nil),
                .unexpected(bus: "hand", ids: [7]),
            ]
        )
        let text = HardwareError.servos(found).description
        #expect(text.contains("servo 3 (joint `c`) is XL330-M288, the robot file says XM430-W210"))
        #expect(text.contains("servo 2 (joint `b`) does not answer"))
        #expect(text.split(separator: "\n").count == 4)
    }

    @Test("A servo at another rate is found there")
    func otherRate() throws {
        let device = try ThirdPartyDevice(["--baud", "57600", "1:XM430-W210:46"])
        let found = problems(device, TestRobot.robot(ids: [1], port: device.port))
        #expect(
            found == [
                .missing(joint: "a", id: 1, bus: "hand", rate: 1_000_000, answersAt: 57_600)
            ]
        )
        #expect(found.first?.description.contains("answers at 57600 bit/s instead of") == true)
    }

    @Test("A bus without power is called that")
    func silentBus() throws {
        let device = try ThirdPartyDevice([])
        let found = problems(device, TestRobot.robot(ids: [1], port: device.port))
        #expect(
            found == [
                .busSilent(bus: "hand", port: device.port, rate: 1_000_000, ids: [1])
            ]
        )
    }

    @Test("Firmware without a bus watchdog is refused, unless the file accepts that")
    func oldFirmware() throws {
        let device = try ThirdPartyDevice(["1:XM430-W210:37"])
        let robot = TestRobot.robot(ids: [1], port: device.port)
        #expect(
            problems(device, robot) == [.noWatchdog(joint: "a", id: 1, firmware: 37, needed: 38)]
        )
        let accepting = TestRobot.robot(ids: [1], port: device.port, watchdog: nil)
        #expect(problems(device, accepting) == [])
    }

    @Test("Limits a servo cannot reach in one turn are refused before the port is opened")
    func limitsOutsideTurn() throws {
        var robot = TestRobot.robot(ids: [1], port: "/dev/ttyNOPE")
        robot.calibration[0].zeroPulse = 1000
        do {
            _ = try ServoBody.connect(robot: robot)
            Issue.record("connected")
        } catch {
            #expect(error == .servos([.limitsOutsideTurn(joint: "a", pulses: -24...2024)]))
        }
    }

    @Test("Torque left on by somebody is seen and left alone until it is switched off")
    func leftoverTorque() throws {
        let device = try ThirdPartyDevice(threeServos)
        device.tell("set 2 64 1 1")
        let body = try ServoBody.connect(robot: TestRobot.robot(port: device.port))
        #expect(body.torqueFoundOn.indices == [1])
        #expect(device.get(2, 64, 1) == 1)
        #expect(body.disableTorque(body.torqueFoundOn).isEmpty)
        #expect(device.get(2, 64, 1) == 0)
    }

    @Test("A servo told to answer pings only is told to answer everything")
    func statusReturnLevel() throws {
        let device = try ThirdPartyDevice(threeServos)
        device.tell("set 3 68 1 0")
        _ = try ServoBody.connect(robot: TestRobot.robot(port: device.port))
        #expect(device.get(3, 68, 1) == 2)
    }

    @Test("A rate that cannot carry a tick's bytes is refused, with both figures")
    func busTooSlow() throws {
        let device = try ThirdPartyDevice(["--baud", "57600"] + threeServos)
        var robot = TestRobot.robot(port: device.port)
        robot.buses[0].baudRate = 57_600
        // Sync read 17 and 3 x 21, health 14 and 18, sync write 29: 141 bytes of ten bits.
        let needed: Int64 = 141 * 10_000_000_000 / 57_600
        let problem = ServoProblem.busTooSlow(
            bus: "hand",
            rate: 57_600,
            needed: needed,
            tick: 10_000_000
        )
        #expect(throws: HardwareError.servos([problem])) {
            _ = try ServoBody.connect(robot: robot)
        }
        #expect(problem.description.contains("needs 24.48 ms"))
    }

    @Test("A scan finds servos of any ID and model")
    func scan() throws {
        let device = try ThirdPartyDevice([
            "--baud", "57600", "1:XM430-W210:46", "200:XL330-M288:52",
        ])
        let found = try ServoScan.scan(port: device.port, bauds: [1_000_000, 57_600])
        #expect(
            found == [
                FoundServo(id: 1, modelNumber: 1030, firmware: 46, baudRate: 57_600),
                FoundServo(id: 200, modelNumber: 1200, firmware: 52, baudRate: 57_600),
            ]
        )
        #expect(found[1].modelName == "XL330-M288")
    }

    @Test("Two programs cannot use one port")
    func busy() throws {
        let device = try ThirdPartyDevice(threeServos)
        let robot = TestRobot.robot(port: device.port)
        let body = try ServoBody.connect(robot: robot)
        #expect(throws: HardwareError.portBusy(path: device.port)) {
            _ = try ServoBody.connect(robot: robot)
        }
        #expect(throws: HardwareError.portBusy(path: device.port)) {
            _ = try ServoScan.scan(port: device.port, bauds: [57_600])
        }
        body.close()
        _ = try ServoBody.connect(robot: robot)
    }
}
