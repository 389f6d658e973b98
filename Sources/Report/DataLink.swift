import Foundation
import Plot

/// Files inside the page: links that hold what they download.
enum DataLink {
    /// Browsers refuse to download links beyond 2 MB.
    static let bytesAtMost = 1_900_000

    /// A link to a CSV file; `nil` if it is too large for a link.
    static func csv(_ text: String, name: String, words: String) -> String? {
        link("text/csv;charset=utf-8," + encoded(text), name: name + ".csv", words: words)
    }

    /// A link to a JSON file; `nil` if it is too large for a link.
    static func json(_ data: Data, name: String, words: String) -> String? {
        link(
            "application/json;base64," + data.base64EncodedString(),
            name: name + ".json",
            words: words
        )
    }

    private static func link(_ content: String, name: String, words: String) -> String? {
        guard content.utf8.count <= bytesAtMost else { return nil }
        return #"<a class="data" download="\#(name)" href="data:\#(content)">\#(words)</a>"#
    }

    /// Percent-encoded, leaving what numbers and commas need as it is: CSV hardly grows.
    static func encoded(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var result: [UInt8] = []
        result.reserveCapacity(text.utf8.count * 11 / 10)
        for byte in text.utf8 {
            if isPlain(byte) {
                result.append(byte)
            } else {
                result += [0x25, digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        // , - . / : ; _ ~
        case 0x2C, 0x2D, 0x2E, 0x2F, 0x3A, 0x3B, 0x5F, 0x7E: true
        default: false
        }
    }
}
