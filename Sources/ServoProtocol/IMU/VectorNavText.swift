/// The measurements a VectorNav device can send as text, by their Async Data Output Type (register
/// 6).
public enum VectorNavText: Int, Sendable, CaseIterable {
    /// Yaw, pitch, roll: `VNYPR`.
    case yawPitchRoll = 1
    /// Quaternion, magnetic, acceleration, angular rate: `VNQMR`.
    case quaternionAll = 8
    /// Yaw, pitch, roll, magnetic, acceleration, angular rate: `VNYMR`.
    case yawPitchRollAll = 14
    /// Magnetic, acceleration, angular rate, temperature, pressure, uncompensated: `VNIMU`.
    case inertial = 19

    /// The five letters behind the `$`.
    public var header: StaticString {
        switch self {
        case .yawPitchRoll: "VNYPR"
        case .quaternionAll: "VNQMR"
        case .yawPitchRollAll: "VNYMR"
        case .inertial: "VNIMU"
        }
    }

    /// How many numbers follow.
    var fieldCount: Int {
        switch self {
        case .yawPitchRoll: 3
        case .quaternionAll: 13
        case .yawPitchRollAll: 12
        case .inertial: 11
        }
    }

    /// The measurement behind the numbers, in the order of the line.
    func measurement(_ field: borrowing InlineArray<13, Double>) -> VectorNavMeasurement {
        func three(_ start: Int) -> SIMD3<Double> {
            SIMD3(field[start], field[start + 1], field[start + 2])
        }
        var measured = VectorNavMeasurement()
        var next = 0
        switch self {
        case .yawPitchRoll, .yawPitchRollAll:
            measured.yawPitchRoll = three(0)
            next = 3
        case .quaternionAll:
            measured.quaternion = SIMD4(field[0], field[1], field[2], field[3])
            next = 4
        case .inertial: break
        }
        guard self != .yawPitchRoll else { return measured }
        measured.magnetic = three(next)
        measured.acceleration = three(next + 3)
        measured.angularRate = three(next + 6)
        guard self == .inertial else { return measured }
        measured.temperature = field[9]
        measured.pressure = field[10]
        return measured
    }

    /// The line as a device sends it, with CR and LF; what was not measured is zero.
    public func encoded(_ measured: VectorNavMeasurement) -> [UInt8] {
        let fields = zip(numbers(measured), formats).map { number, format in
            VectorNavLine.shown(number, whole: format.whole, decimals: format.decimals)
        }
        return VectorNavLine.encoded(([header.description] + fields).joined(separator: ","))
    }

    private func numbers(_ measured: VectorNavMeasurement) -> [Double] {
        func list(_ vector: SIMD3<Double>?) -> [Double] {
            let vector = vector ?? .zero
            return [vector.x, vector.y, vector.z]
        }
        let inertial =
            list(measured.magnetic) + list(measured.acceleration) + list(measured.angularRate)
        let quaternion = measured.quaternion ?? [0, 0, 0, 1]
        return switch self {
        case .yawPitchRoll: list(measured.yawPitchRoll)
        case .quaternionAll:
            [quaternion.x, quaternion.y, quaternion.z, quaternion.w] + inertial
        case .yawPitchRollAll: list(measured.yawPitchRoll) + inertial
        case .inertial: inertial + [measured.temperature ?? 0, measured.pressure ?? 0]
        }
    }

    /// Digits before and after the point, as the device writes them.
    private var formats: [(whole: Int, decimals: Int)] {
        func times(_ count: Int, _ whole: Int, _ decimals: Int) -> [(whole: Int, decimals: Int)] {
            Array(repeating: (whole, decimals), count: count)
        }
        return switch self {
        case .yawPitchRoll: times(3, 3, 3)
        case .quaternionAll: times(4, 1, 6) + times(3, 1, 4) + times(3, 2, 3) + times(3, 1, 6)
        case .yawPitchRollAll: times(3, 3, 3) + times(3, 1, 4) + times(3, 2, 3) + times(3, 2, 6)
        case .inertial: times(3, 2, 4) + times(3, 2, 3) + times(3, 2, 6) + [(2, 1), (3, 3)]
        }
    }
}
