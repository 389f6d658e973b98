import Testing

@testable import Dashboard

@Suite("Who may do what")
struct AccessRulesTests {
    private let file: TokenFile
    private let local: AccessRules
    private let guarded: AccessRules

    init() throws {
        file = try TokenFile()
        local = AccessRules(settings: DashboardSettings(), tokens: nil) { _ in }
        let open = DashboardSettings(
            listen: try #require(ListenAddress("0.0.0.0:8470")),
            tokenFile: file.path,
            certificate: "c",
            key: "k"
        )
        guarded = AccessRules(
            settings: open,
            tokens: try AccessTokens(path: file.path, now: 0)
        ) { _ in }
    }

    private func request(
        _ purpose: AccessRequest.Purpose,
        host: String? = "localhost:8470",
        token: String? = nil
    ) -> AccessRequest {
        AccessRequest(
            purpose: purpose,
            address: "192.0.2.1",
            host: host,
            hasOwnHeader: true,
            authorization: token.map { "Bearer \($0)" }
        )
    }

    private func refusal(
        _ rules: AccessRules,
        _ request: AccessRequest,
        now: Double = 0
    ) -> AccessRefusal? {
        do throws(AccessRefusal) {
            _ = try rules.judge(request, now: now)
            return nil
        } catch {
            return error
        }
    }

    @Test("on loopback without tokens everybody there is an operator")
    func loopback() throws {
        #expect(try local.judge(request(.act), now: 0) == .operator)
        #expect(
            try local.judge(request(.emergencyStop, host: "127.0.0.1:8470"), now: 0) == .operator
        )
        #expect(try local.judge(request(.look, host: "[::1]:1"), now: 0) == .operator)
        // As `ssh -L 9000:127.0.0.1:8470` makes it.
        #expect(try local.judge(request(.look, host: "localhost:9000"), now: 0) == .operator)
    }

    @Test(
        "DNS rebinding: another name for this machine is refused, even for the page",
        arguments: [
            "evil.example", "evil.example:8470", "localhost.evil.example", "", "[::2]:8470",
        ]
    )
    func rebinding(host: String) {
        for purpose in [AccessRequest.Purpose.page, .look, .act, .emergencyStop] {
            #expect(refusal(local, request(purpose, host: host)) == .foreignHost)
        }
        #expect(refusal(local, request(.look, host: nil)) == .foreignHost)
    }

    @Test("a page of another site cannot act, whatever of these its browser says")
    func crossSite() {
        var noHeader = request(.emergencyStop)
        noHeader.hasOwnHeader = false
        #expect(refusal(local, noHeader) == .foreignSite)
        for site in ["cross-site", "same-site"] {
            var marked = request(.look)
            marked.fetchSite = site
            #expect(refusal(local, marked) == .foreignSite)
        }
        for origin in [
            "http://evil.example", "null", "https://localhost:8470", "http://localhost:1",
        ] {
            var other = request(.act)
            other.origin = origin
            #expect(refusal(local, other) == .foreignSite, "\(origin)")
        }
        var own = request(.act)
        (own.origin, own.fetchSite) = ("http://localhost:8470", "same-origin")
        #expect(refusal(local, own) == nil)
    }

    @Test("with tokens: none and a wrong one are refused, a viewer looks, an operator acts")
    func roles() throws {
        let host = "robot.example:8470"
        #expect(refusal(guarded, request(.look, host: host)) == .notKnown)
        #expect(refusal(guarded, request(.look, host: host, token: "wrong")) == .notKnown)
        let viewer = TokenFile.viewerToken
        #expect(try guarded.judge(request(.look, host: host, token: viewer), now: 0) == .viewer)
        #expect(refusal(guarded, request(.act, host: host, token: viewer)) == .onlyLooking)
        #expect(
            refusal(guarded, request(.emergencyStop, host: host, token: viewer)) == .onlyLooking
        )
        let person = TokenFile.operatorToken
        #expect(try guarded.judge(request(.act, host: host, token: person), now: 0) == .operator)
        #expect(refusal(guarded, request(.page, host: host)) == nil, "where to type the token")
    }

    @Test("too many requests are refused, an operator's emergency stop never")
    func limit() throws {
        let look = request(.look, token: TokenFile.operatorToken)
        var allowed = 0
        while refusal(guarded, look) == nil { allowed += 1 }
        #expect(allowed == 200)
        #expect(refusal(guarded, look) == .tooMany)
        let stop = request(.emergencyStop, token: TokenFile.operatorToken)
        for _ in 0..<1000 { #expect(refusal(guarded, stop) == nil) }
        // 50 a second come back.
        #expect(refusal(guarded, look, now: 0.021) == nil)
        #expect(refusal(guarded, look, now: 0.021) == .tooMany)
        // Others have buckets of their own.
        var other = look
        other.address = "192.0.2.2"
        #expect(refusal(guarded, other) == nil)
    }

    @Test("after ten wrong tokens an address has to wait, but an operator's emergency stop passes")
    func guessing() {
        let wrong = request(.look, token: "guess-guess-guess-guess-guess")
        for _ in 0..<10 { #expect(refusal(guarded, wrong) == .notKnown) }
        #expect(refusal(guarded, wrong) == .tooManyGuesses)
        let right = request(.look, token: TokenFile.operatorToken)
        #expect(refusal(guarded, right) == .tooManyGuesses, "not told that it is right")
        #expect(refusal(guarded, request(.emergencyStop, token: TokenFile.operatorToken)) == nil)
        #expect(refusal(guarded, right, now: 11) == nil)
    }

    @Test("the table of addresses is bounded")
    func bounded() {
        var limit = RateLimit(perSecond: 1, burst: 1)
        for number in 0..<(2 * RateLimit.capacity) {
            let isFirst = limit.take("address \(number)", now: Double(number) * 1e-3)
            #expect(isFirst)
        }
        let isRemembered = !limit.take("address \(2 * RateLimit.capacity - 1)", now: 2.1)
        #expect(isRemembered)
        let isForgotten = limit.take("address 0", now: 2.1)
        #expect(isForgotten)
    }
}
