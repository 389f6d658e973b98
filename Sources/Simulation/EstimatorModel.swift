import Glibc
import Robot

/// The estimator a simulation has outside of its robot: says late, now and then, and not exactly,
/// where the robot is.
///
/// Reports go the way of real ones (`PlaceIntake`), so what holds there holds here.
struct EstimatorModel {
    private let estimator: SimulatedEstimator
    private var intake: PlaceIntake
    private var random: UInt64
    private var sequence: UInt32 = 0
    private var nextReport: Int64 = 0
    /// Reports on their way, oldest first.
    private var underWay: [PlaceReport] = []

    init(_ sensor: SpeedSensorDescription, seed: UInt64) {
        estimator = sensor.simulated
        intake = PlaceIntake(latency: sensor.latency)
        random = seed
        // As many as half a second of latency at a thousand reports a second has.
        underWay.reserveCapacity(512)
    }

    /// Sees where the robot is now and returns the newest place that has arrived by now.
    mutating func place(x: Double, y: Double, height: Double, heading: Radians, now: Int64)
        -> BasePlace?
    {
        if now >= nextReport {
            nextReport = max(nextReport + Int64(1e9 / estimator.rate), now)
            sequence &+= 1
            let noise = SIMD3(normal(), normal(), normal())
            let seen = SIMD3(x, y, height) + estimator.placeNoise * noise
            underWay.append(
                PlaceReport(
                    sequence: sequence,
                    time: now,
                    sharesClock: true,
                    place: seen,
                    heading: heading + estimator.headingNoise * normal()
                )
            )
        }
        var newest: BasePlace?
        let late = Int64(estimator.latency * 1e9)
        while let first = underWay.first, first.time + late <= now {
            underWay.removeFirst()
            newest = intake.take(first, arrival: MonotonicTime(nanoseconds: now)) ?? newest
        }
        return newest
    }

    /// A number of mean 0 and deviation 1: the sum of twelve uniform ones less six.
    private mutating func normal() -> Double {
        guard estimator.placeNoise > 0 || estimator.headingNoise > 0 else { return 0 }
        var sum = -6.0
        for _ in 0..<12 {
            random &+= 0x9E37_79B9_7F4A_7C15
            var z = random
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            z ^= z >> 31
            sum += Double(z >> 11) * 0x1p-53
        }
        return sum
    }

    /// Saves or restores all of it.
    ///
    /// The intake is not saved: after a restart the next report is taken as a first one, which a
    /// simulated estimator's always may be.
    mutating func carry(_ numbers: inout WorldNumbers) {
        numbers.carry(&random)
        numbers.carry(&nextReport)
        var count = Int(sequence)
        numbers.carry(&count)
        sequence = UInt32(truncatingIfNeeded: count)
        var waiting = underWay.count
        numbers.carry(&waiting)
        guard waiting >= 0, waiting <= 4096 else { return numbers.spoil() }
        for index in 0..<waiting {
            var report =
                index < underWay.count && !numbers.isRestoring
                ? underWay[index]
                : PlaceReport(sequence: 0, time: 0, sharesClock: true, place: .zero, heading: 0)
            var place = report.place ?? .zero
            var heading = report.heading ?? 0
            var number = Int(report.sequence)
            numbers.carry(&number)
            numbers.carry(&report.time)
            numbers.carry(&place.x)
            numbers.carry(&place.y)
            numbers.carry(&place.z)
            numbers.carry(&heading)
            guard numbers.isRestoring else { continue }
            report.sequence = UInt32(truncatingIfNeeded: number)
            (report.place, report.heading) = (place, heading)
            if index == 0 { underWay.removeAll(keepingCapacity: true) }
            underWay.append(report)
        }
        if numbers.isRestoring, waiting == 0 { underWay.removeAll(keepingCapacity: true) }
    }
}
