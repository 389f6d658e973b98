import ServoProtocol

/// Counts of what an emulated fdcanusb has seen.
public struct MoteusCounters: Sendable, Hashable {
    /// Lines it understood.
    public var lines = 0
    /// Lines it refused, for whatever reason.
    public var refusals = 0
    /// Frames sent to the bus.
    public var frames = 0
    /// Frames that command a position.
    public var goals = 0
    /// Replies of controllers.
    public var replies = 0
    /// Replies that the pty had no room for.
    public var droppedReplies = 0
}

/// An fdcanusb with moteus controllers behind it as a state machine: lines in, timed lines out.
///
/// Answers carry a check sum exactly when the request had one; the UART form always has them, and
/// once the host has sent one it demands them. Two controllers of the same ID spoil each other's
/// replies.
///
/// Under the stepped clock, physics go on by one tick as soon as every connected controller has got
/// a new goal, or one of them its second.
public struct MoteusCore: LineDevice {
    /// The controllers, in the order they were given.
    public internal(set) var controllers: [EmulatedMoteus]
    /// What was seen so far.
    public internal(set) var counters = MoteusCounters()

    let options: EmulatorOptions
    let plant: SharedPlant
    private let busIndex: Int
    private var decoder = FdcanusbDecoder(needsChecksums: false)
    private var wire: MoteusWire
    private var isBusOn = true
    private var now: Int64
    /// Whether a controller has got a goal since the last tick of the stepped clock.
    private var hasGoal: [Bool]

    /// Powers adapter and controllers.
    ///
    /// - Parameters:
    ///   - plant: moves them; each setup's `plantIndex` must be below its `servoCount`.
    ///   - options: clock, timing and name are heeded, the rest is for Dynamixel servos.
    ///   - busIndex: tells buses that share a plant apart.
    public init(
        controllers setups: [MoteusSetup],
        plant: SharedPlant,
        form: MoteusForm = .usb,
        options: EmulatorOptions = EmulatorOptions(),
        busIndex: Int = 0,
        now: Int64
    ) {
        let count = plant.servoCount
        for setup in setups {
            precondition(
                (0..<count).contains(setup.plantIndex),
                "controller \(setup.id) is number \(setup.plantIndex) of a plant of \(count)"
            )
        }
        self.options = options
        self.plant = plant
        self.busIndex = busIndex
        self.now = now
        wire = MoteusWire(form: form, isHonest: options.timing == .honest)
        hasGoal = setups.map { _ in false }
        controllers = setups.map { EmulatedMoteus($0, now: 0) }
        if options.clock == .real { plant.advance(to: now) }
        for index in controllers.indices {
            controllers[index].measurement = plant.measure(servo: setups[index].plantIndex)
            controllers[index].powerCycle(now: controllerTime)
        }
        tellMotors()
    }

    /// The controller with this ID.
    public func controller(id: UInt8) -> EmulatedMoteus? { controllers.first { $0.id == id } }

    /// Brings trouble about now.
    public mutating func inject(_ trouble: MoteusTrouble, controller id: UInt8) {
        look()
        for index in controllers.indices where controllers[index].id == id {
            controllers[index].inject(trouble, now: controllerTime)
        }
        look()
    }

    // MARK: Time

    /// The controllers' own time: monotonic, or physics time under the stepped clock.
    var controllerTime: Int64 {
        switch options.clock {
        case .real: now
        case .stepped(let tick): Int64(plant.ticks) * tick
        }
    }

    /// Physics follow the clock every 5 ms; under the stepped clock nothing happens by itself.
    public var patienceNanoseconds: Int64 { options.clock == .real ? 5_000_000 : 20_000_000 }

    /// Lets time pass until `time`: physics, watchdogs, sensors.
    public mutating func advance(to time: Int64) -> [TimedReply] {
        follow(time)
        return []
    }

    private mutating func follow(_ time: Int64) {
        guard time > now else { return }
        guard options.clock == .real else {
            now = time
            return
        }
        // A watchdog stops its motor when it is due, not when somebody looks; and a controller that
        // stays within bounds looks where it is every millisecond.
        while now < time {
            let changes = controllers.compactMap(\.nextChange).filter { $0 > now }
            let watches = controllers.contains { $0.mode == .stayWithin }
            let step = watches ? min(time, now + 1_000_000) : time
            now = min(step, changes.min() ?? step)
            plant.advance(to: now)
            look()
        }
    }

    /// Reads all sensors, lets every controller look at them, and tells the motors what follows.
    private mutating func look() {
        let time = controllerTime
        for index in controllers.indices {
            let servo = controllers[index].setup.plantIndex
            controllers[index].measurement = plant.measure(servo: servo)
            controllers[index].watch(now: time)
        }
        tellMotors()
    }

    private mutating func tellMotors() {
        let time = controllerTime
        for index in controllers.indices where controllers[index].hasNews {
            controllers[index].hasNews = false
            plant.command(
                servo: controllers[index].setup.plantIndex,
                controllers[index].command(now: time)
            )
        }
    }

    /// Notes a goal, and runs a tick of the stepped clock if it is that controller's second one.
    private mutating func noteGoal(_ index: Int) {
        counters.goals += 1
        if hasGoal[index] { tick() }
        hasGoal[index] = true
    }

    /// Runs a tick of the stepped clock once every controller has got a goal.
    private mutating func tickIfComplete() {
        for index in controllers.indices where !hasGoal[index] {
            if !controllers[index].troubles.isDisconnected { return }
        }
        tick()
    }

    private mutating func tick() {
        for index in hasGoal.indices { hasGoal[index] = false }
        guard case .stepped(let nanoseconds) = options.clock else { return }
        _ = plant.countGoalPacket(bus: busIndex, tickNanoseconds: nanoseconds)
        look()
    }

    // MARK: Lines

    /// Takes bytes as the host wrote them.
    public mutating func receive(_ bytes: [UInt8], rate: Int?, now arrival: Int64) -> [TimedReply] {
        if let rate { wire.baudRate = rate }
        decoder.append(bytes)
        var replies: [TimedReply] = []
        while let line = decoder.next() { handle(line, now: arrival, &replies) }
        return replies.sorted { $0.time < $1.time }
    }

    /// Counts a reply that the pty had no room for.
    public mutating func noteDroppedReply() { counters.droppedReplies += 1 }

    private mutating func handle(
        _ line: Fdcanusb.Line,
        now arrival: Int64,
        _ replies: inout [TimedReply]
    ) {
        let taken = wire.line(bytes: decoder.lineBytes, now: max(arrival, now))
        if wire.form == .uart, decoder.checksum == .correct { decoder.needsChecksums = true }
        follow(taken)
        look()
        switch line {
        case .send(let frame) where isBusOn:
            answer("OK", at: taken, &replies)
            send(frame, now: taken, &replies)
        case .send: answer("ERR not in BusOn state", at: taken, &replies)
        case .badSend(let problem): answer("ERR " + problem.rawValue, at: taken, &replies)
        case .damaged(.wrongChecksum): answer("ERR invalid checksum", at: taken, &replies)
        case .damaged(.noChecksum): answer("ERR checksum required", at: taken, &replies)
        case .words: answer(obey(decoder.text), at: taken, &replies)
        default: answer("ERR unknown command", at: taken, &replies)
        }
    }

    private mutating func answer(_ words: String, at time: Int64, _ replies: inout [TimedReply]) {
        if words.hasPrefix("ERR") { counters.refusals += 1 } else { counters.lines += 1 }
        var writer = FdcanusbWriter(addsChecksums: signs, endsWithReturn: true, frames: 1)
        writer.line(words)
        let arrival = wire.answer(bytes: writer.bytes.count, now: time)
        replies.append(TimedReply(bytes: writer.bytes, time: arrival))
    }

    /// Whether what the host gets now has a check sum.
    private var signs: Bool { wire.form == .uart || decoder.checksum == .correct }

    /// Commands that send nothing.
    private mutating func obey(_ words: String) -> String {
        switch words {
        case "can on":
            defer { isBusOn = true }
            return isBusOn ? "ERR already in BusOn" : "OK"
        case "can off":
            defer { isBusOn = false }
            return isBusOn ? "OK" : "ERR already in BusOff"
        default:
            // A controller on its own UART has its console here.
            guard wire.form == .uart, words.hasPrefix("conf"), !controllers.isEmpty else {
                return "ERR unknown command"
            }
            return controllers[0].obey(words)
        }
    }

    // MARK: Frames

    private mutating func send(
        _ frame: CANFrame,
        now time: Int64,
        _ replies: inout [TimedReply]
    ) {
        counters.frames += 1
        let arrival = wire.frame(frame, now: time)
        let destination = UInt8(frame.id & 0x7F)
        let hearing = controllers.indices.filter { index in
            let controller = controllers[index]
            return !controller.troubles.isDisconnected
                && (controller.id == destination || destination == MoteusFrame.everybody)
        }
        let isTwice = destination != MoteusFrame.everybody && hearing.count > 1
        for index in hearing {
            guard let reply = take(frame, index), !isTwice else { continue }
            deliver(reply, of: index, now: arrival, &replies)
        }
        tellMotors()
        if hasGoal.contains(true) { tickIfComplete() }
    }

    /// Has a controller do what a frame says; returns its reply if one is wanted.
    private mutating func take(_ frame: CANFrame, _ index: Int) -> CANFrame? {
        if EmulatedMoteus.isGoal(frame) { noteGoal(index) }
        let reply = controllers[index].take(frame, now: controllerTime)
        return frame.id & 0x8000 == 0 ? nil : reply
    }

    private mutating func deliver(
        _ reply: CANFrame,
        of index: Int,
        now time: Int64,
        _ replies: inout [TimedReply]
    ) {
        guard controllers[index].troubles.repliesToDrop == 0 else {
            controllers[index].troubles.repliesToDrop -= 1
            return
        }
        var writer = FdcanusbWriter(addsChecksums: signs, endsWithReturn: true, frames: 1)
        writer.received(reply)
        var bytes = writer.bytes
        if controllers[index].troubles.repliesToCorrupt > 0 {
            controllers[index].troubles.repliesToCorrupt -= 1
            // The last digit of the data but a few: `e B F r`, check sum and line end come after.
            bytes[bytes.count / 2] ^= 0x01
        }
        counters.replies += 1
        var arrival = wire.answer(bytes: bytes.count, now: wire.reply(reply, now: time))
        if controllers[index].troubles.repliesToDelay > 0 {
            controllers[index].troubles.repliesToDelay -= 1
            arrival += controllers[index].troubles.replyDelay
        }
        replies.append(TimedReply(bytes: bytes, time: arrival))
    }
}
