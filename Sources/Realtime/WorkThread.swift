import CRealtime
import Glibc
import Synchronization

/// What a thread asks of the scheduler.
public struct ThreadPriority: Sendable, Hashable {
    /// SCHED_FIFO priority, or `nil` for ordinary scheduling.
    public var fifo: Int32?
    /// Nice value under ordinary scheduling.
    public var nice: Int32 = 0
    /// The processor it stays on, counted from 0; `nil` leaves that to the scheduler.
    public var cpu: Int?

    /// Ordinary scheduling.
    public static let ordinary = ThreadPriority(fifo: nil)
    /// Work that gives way to everything else: the kernel's own threads carry a serial port's bytes
    /// at ordinary priority, and a learner beside them must not hold them up.
    public static let background = ThreadPriority(fifo: nil, nice: 15)
    /// The control thread: above the machine's ordinary work, below its interrupts.
    public static let control = ThreadPriority(fifo: 40)
}

/// One operating-system thread with a name, for work that must not share Swift's thread pool.
public final class WorkThread: Sendable {
    private let thread: Mutex<pthread_t?>

    /// Starts `body` on a new thread.
    ///
    /// - Parameters:
    ///   - name: what the thread is called in `ps -L`; the first 15 bytes count.
    ///   - priority: asked of the scheduler. What it refuses is left out, and `refused` is told on
    ///     the new thread. A thread with a FIFO priority also has its stack in memory and its timers
    ///     without slack.
    public init(
        name: String,
        priority: ThreadPriority = .ordinary,
        refused: @escaping @Sendable (RealtimeRefusal) -> Void = { _ in },
        body: @escaping @Sendable () -> Void
    ) {
        let start = Start(name: name, priority: priority, refused: refused, body: body)
        var handle = pthread_t()
        let context = unsafe Unmanaged.passRetained(start).toOpaque()
        let status = unsafe pthread_create(&handle, nil, threadEntry, context)
        precondition(status == 0, "pthread_create failed: errno \(status)")
        thread = Mutex(handle)
    }

    /// Waits until the thread's work is done.
    ///
    /// Later calls return at once.
    public func join() {
        let handle = thread.withLock { stored in
            defer { stored = nil }
            return stored
        }
        guard let handle else { return }
        pthread_join(handle, nil)
    }
}

private final class Start: Sendable {
    let name: String
    let priority: ThreadPriority
    let refused: @Sendable (RealtimeRefusal) -> Void
    let body: @Sendable () -> Void

    init(
        name: String,
        priority: ThreadPriority,
        refused: @escaping @Sendable (RealtimeRefusal) -> Void,
        body: @escaping @Sendable () -> Void
    ) {
        self.name = name
        self.priority = priority
        self.refused = refused
        self.body = body
    }

    /// Gets the calling thread what was asked for, as far as it is permitted.
    func settle() {
        if let cpu = priority.cpu {
            let code = sacbot_use_cpu(Int32(clamping: cpu))
            if code != 0 { refused(.cpu(cpu, errno: code)) }
        }
        if let fifo = priority.fifo {
            let code = sacbot_use_fifo(fifo)
            if code != 0 { refused(.priority(fifo, errno: code)) }
            // Neither can fail in a way that matters: the tick is only a little later.
            _ = sacbot_timer_slack(1)
            sacbot_touch_stack()
        } else if priority.nice != 0 {
            let code = sacbot_be_nice(priority.nice)
            if code != 0 { refused(.nice(priority.nice, errno: code)) }
        }
    }
}

/// A free function: a closure here would be isolated to the caller's actor and trap (spike, 2).
private func threadEntry(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let context = unsafe context else { return nil }
    let start = unsafe Unmanaged<Start>.fromOpaque(context).takeRetainedValue()
    // Naming is for people; a container that forbids it changes nothing else.
    _ = unsafe start.name.withCString { name in unsafe sacbot_name_thread(name) }
    start.settle()
    start.body()
    return nil
}
