import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import NIOPosix
import Operator

/// Every address of the dashboard and what it answers.
struct DashboardRoutes: Sendable {
    static let emergencyStopPath = "/api/v1/commands/estop"
    /// What a listener's connection may hold unread in the kernel, bytes.
    private static let sendBuffer = 131_072

    let desk: OperatorDesk
    let sheet: RobotSheet
    let files: PageFiles
    let hub: EventHub
    let archive: RunArchive
    let rules: AccessRules
    let feed: StateFeed
    let clock: @Sendable () -> Double

    /// The router of all of them.
    var router: Router<DashboardContext> {
        let router = Router(context: DashboardContext.self)
        router.add(middleware: AccessMiddleware(rules: rules, clock: clock))
        for path in PageFiles.paths {
            router.get(RouterPath(path)) { _, _ in files.response(path) }
        }
        router.get("events", use: events)
        router.get("metrics") { _, _ in metrics }
        let api = router.group("api/v1")
        api.get("session") { _, context in Response.json(SessionDocument(context.role)) }
        api.get("robot") { _, _ in Response.json(sheet) }
        api.get("state") { _, _ in Response.json(feed.newest) }
        api.get("curves") { _, _ in Response.json(try await archive.curves(of: try run)) }
        api.get("episodes", use: episodes)
        api.get("episodes/:index", use: replay)
        api.post("commands/:name", use: command)
        return router
    }

    /// The folder of the run that is under way.
    private var run: String {
        get throws {
            let run = desk.state.run
            guard !run.isEmpty else { throw HTTPError(.notFound, message: "no run is open yet") }
            return run
        }
    }

    private func events(_ request: Request, _ context: DashboardContext) async throws -> Response {
        let channel = context.channel
        _ = try? await channel.setOption(
            ChannelOptions.socketOption(.so_sndbuf),
            value: SocketOptionValue(Self.sendBuffer)
        ).get()
        let first = [ServerSentEvent.named("robot", text(sheet)), feed.event]
        guard
            let listener = hub.listen(
                first: first,
                cutOff: { channel.close(mode: .all, promise: nil) }
            )
        else {
            throw HTTPError(.serviceUnavailable, message: "too many people look already")
        }
        return Response(
            status: .ok,
            headers: [.contentType: "text/event-stream", .cacheControl: "no-store"],
            body: ResponseBody { writer in
                defer { hub.leave(listener) }
                for await event in listener.events { try await writer.write(event) }
                try await writer.finish(nil)
            }
        )
    }

    private func episodes(
        _ request: Request,
        _ context: DashboardContext
    ) async throws -> Response {
        let query = request.uri.queryParameters
        let limit = query["limit"].flatMap { Int($0) } ?? 50
        let before = query["before"].flatMap { Int($0) }
        let list = try await archive.episodes(
            of: try run,
            before: before,
            limit: min(max(limit, 1), 500)
        )
        return .json(list)
    }

    private func replay(_ request: Request, _ context: DashboardContext) async throws -> Response {
        guard let index = context.parameters.get("index", as: Int.self), index >= 0,
            let document = try await archive.replay(of: try run, episode: index)
        else { throw HTTPError(.notFound, message: "there is no such episode") }
        return .json(document)
    }

    /// An emergency stop reads nothing and waits for nothing: its path alone says everything.
    private func command(_ request: Request, _ context: DashboardContext) async throws -> Response {
        let name = context.parameters.get("name") ?? ""
        guard let command = OperatorRequest.Command(rawValue: name), command != .status else {
            throw HTTPError(.notFound, message: "there is no command `\(name)`")
        }
        let query = request.uri.queryParameters
        let reply = desk.handle(
            OperatorRequest(
                command,
                episodes: query["episodes"].flatMap { Int($0) },
                mark: query["mark"].map(String.init)
            )
        )
        return .json(
            CommandDocument(ok: reply.ok, message: reply.message),
            status: reply.ok ? .ok : .conflict
        )
    }

    private var metrics: Response {
        .text(RobotMetrics.text(feed.newest), type: RobotMetrics.contentType)
    }

    private func text(_ value: some Encodable) -> String {
        String(decoding: DashboardJSON.data(value), as: UTF8.self)
    }
}

/// Who the dashboard takes somebody for.
struct SessionDocument: Codable, Sendable {
    var role: AccessRole

    init(_ role: AccessRole) { self.role = role }
}

/// What became of a command.
struct CommandDocument: Codable, Sendable {
    var ok: Bool
    var message: String
}
