import Foundation
import Testing

/// The udev rule that comes with the program.
@Suite("The udev rule")
struct UdevRuleTests {
    private static let path = Bench.package + "/systemd/60-sacbot.rules"

    /// One `KEY{attribute}OPERATOR"value"`.
    private struct Term {
        var key: String
        var operation: String
        var value: String
    }

    /// The rule's lines as udev(7) writes them; `nil` for a line that is not of that form.
    private func terms() throws -> [[Term]?] {
        let text = try String(contentsOfFile: Self.path, encoding: .utf8)
        let term = /\s*([A-Z_]+(?:\{[^}]+\})?)\s*(==|!=|\+=|:=|=)\s*"([^"]*)"\s*/
        return text.split(separator: "\n").filter { !$0.hasPrefix("#") }.map { line in
            var rest = line
            var found: [Term] = []
            while let match = rest.prefixMatch(of: term) {
                found.append(
                    Term(
                        key: String(match.1),
                        operation: String(match.2),
                        value: String(match.3)
                    )
                )
                rest = rest[match.range.upperBound...]
                guard rest.first == "," else { break }
                rest = rest.dropFirst()
            }
            return rest.isEmpty ? found : nil
        }
    }

    @Test("every line is well formed and every jump has its label")
    func form() throws {
        let lines = try terms()
        #expect(lines.allSatisfy { $0 != nil })
        let all = lines.compactMap { $0 }.flatMap { $0 }
        let labels = all.filter { $0.key == "LABEL" }.map(\.value)
        let jumps = all.filter { $0.key == "GOTO" }.map(\.value)
        #expect(!jumps.isEmpty && jumps.allSatisfy(labels.contains))
        // What is compared and what is set must not be mixed up: `=` where `==` was meant.
        let compared = ["ACTION", "SUBSYSTEM", "SUBSYSTEMS", "DRIVER", "KERNELS"]
        for term in all where compared.contains(term.key) || term.key.hasPrefix("ATTRS") {
            #expect(["==", "!="].contains(term.operation), "\(term)")
        }
    }

    @Test("an FTDI adapter gets latency 1, a stable name, the group")
    func content() throws {
        let all = try terms().compactMap { $0 }
        #expect(
            all.contains { line in
                line.contains { $0.key == "DRIVER" && $0.value == "ftdi_sio" }
                    && line.contains { $0.key == "ATTR{latency_timer}" && $0.value == "1" }
            }
        )
        let terms = all.flatMap { $0 }
        #expect(terms.contains { $0.key == "GROUP" && $0.value == "dialout" })
        let names = terms.filter { $0.key == "SYMLINK" }
        #expect(!names.isEmpty && names.allSatisfy { $0.value.hasPrefix("sacbot/") })
        // The U2D2's FT232H.
        #expect(terms.contains { $0.key == "ATTRS{idProduct}" && $0.value.contains("6014") })
    }

    private static func udevadm(_ arguments: String...) -> ChildEnd? {
        try? ChildProcess(
            ["udevadm"] + arguments,
            environment: ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"],
            folder: "/"
        ).end()
    }

    /// udevadm learned to verify with systemd 254.
    private static let canVerify = udevadm("verify", "--help")?.code == 0

    @Test("udev itself accepts it", .enabled(if: canVerify, "needs udevadm of systemd 254"))
    func verify() throws {
        let end = try #require(Self.udevadm("verify", Self.path))
        #expect(end.code == 0, "\(end)")
    }
}
