/// Finds the temperatures at which the entropy dual is least, all at or above a floor.
///
/// Newton steps on the temperatures that are free, with a line search that looks at slopes only:
/// the dual is convex, so its slope along a line rises, and slopes keep their digits where
/// differences of values have none left. A temperature of exactly 0 would leave ties undecided
/// that the constraint of another step decides, so the floor stays above 0; it comes down in
/// stages, because the nearer to 0, the smaller the region in which a Newton step is right.
struct DualSearch {
    /// Newton steps at one floor.
    static let maximumSteps = 60
    /// Halvings and doublings of one line search.
    static let maximumTrials = 120

    let dual: EntropyDual
    /// Newton steps taken.
    private(set) var rounds = 0

    init(dual: EntropyDual) { self.dual = dual }

    /// Below this, a mixture that a tie needs could no longer be told apart by a Double.
    var smallestFloor: Double { dual.scale * 3e-8 }
    private var ceiling: Double { dual.scale * 1e7 }

    mutating func minimum() throws(MDPError) -> [Double] {
        var temperatures = [Double](repeating: dual.scale, count: dual.problem.horizon)
        var floor = dual.scale
        while floor > smallestFloor {
            floor = max(floor / 5, smallestFloor)
            try descend(&temperatures, floor: floor)
        }
        return temperatures
    }

    private mutating func descend(
        _ temperatures: inout [Double],
        floor: Double
    ) throws(MDPError) {
        for _ in 0..<Self.maximumSteps {
            let visit = dual.visit(temperatures)
            let slopes = visit.slopes
            let free = temperatures.indices.filter { step in
                !(temperatures[step] <= floor && slopes[step] >= 0)
                    && !(temperatures[step] >= ceiling && slopes[step] <= 0)
            }
            try refuseCeiling(visit, temperatures)
            // In nats, and in units of reward: what a large α makes of it.
            let isFlat = free.allSatisfy { step in
                abs(slopes[step]) * max(1, temperatures[step] / dual.scale) <= 1e-13
            }
            if isFlat { return }
            let direction = direction(temperatures, visit, free: free, floor: floor)
            let length = length(temperatures, direction, slopes, floor: floor)
            guard length > 0 else { return }
            rounds += 1
            let before = temperatures
            temperatures = moved(temperatures, direction, length, floor: floor)
            if temperatures == before { return }
        }
    }

    /// An entropy that stays too small at any price cannot be had.
    private func refuseCeiling(
        _ visit: EntropyDual.Visit,
        _ temperatures: [Double]
    ) throws(MDPError) {
        for step in temperatures.indices.reversed() where temperatures[step] >= ceiling {
            guard let possible = visit.entropies[step],
                possible < dual.minimumEntropy - FiniteHorizonMDP.entropyTolerance
            else { continue }
            throw .entropyOutOfReach(
                step: step,
                wanted: dual.minimumEntropy,
                possible: possible
            )
        }
    }

    /// The Newton direction of the free temperatures, downhill in any case.
    private func direction(
        _ temperatures: [Double],
        _ visit: EntropyDual.Visit,
        free: [Int],
        floor: Double
    ) -> [Double] {
        let rows = free.map { step in
            let changes = dual.slopeChanges(visit, at: step)
            return free.map { changes[$0] }
        }
        let slopes = visit.slopes
        var result = [Double](repeating: 0, count: temperatures.count)
        for (place, value) in newton(rows, free.map { -slopes[$0] }).enumerated() {
            let step = free[place]
            // Nobody is pushed out at a bound.
            if value < 0, temperatures[step] <= floor { continue }
            if value > 0, temperatures[step] >= ceiling { continue }
            result[step] = value
        }
        let descent = zip(result, slopes).reduce(0) { $0 + $1.0 * $1.1 }
        if descent < 0, result.allSatisfy(\.isFinite) { return result }
        for step in free { result[step] = -slopes[step] * temperatures[step] }
        return result
    }

    /// Solves the system with a little added to its diagonal, so that flat directions
    /// give long steps and not infinite ones.
    private func newton(_ changes: [[Double]], _ right: [Double]) -> [Double] {
        let count = right.count
        var rows = changes
        for row in 0..<count {
            for column in 0..<count {
                rows[row][column] = (changes[row][column] + changes[column][row]) / 2
            }
            rows[row][row] += abs(rows[row][row]) * 1e-12 + 1e-12 / dual.scale
            rows[row].append(right[row])
        }
        for pivot in 0..<count {
            for row in (pivot + 1)..<max(count, pivot + 1) {
                let factor = rows[row][pivot] / rows[pivot][pivot]
                for column in pivot...count { rows[row][column] -= factor * rows[pivot][column] }
            }
        }
        var solved = [Double](repeating: 0, count: count)
        for row in (0..<count).reversed() {
            var rest = rows[row][count]
            for column in (row + 1)..<max(count, row + 1) {
                rest -= rows[row][column] * solved[column]
            }
            solved[row] = rest / rows[row][row]
        }
        return solved
    }

    /// How far to go: where the slope along the way has halved, or where a bound is met.
    private func length(
        _ temperatures: [Double],
        _ direction: [Double],
        _ slopes: [Double],
        floor: Double
    ) -> Double {
        var farthest = Double.infinity
        for (value, change) in zip(temperatures, direction) where change != 0 {
            let room = change < 0 ? floor - value : ceiling - value
            farthest = min(farthest, room / change)
        }
        func slope(_ length: Double) -> Double {
            let there = moved(temperatures, direction, length, floor: floor)
            return zip(dual.visit(there).slopes, direction).reduce(0) { $0 + $1.0 * $1.1 }
        }
        let first = zip(slopes, direction).reduce(0) { $0 + $1.0 * $1.1 }
        var low = 0.0
        var high = Double.infinity
        var trial = min(1, farthest)
        for _ in 0..<Self.maximumTrials {
            let now = slope(trial)
            if now <= 0 { low = trial } else { high = trial }
            if now <= 0, trial >= farthest || now >= 0.5 * first { return trial }
            trial = high.isFinite ? low + (high - low) / 2 : min(2 * trial, farthest)
        }
        return low
    }

    private func moved(
        _ temperatures: [Double],
        _ direction: [Double],
        _ length: Double,
        floor: Double
    ) -> [Double] {
        zip(temperatures, direction).map { min(max($0 + length * $1, floor), ceiling) }
    }
}
