import Synchronization

/// What the access rules look at in a request.
struct AccessRequest: Sendable {
    /// What a request is for.
    enum Purpose: Sendable, Hashable {
        /// A file of the page itself: nothing about the robot is in it.
        case page
        /// To see the robot's state or its runs.
        case look
        /// To change something.
        case act
        /// To stop at once.
        case emergencyStop
    }

    var purpose: Purpose
    /// The peer's IP address.
    var address: String
    /// The `Host` header.
    var host: String?
    /// The `Origin` header.
    var origin: String?
    /// The `Sec-Fetch-Site` header, which browsers set and pages cannot.
    var fetchSite: String?
    /// Whether the header that only our page sends is there.
    var hasOwnHeader: Bool
    /// The `Authorization` header.
    var authorization: String?
}

/// Why a request is refused.
enum AccessRefusal: Error, Sendable, Hashable {
    /// A name in `Host` that is not this machine's: DNS rebinding.
    case foreignHost
    /// Another site's page sent it.
    case foreignSite
    /// No token, or one that nobody has.
    case notKnown
    /// A viewer wanted to act.
    case onlyLooking
    /// Too many requests.
    case tooMany
    /// Too many wrong tokens.
    case tooManyGuesses
}

/// Decides who may do what.
///
/// On loopback without tokens everybody on this machine is an operator; what has to be kept out is
/// a web page from elsewhere that a person has open in the same browser. With tokens a request
/// carries one in `Authorization: Bearer`; there are no cookies, so another page cannot borrow it.
final class AccessRules: Sendable {
    private struct Limits {
        var requests = RateLimit(perSecond: 50, burst: 200)
        /// Wrong tokens.
        var guesses = RateLimit(perSecond: 0.1, burst: 10)
    }

    private let settings: DashboardSettings
    private let tokens: AccessTokens?
    private let limits = Mutex(Limits())
    private let warn: @Sendable (String) -> Void

    /// Rules of these settings.
    ///
    /// - Parameters:
    ///   - tokens: the tokens of the settings' file.
    ///   - warn: told in words when the token file becomes unusable.
    init(
        settings: DashboardSettings,
        tokens: AccessTokens?,
        warn: @escaping @Sendable (String) -> Void
    ) {
        self.settings = settings
        self.tokens = tokens
        self.warn = warn
    }

    /// Whose request it is, if it is allowed.
    ///
    /// An operator's emergency stop is not counted and never refused for the number of requests.
    func judge(_ request: AccessRequest, now: Double) throws(AccessRefusal) -> AccessRole {
        try refuseForeign(request)
        let role = request.purpose == .page ? .viewer : whose(request, now: now)
        if request.purpose == .emergencyStop, role == .operator { return .operator }
        guard limits.withLock({ $0.requests.take(request.address, now: now) }) else {
            throw .tooMany
        }
        guard let role else {
            let mayGuess = limits.withLock { limits in
                request.authorization == nil || limits.guesses.take(request.address, now: now)
            }
            throw mayGuess ? .notKnown : .tooManyGuesses
        }
        if role == .viewer, request.purpose == .act || request.purpose == .emergencyStop {
            throw .onlyLooking
        }
        return role
    }

    private func whose(_ request: AccessRequest, now: Double) -> AccessRole? {
        guard let tokens else { return .operator }
        let isEmergency = request.purpose == .emergencyStop
        guard let token = bearer(request.authorization) else { return nil }
        // Who guesses too fast is not told whether the next guess is right.
        let address = request.address
        guard isEmergency || limits.withLock({ $0.guesses.hasPermit(address, now: now) }) else {
            return nil
        }
        return tokens.role(of: token, isEmergency: isEmergency, now: now) { [warn] problem in
            warn(
                problem.map { "\($0); until it is put right the dashboard lets nobody in" }
                    ?? "the dashboard's token file is in use again"
            )
        }
    }

    private func bearer(_ authorization: String?) -> String? {
        guard let authorization else { return nil }
        let words = authorization.split(separator: " ", maxSplits: 1)
        guard words.count == 2, words[0].lowercased() == "bearer" else { return nil }
        return String(words[1])
    }

    // MARK: Pages from elsewhere

    private func refuseForeign(_ request: AccessRequest) throws(AccessRefusal) {
        // A name that somebody made point here has no tokens in its page, but on loopback there
        // may be none to have.
        if settings.listen.isLoopback, !isOwnName(request.host) { throw .foreignHost }
        if let site = request.fetchSite, site == "cross-site" || site == "same-site" {
            // A link from elsewhere may open the page; it may not ask for anything.
            guard request.purpose == .page else { throw .foreignSite }
        }
        if let origin = request.origin, request.purpose != .page, !isOwn(origin, request.host) {
            throw .foreignSite
        }
        let changes = request.purpose == .act || request.purpose == .emergencyStop
        if changes, !request.hasOwnHeader { throw .foreignSite }
    }

    /// Any port, because `ssh -L` may have changed it.
    private func isOwnName(_ host: String?) -> Bool {
        guard var name = host?.lowercased() else { return false }
        if let colon = name.lastIndex(of: ":"), !name.hasSuffix("]") {
            name = String(name[..<colon])
        }
        return ["localhost", "127.0.0.1", "[::1]", settings.listen.host].contains(name)
    }

    private func isOwn(_ origin: String, _ host: String?) -> Bool {
        guard let host else { return false }
        return origin.lowercased() == "\(settings.hasTLS ? "https" : "http")://\(host.lowercased())"
    }
}
