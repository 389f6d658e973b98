public import ServoProtocol

/// A WitMotion unit of the WT901 class: bursts of frames, registers behind a lock.
public struct EmulatedWitMotion: EmulatedIMU {
    /// 200 measurements a second.
    public var measurementPeriod: Int64 { 5_000_000 }
    /// Register 04.
    public private(set) var baudRate: Int
    /// Register 02.
    public private(set) var content: WitMotionContent
    /// Register 03.
    public private(set) var rateCode: UInt8 = 6
    /// Writes that came while the unit was locked.
    public private(set) var lockedWrites = 0
    private var unlockedUntil = Int64.min
    private var waiting: [UInt8] = []

    /// How long an unlocked unit takes writes.
    public static let unlockedFor: Int64 = 10_000_000_000

    /// A unit as it leaves the factory: acceleration, rate, angle and magnetic field, 10 Hz.
    public init(baudRate: Int = 9600) {
        self.baudRate = baudRate
        content = [.acceleration, .angularRate, .angle, WitMotionContent(rawValue: 1 << 4)]
    }

    /// Every measurement of the rate; none if output is off.
    public func isDue(_ measurement: Int) -> Bool {
        let code = WitMotionCommand.rateCodes.first { $0.code == rateCode }
        guard let hertz = code?.hertz else { return false }
        return measurement % Int((200 / hertz).rounded()) == 0
    }

    /// The frames of the content, in order.
    public mutating func frames(of sample: IMUSample, measurement: Int) -> [[UInt8]] {
        content.kinds.map { kind in
            WitMotionFrame(kind: kind, values: Self.values(kind, sample)).encoded()
        }
    }

    private static func values(_ kind: WitMotionFrame.Kind, _ sample: IMUSample) -> SIMD4<Int16> {
        func number(_ value: Double, fullScale: Double) -> Int16 {
            Int16(min(max((value / fullScale * 32_768).rounded(), -32_768), 32_767))
        }
        func vector(_ vector: SIMD3<Double>, _ fullScale: Double, _ last: Int16) -> SIMD4<Int16> {
            SIMD4(
                number(vector.x, fullScale: fullScale),
                number(vector.y, fullScale: fullScale),
                number(vector.z, fullScale: fullScale),
                last
            )
        }
        let turn = sample.orientation
        switch kind {
        case .acceleration:
            return vector(sample.acceleration ?? .zero, 16 * standardGravity, 2500)
        case .angularRate: return vector(sample.angularRate ?? .zero, 2000 * .pi / 180, 500)
        case .angle: return vector(SIMD3(turn.roll, turn.pitch, turn.yaw), .pi, 0)
        case .quaternion:
            return SIMD4(
                number(turn.w, fullScale: 1),
                number(turn.x, fullScale: 1),
                number(turn.y, fullScale: 1),
                number(turn.z, fullScale: 1)
            )
        default: return SIMD4(0, 0, 0, 0)
        }
    }

    /// Takes commands of five bytes, passing over what is none.
    public mutating func receive(_ bytes: [UInt8], now: Int64) -> [[UInt8]] {
        waiting += bytes
        var answers: [[UInt8]] = []
        while waiting.count >= 5 {
            guard waiting[0] == 0xFF, waiting[1] == 0xAA else {
                waiting.removeFirst()
                continue
            }
            let value = UInt16(waiting[3]) | UInt16(waiting[4]) << 8
            if let answer = execute(register: waiting[2], value: value, now: now) {
                answers.append(answer)
            }
            waiting.removeFirst(5)
        }
        return answers
    }

    private mutating func execute(register: UInt8, value: UInt16, now: Int64) -> [UInt8]? {
        switch (register, value) {
        case (0x69, 0xB588): unlockedUntil = now + Self.unlockedFor
        case (0x27, _): return answer(UInt8(truncatingIfNeeded: value))
        case _ where now >= unlockedUntil: lockedWrites += 1
        case (0x02, _): content = WitMotionContent(rawValue: value & 0x07FF)
        case (0x03, _): rateCode = UInt8(truncatingIfNeeded: value)
        case (0x04, _):
            let known = WitMotionCommand.baudCodes.first { UInt16($0.code) == value }
            baudRate = known?.rate ?? baudRate
        default: break
        }
        return nil
    }

    private func answer(_ first: UInt8) -> [UInt8] {
        func value(_ register: UInt8) -> Int16 {
            switch register {
            case 0x02: Int16(bitPattern: content.rawValue)
            case 0x03: Int16(rateCode)
            case 0x04:
                Int16(WitMotionCommand.baudCodes.first { $0.rate == baudRate }?.code ?? 0)
            default: 0
            }
        }
        return WitMotionFrame(
            kind: .registers,
            values: SIMD4(value(first), value(first &+ 1), value(first &+ 2), value(first &+ 3))
        ).encoded()
    }
}
