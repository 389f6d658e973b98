import HummingbirdCore
import NIOCore
import Synchronization

/// Counts connections and closes those that are too many.
///
/// One address gets less than all there are, so that nobody can shut others out; programs on this
/// machine always get through, because the robot's own operator may be among them.
final class ConnectionLimit: Sendable {
    /// Connections at once; a process has 1024 files.
    static let most = 512
    /// Connections at once from one address.
    static let mostOfOne = 320

    private let counts = Mutex<[String: Int]>([:])

    /// Counts a connection in; false if it is one too many.
    func enter(_ address: String) -> Bool {
        counts.withLock { counts in
            let own = counts[address, default: 0]
            let isLocal = ["127.0.0.1", "::1"].contains(address)
            guard own < Self.mostOfOne, isLocal || counts.values.reduce(0, +) < Self.most else {
                return false
            }
            counts[address] = own + 1
            return true
        }
    }

    /// Counts a connection out that was counted in.
    func leave(_ address: String) {
        counts.withLock { counts in
            let left = counts[address, default: 1] - 1
            counts[address] = left > 0 ? left : nil
        }
    }
}

/// Applies the limit to one connection.
final class ConnectionLimitHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = Any

    private let limit: ConnectionLimit
    /// The address this connection is counted under; `nil` if it is not.
    private var counted: String?

    init(_ limit: ConnectionLimit) { self.limit = limit }

    func handlerAdded(context: ChannelHandlerContext) {
        if context.channel.isActive { count(context) }
    }

    func channelActive(context: ChannelHandlerContext) {
        count(context)
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        if let counted { limit.leave(counted) }
        counted = nil
        context.fireChannelInactive()
    }

    private func count(_ context: ChannelHandlerContext) {
        guard counted == nil else { return }
        let address = context.channel.remoteAddress?.ipAddress ?? "unknown"
        if limit.enter(address) {
            counted = address
        } else {
            context.close(promise: nil)
        }
    }
}

extension HTTPServerBuilder {
    /// HTTP/1.1 with bounds on connections, idle time and headers.
    static func limitedHTTP1(idleSeconds: Int64) -> HTTPServerBuilder {
        let limit = ConnectionLimit()
        return .http1(
            configuration: HTTP1Channel.Configuration(
                additionalChannelHandlers: [ConnectionLimitHandler(limit)],
                idleTimeout: .seconds(idleSeconds),
                httpDecoderConfiguration: .init(
                    maxHeaderFieldSize: 8192,
                    maxHeaderListSize: 16384,
                    maxHeaderFieldCount: 64
                )
            )
        )
    }
}
