import Robot
import Testing

@testable import Safety

@Suite("Limits of a walking robot's body")
struct BaseLimitTests {
    private static let limits = BaseLimits(
        roll: BaseLimits.Bounds(end: -0.6...0.6, stop: -1.2...1.2),
        pitch: BaseLimits.Bounds(end: -0.5...0.5, stop: -1...1),
        height: BaseLimits.Bounds(end: 0.12...0.4, stop: 0.06...0.6),
        staleSeconds: 0.05
    )

    /// An armed robot at time zero whose episode has begun, unless told otherwise.
    private static func walker(
        runs: Bool = true,
        placeStale: Double? = nil
    ) throws -> (Supervisor, BodyState) {
        var settings = SafetySettings()
        settings.base = limits
        settings.placeStaleSeconds = placeStale
        var supervisor = Supervisor(robot: SupervisorTests.robot(), settings: settings)
        var state = BodyState(jointCount: 2)
        for joint in 0..<2 { state.samples[joint] = SupervisorTests.sample(0, at: 0) }
        state.base = base()
        state.place = place()
        let both = JointSet(0..<2)
        let start = MonotonicTime(nanoseconds: 0)
        _ = try supervisor.permitTorque(both, state: state, now: start).get()
        supervisor.torqueEnabled(both, state: state)
        supervisor.note(.resetBegins)
        if runs { supervisor.note(.episodeBegins) }
        return (supervisor, state)
    }

    private static func base(roll: Double = 0, pitch: Double = 0, at time: Int64 = 0) -> BaseSample
    {
        BaseSample(
            roll: roll,
            pitch: pitch,
            yaw: 3,
            rollRate: 0,
            pitchRate: 0,
            yawRate: 0,
            time: MonotonicTime(nanoseconds: time)
        )
    }

    private static func place(height: Double = 0.2, at time: Int64 = 0) -> BasePlace {
        BasePlace(
            x: 0,
            y: 0,
            height: height,
            heading: 0,
            time: MonotonicTime(nanoseconds: time)
        )
    }

    private static func judge(
        _ supervisor: inout Supervisor,
        _ state: BodyState,
        at time: Int64 = 0
    ) -> Fault? {
        SupervisorTests.fault(
            supervisor.judge(
                SupervisorTests.proposal(0),
                state: state,
                now: MonotonicTime(nanoseconds: time),
                tick: 1
            )
        )
    }

    struct Row: Sendable {
        var roll = 0.0
        var pitch = 0.0
        var height = 0.2
        var cut: EpisodeCut?
        var fault: FaultCode?
    }

    @Test(
        "beyond `end` the episode ends, beyond `stop` the robot stops, each at its own bound",
        arguments: [
            Row(), Row(roll: 0.6), Row(roll: -0.61, cut: .fallen), Row(roll: 1.2, cut: .fallen),
            Row(roll: 1.21, cut: .fallen, fault: .baseTipped), Row(pitch: 0.5),
            Row(pitch: -0.51, cut: .fallen), Row(pitch: -1.01, cut: .fallen, fault: .baseTipped),
            Row(height: 0.12), Row(height: 0.11, cut: .fallen), Row(height: 0.41, cut: .fallen),
            Row(height: 0.05, cut: .fallen, fault: .baseHeight),
            Row(height: 0.61, cut: .fallen, fault: .baseHeight),
        ]
    )
    func bounds(row: Row) throws {
        var (supervisor, state) = try Self.walker()
        state.base = Self.base(roll: row.roll, pitch: row.pitch)
        state.place = Self.place(height: row.height)
        let fault = Self.judge(&supervisor, state)
        #expect(fault == row.fault.map { Fault($0) })
        #expect(supervisor.episodeCut == row.cut)
        if row.fault != nil { #expect(supervisor.stopResponse == .release && supervisor.isLatched) }
    }

    @Test("between episodes nothing of it is judged: a fallen robot may stand up")
    func betweenEpisodes() throws {
        var (supervisor, state) = try Self.walker(runs: false)
        state.base = Self.base(roll: 3)
        state.place = Self.place(height: 0.01)
        #expect(Self.judge(&supervisor, state) == nil && supervisor.episodeCut == nil)
        state.base = nil
        #expect(Self.judge(&supervisor, state) == nil)
    }

    @Test("an attitude that is missing, too old or no number parks the robot; the checks name it")
    func attitudeAge() throws {
        for (sample, time, isGood) in [
            (Self.base(), 50_000_000, true), (Self.base(), 50_000_001, false),
            (nil, 0, false), (Self.base(roll: .nan), 0, false),
            (Self.base(pitch: .infinity), 0, false),
        ] as [(BaseSample?, Int64, Bool)] {
            var (supervisor, state) = try Self.walker()
            for joint in 0..<2 { state.samples[joint] = SupervisorTests.sample(0, at: time) }
            state.base = sample
            let now = MonotonicTime(nanoseconds: time)
            #expect(supervisor.check(state, now: now).isBroken(.attitudeReading) == !isGood)
            let fault = Self.judge(&supervisor, state, at: time)
            #expect(fault == (isGood ? nil : Fault(.attitudeStale)))
            if !isGood { #expect(supervisor.stopResponse == .park && !supervisor.isLatched) }
        }
    }

    @Test("without a height nothing is said of it; the place's own age is watched if asked for")
    func placeAge() throws {
        var (supervisor, state) = try Self.walker()
        state.place = nil
        #expect(Self.judge(&supervisor, state) == nil)
        (supervisor, state) = try Self.walker(placeStale: 0.1)
        state.place = nil
        #expect(Self.judge(&supervisor, state) == Fault(.placeStale))
        (supervisor, state) = try Self.walker(placeStale: 0.1)
        let time: Int64 = 40_000_000
        state.place = Self.place(at: time - 100_000_001)
        state.base = Self.base(at: time)
        #expect(Self.judge(&supervisor, state, at: time) == Fault(.placeStale))
    }
}
