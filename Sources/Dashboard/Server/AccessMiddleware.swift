import HTTPTypes
import Hummingbird
import NIOCore

/// Lets the access rules judge every request, and adds to every answer what browsers should know.
struct AccessMiddleware: RouterMiddleware {
    let rules: AccessRules
    let clock: @Sendable () -> Double

    func handle(
        _ request: Request,
        context: DashboardContext,
        next: (Request, DashboardContext) async throws -> Response
    ) async throws -> Response {
        var context = context
        var response: Response
        do throws(AccessRefusal) {
            context.role = try rules.judge(Self.facts(request, context), now: clock())
            response =
                Self.hasBody(request) ? .tooLarge(context) : await answer(request, context, next)
        } catch {
            response = Self.hasBody(request) ? .tooLarge(context) : error.response
        }
        for field in Self.securityHeaders { response.headers.append(field) }
        return response
    }

    /// Errors become answers here, so that they get the headers, too.
    private func answer(
        _ request: Request,
        _ context: DashboardContext,
        _ next: (Request, DashboardContext) async throws -> Response
    ) async -> Response {
        do {
            return try await next(request, context)
        } catch let error as HTTPError {
            return .json(
                ErrorDocument(error.body ?? error.status.reasonPhrase),
                status: error.status
            )
        } catch {
            return .json(ErrorDocument("\(error)"), status: .internalServerError)
        }
    }

    private static func facts(_ request: Request, _ context: DashboardContext) -> AccessRequest {
        let headers = request.headers
        return AccessRequest(
            purpose: purpose(request),
            address: context.address,
            host: request.head.authority,
            origin: headers[.origin],
            fetchSite: headers[.fetchSite],
            hasOwnHeader: headers[.sacbot] != nil,
            authorization: headers[.authorization]
        )
    }

    /// Commands are in the address; nobody has to send a body, and none is read.
    private static func hasBody(_ request: Request) -> Bool {
        if request.headers[.transferEncoding] != nil { return true }
        return request.headers[.contentLength].map { $0 != "0" } ?? false
    }

    private static func purpose(_ request: Request) -> AccessRequest.Purpose {
        let path = request.uri.path
        guard request.method == .get || request.method == .head else {
            return path == DashboardRoutes.emergencyStopPath ? .emergencyStop : .act
        }
        return PageFiles.paths.contains(path) ? .page : .look
    }

    /// No script, style or connection but our own; nobody may frame the e-stop.
    private static let securityHeaders: [HTTPField] = [
        HTTPField(
            name: .contentSecurityPolicy,
            value: "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
                + "connect-src 'self'; base-uri 'none'; form-action 'none'; "
                + "frame-ancestors 'none'"
        ),
        HTTPField(name: .xContentTypeOptions, value: "nosniff"),
        HTTPField(name: .referrerPolicy, value: "no-referrer"),
        HTTPField(name: .openerPolicy, value: "same-origin"),
        HTTPField(name: .resourcePolicy, value: "same-origin"),
        HTTPField(name: .frameOptions, value: "DENY"),
    ]
}

extension HTTPField.Name {
    private static func known(_ text: String) -> HTTPField.Name {
        // Written here and valid; the fallback is never used.
        HTTPField.Name(text) ?? .server
    }

    /// The header that our page sends with every change: other sites' pages cannot without asking.
    static let sacbot = known("X-Sacbot")
    fileprivate static let fetchSite = known("Sec-Fetch-Site")
    fileprivate static let referrerPolicy = known("Referrer-Policy")
    fileprivate static let openerPolicy = known("Cross-Origin-Opener-Policy")
    fileprivate static let resourcePolicy = known("Cross-Origin-Resource-Policy")
    fileprivate static let frameOptions = known("X-Frame-Options")
}

/// What an answer that is no success says.
struct ErrorDocument: Codable, Sendable {
    /// What was wrong and what to do.
    var message: String

    init(_ message: String) { self.message = message }
}

extension Response {
    /// Refuses a body and closes the connection, so that it need not be read to its end.
    fileprivate static func tooLarge(_ context: DashboardContext) -> Response {
        let text = DashboardJSON.data(ErrorDocument("no request has a body here"))
        let channel = context.channel
        return Response(
            status: .contentTooLarge,
            headers: [.contentType: "application/json", .connection: "close"],
            body: ResponseBody(contentLength: text.count) { writer in
                try await writer.write(ByteBuffer(bytes: text))
                try await writer.finish(nil)
                channel.close(mode: .all, promise: nil)
            }
        )
    }
}

extension AccessRefusal {
    /// As an answer.
    fileprivate var response: Response {
        var response = Response.json(ErrorDocument(words), status: status)
        if self == .notKnown { response.headers[.wwwAuthenticate] = "Bearer realm=\"sacbot\"" }
        if status == .tooManyRequests { response.headers[.retryAfter] = "10" }
        return response
    }

    private var status: HTTPResponse.Status {
        switch self {
        case .foreignHost: .misdirectedRequest
        case .foreignSite, .onlyLooking: .forbidden
        case .notKnown: .unauthorized
        case .tooMany, .tooManyGuesses: .tooManyRequests
        }
    }

    private var words: String {
        switch self {
        case .foreignHost: "this is not a name of this dashboard; use localhost or 127.0.0.1"
        case .foreignSite: "only the dashboard's own page may ask this (header X-Sacbot: 1)"
        case .notKnown: "a token is needed: Authorization: Bearer TOKEN"
        case .onlyLooking: "this token may look, not act"
        case .tooMany: "too many requests; wait a moment"
        case .tooManyGuesses: "too many wrong tokens; wait ten seconds"
        }
    }
}
