/// What a robot file or a command line says about the dashboard.
public struct DashboardSettings: Sendable, Hashable {
    /// Where to listen.
    public var listen: ListenAddress
    /// The file of tokens; `nil` for none, which only loopback allows.
    public var tokenFile: String?
    /// The TLS certificate with its chain, PEM; `nil` for none, which only loopback allows.
    public var certificate: String?
    /// The certificate's private key, PEM.
    public var key: String?

    /// Settings; without any the dashboard is for people on this machine.
    public init(
        listen: ListenAddress = .usual,
        tokenFile: String? = nil,
        certificate: String? = nil,
        key: String? = nil
    ) {
        self.listen = listen
        self.tokenFile = tokenFile
        self.certificate = certificate
        self.key = key
    }

    /// Whether requests come by TLS.
    public var hasTLS: Bool { certificate != nil }

    /// What is wrong with these settings whatever the files hold, with the remedy; `nil` if nothing.
    public var problem: String? {
        do throws(DashboardError) {
            try check()
            return nil
        } catch {
            return error.description
        }
    }

    /// Throws if these settings would let strangers in.
    func check() throws(DashboardError) {
        if (certificate == nil) != (key == nil) {
            throw .halfACertificate(missing: certificate == nil ? "certificate" : "key")
        }
        guard !listen.isLoopback else { return }
        if tokenFile == nil { throw .openWithoutToken(address: listen.description) }
        if !hasTLS { throw .openWithoutTLS(address: listen.description) }
    }
}

/// Why the dashboard does not start.
public enum DashboardError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Others could connect, and nothing would ask them who they are.
    case openWithoutToken(address: String)
    /// Others could connect, and tokens would travel in the clear.
    case openWithoutTLS(address: String)
    /// A certificate without key, or the other way round.
    case halfACertificate(missing: String)
    /// The certificate or its key cannot be used.
    case badCertificate(path: String, reason: String)
    /// The token file cannot be read; the errno value.
    case unreadableTokens(path: String, errno: Int32)
    /// Others may read the token file.
    case openTokenFile(path: String, mode: UInt32)
    /// A line of the token file is not `ROLE TOKEN`.
    case badTokenLine(path: String, line: Int)
    /// A token that could be guessed.
    case shortToken(path: String, line: Int)
    /// The token file has no token.
    case noTokens(path: String)
    /// The address cannot be listened on.
    case cannotListen(address: String, reason: String)

    /// For a person, with the remedy.
    public var description: String {
        switch self {
        case .openWithoutToken(let address):
            """
            the dashboard would be open to everybody who can reach \(address); give it \
            `token_file:` in the robot file's `dashboard:`, or listen on 127.0.0.1 and reach it \
            with `ssh -L 8470:127.0.0.1:8470 THIS-MACHINE`
            """
        case .openWithoutTLS(let address):
            """
            tokens would travel to \(address) in the clear; give the dashboard `certificate:` and \
            `key:` in the robot file's `dashboard:` (docs/dashboard.md says how to make them), or \
            listen on 127.0.0.1 and use ssh
            """
        case .halfACertificate(let missing):
            "`dashboard:` has no `\(missing):`; TLS needs a certificate and its key"
        case .badCertificate(let path, let reason):
            "the dashboard cannot use \(path): \(reason); it has to be PEM, and the key to fit"
        case .unreadableTokens(let path, let errno):
            "the token file \(path) cannot be read: \(words(ofError: errno))"
        case .openTokenFile(let path, let mode):
            """
            others may read the token file \(path) (mode \(String(mode, radix: 8))); \
            run `chmod 600 \(path)` and, if somebody may have read it, write new tokens
            """
        case .badTokenLine(let path, let line):
            "\(path):\(line): a line is `operator TOKEN` or `viewer TOKEN`"
        case .shortToken(let path, let line):
            """
            \(path):\(line): a token has \(AccessTokens.lengths.lowerBound) to \
            \(AccessTokens.lengths.upperBound) visible ASCII characters; `openssl rand -hex 24` \
            makes one
            """
        case .noTokens(let path):
            "\(path) has no token; write a line `operator TOKEN` (`openssl rand -hex 24`)"
        case .cannotListen(let address, let reason):
            "the dashboard cannot listen on \(address): \(reason); try `--dashboard` with another port"
        }
    }
}
