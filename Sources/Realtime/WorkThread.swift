import CRealtime
import Glibc
import Synchronization

/// What a thread asks of the scheduler.
public struct ThreadPriority: Sendable, Hashable {
    /// SCHED_FIFO priority, or `nil` for ordinary scheduling.
    public var fifo: Int32?
    /// Nice value under ordinary scheduling.
    public var nice: Int32 = 0

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
    ///   - priority: asked of the scheduler; if it refuses, the thread runs with ordinary priority
    ///     and `refused` is called with the errno value.
    public init(
        name: String,
        priority: ThreadPriority = .ordinary,
        refused: @escaping @Sendable (Int32) -> Void = { _ in },
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
    let refused: @Sendable (Int32) -> Void
    let body: @Sendable () -> Void

    init(
        name: String,
        priority: ThreadPriority,
        refused: @escaping @Sendable (Int32) -> Void,
        body: @escaping @Sendable () -> Void
    ) {
        self.name = name
        self.priority = priority
        self.refused = refused
        self.body = body
    }
}

/// A free function: a closure here would be isolated to the caller's actor and trap (spike, 2).
private func threadEntry(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let context = unsafe context else { return nil }
    let start = unsafe Unmanaged<Start>.fromOpaque(context).takeRetainedValue()
    // Naming is for people; a container that forbids it changes nothing else.
    _ = unsafe start.name.withCString { name in unsafe sacbot_name_thread(name) }
    if let fifo = start.priority.fifo {
        let refusal = sacbot_use_fifo(fifo)
        if refusal != 0 { start.refused(refusal) }
        _ = sacbot_timer_slack(1)
    } else if start.priority.nice != 0 {
        let refusal = sacbot_be_nice(start.priority.nice)
        if refusal != 0 { start.refused(refusal) }
    }
    start.body()
    return nil
}
