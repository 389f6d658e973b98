import Hummingbird
import NIOCore

/// What is known of a request besides its head and body.
struct DashboardContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// The connection, so that a reader that does not read can be cut off.
    let channel: any Channel
    /// Who asks; what the access rules found.
    var role = AccessRole.viewer

    init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        channel = source.channel
    }

    /// The peer's address, for limits; never taken from a header.
    var address: String { channel.remoteAddress?.ipAddress ?? "unknown" }
}
