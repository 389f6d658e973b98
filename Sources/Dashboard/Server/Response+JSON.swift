import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// JSON as it goes to browsers: keys in order, numbers that are none as null.
enum DashboardJSON {
    /// One object; our own types always encode.
    static func data(_ value: some Encodable) -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return (try? encoder.encode(value)) ?? Data("{}".utf8)
    }

    /// A number for JSON, which knows no NaN and no infinity.
    static func finite(_ value: Double) -> Double? { value.isFinite ? value : nil }
}

extension Response {
    /// An answer in JSON that nobody keeps.
    static func json(_ value: some Encodable, status: HTTPResponse.Status = .ok) -> Response {
        json(DashboardJSON.data(value), status: status)
    }

    /// An answer that is JSON already.
    static func json(_ data: Data, status: HTTPResponse.Status = .ok) -> Response {
        Response(
            status: status,
            headers: [.contentType: "application/json", .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: data))
        )
    }

    /// A text that nobody keeps.
    static func text(_ text: String, type: String) -> Response {
        Response(
            status: .ok,
            headers: [.contentType: type, .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text))
        )
    }
}
