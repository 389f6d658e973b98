import Evaluation
import Foundation
import Journal
import Report

/// Gathers runs and evaluations and writes them as a report.
struct ReportJob {
    /// Where the page goes.
    let output: String
    /// Where the data goes at full length; `nil` for nowhere.
    var dataFolder: String?
    /// How many single episodes are shown.
    var rollouts = 12
    /// How many of them with pictures.
    var films = 4
    /// The robot file to draw with; `nil` for the one of the robot's name.
    var robot: String?
    private(set) var document: ReportDocument

    init(title: String?, output: String) {
        self.output = output
        document = ReportDocument(
            title: title ?? "sacbot report",
            made: WallClock.text(WallClock.now()),
            programVersion: programVersion,
            host: HostDescription.text
        )
        hasOwnTitle = title != nil
    }

    private let hasOwnTitle: Bool

    /// Adds a run, and the evaluation it is if it is one.
    mutating func add(run folder: RunFolder) throws {
        let reader = try JournalReader(reading: folder)
        let evaluation = folder.path + "/" + Self.evaluationName
        if FileManager.default.fileExists(atPath: evaluation) {
            try add(evaluation: evaluation)
            return
        }
        let name = Self.name(of: folder, besides: document.runs)
        document.runs.append(try RunChapter(reader, name: name, time: WallClock.text))
        guard FileManager.default.fileExists(atPath: folder.policyPath) else { return }
        do {
            let notes = try PolicyFile(path: folder.policyPath).content().notes
            guard let traces = TrainingTraces(notes: notes) else { return }
            document.traces += try traces.traces(reader, policy: name)
        } catch {
            Say.warning("no single episodes of \(folder.path): \(error)")
        }
    }

    private func has(_ run: RunFolder) -> Bool { document.runs.contains { $0.path == run.path } }

    /// Adds what `sacbot evaluate --json` wrote.
    mutating func add(evaluation path: String) throws {
        try document.add(file: Data(try contents(of: path)), named: path)
    }

    /// Adds what `sacbot evaluate --json` would write.
    mutating func add(evaluation json: Data) throws {
        try document.add(file: json, named: "this evaluation")
    }

    /// A report of an evaluation just made, and of the runs whose policies it was about.
    static func write(_ json: Data, ofPolicies paths: [String], to output: String) throws {
        var job = ReportJob(title: nil, output: output)
        try job.add(evaluation: json)
        for path in paths {
            // A policy file may lie anywhere; only in a run's folder is there a run to show.
            guard let run = try? RunFolder.find(root: "", name: path), !job.has(run) else {
                continue
            }
            try job.add(run: run)
        }
        try job.write()
    }

    /// Writes the page and, if asked, the data; says what it wrote.
    mutating func write() throws {
        document.keepTraces(rollouts)
        if !hasOwnTitle { document.title = derivedTitle }
        if let dataFolder { try writeData(to: dataFolder) }
        let page = try ReportPage(document, films: filmstrips, dataFolder: dataFolder).html()
        do {
            try page.write(to: URL(fileURLWithPath: output), options: .atomic)
        } catch {
            throw Failure("\(output) cannot be written: \(error.localizedDescription)")
        }
        Say.note(
            "report   \(output) (\((page.count + 500) / 1000) kB): \(document.runs.count) runs, "
                + "\(document.evaluations.count + document.plainEvaluations.count) evaluations, "
                + "\(document.traces.count) single episodes"
        )
    }

    /// Pictures of the first traces, by the trace's index.
    private var filmstrips: [Int: Filmstrip] {
        guard films > 0, !document.traces.isEmpty, let configuration = robotToDraw,
            let maker = FilmMaker(configuration)
        else { return [:] }
        var strips: [Int: Filmstrip] = [:]
        for index in document.traces.indices where strips.count < films {
            strips[index] = maker.film(document.traces[index])
        }
        return strips
    }

    /// The robot that the traces are of; a report of several robots is without pictures.
    private var robotToDraw: RobotConfiguration? {
        var named = document.evaluations.map { ($0.setting.robot, $0.setting.robotHash) }
        named += document.runs.map { ($0.fact("robot"), $0.fact("robot file")) }
        let names = Set(named.map(\.0))
        guard names.count == 1, let name = names.first,
            let configuration = try? RobotConfiguration.load(robot ?? name)
        else { return nil }
        if Set(named.map(\.1)) != ["\(configuration.robotHash)"] {
            Say.note(
                "pictures are drawn with \(configuration.path) as it is now, not as it was then"
            )
        }
        return configuration
    }

    private func writeData(to folder: String) throws {
        do {
            try FileManager.default.createDirectory(
                atPath: folder,
                withIntermediateDirectories: true
            )
            let url = URL(fileURLWithPath: folder)
            try document.json().write(
                to: url.appendingPathComponent("report.json"),
                options: .atomic
            )
            for table in ReportFiles.tables(document) {
                let file = url.appendingPathComponent(table.name + ".csv")
                try Data(table.csv.utf8).write(to: file, options: .atomic)
            }
        } catch let error as ReportError {
            throw error
        } catch {
            throw Failure("the data cannot be written to \(folder): \(error.localizedDescription)")
        }
    }

    /// Robot and task of what is in it.
    private var derivedTitle: String {
        var names = document.evaluations.map { "\($0.setting.robot), \($0.setting.task)" }
        names += document.plainEvaluations.map { "\($0.robot ?? "robot"), \($0.task ?? "task")" }
        names += document.runs.map { "\($0.fact("robot")), \($0.fact("task"))" }
        var unique: [String] = []
        for name in names where !unique.contains(name) { unique.append(name) }
        return unique.isEmpty ? document.title : unique.prefix(3).joined(separator: "; ")
    }

    /// Its key's folder, with the time of its beginning where others have the same.
    static func name(of folder: RunFolder, besides others: [RunChapter]) -> String {
        let parts = folder.path.split(separator: "/")
        let key = parts.count > 1 ? String(parts[parts.count - 2]) : folder.name
        return others.contains { $0.name == key } ? "\(key) \(folder.name)" : key
    }

    /// What an evaluation with interference calls its own file in its folder.
    static let evaluationName = "evaluation.json"
}
