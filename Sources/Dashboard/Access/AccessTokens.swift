import Glibc
import Synchronization

/// Who somebody is to the dashboard.
public enum AccessRole: String, Sendable, Codable, CaseIterable, Comparable {
    /// May look.
    case viewer
    /// May look, answer, stop and clear.
    case `operator`

    /// Fewer rights than.
    public static func < (a: AccessRole, b: AccessRole) -> Bool { a == .viewer && b == .operator }
}

/// The tokens of a token file, read again whenever the file changes.
///
/// A line is `operator TOKEN` or `viewer TOKEN`; empty lines and lines that begin with `#` say
/// nothing. Several tokens of a role may stand there, so that a new one can be handed out before the
/// old one goes. A file that has become unreadable, or readable for others, lets nobody in, but for
/// emergency stops, for which its last good tokens still count.
final class AccessTokens: Sendable {
    /// How long a token may be; 24 random characters cannot be guessed.
    static let lengths = 24...128

    private struct Token {
        var role: AccessRole
        var bytes: [UInt8]
    }

    /// What tells one state of the file from another.
    private struct FileMark: Equatable {
        var inode: UInt
        var size: Int
        var seconds: Int
        var nanoseconds: Int
        var mode: UInt32
    }

    private struct Content {
        var tokens: [Token]
        /// What counts for an emergency stop while the file is not usable.
        var lastGood: [Token]
        var mark: FileMark?
        var lookedAt: Double
        var problem: DashboardError?
    }

    private let path: String
    private let content: Mutex<Content>

    /// Reads the file.
    ///
    /// - Parameter now: seconds on any steady clock.
    init(path: String, now: Double) throws(DashboardError) {
        self.path = path
        let (tokens, mark) = try Self.read(path)
        content = Mutex(
            Content(tokens: tokens, lastGood: tokens, mark: mark, lookedAt: now, problem: nil)
        )
    }

    /// Whose token this is, in a time that does not tell how much of it was right; `nil` if it is
    /// nobody's.
    ///
    /// - Parameters:
    ///   - isEmergency: whether it is for an emergency stop.
    ///   - now: seconds on the clock of `init`; the file is looked at once a second at most.
    ///   - changed: told what is wrong with a file that changed, or that it is in use again (`nil`).
    func role(
        of candidate: String,
        isEmergency: Bool,
        now: Double,
        changed: (DashboardError?) -> Void
    ) -> AccessRole? {
        let tokens = content.withLock { stored in
            if now - stored.lookedAt >= 1 { refresh(&stored, now, changed) }
            return stored.problem != nil && isEmergency ? stored.lastGood : stored.tokens
        }
        let bytes = [UInt8](candidate.utf8)
        guard bytes.count <= Self.lengths.upperBound else { return nil }
        var found: AccessRole?
        // All are compared, so that the time does not tell which one fitted.
        for token in tokens where Self.areEqual(token.bytes, bytes) {
            found = max(found ?? token.role, token.role)
        }
        return found
    }

    private func refresh(
        _ stored: inout Content,
        _ now: Double,
        _ changed: (DashboardError?) -> Void
    ) {
        stored.lookedAt = now
        guard Self.mark(path) != stored.mark || stored.problem != nil else { return }
        do throws(DashboardError) {
            let wasUsable = stored.problem == nil
            (stored.tokens, stored.mark) = try Self.read(path)
            stored.lastGood = stored.tokens
            stored.problem = nil
            if !wasUsable { changed(nil) }
        } catch {
            if stored.problem != error { changed(error) }
            stored.tokens = []
            stored.problem = error
        }
    }

    /// Compares every byte of the longest token there may be, whatever the first difference is.
    static func areEqual(_ a: [UInt8], _ b: [UInt8]) -> Bool {
        var difference = a.count ^ b.count
        for index in 0..<lengths.upperBound {
            let left = index < a.count ? a[index] : 0
            let right = index < b.count ? b[index] : 0
            difference |= Int(left ^ right)
        }
        return difference == 0
    }

    // MARK: The file

    private static func mark(_ path: String) -> FileMark? {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { return nil }
        return mark(status)
    }

    private static func mark(_ status: stat) -> FileMark {
        FileMark(
            inode: UInt(status.st_ino),
            size: Int(status.st_size),
            seconds: Int(status.st_mtim.tv_sec),
            nanoseconds: Int(status.st_mtim.tv_nsec),
            mode: status.st_mode
        )
    }

    /// Rights are looked at on the opened file, so that it cannot be another one meanwhile.
    private static func read(_ path: String) throws(DashboardError) -> ([Token], FileMark) {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)
        guard descriptor >= 0 else { throw .unreadableTokens(path: path, errno: errno) }
        defer { close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else {
            throw .unreadableTokens(path: path, errno: errno)
        }
        guard status.st_mode & 0o077 == 0 else {
            throw .openTokenFile(path: path, mode: status.st_mode & 0o777)
        }
        var bytes = [UInt8](repeating: 0, count: 65536)
        let count = unsafe Glibc.read(descriptor, &bytes, bytes.count)
        guard count >= 0 else { throw .unreadableTokens(path: path, errno: errno) }
        let text = String(decoding: bytes[..<count], as: UTF8.self)
        return (try tokens(text, path: path), mark(status))
    }

    private static func tokens(_ text: String, path: String) throws(DashboardError) -> [Token] {
        var tokens: [Token] = []
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() {
            let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" || $0 == "\r" })
            guard let first = words.first, !first.hasPrefix("#") else { continue }
            guard words.count == 2, let role = AccessRole(rawValue: String(first)) else {
                throw .badTokenLine(path: path, line: index + 1)
            }
            let bytes = [UInt8](words[1].utf8)
            guard lengths.contains(bytes.count), bytes.allSatisfy({ (33...126).contains($0) })
            else {
                throw .shortToken(path: path, line: index + 1)
            }
            tokens.append(Token(role: role, bytes: bytes))
        }
        guard !tokens.isEmpty else { throw .noTokens(path: path) }
        return tokens
    }
}

/// What an errno value means.
func words(ofError code: Int32) -> String { unsafe String(cString: strerror(code)) }
