import Control
import Evaluation
import Glibc
import Realtime

/// Turns signals into wishes to stop.
///
/// SIGINT, SIGTERM and SIGHUP ask for an ordered stop; a second SIGINT for an emergency stop. For a
/// service SIGHUP means to read its configuration again. SIGUSR1 begins or ends an interference by
/// hand where there is a mark for it. SIGPIPE is ignored. Signals are blocked in every thread and
/// fetched by one of their own, so no code of ours runs in a handler.
enum Signals {
    /// Call once, on the main thread, before any other thread starts.
    ///
    /// - Parameter reload: called on the signals' thread at SIGHUP; `nil` to stop then.
    static func forward(
        to stopSwitch: StopSwitch,
        mark: InterferenceMark? = nil,
        reload: (@Sendable () -> Void)? = nil,
        says: @escaping @Sendable (String) -> Void
    ) {
        signal(SIGPIPE, SIG_IGN)
        var wanted = sigset_t()
        unsafe sigemptyset(&wanted)
        for number in [SIGINT, SIGTERM, SIGHUP] { unsafe sigaddset(&wanted, number) }
        if mark != nil { unsafe sigaddset(&wanted, SIGUSR1) }
        unsafe pthread_sigmask(SIG_BLOCK, &wanted, nil)
        let set = wanted
        // The thread waits for signals until the process ends; nobody joins it.
        _ = WorkThread(name: "sacbot-signals") {
            var set = set
            while true {
                var number: Int32 = 0
                guard unsafe sigwait(&set, &number) == 0 else { return }
                if number == SIGUSR1, let mark {
                    says(mark.toggle() ? "interference begins" : "interference ends")
                } else if number == SIGHUP, let reload {
                    reload()
                } else if stopSwitch.asked != .none, number == SIGINT {
                    says("emergency stop")
                    stopSwitch.ask(.emergency)
                } else {
                    if stopSwitch.asked == .none {
                        says("stopping in order; press Ctrl-C again for an emergency stop")
                    }
                    stopSwitch.ask(.ordered)
                }
            }
        }
    }
}
