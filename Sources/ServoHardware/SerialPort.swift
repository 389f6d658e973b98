import CTerminal
import Glibc
import Realtime
import ServoProtocol
import Synchronization

/// A serial port that is ours alone, with a deadline on everything that could wait.
///
/// Devices that /sys/class/tty lists are opened by libserialport; others (pseudo-terminals), and
/// those that have no modem lines (USB gadgets), directly. The port is locked with flock, so that
/// a second program, or this one by mistake, is told so instead of mixing its bytes with ours.
@safe final class SerialPort {
    /// Which library has the device open.
    enum BackEnd: Sendable { case libserialport, terminal }

    let path: String
    let backEnd: BackEnd
    /// Set if the adapter holds bytes back.
    let latencyWarning: LatencyWarning?
    /// The rate in force.
    private(set) var baudRate: Int
    private let line: any SerialLine
    private var isOpen = true
    // Safety: allocated in init, freed in deinit, touched by the one thread that uses the port.
    private let scratch: UnsafeMutableRawBufferPointer

    /// Makes lines in memory that stand in for devices, by path; only tests put any here.
    static let standIns = Mutex<[String: @Sendable () -> any SerialLine]>([:])

    /// Opens and locks a port.
    ///
    /// - Parameters:
    ///   - path: the device.
    ///   - baudRate: bits per second.
    ///   - sysRoot: where sysfs is.
    init(path: String, baudRate: Int, sysRoot: String = "/sys") throws(HardwareError) {
        let device = DevicePath(path: path, sysRoot: sysRoot)
        let opened: (line: any SerialLine, backEnd: BackEnd)
        if let make = Self.standIns.withLock({ $0[path] }) {
            opened = (make(), .terminal)
        } else {
            try Self.checkFree(path)
            do {
                opened = try Self.open(device)
            } catch {
                throw Self.opening(path, error.code)
            }
        }
        let locked = opened.line.lock()
        if locked != 0 {
            opened.line.close()
            throw Self.opening(path, -locked)
        }
        let rated = opened.line.setBaudRate(baudRate)
        if rated != 0 {
            opened.line.close()
            throw .rateRefused(path: path, rate: baudRate)
        }
        self.path = path
        self.baudRate = baudRate
        line = opened.line
        backEnd = opened.backEnd
        let latency = device.latencyTimer ?? 0
        latencyWarning =
            latency > 1 ? LatencyWarning(port: device.resolved, milliseconds: latency) : nil
        unsafe scratch = .allocate(byteCount: Self.chunk, alignment: 1)
    }

    deinit {
        close()
        unsafe scratch.deallocate()
    }

    /// Gives the port back.
    ///
    /// Later calls do nothing.
    func close() {
        guard isOpen else { return }
        isOpen = false
        line.close()
    }

    /// Tries the lock before anything is set: a port in use must not even lose its rate.
    ///
    /// The lock is let go again because libserialport (0.1.2) takes one on its own descriptor.
    private static func checkFree(_ path: String) throws(HardwareError) {
        let descriptor = unsafe path.withCString { unsafe sacbot_open_device($0) }
        if descriptor < 0 { throw opening(path, -descriptor) }
        defer { Glibc.close(descriptor) }
        let locked = sacbot_lock(descriptor)
        if locked != 0 { throw opening(path, -locked) }
    }

    private static func open(
        _ device: DevicePath
    ) throws(LineError) -> (line: any SerialLine, backEnd: BackEnd) {
        guard let name = device.listedName else {
            return (try TerminalLine(path: device.path), .terminal)
        }
        do {
            return (try LibserialportLine(path: name), .libserialport)
        } catch {
            // No modem lines: sp_open gives up with ENOTTY.
            guard error.code == ENOTTY else { throw error }
            return (try TerminalLine(path: device.path), .terminal)
        }
    }

    private static func opening(_ path: String, _ code: Int32) -> HardwareError {
        .opening(path, errno: code, present: LibserialportLine.usbPorts())
    }

    /// Changes the rate.
    func setBaudRate(_ rate: Int) throws(HardwareError) {
        guard line.setBaudRate(rate) == 0 else { throw .rateRefused(path: path, rate: rate) }
        baudRate = rate
    }

    /// Throws away what has arrived.
    func flushInput() throws(HardwareError) {
        let status = line.flushInput()
        if status != 0 { throw .using(path, errno: -status) }
    }

    /// Sends all bytes, or says `false` if there was no room for them before the deadline.
    func write(_ bytes: [UInt8], deadline: Int64) throws(HardwareError) -> Bool {
        var sent = 0
        while true {
            let count = unsafe bytes.withUnsafeBytes { all in
                unsafe line.write(UnsafeRawBufferPointer(rebasing: all[sent...]))
            }
            if count < 0 { throw .using(path, errno: -count) }
            sent += Int(count)
            if sent == bytes.count { return true }
            guard try wait(writing: true, deadline: deadline) else { return false }
        }
    }

    /// Waits for bytes until the deadline and hands what has come to the decoder.
    ///
    /// - Returns: the number of bytes; 0 if time is over.
    func read(into decoder: inout some ByteSink, deadline: Int64) throws(HardwareError) -> Int {
        while try wait(writing: false, deadline: deadline) {
            let count = unsafe line.read(into: scratch)
            if count < 0 { throw .using(path, errno: -count) }
            if count > 0 {
                unsafe decoder.append(UnsafeRawBufferPointer(rebasing: scratch[..<Int(count)]))
                return Int(count)
            }
            if hungUp { throw .portGone(path: path) }
        }
        return 0
    }

    /// Waits for bytes until the deadline and hands over what has come, at most `chunk` bytes.
    ///
    /// A deadline that has passed takes what is there without waiting.
    ///
    /// - Returns: the number of bytes; 0 if there are none.
    func read(
        deadline: Int64,
        _ take: (Span<UInt8>) -> Void
    ) throws(HardwareError) -> Int {
        while try wait(writing: false, deadline: deadline) {
            let count = unsafe line.read(into: scratch)
            if count < 0 { throw .using(path, errno: -count) }
            if count > 0 {
                let bytes = unsafe UnsafeRawBufferPointer(rebasing: scratch[..<Int(count)])
                unsafe take(bytes.bindMemory(to: UInt8.self).span)
                return Int(count)
            }
            if hungUp { throw .portGone(path: path) }
            if deadline <= MonotonicClock.now() { return 0 }
        }
        return 0
    }

    /// The most bytes one `read` hands over.
    static let chunk = 4096

    /// Set by `wait` when poll reports that the other side is gone.
    private var hungUp = false

    private func wait(writing: Bool, deadline: Int64) throws(HardwareError) -> Bool {
        let events = line.wait(writing: writing, deadline: deadline)
        if events < 0 { throw .using(path, errno: -events) }
        guard events > 0 else { return false }
        hungUp = events & (POLLHUP | POLLERR | POLLNVAL) != 0
        if writing, hungUp { throw .portGone(path: path) }
        return true
    }
}
