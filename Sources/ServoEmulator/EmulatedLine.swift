import Realtime
import Synchronization

/// An emulated serial line of whatever kind: opened by a client under `path`.
public protocol EmulatedPort: Sendable {
    /// The device a client opens, for example `/dev/pts/3`; another one after an unplug.
    var path: String { get }
    /// How often each fault on demand has hit.
    var faultHits: [FaultKind: Int] { get }
    /// Begins to answer.
    func start()
    /// Stops answering and pulls the plug.
    func stop()
    /// Adds something that shall go wrong from now on.
    func add(_ fault: FaultOrder)
    /// Takes orders of one kind back, or all; what a device has suffered stays.
    func removeFaults(_ kind: FaultKind?)
}

/// A device on a pseudo-terminal that any client can open as if it were a serial port.
///
/// One thread of its own hands what the client writes to the device, lets the device's time follow
/// the clock, and writes each reply when its time has come. What goes wrong on the way is
/// `FaultyLine`'s business; an adapter that is pulled out comes back as another pseudo-terminal.
public final class EmulatedLine<Device: LineDevice>: EmulatedPort {
    private let loop: Mutex<LineLoop<Device>?>
    private let thread = Mutex<WorkThread?>(nil)
    private let lastPath: Mutex<String>

    /// Opens a pseudo-terminal; the device answers from `start()` on.
    ///
    /// - Parameters:
    ///   - device: what is at the far end.
    ///   - isInstant: whether replies are written at once, not at their time.
    ///   - symlinkPath: a stable name for the pty; a link that is there already is replaced.
    ///   - faults: what shall go wrong; orders for other buses must not be in it.
    /// - Throws: `noTerminal`, or `noLink` if the stable name cannot be made.
    public init(
        device: sending Device,
        isInstant: Bool = false,
        symlinkPath: String? = nil,
        faults: FaultPlan = FaultPlan()
    ) throws(EmulatorError) {
        let terminal = try PseudoTerminal()
        if let symlinkPath { try terminal.publish(as: symlinkPath) }
        lastPath = Mutex(terminal.path)
        let line = FaultyLine(device: device, isInstant: isInstant, plan: faults)
        loop = Mutex(LineLoop(line: line, terminal: terminal, link: symlinkPath))
    }

    deinit { stop() }

    /// The device a client opens, for example `/dev/pts/3`.
    ///
    /// While the adapter is pulled out, and after the line has stopped, the one there was last.
    public var path: String {
        let present = loop.withLock { $0 }?.terminal.path
        return lastPath.withLock { last in
            if let present { last = present }
            return last
        }
    }

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
    /// Later calls change nothing; a stopped line cannot start again.
    public func stop() {
        _ = path
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
        ending.withdraw()
    }

    /// Looks at the device between two requests, `nil` if the line has stopped.
    public func withDevice<Result: Sendable>(
        _ body: @Sendable (inout Device) -> Result
    ) -> Result? {
        loop.withLock { $0 }?.withLine { body(&$0.device) }
    }

    /// How often each fault on demand has hit.
    public var faultHits: [FaultKind: Int] {
        loop.withLock { $0 }?.withLine { $0.hits } ?? [:]
    }

    /// Adds something that shall go wrong from now on.
    public func add(_ fault: FaultOrder) {
        loop.withLock { $0 }?.withLine { $0.add(fault) }
    }

    /// Takes orders of one kind back, or all; what a device has suffered stays.
    public func removeFaults(_ kind: FaultKind?) {
        loop.withLock { $0 }?.withLine { $0.remove(kind) }
    }

    /// Pulls the adapter out for so long.
    public func unplug(nanoseconds: Int64) {
        let now = MonotonicClock.now()
        loop.withLock { $0 }?.withLine { $0.unplug(nanoseconds: nanoseconds, now: now) }
    }
}

/// What the line's thread does.
private final class LineLoop<Device: LineDevice>: Sendable {
    /// How often a line whose adapter is out looks whether it is back, nanoseconds.
    private static var outPatience: Int64 { 2_000_000 }

    private let plugged: Mutex<PseudoTerminal>
    private let line: Mutex<FaultyLine<Device>>
    private let link: String?
    private let isEnding = Atomic(false)

    init(line: sending FaultyLine<Device>, terminal: PseudoTerminal, link: String?) {
        self.line = Mutex(line)
        self.link = link
        plugged = Mutex(terminal)
    }

    /// The pseudo-terminal that is plugged in, or was last.
    var terminal: PseudoTerminal { plugged.withLock { $0 } }

    func end() { isEnding.store(true, ordering: .relaxed) }

    func withdraw() {
        if let link { terminal.withdraw(link) }
    }

    func withLine<Result: Sendable>(
        _ body: (inout FaultyLine<Device>) -> Result
    ) -> Result {
        line.withLock { body(&$0) }
    }

    func run() {
        let patience = line.withLock { $0.device.patienceNanoseconds }
        while !isEnding.load(ordering: .relaxed) {
            let terminal = terminal
            let now = MonotonicClock.now()
            let next: Int64? = line.withLock { line in
                line.advance(to: now)
                return line.nextArrival
            }
            if line.withLock({ $0.unpluggedUntil != nil }) {
                stayOut(terminal)
                continue
            }
            if let next, next <= now {
                send(to: terminal, now: now)
                continue
            }
            guard wait(on: terminal, for: next, now: now, patience: patience) else { continue }
            let bytes = terminal.read()
            guard !bytes.isEmpty else { continue }
            let rate = terminal.clientBaudRate
            let heard = MonotonicClock.now()
            line.withLock { $0.receive(bytes, rate: rate > 0 ? rate : nil, now: heard) }
            send(to: terminal, now: heard)
        }
    }

    /// Waits for a request; false if something else is due first.
    private func wait(
        on terminal: PseudoTerminal,
        for reply: Int64?,
        now: Int64,
        patience: Int64
    ) -> Bool {
        let left = reply.map { min($0 - now, patience) } ?? patience
        return terminal.waitForInput(nanoseconds: left)
    }

    /// Sends what is due.
    private func send(to terminal: PseudoTerminal, now: Int64) {
        // In one go, as an adapter hands over what has gathered.
        let bytes = line.withLock { $0.arrivals(by: now) }
        guard !bytes.isEmpty, !terminal.write(bytes) else { return }
        line.withLock { $0.device.noteDroppedReply() }
    }

    /// The adapter is out: the client reads the end of the file and the stable name is gone, until
    /// another pseudo-terminal stands in its place.
    private func stayOut(_ old: PseudoTerminal) {
        if let link { old.withdraw(link) }
        // The new one is opened before the old one closes, so that it cannot get its name.
        guard let new = try? PseudoTerminal() else {
            return MonotonicClock.sleep(until: MonotonicClock.now() + Self.outPatience)
        }
        old.hangUp()
        while !isEnding.load(ordering: .relaxed) {
            let now = MonotonicClock.now()
            let isBack = line.withLock { line in
                line.advance(to: now)
                return line.replug(now: now)
            }
            if isBack { break }
            MonotonicClock.sleep(until: now + Self.outPatience)
        }
        plugged.withLock { $0 = new }
        if let link, !isEnding.load(ordering: .relaxed) { try? new.publish(as: link) }
    }
}
