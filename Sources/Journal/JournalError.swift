import Glibc

/// Why a run could not be opened, written or read.
///
/// The cases carry what happened; `description` says it to a person, with the next step to take.
public enum JournalError: Error, Hashable, Sendable {
    /// Another process, or another journal of this one, writes this run; `pid` is 0 if unknown.
    case busy(path: String, pid: Int)
    /// A file or folder could not be reached; `code` is the `errno`.
    case inaccessible(operation: String, path: String, code: Int32)
    /// The disk that holds `path` is full, or its quota is used up.
    case diskFull(path: String)
    /// The run takes more room than the robot file allows it; bytes.
    case quotaReached(path: String, used: Int, quota: Int)
    /// A file could not be read or written for another reason; `code` is the `errno`.
    case inputOutput(operation: String, path: String, code: Int32)
    /// SQLite refused; `code` is its extended result code.
    case database(path: String, code: Int32, message: String)
    /// What the disk holds is not what was written.
    case damaged(path: String, detail: String)
    /// A newer program wrote this run.
    case newerSchema(path: String, found: Int, known: Int)
    /// A name cannot be part of a file name.
    case badName(what: String, value: String)
    /// No run goes by this name.
    case notFound(name: String, root: String)
    /// Several runs go by this name.
    case ambiguous(name: String, paths: [String])
    /// The folder holds no journal.
    case notARun(path: String)
    /// The folder belongs to a run with another key.
    case otherKey(path: String, expected: String, found: String)
    /// What a resumed run depends on has changed since it was recorded.
    case changed(path: String, what: String, was: String, now: String)
    /// A vector of a transition has the wrong width.
    case wrongWidth(field: String, expected: Int, found: Int)
    /// A number of a transition is NaN or infinite.
    case notFinite(field: String, step: Int)
    /// A transition's step or episode does not follow the one before it.
    case outOfOrder(field: String, value: Int, previous: Int)
}

extension JournalError {
    /// The case that fits an `errno`.
    static func system(_ operation: String, _ path: String, _ code: Int32) -> JournalError {
        switch code {
        case ENOSPC, EDQUOT: .diskFull(path: path)
        case EACCES, EPERM, EROFS, ENOTDIR, ENOENT, ELOOP, ENAMETOOLONG, EISDIR:
            .inaccessible(operation: operation, path: path, code: code)
        default: .inputOutput(operation: operation, path: path, code: code)
        }
    }
}

extension JournalError: CustomStringConvertible {
    /// One sentence with what happened and the value, one with the remedy.
    public var description: String {
        switch self {
        case .busy(let path, let pid):
            "the run \(path) is being written by \(pid > 0 ? "process \(pid)" : "another process"); "
                + "stop that one, or start a run of your own with --fresh"
        case .inaccessible(let operation, let path, let code):
            "cannot \(operation) \(path): \(Self.text(code)); \(Self.remedy(code))"
        case .diskFull(let path):
            "the disk that holds \(path) is full; free some space and start again, nothing "
                + "recorded before is lost"
        case .quotaReached(let path, let used, let quota):
            "\(path) takes \(Self.megabytes(used)) of the \(Self.megabytes(quota)) that `runs: {quota: ...}` "
                + "allows a run; everything recorded is kept, raise the quota to go on "
                + "or begin a run of your own with --fresh"
        case .inputOutput(let operation, let path, let code):
            "could not \(operation) \(path): \(Self.text(code)); look at the disk (dmesg, df)"
        case .database(let path, let code, let message):
            "SQLite refused on \(path): \(message) (code \(code)); look at the disk and try "
                + "`sacbot runs verify`"
        case .damaged(let path, let detail):
            "\(path) is damaged: \(detail); keep a copy, then start anew with --fresh (add "
                + "--from to go on with its policy)"
        case .newerSchema(let path, let found, let known):
            "\(path) was written by a newer sacbot (schema \(found), this one knows \(known)); "
                + "update sacbot, or start a run of your own with --fresh"
        case .badName(let what, let value):
            "the \(what) '\(value)' cannot be part of a file name; use letters, digits, '.', "
                + "'_' and '-', beginning with a letter or digit"
        default: lookupDescription
        }
    }

    /// The second half of `description`: names, keys and transitions.
    private var lookupDescription: String {
        switch self {
        case .notFound(let name, let root):
            name.hasPrefix("latest")
                ? "there is no run (\(name)) below \(root) yet; start one with `sacbot train`"
                : "no run called '\(name)' below \(root); `sacbot runs` lists what is there"
        case .ambiguous(let name, let paths):
            "'\(name)' fits \(paths.count) runs: \(paths.joined(separator: ", ")); give the path"
        case .notARun(let path):
            "\(path) is not a run: it holds no journal; `sacbot runs` lists the runs"
        case .otherKey(let path, let expected, let found):
            "\(path) belongs to \(found), not to \(expected); give another runs folder, or move "
                + "this one away"
        case .changed(let path, let what, let was, let now):
            "the \(what) has changed since \(path) was recorded (was \(was), now \(now)), so its "
                + "experience no longer fits; undo the change, or start anew with --fresh"
        case .wrongWidth(let field, let expected, let found):
            "a transition's \(field) has \(found) numbers instead of \(expected); the task and "
                + "the journal disagree"
        case .notFinite(let field, let step):
            "the \(field) of step \(step) is not a finite number; it was not recorded, look at "
                + "the sensors and the reward"
        case .outOfOrder(let field, let value, let previous):
            "a transition's \(field) is \(value) after \(previous); it was not recorded"
        default: "journal error"
        }
    }

    private static func megabytes(_ bytes: Int) -> String {
        "\((Double(bytes) / 1e5).rounded() / 10) MB"
    }

    private static func text(_ code: Int32) -> String {
        guard let message = unsafe strerror(code) else { return "error \(code)" }
        return unsafe String(cString: message)
    }

    private static func remedy(_ code: Int32) -> String {
        switch code {
        case EACCES, EPERM: "run as the user who owns it, or choose another runs folder"
        case EROFS: "the file system is mounted read-only; choose another runs folder"
        case ENOTDIR: "a part of this path is a file; choose another runs folder"
        case EISDIR: "a folder is in the place of a file; move it away"
        default: "check that the path is right"
        }
    }
}
