import Testing

@testable import Dashboard

@Suite("Tokens of the dashboard")
struct AccessTokensTests {
    private func role(
        _ tokens: AccessTokens,
        _ token: String,
        at now: Double = 0,
        isEmergency: Bool = false
    ) -> AccessRole? {
        tokens.role(of: token, isEmergency: isEmergency, now: now) { _ in }
    }

    @Test("each line gives its role; anything else gives none")
    func roles() throws {
        let file = try TokenFile(
            """
            # the lab
            operator \(TokenFile.operatorToken)

            viewer\t\(TokenFile.viewerToken)
            operator another-token-of-24-characters
            """
        )
        let tokens = try AccessTokens(path: file.path, now: 0)
        #expect(role(tokens, TokenFile.operatorToken) == .operator)
        #expect(role(tokens, "another-token-of-24-characters") == .operator)
        #expect(role(tokens, TokenFile.viewerToken) == .viewer)
        for wrong in [
            "", "operator", String(TokenFile.operatorToken.dropLast()),
            TokenFile.operatorToken + "x", TokenFile.operatorToken.uppercased(),
            TokenFile.operatorToken + "\0", String(repeating: "a", count: 100_000),
        ] {
            #expect(role(tokens, wrong) == nil, "\(wrong.prefix(40))")
        }
    }

    @Test(
        "a file that others may read is refused",
        arguments: [0o640, 0o604, 0o660, 0o620, 0o601]
    )
    func openFile(mode: Int) throws {
        let file = try TokenFile(mode: mode)
        #expect(throws: DashboardError.openTokenFile(path: file.path, mode: UInt32(mode))) {
            try AccessTokens(path: file.path, now: 0)
        }
    }

    @Test("a file without good tokens is refused, with the line")
    func badFiles() throws {
        #expect(throws: DashboardError.unreadableTokens(path: "/nowhere/tokens", errno: 2)) {
            try AccessTokens(path: "/nowhere/tokens", now: 0)
        }
        let empty = try TokenFile("# none\n")
        #expect(throws: DashboardError.noTokens(path: empty.path)) {
            try AccessTokens(path: empty.path, now: 0)
        }
        let short = try TokenFile("\noperator short-token-of-23-chars\n")
        #expect(throws: DashboardError.shortToken(path: short.path, line: 2)) {
            try AccessTokens(path: short.path, now: 0)
        }
        let role = try TokenFile("admin \(TokenFile.operatorToken)\n")
        #expect(throws: DashboardError.badTokenLine(path: role.path, line: 1)) {
            try AccessTokens(path: role.path, now: 0)
        }
        let words = try TokenFile("operator \(TokenFile.operatorToken) more\n")
        #expect(throws: DashboardError.badTokenLine(path: words.path, line: 1)) {
            try AccessTokens(path: words.path, now: 0)
        }
    }

    @Test("a changed file counts a second later: the new token opens, the old one does not")
    func rotation() throws {
        let file = try TokenFile()
        let tokens = try AccessTokens(path: file.path, now: 0)
        try file.write("operator a-new-token-of-thirty-characters\n")
        #expect(role(tokens, TokenFile.operatorToken, at: 0.5) == .operator)
        #expect(role(tokens, TokenFile.operatorToken, at: 1.1) == nil)
        #expect(role(tokens, "a-new-token-of-thirty-characters", at: 1.2) == .operator)
    }

    @Test("a file that became readable for others lets nobody in, but an emergency stop through")
    func broken() throws {
        let file = try TokenFile()
        let tokens = try AccessTokens(path: file.path, now: 0)
        try file.write("operator \(TokenFile.operatorToken)\n", mode: 0o644)
        var told: [DashboardError?] = []
        let look = tokens.role(of: TokenFile.operatorToken, isEmergency: false, now: 2) {
            told.append($0)
        }
        #expect(look == nil)
        #expect(told == [.openTokenFile(path: file.path, mode: 0o644)])
        #expect(role(tokens, TokenFile.operatorToken, at: 2.1, isEmergency: true) == .operator)
        #expect(role(tokens, "a-new-token-of-thirty-characters", at: 2.1, isEmergency: true) == nil)
        try file.write("operator \(TokenFile.operatorToken)\n")
        #expect(role(tokens, TokenFile.operatorToken, at: 4) == .operator)
    }

    @Test("no error text holds a token")
    func noSecrets() throws {
        let file = try TokenFile("operator \(TokenFile.operatorToken) more\n")
        do throws(DashboardError) {
            _ = try AccessTokens(path: file.path, now: 0)
            Issue.record("it was read")
        } catch {
            #expect(!error.description.contains(TokenFile.operatorToken))
        }
    }
}
