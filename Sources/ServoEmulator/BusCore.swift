import Physics
public import ServoProtocol

/// Counts of what a bus has seen.
public struct BusCounters: Sendable, Hashable {
    /// Correct requests.
    public var requests = 0
    /// Requests at a rate that none of the servos has.
    public var requestsAtWrongRate = 0
    /// Packets that write Goal Position.
    public var goalPackets = 0
    /// Statuses sent, a shared one counted once.
    public var replies = 0
    /// Replies that the pty had no room for.
    public var droppedReplies = 0
    /// Parts of sync and bulk writes that a servo refused; nobody is told.
    public var silentRefusals = 0
    /// Times a servo's Bus Watchdog tripped.
    public var watchdogTrips = 0
}

/// The servos of one bus as a state machine: requests in, timed replies out.
///
/// It reads no clock and touches no file; `now` is an argument, in nanoseconds, and never goes
/// back. Between requests `advance(to:)` lets time pass.
public struct BusCore: LineDevice {
    /// The servos, in the order they were given.
    public internal(set) var servos: [EmulatedServo]
    /// What the host's end of the line is set to; `nil` if it is not known, then all servos hear.
    public var hostBaudRate: Int?
    private var decoder = PacketDecoder()
    private var heardAt: Int64
    /// What was seen so far.
    public internal(set) var counters = BusCounters()

    let options: EmulatorOptions
    let plant: SharedPlant
    let busIndex: Int
    var line: BusLine
    /// Factory resets to be done when the status is out, by servo.
    var pendingResets: [Int: FactoryResetScope] = [:]
    /// Servos whose RAM backup comes back after the reboot.
    var pendingRestores: Set<Int> = []
    /// What each servo's controller was last told.
    private var commands: [ServoCommand?]
    private var now: Int64

    /// Powers the servos.
    ///
    /// - Parameters:
    ///   - servos: in any order; two of the same ID collide when they answer, as real ones do.
    ///   - plant: moves them; each setup's `plantIndex` must be below its `servoCount`.
    ///   - busIndex: tells buses that share a plant apart.
    public init(
        servos: [EmulatedServoSetup],
        plant: SharedPlant,
        options: EmulatorOptions = EmulatorOptions(),
        busIndex: Int = 0,
        now: Int64
    ) {
        let count = plant.servoCount
        for setup in servos {
            precondition(
                (0..<count).contains(setup.plantIndex),
                "servo \(setup.id) is number \(setup.plantIndex) of a plant of \(count)"
            )
        }
        self.options = options
        self.plant = plant
        self.busIndex = busIndex
        self.now = now
        heardAt = now
        line = BusLine(timing: options.timing)
        commands = Array(repeating: nil, count: servos.count)
        let time = BusCore.servoTime(at: now, options, plant)
        self.servos = servos.map { EmulatedServo($0, options: options, now: time) }
        for index in self.servos.indices {
            self.servos[index].measurement = plant.measure(servo: servos[index].plantIndex)
            self.servos[index].boot(now: time)
        }
        if options.clock == .real { plant.advance(to: now) }
        sendCommands()
    }

    /// The servo with this ID.
    public func servo(id: UInt8) -> EmulatedServo? { servos.first { $0.id == id } }

    // MARK: Time

    /// The servos' own time: monotonic, or physics time under the stepped clock.
    var servoTime: Int64 { servoTime(at: now) }

    /// The servos' own time at a moment that may lie ahead.
    func servoTime(at moment: Int64) -> Int64 { BusCore.servoTime(at: moment, options, plant) }

    private static func servoTime(
        at now: Int64,
        _ options: EmulatorOptions,
        _ plant: SharedPlant
    ) -> Int64 {
        switch options.clock {
        case .real: now
        case .stepped(let tick): Int64(plant.ticks) * tick
        }
    }

    /// Lets time pass until `time`: physics, watchdogs, sensors.
    ///
    /// Earlier moments are ignored.
    public mutating func advance(to time: Int64) -> [TimedReply] {
        follow(time)
        return []
    }

    /// Physics and watchdogs until `time`; earlier moments are ignored.
    mutating func follow(_ time: Int64) {
        guard time > now else { return }
        if options.clock == .real {
            // Each watchdog stops its servo when it is due, not when somebody looks.
            while let (index, deadline) = nextWatchdog(before: time) {
                runPlant(to: deadline)
                trip(index)
            }
            runPlant(to: time)
        }
        now = time
    }

    private mutating func runPlant(to time: Int64) {
        now = max(now, time)
        plant.advance(to: now)
        refresh()
    }

    private func nextWatchdog(before time: Int64) -> (index: Int, deadline: Int64)? {
        var found: (index: Int, deadline: Int64)?
        for (index, servo) in servos.enumerated() {
            guard let deadline = servo.watchdogDeadline, deadline <= time else { continue }
            if let best = found, best.deadline <= deadline { continue }
            found = (index, deadline)
        }
        return found
    }

    /// Lets a servo's Bus Watchdog stop it.
    mutating func trip(_ index: Int) {
        servos[index].tripWatchdog()
        counters.watchdogTrips += 1
        sendCommands()
    }

    /// Counts a goal packet; under the stepped clock, physics run a tick.
    mutating func countGoalPacket() {
        counters.goalPackets += 1
        guard case .stepped(let tick) = options.clock else { return }
        let ticks = plant.countGoalPacket(bus: busIndex, tickNanoseconds: tick)
        refresh()
        while let (index, _) = nextWatchdog(before: Int64(ticks) * tick) { trip(index) }
    }

    /// Reads one servo's sensors, as it does when it answers.
    mutating func refresh(_ index: Int) {
        let measurement = plant.measure(servo: servos[index].plantIndex)
        servos[index].refresh(measurement, now: servoTime)
    }

    /// Reads every servo's sensors and tells controllers what that changed.
    mutating func refresh() {
        let time = servoTime
        for index in servos.indices {
            servos[index].refresh(plant.measure(servo: servos[index].plantIndex), now: time)
        }
        sendCommands()
    }

    /// Tells controllers whose registers changed.
    mutating func sendCommands() {
        for index in servos.indices {
            let command = servos[index].command
            guard command != commands[index] else { continue }
            commands[index] = command
            plant.command(servo: servos[index].plantIndex, command)
        }
    }

    // MARK: Requests

    /// Takes bytes as the host wrote them.
    public mutating func receive(_ bytes: [UInt8], rate: Int?, now arrival: Int64) -> [TimedReply] {
        if decoder.pendingBytes > 0, arrival - heardAt > options.byteGapNanoseconds {
            decoder.removeAll()
        }
        heardAt = arrival
        hostBaudRate = options.checksBaudRate ? rate : nil
        decoder.append(bytes)
        var replies: [TimedReply] = []
        while let packet = decoder.next() { replies += handle(packet, now: arrival) }
        return replies
    }

    /// Counts a reply that the pty had no room for.
    public mutating func noteDroppedReply() { counters.droppedReplies += 1 }

    /// Physics follow the clock every 5 ms; under the stepped clock nothing happens by itself.
    public var patienceNanoseconds: Int64 { options.clock == .real ? 5_000_000 : 20_000_000 }

    /// Takes a packet whose last byte the host handed over at `now`; returns what comes back.
    ///
    /// Replies are in order of time. Packets that are no requests are ignored.
    public mutating func handle(_ packet: DecodedPacket, now arrival: Int64) -> [TimedReply] {
        switch packet {
        case .instruction(let request):
            return handle(request, now: arrival)
        case .unknown(let id, _, let parameters):
            begin(bytes: 10 + parameters.count, now: arrival)
            return answerUnknown(id)
        case .status, .fastStatus:
            return []
        }
    }

    /// Takes a request whose last byte the host handed over at `now`; returns what comes back.
    public mutating func handle(_ request: InstructionPacket, now arrival: Int64) -> [TimedReply] {
        begin(bytes: request.encoded().count, now: arrival)
        counters.requests += 1
        let hearing = servos.indices.filter { hears(servos[$0]) }
        if hearing.isEmpty, !servos.isEmpty { counters.requestsAtWrongRate += 1 }
        feedWatchdogs(hearing, request)
        let replies = execute(request, hearing)
        sendCommands()
        counters.replies += replies.count
        return replies
    }

    private mutating func begin(bytes: Int, now arrival: Int64) {
        line.baudRate = hostBaudRate ?? servos.first?.baudRate ?? line.baudRate
        follow(line.request(bytes: bytes, now: max(arrival, now)))
        refresh()
    }

    /// Whether a servo understands what is on the line.
    func hears(_ servo: EmulatedServo) -> Bool {
        guard !servo.faults.isDisconnected, servoTime >= servo.deafUntil else { return false }
        // In protocol 1.0 or a remote-control mode it takes no 2.0 packets.
        if servo.image.has(.protocolType), servo.image[.protocolType] != 2 { return false }
        guard options.checksBaudRate, let rate = hostBaudRate else { return true }
        return abs(rate - servo.baudRate) * 100 <= servo.baudRate * 3
    }

    private mutating func feedWatchdogs(_ hearing: [Int], _ request: InstructionPacket) {
        let named = Set(BusRequest.namedIDs(request))
        let time = servoTime
        for index in hearing {
            let servo = servos[index]
            let isNamed = named.contains(servo.id) || named.contains { servo.isShadow($0) }
            if isNamed || options.watchdogFeeding == .anyPacket {
                servos[index].watchdogFedAt = time
            }
        }
    }

    private mutating func answerUnknown(_ id: UInt8) -> [TimedReply] {
        var replies: [TimedReply] = []
        for index in servos.indices where servos[index].id == id && hears(servos[index]) {
            replies += status(index, .instruction, level: 2)
        }
        return replies
    }

    /// Brings a fault about now.
    public mutating func inject(_ fault: ServoFault, servo id: UInt8) {
        for index in servos.indices where servos[index].id == id {
            servos[index].inject(fault, now: servoTime)
        }
        sendCommands()
    }
}
