import Glibc

/// Where one run lies: `ROOT/<robot>/<task>-<backend>-<profile>/<start, UTC>[-n]`.
///
/// The folder above holds `current`, a link to the run that is resumed.
public struct RunFolder: Sendable, Hashable {
    /// The folder's path; relative if the root was.
    public let path: String
    /// Whether this call made the folder.
    public let isNew: Bool

    init(path: String, isNew: Bool) {
        self.path = path
        self.isNew = isNew
    }

    /// The start time that names the run.
    public var name: String {
        path.split(separator: "/").last.map(String.init) ?? path
    }

    /// The database with everything recorded step by step.
    public var journalPath: String { path + "/journal.sqlite" }
    /// The newest policy.
    public var policyPath: String { path + "/" + Self.policyName }
    /// The robot file as it was when the run was last opened.
    public var robotFilePath: String { path + "/" + Self.robotFileName }
    /// The calibration as it was when the run was last opened.
    public var calibrationPath: String { path + "/" + Self.calibrationName }
    /// The folder of checkpoints.
    public var checkpointsPath: String { path + "/checkpoints" }

    /// The name of the newest policy's file, for `Journal.writeFile`.
    public static let policyName = "policy.safetensors"
    /// The name of the copied robot file, for `Journal.writeFile`.
    public static let robotFileName = "robot.yaml"
    /// The name of the copied calibration, for `Journal.writeFile`.
    public static let calibrationName = "calibration.yaml"

    static let lockName = "lock"
    static let currentName = "current"

    var lockPath: String { path + "/" + Self.lockName }

    /// Whether a journal was ever opened here.
    var hasJournal: Bool { (DurableFile.status(journalPath)?.size ?? 0) > 0 }

    /// When something was last recorded, in seconds since 1970; 0 if never.
    ///
    /// An empty write-ahead log is what a reader leaves and does not count.
    public var lastWritten: Double {
        let log = DurableFile.status(journalPath + "-wal")
        let database = DurableFile.status(journalPath)
        return max(log.map { $0.size > 0 ? $0.modified : 0 } ?? 0, database?.modified ?? 0)
    }

    /// The run to go on with, or a new one.
    ///
    /// Goes on with the key's current run unless `fresh`; the old run then stays as it is. `now`
    /// is in seconds since 1970 and names a new run. Throws `badName`, `inaccessible`, `diskFull`
    /// or `inputOutput`.
    public static func resumeOrCreate(
        root: String,
        key: RunKey,
        fresh: Bool = false,
        now: Double
    ) throws(JournalError) -> RunFolder {
        try key.validate()
        let folder = root + "/" + key.folder
        if !fresh, let run = try current(in: folder) { return run }
        try DurableFile.makeFolder(folder)
        return try create(in: folder, now: now)
    }

    /// The run `current` points to, else the newest by name; nil if there is none.
    static func current(in folder: String) throws(JournalError) -> RunFolder? {
        if let target = DurableFile.target(ofLink: folder + "/" + currentName) {
            let run = RunFolder(path: folder + "/" + target, isNew: false)
            if DurableFile.isFolder(run.path) { return run }
        }
        return try runs(in: folder).max { order($0.name) < order($1.name) }
    }

    /// The runs directly in a key's folder, oldest name first.
    static func runs(in folder: String) throws(JournalError) -> [RunFolder] {
        guard DurableFile.isFolder(folder) else { return [] }
        var runs: [RunFolder] = []
        for name in try DurableFile.names(in: folder) where name != currentName {
            let run = RunFolder(path: folder + "/" + name, isNew: false)
            if run.hasJournal { runs.append(run) }
        }
        return runs.sorted { order($0.name) < order($1.name) }
    }

    private static func create(in folder: String, now: Double) throws(JournalError) -> RunFolder {
        let time = timestamp(now)
        // A bound for the loop; nobody starts a thousand runs in a second.
        for attempt in 1...1000 {
            let name = attempt == 1 ? time : "\(time)-\(attempt)"
            let path = folder + "/" + name
            if try DurableFile.makeOneFolder(path, mayExist: false) {
                try DurableFile.makeFolder(path + "/checkpoints")
                try DurableFile.link(folder + "/" + currentName, to: name)
                return RunFolder(path: path, isNew: true)
            }
        }
        throw .inaccessible(operation: "create a run in", path: folder, code: EEXIST)
    }

    /// `yyyyMMdd-HHmmss` in UTC; times outside the years 1970 to 9999 are moved inside.
    static func timestamp(_ seconds: Double) -> String {
        let bounded = seconds.isFinite ? max(0, min(seconds, 253_402_300_799)) : 0
        let (days, second) = Int(bounded).quotientAndRemainder(dividingBy: 86_400)
        let date = civilDate(daysSince1970: days)
        func digits(_ value: Int, _ width: Int) -> String {
            let text = String(value)
            return String(repeating: "0", count: max(0, width - text.count)) + text
        }
        return digits(date.year, 4) + digits(date.month, 2) + digits(date.day, 2) + "-"
            + digits(second / 3600, 2) + digits(second / 60 % 60, 2) + digits(second % 60, 2)
    }

    /// The Gregorian date of a day.
    ///
    /// Years are counted from March, so that the leap day is a year's last; 400 such years have
    /// 146,097 days.
    private static func civilDate(daysSince1970: Int) -> (year: Int, month: Int, day: Int) {
        let days = daysSince1970 + 719_468  // days from 1 March of year 0 to 1970
        let (era, dayOfEra) = days.quotientAndRemainder(dividingBy: 146_097)
        let yearOfEra =
            (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        let year = era * 400 + yearOfEra + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * monthFromMarch + 2) / 5 + 1)
    }

    /// Sorts `...-10` after `...-2`.
    private static func order(_ name: String) -> (String, Int) {
        let parts = name.split(separator: "-")
        return (parts.prefix(2).joined(separator: "-"), parts.count > 2 ? Int(parts[2]) ?? 0 : 0)
    }
}
