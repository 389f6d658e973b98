/// Something a VectorNav device said.
public enum VectorNavMessage: Sendable, Hashable {
    /// A measurement, as text or binary.
    case measurement(VectorNavMeasurement)
    /// The answer to a command: what follows the `$`, comma by comma.
    case reply([String])
    /// The answer to a command it cannot do.
    case error(VectorNavError)
}

/// Finds a VectorNav device's lines and binary messages in a stream, mixed as they come.
public struct VectorNavDecoder: IMUDecoder {
    /// What was seen so far.
    public private(set) var counters = IMUCounters()
    /// Correct binary messages; all other frames are lines.
    public private(set) var binaryFrames = 0
    private var window = ByteWindow()
    private var isAligned = true
    private var lastDeviceTime: UInt64?
    /// `allCases` would be a new array for every line.
    private static let texts = VectorNavText.allCases

    /// A decoder with an empty buffer.
    public init() {}

    /// Adds bytes as they came in, with the moment they were read.
    public mutating func append(_ bytes: Span<UInt8>, time: Int64) {
        let dropped = window.append(bytes, time: time)
        if dropped > 0 {
            pass(over: 0)
            counters.discardedBytes += dropped
        }
    }

    /// The next sample, `nil` if more bytes are needed; answers and errors are passed over.
    public mutating func nextSample() -> IMUSample? {
        while let message = next() {
            guard case .measurement(let measured) = message else { continue }
            if let sample = sample(measured) { return sample }
        }
        return nil
    }

    private mutating func sample(_ measured: VectorNavMeasurement) -> IMUSample? {
        guard measured.hasOrientation else {
            counters.withoutOrientation += 1
            return nil
        }
        guard let sample = measured.sample(time: window.time), sample.isFinite else {
            counters.implausible += 1
            return nil
        }
        if let time = measured.timeStartup {
            defer { lastDeviceTime = time }
            guard time != lastDeviceTime else {
                counters.repeated += 1
                return nil
            }
        }
        counters.samples += 1
        return sample
    }

    /// The next thing the device said, `nil` if more bytes are needed.
    ///
    /// Lines of a kind that is not known are counted and passed over.
    public mutating func next() -> VectorNavMessage? {
        while window.count > 0 {
            switch window[0] {
            case UInt8(ascii: "$"):
                switch VectorNavLine.search(window) {
                case .unfinished: return nil
                case .broken(let length): refuse(passing: length)
                case .found(let body, let length):
                    let message = message(body)
                    take(length)
                    if let message { return message }
                }
            case VectorNavBinary.sync:
                guard window.count >= VectorNavBinary.headerLength else { return nil }
                guard let (fields, length) = binaryHeader else {
                    pass(over: 1)
                    continue
                }
                guard window.count >= length else { return nil }
                guard hasGoodChecksum(length: length) else {
                    refuse(passing: 1)
                    continue
                }
                let measured = VectorNavBinary.measurement(window, fields)
                take(length)
                binaryFrames += 1
                return .measurement(measured)
            default:
                pass(over: 1)
            }
        }
        return nil
    }

    private mutating func take(_ length: Int) {
        counters.frames += 1
        isAligned = true
        window.removeFirst(length)
    }

    private mutating func refuse(passing length: Int) {
        if isAligned { counters.badChecksums += 1 }
        pass(over: length)
    }

    private mutating func pass(over number: Int) {
        if isAligned { counters.resyncs += 1 }
        isAligned = false
        counters.discardedBytes += number
        window.removeFirst(number)
    }

    // MARK: Binary

    /// Fields and whole length of the message at the front, `nil` if it is none.
    private var binaryHeader: (fields: VectorNavFields, length: Int)? {
        guard window[1] == VectorNavBinary.commonGroup else { return nil }
        let fields = VectorNavFields(rawValue: UInt16(bitPattern: window.int16(at: 2)))
        return fields.payloadLength.map { (fields, VectorNavBinary.headerLength + $0 + 2) }
    }

    /// The sum over a message and its own sum is zero.
    private func hasGoodChecksum(length: Int) -> Bool {
        var sum: UInt16 = 0
        for index in 1..<length { sum = VectorNavBinary.checksum(window[index], from: sum) }
        return sum == 0
    }

    // MARK: Text

    private func message(_ body: Range<Int>) -> VectorNavMessage? {
        guard body.count >= 5 else { return nil }
        let isBare = body.count == 5
        guard isBare || window[body.lowerBound + 5] == UInt8(ascii: ",") else { return nil }
        let rest = min(body.lowerBound + 6, body.upperBound)..<body.upperBound
        for text in Self.texts where begins(body, with: text.header) {
            return numbers(rest, count: text.fieldCount).map {
                .measurement(text.measurement($0))
            }
        }
        if begins(body, with: "VNERR") { return error(rest) }
        return .reply(fields(body))
    }

    private func begins(_ body: Range<Int>, with header: StaticString) -> Bool {
        header.withUTF8Buffer { letters in
            for index in 0..<5 where unsafe letters[index] != window[body.lowerBound + index] {
                return false
            }
            return true
        }
    }

    /// So many numbers with commas between, no more and no fewer.
    private func numbers(_ range: Range<Int>, count: Int) -> InlineArray<13, Double>? {
        var values = InlineArray<13, Double>(repeating: 0)
        var start = range.lowerBound
        for index in 0..<count {
            var end = start
            while end < range.upperBound, window[end] != UInt8(ascii: ",") { end += 1 }
            guard (end == range.upperBound) == (index == count - 1),
                let value = VectorNavLine.number(window, start..<end)
            else { return nil }
            values[index] = value
            start = end + 1
        }
        return values
    }

    /// Two hexadecimal digits, or the decimal number the manual's table has.
    private func error(_ range: Range<Int>) -> VectorNavMessage? {
        guard range.count == 2, let high = VectorNavLine.hexValue(window[range.lowerBound]),
            let low = VectorNavLine.hexValue(window[range.lowerBound + 1])
        else { return nil }
        let known = VectorNavError(rawValue: high << 4 | low)
        guard let error = known ?? VectorNavError(rawValue: high &* 10 &+ low) else { return nil }
        return .error(error)
    }

    /// The fields as text; allocates, but devices answer only when asked.
    private func fields(_ body: Range<Int>) -> [String] {
        var fields: [String] = []
        var field: [UInt8] = []
        for index in body {
            if window[index] == UInt8(ascii: ",") {
                fields.append(String(decoding: field, as: UTF8.self))
                field.removeAll()
            } else {
                field.append(window[index])
            }
        }
        return fields + [String(decoding: field, as: UTF8.self)]
    }
}
