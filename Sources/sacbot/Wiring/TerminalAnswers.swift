import Glibc
import Operator
import Realtime

/// Reads answers to prompts from the terminal on a thread of its own.
enum TerminalAnswers {
    /// Begins to read, if standard input is a terminal.
    ///
    /// The thread lives as long as the process.
    static func listen(_ desk: OperatorDesk) {
        guard isatty(STDIN_FILENO) != 0 else { return }
        _ = WorkThread(name: "sacbot-terminal") {
            var isMarked = false
            while let line = readLine() {
                if line == "i" {
                    isMarked.toggle()
                    let mark = isMarked ? OperatorMark.begin : .end
                    let reply = desk.handle(OperatorRequest(.mark, mark: mark.rawValue))
                    Say.note(reply.message)
                    continue
                }
                guard ["c", "continue"].contains(line.lowercased()) else { continue }
                let reply = desk.handle(OperatorRequest(.continue))
                if !reply.ok { Say.note(reply.message) }
            }
        }
    }
}
