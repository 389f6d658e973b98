import Foundation
import HTTPTypes
import Hummingbird
import Journal
import Operator
import Testing

@testable import Dashboard

@Suite("Addresses of the dashboard")
struct RoutesTests {
    private func bearer(_ token: String) -> HTTPFields {
        [.sacbot: "1", .authorization: "Bearer \(token)"]
    }

    @Test("every command but status reaches the desk; unknown ones do not exist")
    func commands() async throws {
        let bench = try RobotBench(takesMarks: true)
        #expect(try await bench.ask(.post, "/api/v1/commands/estop").status == .ok)
        #expect(try await bench.ask(.post, "/api/v1/commands/stop").status == .ok)
        let mark = try await bench.ask(.post, "/api/v1/commands/mark?mark=begin")
        #expect(mark.status == .ok)
        #expect(bench.asked.all == ["estop", "stop", "mark begin"])
        #expect(try await bench.ask(.post, "/api/v1/commands/mark?mark=other").status == .conflict)
        #expect(try await bench.ask(.post, "/api/v1/commands/pause").status == .conflict)
        #expect(try await bench.ask(.post, "/api/v1/commands/status").status == .notFound)
        #expect(try await bench.ask(.post, "/api/v1/commands/dance").status == .notFound)
        #expect(try await bench.ask(.get, "/api/v1/commands/estop").status == .notFound)
        #expect(bench.asked.all.count == 3)
    }

    @Test("a question is answered through the page")
    func prompt() async throws {
        let bench = try RobotBench()
        #expect(try await bench.ask(.post, "/api/v1/commands/continue").status == .conflict)
        bench.desk.show(prompt: "joint (ID 1) did not arrive")
        #expect(try await bench.ask(.post, "/api/v1/commands/continue").status == .ok)
        #expect(bench.desk.takeAnswer() == .continue)
    }

    @Test("without the page's own header nothing is done, whatever the method")
    func forged() async throws {
        let bench = try RobotBench()
        for method in [HTTPRequest.Method.post, .put, .delete, .patch, .options] {
            let response = try await bench.ask(
                method,
                "/api/v1/commands/estop",
                headers: [.contentType: "text/plain"]
            )
            #expect(response.status == .forbidden, "\(method)")
        }
        #expect(try await bench.ask(.get, "/api/v1/state", host: "evil.example").status.code == 421)
        #expect(bench.asked.all == [])
    }

    @Test("tokens: refused without, accepted with; a viewer cannot stop the robot")
    func tokens() async throws {
        let file = try TokenFile()
        let bench = try RobotBench(settings: DashboardSettings(tokenFile: file.path))
        for path in ["/api/v1/state", "/events", "/metrics", "/api/v1/curves", "/api/v1/robot"] {
            let response = try await bench.ask(.get, path)
            #expect(response.status == .unauthorized, "\(path)")
            #expect(response.headers[.wwwAuthenticate]?.hasPrefix("Bearer") == true)
        }
        #expect(try await bench.ask(.post, "/api/v1/commands/estop").status == .unauthorized)
        #expect(try await bench.ask(.get, "/").status == .ok, "where the token is typed")
        let viewer = bearer(TokenFile.viewerToken)
        #expect(try await bench.ask(.get, "/api/v1/state", headers: viewer).status == .ok)
        let estop = "/api/v1/commands/estop"
        #expect(try await bench.ask(.post, estop, headers: viewer).status == .forbidden)
        #expect(bench.asked.all == [])
        let person = bearer(TokenFile.operatorToken)
        #expect(try await bench.ask(.post, estop, headers: person).status == .ok)
        #expect(bench.asked.all == ["estop"])
    }

    @Test(
        "every answer has the headers that keep other sites out, errors as well",
        arguments: ["/", "/dashboard.js", "/api/v1/state", "/nothing", "/api/v1/episodes/x"]
    )
    func headers(path: String) async throws {
        let headers = try await RobotBench().ask(.get, path).headers
        let policy = headers[.contentSecurityPolicy] ?? ""
        #expect(policy.contains("default-src 'none'"))
        #expect(policy.contains("script-src 'self';"))
        #expect(policy.contains("frame-ancestors 'none'"))
        #expect(!policy.contains("unsafe"))
        #expect(headers[.xContentTypeOptions] == "nosniff")
        #expect(headers[.accessControlAllowOrigin] == nil)
        #expect(headers[.setCookie] == nil)
    }

    @Test("the state and the metrics are the desk's")
    func state() async throws {
        let bench = try RobotBench()
        bench.desk.update {
            $0.robot = "bench"
            $0.phase = "running"
        }
        let text = try await bench.text(.get, "/api/v1/state")
        let state = try JSONDecoder().decode(OperatorState.self, from: Data(text.utf8))
        #expect(state == bench.desk.state)
        let metrics = try await bench.text(.get, "/metrics")
        #expect(metrics.contains("robot=\"bench\""))
    }

    @Test("a listener is told what the robot is, the state, and then what changed")
    func events() async throws {
        let bench = try RobotBench()
        let feed = StateFeed(desk: bench.desk, hub: bench.hub)
        let response = try await bench.ask(.get, "/events")
        #expect(response.headers[.contentType] == "text/event-stream")
        #expect(bench.hub.listenerCount == 1)
        feed.tick()
        // Nothing changed: nothing is sent.
        feed.tick()
        bench.desk.update { $0.phase = "running" }
        feed.tick()
        bench.hub.close()
        let text = String(decoding: try await response.bytes(), as: UTF8.self)
        let names = text.split(separator: "\n").filter { $0.hasPrefix("event: ") }
        #expect(names == ["event: robot", "event: state", "event: state", "event: state"])
        #expect(text.hasSuffix("\n\n"))
    }

    @Test("no run: the run's addresses say so")
    func noRun() async throws {
        let bench = try RobotBench()
        for path in ["/api/v1/curves", "/api/v1/episodes", "/api/v1/episodes/0"] {
            let response = try await bench.ask(.get, path)
            #expect(response.status == .notFound, "\(path)")
        }
    }
}
