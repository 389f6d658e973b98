import Glibc

/// What /sys says of a serial device.
struct DevicePath {
    /// The path as the robot file has it.
    let path: String
    /// Where sysfs is; a fixture in tests.
    let sysRoot: String

    /// The name to open with libserialport, `nil` if the kernel lists no such terminal.
    ///
    /// The library takes names that stand in /sys/class/tty under what follows `/dev/`; symbolic
    /// links such as those of /dev/serial/by-id are resolved first.
    var listedName: String? {
        for name in [path, resolved] where name.hasPrefix("/dev/") {
            if exists("\(sysRoot)/class/tty/\(name.dropFirst(5))") { return name }
        }
        return nil
    }

    /// The path with symbolic links resolved, or as it is if it leads nowhere.
    var resolved: String {
        guard let text = unsafe realpath(path, nil) else { return path }
        defer { unsafe free(text) }
        return unsafe String(cString: text)
    }

    /// Milliseconds for which a USB adapter holds bytes back, `nil` if it does not say.
    var latencyTimer: Int? {
        let name = resolved.split(separator: "/").last.map(String.init) ?? ""
        return number(at: "\(sysRoot)/bus/usb-serial/devices/\(name)/latency_timer")
    }

    private func exists(_ path: String) -> Bool {
        var status = stat()
        return unsafe lstat(path, &status) == 0
    }

    private func number(at path: String) -> Int? {
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 16)
        let count = unsafe bytes.withUnsafeMutableBytes {
            unsafe read(file, $0.baseAddress, $0.count)
        }
        guard count > 0 else { return nil }
        let digits = bytes[..<count].prefix { $0 >= 0x30 && $0 <= 0x39 }
        return Int(String(decoding: digits, as: UTF8.self))
    }
}

/// A USB adapter that holds bytes back longer than a control tick can bear.
public struct LatencyWarning: Sendable, Hashable, CustomStringConvertible {
    /// The port.
    public var port: String
    /// For how long it holds bytes back.
    public var milliseconds: Int

    /// What it means and how to change it.
    public var description: String {
        "\(port) holds bytes back for up to \(milliseconds) ms; set its latency timer to 1 with "
            + "`echo 1 | sudo tee /sys/bus/usb-serial/devices/"
            + "\(port.split(separator: "/").last ?? "ttyUSB0")/latency_timer`"
    }
}
