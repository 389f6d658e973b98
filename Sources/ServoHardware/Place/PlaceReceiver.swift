import Glibc
public import Realtime
public import Robot
import ServoProtocol
import Synchronization

/// Listens for datagrams that say where the robot is, on a thread of its own.
///
/// The control thread takes the newest place out of `newest`, without waiting and without a lock. A
/// sender that is late, silent or wrong delays nobody.
public final class PlaceReceiver: Sendable {
    /// The newest place, on `CLOCK_MONOTONIC`; for one reading thread.
    public let newest = Latest(
        blank: BasePlace(
            x: 0,
            y: 0,
            height: .nan,
            heading: 0,
            time: MonotonicTime(nanoseconds: 0)
        )
    )
    /// Where it listens, for messages.
    public let address: String

    private let socket: Int32
    private let path: String?
    private let counts = Counts()
    private let thread: WorkThread

    /// What came so far.
    public struct Tally: Sendable, Hashable {
        /// Reports that were taken.
        public var taken = 0
        /// Reports that were late, doubled, from the future or no numbers.
        public var dropped = 0
        /// Datagrams that are none of ours, or damaged.
        public var malformed = 0
        /// Whether the newest one's time was of this machine's clock.
        public var sharesClock = false
    }

    private final class Counts: Sendable {
        let tally = Mutex(Tally())
        let isOver = Atomic<Bool>(false)
    }

    /// Opens the socket and starts listening.
    ///
    /// - Throws: `speedSensor` if the port is taken or the path cannot be used.
    public init(_ sensor: SpeedSensorDescription) throws(HardwareError) {
        switch sensor.source {
        case .legs: throw .speedSensor("the robot's legs need no socket")
        case .udp(let port):
            address = "127.0.0.1:\(port)"
            path = nil
            socket = try Self.udp(port)
        case .unix(let name):
            address = name
            path = name
            socket = try Self.unix(name)
        }
        var wait = timeval(tv_sec: 0, tv_usec: 100_000)
        // Without the time-out `close` would wait for the next datagram.
        _ = unsafe setsockopt(
            socket,
            SOL_SOCKET,
            SO_RCVTIMEO,
            &wait,
            socklen_t(MemoryLayout<timeval>.size)
        )
        let (socket, counts, newest) = (socket, counts, newest)
        thread = WorkThread(name: "sacbot-place") {
            Self.listen(socket, sensor.latency, counts, newest)
        }
    }

    /// Ends the thread and gives the socket back; a second call does nothing.
    public func close() {
        guard !counts.isOver.exchange(true, ordering: .acquiringAndReleasing) else { return }
        thread.join()
        _ = Glibc.close(socket)
        if let path { _ = unsafe unlink(path) }
    }

    deinit { close() }

    /// What came so far.
    public var tally: Tally { counts.tally.withLock { $0 } }

    private static func listen(
        _ socket: Int32,
        _ latency: Seconds,
        _ counts: Counts,
        _ newest: Latest<BasePlace>
    ) {
        var intake = PlaceIntake(latency: latency)
        // One byte more than a datagram, so that a longer one is seen to be longer.
        var bytes = [UInt8](repeating: 0, count: PlaceDatagram.size + 1)
        while !counts.isOver.load(ordering: .acquiring) {
            let count = unsafe recv(socket, &bytes, bytes.count, 0)
            guard count >= 0 else { continue }
            let arrival = MonotonicTime(nanoseconds: MonotonicClock.now())
            guard let datagram = PlaceDatagram(bytes, count: count) else {
                counts.tally.withLock { $0.malformed += 1 }
                continue
            }
            if let place = intake.take(PlaceReport(datagram), arrival: arrival) {
                newest.publish(place)
            }
            counts.tally.withLock {
                $0.taken = intake.taken
                $0.dropped = intake.dropped
                $0.sharesClock = datagram.flags.contains(.sharedClock)
            }
        }
    }

    // MARK: Sockets

    private static func udp(_ port: Int) throws(HardwareError) -> Int32 {
        let socket = Glibc.socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
        guard socket >= 0 else { throw failure("no socket can be opened", errno) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(truncatingIfNeeded: port).bigEndian)
        // Loopback only: a datagram from the network must not move a robot.
        address.sin_addr = in_addr(s_addr: UInt32(0x7F00_0001).bigEndian)
        let bound = unsafe withUnsafePointer(to: &address) { pointer in
            // Safety: every socket address begins with the fields of `sockaddr`.
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe bind(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard bound == 0 else {
            let code = errno
            _ = Glibc.close(socket)
            throw failure("port \(port) of 127.0.0.1 cannot be used", code)
        }
        return socket
    }

    private static func unix(_ path: String) throws(HardwareError) -> Int32 {
        let name = Array(path.utf8)
        var address = sockaddr_un()
        guard name.count < MemoryLayout.size(ofValue: address.sun_path) else {
            throw .speedSensor("the socket's path `\(path)` is too long")
        }
        let socket = Glibc.socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        guard socket >= 0 else { throw failure("no socket can be opened", errno) }
        address.sun_family = sa_family_t(AF_UNIX)
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: name) }
        let size = socklen_t(MemoryLayout<sockaddr_un>.size)
        let bound = unsafe withUnsafePointer(to: &address) { pointer in
            // Safety: every socket address begins with the fields of `sockaddr`.
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                // Nobody answers at what a program that was killed left behind.
                if unsafe connect(socket, address, size) == 0 {
                    errno = EADDRINUSE
                    return Int32(-1)
                }
                if errno == ECONNREFUSED { _ = unsafe unlink(path) }
                return unsafe bind(socket, address, size)
            }
        }
        guard bound == 0 else {
            let code = errno
            _ = Glibc.close(socket)
            throw failure("the socket `\(path)` cannot be made", code)
        }
        return socket
    }

    private static func failure(_ what: String, _ code: Int32) -> HardwareError {
        let reason = unsafe strerror(code).map { unsafe String(cString: $0) } ?? "errno \(code)"
        return .speedSensor("\(what): \(reason); correct `speed_sensor` or end who uses it")
    }
}

extension PlaceReport {
    /// What a datagram says.
    init(_ datagram: PlaceDatagram) {
        let flags = datagram.flags
        var place = datagram.place
        if !flags.contains(.height) { place.z = .nan }
        self.init(
            sequence: datagram.sequence,
            time: datagram.time,
            sharesClock: flags.contains(.sharedClock),
            place: flags.contains(.place) ? place : nil,
            heading: flags.contains(.heading) ? datagram.heading : nil,
            velocity: flags.contains(.velocity)
                ? SIMD2(Double(datagram.velocity.x), Double(datagram.velocity.y)) : nil
        )
    }
}
