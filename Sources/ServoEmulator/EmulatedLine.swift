import Realtime
import Synchronization

/// An emulated serial line of whatever kind: opened by a client under `path`.
public protocol EmulatedPort: Sendable {
    /// The device a client opens, for example `/dev/pts/3`.
    var path: String { get }
    /// Begins to answer.
    func start()
    /// Stops answering and pulls the plug.
    func stop()
}

/// A device on a pseudo-terminal that any client can open as if it were a serial port.
///
/// One thread of its own hands what the client writes to the device, lets the device's time follow
/// the clock, and writes each reply when its time has come.
public final class EmulatedLine<Device: LineDevice>: EmulatedPort {
    /// The device a client opens, for example `/dev/pts/3`.
    public let path: String
    private let link: String?
    private let loop: Mutex<LineLoop<Device>?>
    private let thread = Mutex<WorkThread?>(nil)

    /// Opens a pseudo-terminal; the device answers from `start()` on.
    ///
    /// - Parameters:
    ///   - device: what is at the far end.
    ///   - isInstant: whether replies are written at once, not at their time.
    ///   - symlinkPath: a stable name for the pty; a link that is there already is replaced.
    /// - Throws: `noTerminal`, or `noLink` if the stable name cannot be made.
    public init(
        device: sending Device,
        isInstant: Bool = false,
        symlinkPath: String? = nil
    ) throws(EmulatorError) {
        let terminal = try PseudoTerminal()
        if let symlinkPath { try terminal.publish(as: symlinkPath) }
        path = terminal.path
        link = symlinkPath
        loop = Mutex(LineLoop(device: device, terminal: terminal, isInstant: isInstant))
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
    /// Later calls change nothing; a stopped line cannot start again.
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
        if let link { ending.terminal.withdraw(link) }
    }

    /// Looks at the device between two requests, `nil` if the line has stopped.
    public func withDevice<Result: Sendable>(
        _ body: @Sendable (inout Device) -> Result
    ) -> Result? {
        loop.withLock { $0 }?.withDevice(body)
    }
}

/// What the line's thread does.
private final class LineLoop<Device: LineDevice>: Sendable {
    /// What poll can wait for at least, nanoseconds.
    private static var pollResolution: Int64 { 1_000_000 }

    let terminal: PseudoTerminal
    private let device: Mutex<Device>
    private let isInstant: Bool
    private let isEnding = Atomic(false)

    init(device: sending Device, terminal: PseudoTerminal, isInstant: Bool) {
        self.device = Mutex(device)
        self.terminal = terminal
        self.isInstant = isInstant
    }

    func end() { isEnding.store(true, ordering: .relaxed) }

    func withDevice<Result: Sendable>(_ body: @Sendable (inout Device) -> Result) -> Result {
        device.withLock { body(&$0) }
    }

    func run() {
        var replies: [TimedReply] = []
        let patience = device.withLock { $0.patienceNanoseconds }
        while !isEnding.load(ordering: .relaxed) {
            let now = MonotonicClock.now()
            send(&replies, now: now)
            replies += device.withLock { $0.advance(to: now) }
            guard wait(for: replies.first?.time, now: now, patience: patience) else { continue }
            let bytes = terminal.read()
            guard !bytes.isEmpty else { continue }
            let rate = terminal.clientBaudRate
            let heard = MonotonicClock.now()
            replies += device.withLock {
                $0.receive(bytes, rate: rate > 0 ? rate : nil, now: heard)
            }
        }
    }

    /// Waits for a request; false if something else is due first.
    private func wait(for reply: Int64?, now: Int64, patience: Int64) -> Bool {
        if isInstant, reply != nil { return terminal.waitForInput(milliseconds: 0) }
        let left = reply.map { min($0 - now, patience) } ?? patience
        guard left < Self.pollResolution else {
            return terminal.waitForInput(milliseconds: Int32(left / Self.pollResolution))
        }
        if terminal.waitForInput(milliseconds: 0) { return true }
        MonotonicClock.sleep(until: now + left)
        return false
    }

    /// Sends what is due.
    private func send(_ replies: inout [TimedReply], now: Int64) {
        let due = replies.prefix { $0.time <= now || isInstant }
        guard !due.isEmpty else { return }
        for reply in due where !terminal.write(reply.bytes) {
            device.withLock { $0.noteDroppedReply() }
        }
        replies.removeFirst(due.count)
    }
}
