public import ServoProtocol

/// A VectorNav VN-100: text and binary output, registers 1, 3 to 7, 75 and the measurements.
public struct EmulatedVectorNav: EmulatedIMU {
    /// 800 measurements a second.
    public var measurementPeriod: Int64 { 1_250_000 }
    /// Register 5.
    public private(set) var baudRate: Int
    /// Register 6, `nil` for nothing.
    public private(set) var text: VectorNavText?
    /// Register 7, Hz.
    public private(set) var textRate = 40
    /// Register 75: every so many-th measurement, `nil` for nothing.
    public private(set) var binaryDivisor: Int?
    /// Register 75.
    public private(set) var fields: VectorNavFields = []
    /// Set by `VNASY,0`.
    public private(set) var isPaused = false
    /// Answers with this error to the next command.
    public var nextError: VectorNavError?
    private let factoryBaudRate: Int
    private var line: [UInt8] = []
    private var last = VectorNavMeasurement()

    /// A unit as it leaves the factory: yaw, pitch, roll and all vectors as text, 40 Hz.
    public init(baudRate: Int = 115_200) {
        self.baudRate = baudRate
        factoryBaudRate = baudRate
        text = .yawPitchRollAll
    }

    /// Every measurement that one of the two outputs asks for.
    public func isDue(_ measurement: Int) -> Bool {
        !isPaused && (isTextDue(measurement) || isBinaryDue(measurement))
    }

    private func isTextDue(_ measurement: Int) -> Bool {
        text != nil && measurement % (VectorNavCommand.measurementRate / textRate) == 0
    }

    private func isBinaryDue(_ measurement: Int) -> Bool {
        binaryDivisor.map { measurement % $0 == 0 } ?? false
    }

    /// A line, a binary message, or both.
    public mutating func frames(of sample: IMUSample, measurement: Int) -> [[UInt8]] {
        last = VectorNavMeasurement(sample)
        last.timeStartup = UInt64(measurement) * UInt64(measurementPeriod)
        last.magnetic = SIMD3(0.25, 0, 0.4)
        last.temperature = 25
        last.pressure = 101.325
        var frames: [[UInt8]] = []
        if let text, isTextDue(measurement) { frames.append(text.encoded(last)) }
        if isBinaryDue(measurement) { frames.append(fields.encoded(last)) }
        return frames
    }

    // MARK: Commands

    /// Takes commands, each ended by a line feed.
    public mutating func receive(_ bytes: [UInt8], now: Int64) -> [[UInt8]] {
        var answers: [[UInt8]] = []
        for byte in bytes {
            if byte == UInt8(ascii: "$") { line.removeAll() }
            line.append(byte)
            guard byte == 0x0A else { continue }
            if let answer = answer() { answers.append(answer) }
            line.removeAll()
        }
        return answers
    }

    private mutating func answer() -> [UInt8]? {
        guard line.first == UInt8(ascii: "$"), let star = line.lastIndex(of: UInt8(ascii: "*"))
        else { return nil }
        let body = line[1..<star]
        let given = String(decoding: line[(star + 1)...], as: UTF8.self).filter { !$0.isWhitespace }
        let sum = String(body.reduce(0, ^), radix: 16, uppercase: true)
        // XX from a host means: not checked.
        guard given == "XX" || given.uppercased() == (sum.count == 1 ? "0" + sum : sum) else {
            return error(.invalidChecksum)
        }
        if let planned = nextError {
            nextError = nil
            return error(planned)
        }
        let words = String(decoding: body, as: UTF8.self).split(separator: ",").map(String.init)
        do throws(VectorNavRefusal) {
            return Self.framed(try execute(words).joined(separator: ","))
        } catch {
            return self.error(error.error)
        }
    }

    private func error(_ error: VectorNavError) -> [UInt8] {
        let digits = String(error.rawValue, radix: 16, uppercase: true)
        return Self.framed("VNERR," + (digits.count == 1 ? "0" + digits : digits))
    }

    private static func framed(_ body: String) -> [UInt8] {
        let sum = String(body.utf8.reduce(0, ^), radix: 16, uppercase: true)
        return Array("$\(body)*\(sum.count == 1 ? "0" + sum : sum)\r\n".utf8)
    }

    /// Does what a command says; returns the answer's fields.
    private mutating func execute(_ words: [String]) throws(VectorNavRefusal) -> [String] {
        switch words.first {
        case "VNRRG":
            guard words.count > 1 else { throw VectorNavRefusal(.tooFewParameters) }
            guard words.count == 2 else { throw VectorNavRefusal(.tooManyParameters) }
            return try words + value(ofRegister: words[1])
        case "VNWRG":
            guard words.count > 2 else { throw VectorNavRefusal(.tooFewParameters) }
            try write(Array(words.dropFirst(2)), register: words[1])
            return words
        case "VNASY":
            guard words.count == 2, let flag = Int(words[1]), flag == 0 || flag == 1 else {
                throw VectorNavRefusal(.invalidParameter)
            }
            isPaused = flag == 0
            return words
        case "VNWNV", "VNTAR": return words
        case "VNRST", "VNRFS":
            let (error, rate) = (nextError, factoryBaudRate)
            self = EmulatedVectorNav(baudRate: rate)
            nextError = error
            return words
        default: throw VectorNavRefusal(.invalidCommand)
        }
    }

    private func value(ofRegister name: String) throws(VectorNavRefusal) -> [String] {
        func fields(_ text: VectorNavText) -> [String] {
            String(decoding: text.encoded(last), as: UTF8.self)
                .prefix { $0 != "*" }.split(separator: ",").dropFirst().map(String.init)
        }
        switch Int(name) {
        case 1: return ["VN-100T-CR"]
        case 3: return ["0100012345"]
        case 4: return ["2.1.0.0"]
        case 5: return ["\(baudRate)"]
        case 6: return ["\(text?.rawValue ?? 0)"]
        case 7: return ["\(textRate)"]
        case 8: return fields(.yawPitchRoll)
        case 9: return Array(fields(.quaternionAll).prefix(4))
        case 27: return fields(.yawPitchRollAll)
        case 54: return fields(.inertial)
        case 75:
            let mask = String(self.fields.rawValue, radix: 16, uppercase: true)
            return [binaryDivisor == nil ? "0" : "3", "\(binaryDivisor ?? 1)", "01", mask]
        default: throw VectorNavRefusal(.invalidRegister)
        }
    }

    private mutating func write(
        _ values: [String],
        register: String
    ) throws(VectorNavRefusal) {
        switch Int(register) {
        case 5:
            let rates = [9600, 19_200, 38_400, 57_600, 115_200, 128_000, 230_400, 460_800, 921_600]
            baudRate = try Self.number(values[0], among: rates)
        case 6:
            let known = [0] + VectorNavText.allCases.map(\.rawValue)
            text = VectorNavText(rawValue: try Self.number(values[0], among: known))
        case 7: textRate = try Self.number(values[0], among: VectorNavCommand.rates)
        case 75: try writeBinary(values)
        case 1, 2, 3, 4, 8, 9, 27, 54: throw VectorNavRefusal(.unauthorisedAccess)
        default: throw VectorNavRefusal(.invalidRegister)
        }
    }

    private mutating func writeBinary(_ values: [String]) throws(VectorNavRefusal) {
        guard values.count >= 4 else { throw VectorNavRefusal(.tooFewParameters) }
        guard values.count == 4 else { throw VectorNavRefusal(.tooManyParameters) }
        let ports = try Self.number(values[0], among: [0, 1, 2, 3])
        guard let divisor = Int(values[1]), divisor > 0, values[2] == "01" || values[2] == "1",
            let mask = UInt16(values[3], radix: 16),
            VectorNavFields(rawValue: mask).payloadLength != nil
        else { throw VectorNavRefusal(.invalidParameter) }
        let bits = (VectorNavFields(rawValue: mask).payloadLength ?? 0) + 6
        guard bits * 10 * VectorNavCommand.measurementRate / divisor < baudRate else {
            throw VectorNavRefusal(.insufficientBaudRate)
        }
        binaryDivisor = ports == 0 ? nil : divisor
        fields = VectorNavFields(rawValue: mask)
    }

    private static func number(
        _ text: String,
        among known: [Int]
    ) throws(VectorNavRefusal) -> Int {
        guard let number = Int(text), known.contains(number) else {
            throw VectorNavRefusal(.invalidParameter)
        }
        return number
    }
}

/// An error on its way into a `VNERR`.
private struct VectorNavRefusal: Error {
    var error: VectorNavError
    init(_ error: VectorNavError) { self.error = error }
}
