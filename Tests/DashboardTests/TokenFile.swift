import Foundation
import Testing

/// A token file of a test, removed after it.
final class TokenFile {
    static let operatorToken = "operator-0123456789-0123456789"
    static let viewerToken = "viewer-9876543210-9876543210"

    let path: String

    init(
        _ text: String = "operator \(operatorToken)\nviewer \(viewerToken)\n",
        mode: Int = 0o600
    ) throws {
        path = NSTemporaryDirectory() + "sacbot-tokens-\(UUID().uuidString)"
        try write(text, mode: mode)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Replaces the file, as an editor does.
    func write(_ text: String, mode: Int = 0o600) throws {
        try? FileManager.default.removeItem(atPath: path)
        try #require(
            FileManager.default.createFile(
                atPath: path,
                contents: Data(text.utf8),
                attributes: [.posixPermissions: mode]
            )
        )
    }
}
