internal import Glibc

/// Why a value cannot be used: what is needed instead, at the place of the value.
struct Complaint: Error {
    var position: FilePosition
    /// Follows "`key` is".
    var found: String
    /// What is allowed.
    var needed: String

    init(_ node: FileNode, _ needed: String) {
        position = node.position
        found = node.shown
        self.needed = needed
    }
}

extension FileNode {
    /// The items of a list.
    func items(_ needed: String) throws(Complaint) -> [FileNode] {
        guard case .list(let items) = content else { throw Complaint(self, needed) }
        return items
    }

    /// Plain or quoted text, not empty.
    func text() throws(Complaint) -> String {
        guard case .scalar(let text, _) = content, !isEmpty, !text.isEmpty else {
            throw Complaint(self, "a text is needed")
        }
        return text
    }

    /// One of a type's names.
    func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _: Choice.Type
    ) throws(Complaint) -> Choice {
        let names = Choice.allCases.map(\.rawValue)
        guard case .scalar(let text, _) = content, let choice = Choice(rawValue: text) else {
            var needed = "allowed is \(listed(names))"
            if case .scalar(let text, _) = content, let near = nearest(to: text, among: names) {
                needed += "; did you mean `\(near)`?"
            }
            throw Complaint(self, needed)
        }
        return choice
    }

    /// `true` or `false`, no other spelling.
    func boolean() throws(Complaint) -> Bool {
        switch content {
        case .scalar("true", isPlain: true): return true
        case .scalar("false", isPlain: true): return false
        default: throw Complaint(self, "write true or false")
        }
    }

    /// A whole number in decimal digits.
    func integer(in range: ClosedRange<Int>) throws(Complaint) -> Int {
        let allowed = "a whole number \(shownRange(range)) is needed"
        guard case .scalar(let text, isPlain: true) = content,
            NumberText(text).isWholeNumber, text.utf8.count == NumberText(text).length,
            let value = Int(text)
        else { throw Complaint(self, allowed) }
        guard range.contains(value) else { throw Complaint(self, allowed) }
        return value
    }

    /// A number without a unit.
    func number(in range: ClosedRange<Double>) throws(Complaint) -> Double {
        let allowed = "a number without a unit is needed" + shownRange(range, prefix: ", ")
        guard case .scalar(let text, isPlain: true) = content,
            let value = NumberText(text).value, text.utf8.count == NumberText(text).length
        else { throw Complaint(self, allowed) }
        guard let value = clamped(value, to: range) else { throw Complaint(self, allowed) }
        return value
    }

    /// A number with one of the measure's units, as SI.
    func quantity(_ measure: Measure, in range: ClosedRange<Double>) throws(Complaint) -> Double {
        guard case .scalar(let text, _) = content, !isEmpty else {
            throw Complaint(self, "a number with a unit is needed: \(measure.choices)")
        }
        let number = NumberText(text)
        guard let value = number.value else {
            throw Complaint(self, "a finite number with a unit is needed: \(measure.choices)")
        }
        let symbol = number.rest.first == " " ? number.rest.dropFirst() : number.rest
        guard !symbol.isEmpty else {
            throw Complaint(self, "the unit is missing: \(measure.choices)")
        }
        guard let unit = measure.unit(String(symbol)) else {
            throw Complaint(self, "the unit has to be \(measure.choices)")
        }
        guard let inside = clamped(unit.si(value), to: range) else {
            throw Complaint(self, "allowed is " + shownRange(range, unit: unit))
        }
        return inside
    }
}

/// The number at the start of a text.
///
/// An optional sign, digits, optionally a point with digits after it, optionally an exponent. No
/// leading zeros (they mean octal to some YAML readers), no `.5`, no hexadecimal, no `inf`.
struct NumberText {
    /// The finite value, if the text starts with a number.
    var value: Double?
    /// Bytes of the number.
    var length: Int
    /// Whether there is neither a point nor an exponent.
    var isWholeNumber: Bool
    /// What follows the number.
    var rest: Substring

    init(_ text: String) {
        let bytes = Array(text.utf8)
        var index = 0
        func digits() -> Int {
            let start = index
            while index < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")) ~= bytes[index] {
                index += 1
            }
            return index - start
        }
        func has(_ choices: String) -> Bool {
            index < bytes.count && choices.utf8.contains(bytes[index])
        }

        if has("+-") { index += 1 }
        let first = index
        let count = digits()
        let hasLeadingZero = count > 1 && bytes[first] == UInt8(ascii: "0")
        isWholeNumber = count > 0 && !hasLeadingZero
        var end = index
        if isWholeNumber, has(".") {
            index += 1
            if digits() > 0 { (end, isWholeNumber) = (index, false) } else { index = end }
        }
        if count > 0, has("eE") {
            index += 1
            if has("+-") { index += 1 }
            if digits() > 0 { (end, isWholeNumber) = (index, false) }
        }
        length = end
        rest = Substring(decoding: bytes[end...], as: UTF8.self)
        value = nil
        if count > 0, !hasLeadingZero {
            let parsed = Double(String(decoding: bytes[..<end], as: UTF8.self))
            value = parsed.flatMap { $0.isFinite ? $0 : nil }
        }
    }
}

/// The value, moved onto a bound it misses only by rounding; `nil` outside the range.
private func clamped(_ value: Double, to range: ClosedRange<Double>) -> Double? {
    guard value.isFinite else { return nil }
    // A bound of 180 deg is not exactly pi after conversion; 1e-12 is some thousand roundings.
    let slack = abs(value) * 1e-12
    guard value >= range.lowerBound - slack, value <= range.upperBound + slack else { return nil }
    return min(max(value, range.lowerBound), range.upperBound)
}

/// A number for a person: at most six significant digits, no trailing zeros.
func shownNumber(_ value: Double) -> String {
    guard value != 0, value.isFinite else { return value == 0 ? "0" : "\(value)" }
    let scale = pow(10, 5 - log10(abs(value)).rounded(.down))
    let rounded = scale.isFinite ? (value * scale).rounded() / scale : value
    let text = "\(rounded)"
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
}

func shownRange(_ range: ClosedRange<Int>) -> String {
    switch (range.lowerBound, range.upperBound) {
    case (let low, .max): "of at least \(low)"
    case (.min, let high): "of at most \(high)"
    case (let low, let high): "from \(low) to \(high)"
    }
}

/// "at least 0 deg", "0 deg to 20 deg"; empty without any bound.
func shownRange(
    _ range: ClosedRange<Double>,
    unit: Measure.Unit? = nil,
    prefix: String = ""
) -> String {
    func shown(_ bound: Double) -> String {
        guard let unit else { return shownNumber(bound) }
        return shownNumber(unit.value(si: bound)) + " " + unit.symbol
    }
    return switch (range.lowerBound.isFinite, range.upperBound.isFinite) {
    case (false, false): ""
    case (true, false): prefix + "at least " + shown(range.lowerBound)
    case (false, true): prefix + "at most " + shown(range.upperBound)
    case (true, true): prefix + shown(range.lowerBound) + " to " + shown(range.upperBound)
    }
}
