import Realtime
import ServoProtocol
import Synchronization

/// Servos on a pseudo-terminal that any Dynamixel client can open as if it were a serial port.
///
/// One thread of its own reads requests, lets physics follow the clock, and writes each reply when
/// its time has come. Everything that decides what servos do is in `BusCore`.
public final class EmulatedBus: Sendable {
    /// The device a client opens, for example `/dev/pts/3`.
    public let path: String
    /// The plant, to push the robot around in.
    public let plant: SharedPlant
    private let options: EmulatorOptions
    private let loop: Mutex<BusLoop?>
    private let thread = Mutex<WorkThread?>(nil)

    /// Opens a pseudo-terminal and powers the servos; they answer from `start()` on.
    ///
    /// - Throws: `noTerminal`, or `noLink` if `options.symlinkPath` cannot be made.
    public convenience init(
        servos: [EmulatedServoSetup],
        plant: sending any ServoPlant,
        options: EmulatorOptions = EmulatorOptions()
    ) throws(EmulatorError) {
        try self.init(servos: servos, plant: SharedPlant(plant), options: options)
    }

    /// As the other initialiser, for one of several buses on the same plant.
    public init(
        servos: [EmulatedServoSetup],
        plant: SharedPlant,
        options: EmulatorOptions = EmulatorOptions(),
        busIndex: Int = 0
    ) throws(EmulatorError) {
        let terminal = try PseudoTerminal()
        if let link = options.symlinkPath { try terminal.publish(as: link) }
        let core = BusCore(
            servos: servos,
            plant: plant,
            options: options,
            busIndex: busIndex,
            now: MonotonicClock.now()
        )
        path = terminal.path
        self.plant = plant
        self.options = options
        loop = Mutex(BusLoop(core: core, terminal: terminal, options: options))
    }

    deinit { stop() }

    /// Begins to answer.
    ///
    /// Later calls change nothing.
    public func start() {
        guard let loop = loop.withLock({ $0 }) else { return }
        thread.withLock { thread in
            guard thread == nil else { return }
            // A servo answers whatever else the machine is busy with; without the right to real-time
            // priority it answers as well as it can.
            thread = WorkThread(name: "servo-bus", priority: .control) { loop.run() }
        }
    }

    /// Stops answering and pulls the plug: a client reads the end of the file.
    ///
    /// Later calls change nothing; a stopped bus cannot start again.
    public func stop() {
        let ending = loop.withLock { loop in
            defer { loop = nil }
            return loop
        }
        guard let ending else { return }
        ending.end()
        thread.withLock { thread in
            thread?.join()
            thread = nil
        }
        ending.withdraw(options.symlinkPath)
    }

    /// Looks at the servos between two packets, `nil` if the bus has stopped.
    public func withCore<Result: Sendable>(
        _ body: @Sendable (inout BusCore) -> Result
    ) -> Result? {
        loop.withLock { $0 }?.withCore(body)
    }

    /// What the bus has seen so far.
    public var counters: BusCounters { withCore { $0.counters } ?? BusCounters() }

    /// Brings a fault about in the servo with this ID.
    public func inject(_ fault: ServoFault, servo id: UInt8) {
        withCore { $0.inject(fault, servo: id) }
    }
}

/// What the bus's thread does.
private final class BusLoop: Sendable {
    /// How far physics may lag behind the clock while nobody asks, nanoseconds.
    private static let longestLag: Int64 = 5_000_000
    /// How long the thread may sleep if physics do not follow the clock, nanoseconds.
    private static let longestSleep: Int64 = 20_000_000
    /// What poll can wait for at least, nanoseconds.
    private static let pollResolution: Int64 = 1_000_000

    private let core: Mutex<BusCore>
    private let terminal: PseudoTerminal
    private let options: EmulatorOptions
    private let isEnding = Atomic(false)

    init(core: consuming BusCore, terminal: PseudoTerminal, options: EmulatorOptions) {
        self.core = Mutex(core)
        self.terminal = terminal
        self.options = options
    }

    func end() { isEnding.store(true, ordering: .relaxed) }

    func withdraw(_ link: String?) {
        if let link { terminal.withdraw(link) }
    }

    func withCore<Result: Sendable>(_ body: @Sendable (inout BusCore) -> Result) -> Result {
        core.withLock { body(&$0) }
    }

    func run() {
        var decoder = PacketDecoder()
        var replies: [TimedReply] = []
        var heardAt = MonotonicClock.now()
        while !isEnding.load(ordering: .relaxed) {
            let now = MonotonicClock.now()
            send(&replies, now: now)
            core.withLock { $0.advance(to: now) }
            if decoder.pendingBytes > 0, now - heardAt > options.byteGapNanoseconds {
                decoder.removeAll()
            }
            guard wait(for: replies.first?.time, now: now) else { continue }
            let bytes = terminal.read()
            guard !bytes.isEmpty else { continue }
            heardAt = MonotonicClock.now()
            decoder.append(bytes)
            handle(&decoder, &replies, now: heardAt)
        }
    }

    /// Waits for a request; false if something else is due first.
    private func wait(for reply: Int64?, now: Int64) -> Bool {
        let patience = options.clock == .real ? Self.longestLag : Self.longestSleep
        let left = reply.map { min($0 - now, patience) } ?? patience
        guard left < Self.pollResolution else {
            return terminal.waitForInput(milliseconds: Int32(left / Self.pollResolution))
        }
        if terminal.waitForInput(milliseconds: 0) { return true }
        MonotonicClock.sleep(until: now + left)
        return false
    }

    private func handle(
        _ decoder: inout PacketDecoder,
        _ replies: inout [TimedReply],
        now: Int64
    ) {
        let rate = terminal.clientBaudRate
        core.withLock { core in
            core.hostBaudRate = options.checksBaudRate && rate > 0 ? rate : nil
            while let packet = decoder.next() {
                replies += core.handle(packet, now: now)
            }
        }
    }

    /// Sends what is due.
    private func send(_ replies: inout [TimedReply], now: Int64) {
        let due = replies.prefix { $0.time <= now || options.timing == .instant }
        guard !due.isEmpty else { return }
        for reply in due where !terminal.write(reply.bytes) {
            core.withLock { $0.counters.droppedReplies += 1 }
        }
        replies.removeFirst(due.count)
    }
}
