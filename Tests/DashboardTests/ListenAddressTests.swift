import Testing

@testable import Dashboard

@Suite("Where the dashboard listens")
struct ListenAddressTests {
    struct Row: Sendable, CustomTestStringConvertible {
        var text: String
        var shown: String?
        var isLoopback = false
        var testDescription: String { text }
    }

    @Test(
        "addresses as people write them; only numeric ones and localhost count",
        arguments: [
            Row(text: "127.0.0.1:9000", shown: "127.0.0.1:9000", isLoopback: true),
            Row(text: "127.8.9.1:9000", shown: "127.8.9.1:9000", isLoopback: true),
            Row(text: "localhost:0", shown: "127.0.0.1:0", isLoopback: true),
            Row(text: "9000", shown: "127.0.0.1:9000", isLoopback: true),
            Row(text: "[::1]:9000", shown: "[::1]:9000", isLoopback: true),
            Row(text: "::1", shown: "[::1]:8470", isLoopback: true),
            Row(text: "0.0.0.0:9000", shown: "0.0.0.0:9000"),
            Row(text: "192.168.1.7", shown: "192.168.1.7:8470"),
            Row(text: "[::]:9000", shown: "[::]:9000"),
            // Mapped: the kernel would take it for IPv4's loopback, we do not go by that.
            Row(text: "[::ffff:127.0.0.1]:9000", shown: "[::ffff:127.0.0.1]:9000"),
            Row(text: "127.1:9000"),
            Row(text: "2130706433:9000"),
            Row(text: "robot.local:9000"),
            Row(text: "127.0.0.1:65536"),
            Row(text: "127.0.0.1:-1"),
            Row(text: ""),
        ]
    )
    func reads(row: Row) {
        let address = ListenAddress(row.text)
        #expect(address?.description == row.shown)
        #expect((address?.isLoopback ?? false) == row.isLoopback)
    }

    @Test("an address for others needs a token and TLS, each error says what to do")
    func open() throws {
        let open = try #require(ListenAddress("0.0.0.0:9000"))
        var settings = DashboardSettings(listen: open)
        #expect(throws: DashboardError.openWithoutToken(address: "0.0.0.0:9000")) {
            try settings.check()
        }
        settings.tokenFile = "/etc/sacbot/tokens"
        #expect(throws: DashboardError.openWithoutTLS(address: "0.0.0.0:9000")) {
            try settings.check()
        }
        settings.certificate = "/etc/sacbot/certificate.pem"
        #expect(throws: DashboardError.halfACertificate(missing: "key")) { try settings.check() }
        settings.key = "/etc/sacbot/key.pem"
        #expect(settings.problem == nil)
        #expect(DashboardSettings(listen: open).problem?.contains("ssh -L") == true)
        #expect(DashboardSettings().problem == nil)
    }
}
