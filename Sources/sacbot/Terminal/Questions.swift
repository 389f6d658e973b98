import Control
import Glibc
import Realtime

/// Asks a person, one line for one answer; a script can answer through a pipe.
///
/// Waiting ends with the end of input and with a wish to stop, so that Ctrl-C is never stuck behind a
/// question.
final class Questions {
    private let stopSwitch: StopSwitch
    private var pending: [UInt8] = []
    private var hasEnded = false

    init(stopSwitch: StopSwitch) { self.stopSwitch = stopSwitch }

    /// Whether nobody will answer any more.
    var isOver: Bool { (hasEnded && pending.isEmpty) || stopSwitch.asked != .none }

    /// Asks and waits; `nil` if nobody answers any more.
    func ask(_ text: String) -> String? {
        Say.show(text)
        while !isOver {
            if let line = takeLine(waiting: 100) { return line }
        }
        return nil
    }

    /// Asks until the answer is one of these words; `nil` if nobody answers any more.
    ///
    /// An empty answer is the first word.
    func choose(_ text: String, _ words: [String]) -> String? {
        while let answer = ask(text)?.lowercased() {
            if answer.isEmpty, let first = words.first { return first }
            if words.contains(answer) { return answer }
            Say.show("please answer " + words.joined(separator: ", "))
        }
        return nil
    }

    /// A line if one has come, without waiting.
    func poll() -> String? { takeLine(waiting: 0) }

    private func takeLine(waiting milliseconds: Int32) -> String? {
        if let line = cutLine() { return line }
        guard !hasEnded else { return nil }
        var descriptor = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
        guard unsafe Glibc.poll(&descriptor, 1, milliseconds) > 0 else { return nil }
        var chunk = [UInt8](repeating: 0, count: 512)
        let count = unsafe chunk.withUnsafeMutableBytes {
            unsafe read(STDIN_FILENO, $0.baseAddress, $0.count)
        }
        if count > 0 {
            pending += chunk[..<count]
        } else if count == 0 || errno != EINTR {
            hasEnded = true
        }
        return cutLine()
    }

    /// The first whole line; at the end of input what is left counts as one.
    private func cutLine() -> String? {
        if let end = pending.firstIndex(of: UInt8(ascii: "\n")) {
            defer { pending.removeSubrange(...end) }
            return Self.text(pending[..<end])
        }
        guard hasEnded, !pending.isEmpty else { return nil }
        defer { pending.removeAll() }
        return Self.text(pending[...])
    }

    private static func text(_ bytes: ArraySlice<UInt8>) -> String {
        let text = String(decoding: bytes, as: UTF8.self)
        let blanks: Set<Character> = [" ", "\t", "\r", "\r\n"]
        return String(
            text.drop { blanks.contains($0) }.reversed().drop { blanks.contains($0) }.reversed()
        )
    }
}
