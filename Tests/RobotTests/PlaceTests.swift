import Glibc
import Robot
import Testing

@Suite("Reports of an estimator outside of the robot")
struct PlaceIntakeTests {
    private static let second: Int64 = 1_000_000_000

    private static func report(
        _ sequence: UInt32,
        at time: Int64,
        shared: Bool = true,
        x: Double = 0
    ) -> PlaceReport {
        PlaceReport(
            sequence: sequence,
            time: time,
            sharesClock: shared,
            place: SIMD3(x, 0, 0.2),
            heading: 0
        )
    }

    private static func moment(_ time: Int64) -> MonotonicTime { MonotonicTime(nanoseconds: time) }

    @Test("a time of this machine's clock holds, less the latency; the future is dropped")
    func sharedClock() {
        var intake = PlaceIntake(latency: 0.020)
        let found = intake.take(
            Self.report(1, at: 5_000_000_000),
            arrival: Self.moment(5_003_000_000)
        )
        #expect(found?.time == Self.moment(4_980_000_000))
        let ahead = intake.take(
            Self.report(2, at: 5_013_000_001),
            arrival: Self.moment(5_011_000_000)
        )
        #expect(ahead == nil && intake.dropped == 1)
        // A clock's reading may be a little ahead: then it is taken for now.
        let near = intake.take(
            Self.report(3, at: 5_021_000_000),
            arrival: Self.moment(5_020_000_000)
        )
        #expect(near?.time == Self.moment(5_000_000_000))
    }

    @Test("old, doubled and senseless reports are dropped; a sender that starts anew is taken")
    func order() {
        var intake = PlaceIntake()
        var bad = Self.report(12, at: 3 * 10_000_000)
        bad.place?.x = .nan
        let rows: [(PlaceReport, Int64, Bool)] = [
            (Self.report(10, at: 0), 0, true), (Self.report(10, at: 1), 10_000_000, false),
            (Self.report(9, at: 2), 11_000_000, false), (bad, 30_000_000, false),
            (Self.report(13, at: 40_000_000), 40_000_000, true),
            // A later number with an earlier time.
            (Self.report(14, at: 30_000_000), 50_000_000, false),
            (Self.report(1, at: 900_000_000), 900_000_000, false),
            (Self.report(1, at: 1_041_000_000), 1_041_000_000, true),
            (Self.report(.max, at: 1_050_000_000), 1_050_000_000, false),
        ]
        for (report, arrival, isTaken) in rows {
            let found = intake.take(report, arrival: Self.moment(arrival))
            #expect((found != nil) == isTaken, "\(report)")
        }
        #expect(intake.taken == 3 && intake.dropped == 6)
    }

    @Test("numbers may run over")
    func wrapAround() {
        var intake = PlaceIntake()
        for (place, number) in [UInt32.max - 1, .max, 0, 1].enumerated() {
            let time = Int64(place) * 10_000_000
            let found = intake.take(Self.report(number, at: time), arrival: Self.moment(time))
            #expect(found != nil)
        }
    }

    @Test("of another clock the quickest report tells the way, so a late one is as old as it is")
    func otherClock() {
        var intake = PlaceIntake()
        // Their clock is 100 s ahead; the way takes 1 ms, for one of them 61 ms.
        var ages: [Double] = []
        for number in 1...20 {
            let sent = Int64(number) * 10_000_000
            let way: Int64 = number == 15 ? 61_000_000 : 1_000_000
            let arrival = Self.moment(sent + way)
            let found = intake.take(
                Self.report(UInt32(number), at: sent + 100 * Self.second, shared: false),
                arrival: arrival
            )
            ages.append(found.map { arrival.seconds(since: $0.time) } ?? .nan)
        }
        #expect(abs(ages[10] - 0) < 1e-4)
        #expect(abs(ages[14] - 0.060) < 1e-4)
        // A clock that runs away by 100 ppm is followed.
        var drifting = PlaceIntake()
        var last = 0.0
        for number in 1...3000 {
            let sent = Int64(number) * 10_000_000
            let arrival = Self.moment(sent + sent / 10_000)
            let found = drifting.take(
                Self.report(UInt32(number), at: sent, shared: false),
                arrival: arrival
            )
            last = found.map { arrival.seconds(since: $0.time) } ?? .nan
        }
        #expect(abs(last) < 1e-4)
    }

    @Test("velocities without a place are added up from where the robot was")
    func velocities() throws {
        var intake = PlaceIntake()
        _ = intake.take(Self.report(1, at: 0, x: 2), arrival: Self.moment(0))
        var found: BasePlace?
        for number in 1...10 {
            let time = Int64(number) * 100_000_000
            let report = PlaceReport(
                sequence: UInt32(number + 1),
                time: time,
                sharesClock: true,
                place: nil,
                heading: 0.3,
                velocity: SIMD2(0.5, -0.1)
            )
            found = intake.take(report, arrival: Self.moment(time))
        }
        let place = try #require(found)
        #expect(abs(place.x - 2.5) < 1e-9 && abs(place.y + 0.1) < 1e-9 && place.heading == 0.3)
    }
}

@Suite("Speed by the legs")
struct LegOdometryTests {
    private static func robot() -> RobotDescription {
        var robot = RobotDescription(
            name: "walker",
            joints: [],
            calibration: [],
            buses: [],
            tickNanoseconds: 5_000_000,
            modelPath: nil,
            stop: .release,
            emergencyStop: .release,
            arming: .manual
        )
        robot.legs = [(0.2, 0.1), (-0.2, 0.1), (0.2, -0.1), (-0.2, -0.1)].enumerated()
            .map { index, hip in
                var leg = LegDescription(
                    name: "leg\(index)",
                    frontJoint: 2 * index,
                    rearJoint: 2 * index + 1,
                    upperLength: 0.1,
                    lowerLength: 0.2
                )
                leg.hip = SIMD2(hip.0, hip.1)
                return leg
            }
        return robot
    }

    /// Joints of a body that is somewhere at a time, whose feet stand at fixed places of the ground.
    private static func joints(
        _ feet: [SIMD2<Double>],
        at time: Double,
        speed: Double,
        pitch: (Double) -> Double,
        lifted: Int? = nil
    ) throws -> [(front: Double, rear: Double)] {
        let (x, tilt) = (speed * time, pitch(time))
        return try robot().legs.enumerated().map { index, leg in
            // The foot in the body's axes: the world's vector, pitched back.
            let world = SIMD2(feet[index].x - x, lifted == index ? -0.15 : feet[index].y)
            let body = SIMD2(
                cos(tilt) * world.x - sin(tilt) * world.y,
                sin(tilt) * world.x + cos(tilt) * world.y
            )
            return try FiveBarLeg(leg).joints(foot: body - SIMD2(leg.hip.x, 0))
        }
    }

    @Test("standing feet tell the body's speed, whatever it pitches and one leg waves about")
    func standing() throws {
        let feet = robot().legs.map { SIMD2($0.hip.x + 0.01, -0.2) }
        let odometry = LegOdometry(Self.robot())
        func pitch(_ time: Double) -> Double { 0.06 * sin(9 * time) }
        for (speed, lifted) in [(0.4, nil), (-0.3, nil), (0.5, 2)] as [(Double, Int?)] {
            for step in 0..<10 {
                let (time, dt) = (Double(step) * 0.005, 1e-6)
                let a = try Self.joints(
                    feet,
                    at: time - dt,
                    speed: speed,
                    pitch: pitch,
                    lifted: lifted
                )
                let b = try Self.joints(
                    feet,
                    at: time + dt,
                    speed: speed,
                    pitch: pitch,
                    lifted: lifted
                )
                var samples = JointArray<JointSample?>(count: 8, repeating: nil)
                for leg in 0..<4 {
                    for (joint, ends) in [
                        (2 * leg, (a[leg].front, b[leg].front)),
                        (2 * leg + 1, (a[leg].rear, b[leg].rear)),
                    ] {
                        samples[joint] = JointSample(
                            position: (ends.0 + ends.1) / 2,
                            velocity: (ends.1 - ends.0) / (2 * dt),
                            current: 0,
                            time: MonotonicTime(nanoseconds: 0)
                        )
                    }
                }
                let base = BaseSample(
                    roll: 0,
                    pitch: pitch(time),
                    yaw: 0,
                    rollRate: 0,
                    pitchRate: 0.06 * 9 * cos(9 * time),
                    yawRate: 0,
                    time: MonotonicTime(nanoseconds: 0)
                )
                let motion = try #require(odometry.motion(samples, base))
                #expect(abs(motion.velocity.x - speed) < 1e-4, "\(speed) at \(time)")
                #expect(abs(motion.velocity.y) < 1e-9)
                #expect(abs(motion.height - 0.2) < 1e-6)
            }
        }
    }

    private func robot() -> RobotDescription { Self.robot() }

    @Test("without an attitude, or without any leg's joints, there is no speed")
    func unknown() {
        let odometry = LegOdometry(Self.robot())
        let samples = JointArray<JointSample?>(count: 8, repeating: nil)
        let base = BaseSample(
            roll: 0,
            pitch: 0,
            yaw: 0,
            rollRate: 0,
            pitchRate: 0,
            yawRate: 0,
            time: MonotonicTime(nanoseconds: 0)
        )
        #expect(odometry.motion(samples, base) == nil)
        #expect(odometry.motion(samples, nil) == nil)
    }
}

@Suite("Who says where the robot is")
struct PlaceKeeperTests {
    private static func keeper(_ fallback: Bool) -> PlaceKeeper {
        var sensor = SpeedSensorDescription(source: .udp(port: 47_600))
        sensor.fallsBackToLegs = fallback
        var robot = RobotDescription(
            name: "walker",
            joints: [],
            calibration: [],
            buses: [],
            tickNanoseconds: 5_000_000,
            modelPath: nil,
            stop: .release,
            emergencyStop: .release,
            arming: .manual
        )
        robot.legs = [
            LegDescription(
                name: "leg",
                frontJoint: 0,
                rearJoint: 1,
                upperLength: 0.1,
                lowerLength: 0.2
            )
        ]
        return PlaceKeeper(sensor, robot: robot)
    }

    private static func base(_ time: Int64) -> BaseSample {
        BaseSample(
            roll: 0,
            pitch: 0,
            yaw: 1,
            rollRate: 0,
            pitchRate: 0,
            yawRate: 0,
            time: MonotonicTime(nanoseconds: time)
        )
    }

    /// A leg straight down whose foot moves back at 0.5 m/s: the body moves forward at 0.5 m/s.
    private static func walking(_ time: Int64) throws -> JointArray<JointSample?> {
        var robot = JointArray<JointSample?>(count: 2, repeating: nil)
        // Knees level: the foot is sqrt(0.03) m below the hip, swing moves it by that per radian.
        let rate = 0.5 / 0.03.squareRoot()
        for (joint, speed) in [(0, rate), (1, -rate)] {
            robot[joint] = JointSample(
                position: .pi / 2,
                velocity: speed,
                current: 0,
                time: MonotonicTime(nanoseconds: time)
            )
        }
        return robot
    }

    private static func place(_ time: Int64, x: Double) -> BasePlace {
        BasePlace(
            x: x,
            y: 0,
            height: 0.2,
            heading: 0,
            time: MonotonicTime(nanoseconds: time)
        )
    }

    @Test("a fresh report counts; an old one is none")
    func staleness() throws {
        var keeper = Self.keeper(false)
        keeper.take(Self.place(0, x: 1))
        for (time, isKnown) in [(100_000_000, true), (100_000_001, false)] as [(Int64, Bool)] {
            let found = keeper.place(
                now: MonotonicTime(nanoseconds: time),
                samples: try Self.walking(time),
                base: Self.base(time)
            )
            #expect((found != nil) == isKnown)
            #expect(keeper.speaker == (isKnown ? .outside : .nobody))
        }
    }

    @Test("the legs go on from where the robot was, and what both disagree by is worked off slowly")
    func fallback() throws {
        var keeper = Self.keeper(true)
        var places: [Double] = []
        for tick in 0...400 {
            let time = Int64(tick) * 5_000_000
            // Reports stop for half a second; the truth is 0.4 m/s, the legs say 0.5.
            let isSilent = tick > 100 && tick <= 200
            if !isSilent { keeper.take(Self.place(time, x: 0.4 * Double(tick) * 0.005)) }
            let found = keeper.place(
                now: MonotonicTime(nanoseconds: time),
                samples: try Self.walking(time),
                base: Self.base(time)
            )
            places.append(try #require(found).x)
            if tick == 199 { #expect(keeper.speaker == .legs) }
        }
        let speeds = zip(places.dropFirst(), places).map { ($0 - $1) / 0.005 }
        // No leap in speed whoever speaks: 0.4 from outside, 0.05 more or less while a difference is
        // worked off, nothing until the last report is 0.1 s old, then 0.5 by the legs.
        #expect(speeds.allSatisfy { $0 > -1e-9 && $0 < 0.51 }, "\(speeds.max() ?? 0)")
        #expect(abs(places[199] - (0.2 + 0.5 * 0.395)) < 0.01)
        #expect(abs((places.last ?? .nan) - 0.8) < 1e-6)
    }
}
