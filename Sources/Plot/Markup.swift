/// Text and numbers as XML and HTML take them.
public enum Markup {
    /// Text inside an element or a quoted attribute.
    public static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            // XML 1.0 allows no other control characters, not even escaped.
            case "\t", "\n", "\r": result.unicodeScalars.append(scalar)
            case _ where scalar.value < 0x20: result += "\u{FFFD}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// A number with so many decimals, as people write it: `-0.05`, `1200`; `–` for none.
    ///
    /// - Parameter decimals: 0 to 9.
    public static func fixed(_ value: Double, decimals: Int) -> String {
        guard value.isFinite else { return "–" }
        var scale = 1.0
        for _ in 0..<min(max(decimals, 0), 9) { scale *= 10 }
        let scaled = (value.magnitude * scale).rounded()
        // Beyond 2^53 a Double has no decimals left to write.
        guard scaled < 9e15 else { return "\(value)" }
        let digits = String(Int(scaled))
        let sign = value < 0 && scaled > 0 ? "-" : ""
        guard decimals > 0 else { return sign + digits }
        let padded = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
        return "\(sign)\(padded.dropLast(decimals)).\(padded.suffix(decimals))"
    }

    /// A number with about so many significant digits and no zeros at its end; `–` for none.
    public static func significant(_ value: Double, digits: Int = 4) -> String {
        guard value.isFinite else { return "–" }
        guard value != 0 else { return "0" }
        guard (1e-4..<1e9).contains(value.magnitude) else { return power(value, digits: digits) }
        var whole = 1
        var bound = 10.0
        while value.magnitude >= bound {
            whole += 1
            bound *= 10
        }
        var leading = 0
        var start = 0.1
        while value.magnitude < start {
            leading += 1
            start /= 10
        }
        let decimals = value.magnitude < 1 ? digits + leading : max(0, digits - whole)
        return trimmed(fixed(value, decimals: min(decimals, 9)))
    }

    /// A share as people read it: `96 %`; one decimal where the whole number hides something.
    public static func percent(_ share: Double) -> String {
        guard share.isFinite else { return "–" }
        let tenths = (share * 1000).rounded() / 10
        return trimmed(fixed(tenths, decimals: 1)) + " %"
    }

    /// Without zeros behind the point.
    static func trimmed(_ text: String) -> String {
        guard text.contains(".") else { return text }
        var text = Substring(text)
        while text.last == "0" { text.removeLast() }
        if text.last == "." { text.removeLast() }
        return String(text)
    }

    private static func power(_ value: Double, digits: Int) -> String {
        var exponent = 0
        var mantissa = value
        while mantissa.magnitude >= 10 {
            mantissa /= 10
            exponent += 1
        }
        while mantissa.magnitude < 1 {
            mantissa *= 10
            exponent -= 1
        }
        return "\(trimmed(fixed(mantissa, decimals: max(0, digits - 1))))e\(exponent)"
    }
}
