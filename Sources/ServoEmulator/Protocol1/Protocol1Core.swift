import Physics
public import ServoProtocol

/// The Dynamixel 1.0 or Feetech servos of one bus as a state machine: bytes in, timed replies out.
///
/// The counterpart of `BusCore` for protocol 1. It reads no clock and touches no file; `now` is an
/// argument, in nanoseconds, and never goes back.
public struct Protocol1Core: LineDevice {
    /// The servos, in the order they were given.
    public internal(set) var servos: [Protocol1Servo]
    /// What the host's end of the line is set to; `nil` if it is not known, then all servos hear.
    public var hostBaudRate: Int?
    /// What was seen so far.
    public internal(set) var counters = BusCounters()

    let options: EmulatorOptions
    let plant: SharedPlant
    let busIndex: Int
    var line: BusLine
    private var decoder = Protocol1Decoder()
    private var heardAt: Int64
    /// What each servo's controller was last told.
    private var commands: [ServoCommand?]
    private var now: Int64

    /// Powers the servos.
    ///
    /// - Parameters:
    ///   - servos: in any order; two of the same ID collide when they answer, as real ones do. Each
    ///     must be of a model of these protocols.
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
        self.options = options
        self.plant = plant
        self.busIndex = busIndex
        self.now = now
        heardAt = now
        line = BusLine(timing: options.timing)
        commands = Array(repeating: nil, count: servos.count)
        let time = Protocol1Core.servoTime(at: now, options, plant)
        self.servos = servos.map { setup in
            precondition(
                (0..<count).contains(setup.plantIndex),
                "servo \(setup.id) is number \(setup.plantIndex) of a plant of \(count)"
            )
            guard var servo = Protocol1Servo(setup, options: options) else {
                preconditionFailure("\(setup.table.model) speaks another protocol")
            }
            servo.measurement = plant.measure(servo: setup.plantIndex)
            servo.boot(now: time)
            return servo
        }
        if options.clock == .real { plant.advance(to: now) }
        sendCommands()
    }

    /// The servo with this ID.
    public func servo(id: UInt8) -> Protocol1Servo? { servos.first { $0.id == id } }

    // MARK: Time

    /// The servos' own time: monotonic, or physics time under the stepped clock.
    var servoTime: Int64 { Protocol1Core.servoTime(at: now, options, plant) }

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

    /// Lets time pass until `time`: physics and sensors.
    ///
    /// Earlier moments are ignored; nothing is sent unasked.
    public mutating func advance(to time: Int64) -> [TimedReply] {
        follow(time)
        return []
    }

    /// Physics until `time`; earlier moments are ignored.
    mutating func follow(_ time: Int64) {
        guard time > now else { return }
        now = time
        guard options.clock == .real else { return }
        plant.advance(to: now)
        refresh()
    }

    /// Physics follow the clock every 5 ms; under the stepped clock nothing happens by itself.
    public var patienceNanoseconds: Int64 { options.clock == .real ? 5_000_000 : 20_000_000 }

    /// Counts a goal packet; under the stepped clock, physics run a tick.
    mutating func countGoalPacket() {
        counters.goalPackets += 1
        guard case .stepped(let tick) = options.clock else { return }
        _ = plant.countGoalPacket(bus: busIndex, tickNanoseconds: tick)
        refresh()
    }

    /// Reads one servo's sensors, as it does when it answers.
    mutating func refresh(_ index: Int) {
        let measurement = plant.measure(servo: servos[index].plantIndex)
        servos[index].refresh(measurement, now: servoTime)
    }

    /// Reads every servo's sensors and tells controllers what that changed.
    mutating func refresh() {
        for index in servos.indices { refresh(index) }
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

    /// Takes a request whose last byte the host handed over at `now`; returns what comes back.
    public mutating func handle(_ request: Protocol1Packet, now arrival: Int64) -> [TimedReply] {
        line.baudRate = hostBaudRate ?? servos.first?.baudRate ?? line.baudRate
        let bytes = Protocol1.shortestFrame + request.parameters.count
        follow(line.request(bytes: bytes, now: max(arrival, now)))
        refresh()
        counters.requests += 1
        let hearing = servos.indices.filter { hears(servos[$0]) }
        if hearing.isEmpty, !servos.isEmpty { counters.requestsAtWrongRate += 1 }
        let replies = execute(request, hearing)
        sendCommands()
        counters.replies += replies.count
        return replies
    }

    /// Whether a servo understands what is on the line.
    private func hears(_ servo: Protocol1Servo) -> Bool {
        guard !servo.faults.isDisconnected, servoTime >= servo.deafUntil else { return false }
        guard options.checksBaudRate, let rate = hostBaudRate else { return true }
        return abs(rate - servo.baudRate) * 100 <= servo.baudRate * 3
    }

    /// Brings a fault about now.
    public mutating func inject(_ fault: ServoFault, servo id: UInt8) {
        for index in servos.indices where servos[index].id == id {
            servos[index].inject(fault, now: servoTime)
        }
        sendCommands()
    }
}
