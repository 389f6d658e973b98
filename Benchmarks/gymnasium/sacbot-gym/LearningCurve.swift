import Foundation

/// One evaluation, with the columns of the peers' script.
struct CurvePoint {
    var lib: String
    var env: String
    var seed: UInt64
    var step: Int
    var meanReturn: Double
    var returnDeviation: Double
    var episodeLength: Double
    /// Without evaluations; this process and the environment's.
    var trainingProcessorSeconds: Double
    /// Without evaluations.
    var trainingSeconds: Double
    var totalSeconds: Double
    var updates: Int

    static let header =
        "lib,env,seed,step,mean_return,std_return,ep_len,train_cpu_s,train_wall_s,total_wall_s,updates"

    var line: String {
        let numbers = [
            meanReturn, returnDeviation, episodeLength, trainingProcessorSeconds, trainingSeconds,
            totalSeconds,
        ]
        let words = numbers.map { "\(Self.hundredths($0))" }
        return "\(lib),\(env),\(seed),\(step),\(words.joined(separator: ",")),\(updates)"
    }

    /// The point that a line says; `nil` for any other line.
    init?(line: Substring) {
        let words = line.split(separator: ",", omittingEmptySubsequences: false)
        guard words.count == 11, let seed = UInt64(words[2]), let step = Int(words[3]),
            let updates = Int(words[10])
        else { return nil }
        let numbers = words[4..<10].compactMap { Double($0) }
        guard numbers.count == 6 else { return nil }
        self.init(
            lib: String(words[0]),
            env: String(words[1]),
            seed: seed,
            step: step,
            meanReturn: numbers[0],
            returnDeviation: numbers[1],
            episodeLength: numbers[2],
            trainingProcessorSeconds: numbers[3],
            trainingSeconds: numbers[4],
            totalSeconds: numbers[5],
            updates: updates
        )
    }

    init(
        lib: String,
        env: String,
        seed: UInt64,
        step: Int,
        meanReturn: Double,
        returnDeviation: Double,
        episodeLength: Double,
        trainingProcessorSeconds: Double,
        trainingSeconds: Double,
        totalSeconds: Double,
        updates: Int
    ) {
        self.lib = lib
        self.env = env
        self.seed = seed
        self.step = step
        self.meanReturn = meanReturn
        self.returnDeviation = returnDeviation
        self.episodeLength = episodeLength
        self.trainingProcessorSeconds = trainingProcessorSeconds
        self.trainingSeconds = trainingSeconds
        self.totalSeconds = totalSeconds
        self.updates = updates
    }

    static func hundredths(_ value: Double) -> Double { (value * 100).rounded() / 100 }
}

/// The points of a run, on disk as soon as they are known.
final class LearningCurve {
    /// The file they are written to.
    let path: String
    private(set) var points: [CurvePoint] = []

    /// A curve in this file, whose folder is made if it is not there.
    init(path: String) throws {
        self.path = path
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    /// Takes over the points of an earlier run up to a step.
    func resume(upTo step: Int) throws {
        points = try written().filter { $0.step <= step }
        try write()
    }

    /// Whether the run of this name, environment and seed came as far as this; then its points are
    /// taken over.
    func isComplete(steps: Int, of run: [String]) throws -> Bool {
        guard FileManager.default.fileExists(atPath: path) else { return false }
        let found = try written()
        guard let last = found.last else { return false }
        let there = [last.lib, last.env, "\(last.seed)"]
        guard there == run else {
            throw BenchFailure(
                "\(path) holds the curve of \(last.lib), \(last.env), seed \(last.seed); give another "
                    + "file, or leave out --resume to begin anew"
            )
        }
        guard last.step >= steps else { return false }
        points = found
        return true
    }

    /// Begins anew: the header alone.
    func begin() throws {
        points = []
        try write()
    }

    /// Adds a point and writes the file.
    func add(_ point: CurvePoint) throws {
        points.append(point)
        try write()
    }

    private func written() throws -> [CurvePoint] {
        try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
            .compactMap(CurvePoint.init)
    }

    /// The whole file at once: whoever reads it never meets half a line.
    private func write() throws {
        let lines = [CurvePoint.header] + points.map(\.line)
        try (lines.joined(separator: "\n") + "\n").write(
            toFile: path,
            atomically: true,
            encoding: .utf8
        )
    }
}
