import Realtime
import Synchronization

/// How late a thread wakes that sleeps until absolute deadlines, as the control thread does.
///
/// Ordinary scheduling and SCHED_FIFO take turns; a machine that refuses FIFO has no line for it.
enum TickWakeup {
    static let name = "tick.wakeup_p999_us"

    private static let repetitions = 4
    private static let ticks = 1000
    private static let period: Int64 = 1_000_000

    static func measure() throws -> [Figure] {
        var ordinary: [Double] = []
        var fifo: [Double] = []
        var refusal: RealtimeRefusal?
        for _ in 0..<repetitions {
            ordinary += run(.ordinary).lateness
            guard refusal == nil else { continue }
            let result = run(.control)
            refusal = result.refusal
            fifo += refusal == nil ? result.lateness : []
        }
        var figures = [figure(ordinary, isFIFO: false)]
        if let refusal {
            Output.note("\(name): \(refusal)")
        } else {
            figures.append(figure(fifo, isFIFO: true))
        }
        return figures
    }

    /// What one thread saw.
    private struct Result: Sendable {
        /// Microseconds after each deadline.
        var lateness: [Double] = []
        /// What was not permitted.
        var refusal: RealtimeRefusal?
    }

    private static func run(_ priority: ThreadPriority) -> Result {
        let result = Box()
        WorkThread(
            name: "bench tick",
            priority: priority,
            refused: { refusal in result.value.withLock { $0.refusal = refusal } },
            body: {
                let lateness = wakeUps()
                result.value.withLock { $0.lateness = lateness }
            }
        ).join()
        return result.value.withLock { $0 }
    }

    private final class Box: Sendable {
        let value = Mutex(Result())
    }

    private static func wakeUps() -> [Double] {
        var lateness = [Double](repeating: 0, count: ticks)
        var deadline = MonotonicClock.now() + period
        for tick in 0..<ticks {
            MonotonicClock.sleep(until: deadline)
            let late = MonotonicClock.now() - deadline
            lateness[tick] = Double(late) * 1e-3
            // Late ticks are skipped, never caught up.
            deadline += period * (1 + late / period)
        }
        return lateness
    }

    private static func figure(_ lateness: [Double], isFIFO: Bool) -> Figure {
        Figure(
            name: name,
            value: lateness.quantile(0.999),
            unit: "us",
            parameters: [
                "fifo": .flag(isFIFO),
                "rate_hz": .integer(Int(1_000_000_000 / period)),
                "p50_us": .number(lateness.median),
                "p99_us": .number(lateness.quantile(0.99)),
                "max_us": .number(lateness.quantile(1)),
                "skipped": .integer(lateness.count { $0 >= Double(period) * 1e-3 }),
                "ticks": .integer(lateness.count),
            ]
        )
    }
}
