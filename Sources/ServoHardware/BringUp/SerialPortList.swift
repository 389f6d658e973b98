/// The serial ports a robot could be on, each under the name that survives replugging.
public struct SerialPortList {
    /// One adapter.
    public struct Entry: Sendable, Hashable {
        /// The name to use: in /dev/sacbot or /dev/serial/by-id if there is one.
        public var path: String
        /// The kernel's name, which may change when adapters are plugged in again.
        public var device: String
        /// Whether `path` survives replugging.
        public var isStable: Bool { path != device }
    }

    private let files: SystemFiles

    /// The ports of this machine, or of a copy of its /dev under `root` in tests.
    public init(root: String = "") { files = SystemFiles(root: root) }

    /// USB adapters and controllers with a USB port of their own.
    ///
    /// On-board UARTs are left out: one of them may be the console.
    public func entries() -> [Entry] {
        let names = files.names(in: "/dev").filter {
            $0.hasPrefix("ttyUSB") || $0.hasPrefix("ttyACM")
        }
        return names.map { name in
            let device = files.root + "/dev/" + name
            return Entry(path: stableName(of: device) ?? device, device: device)
        }
    }

    /// A name of the same device that survives replugging, `nil` if there is none.
    public func stableName(of path: String) -> String? {
        let target = SystemFiles.resolved(path)
        for folder in Self.stableFolders {
            for name in files.names(in: folder) {
                let link = files.root + folder + "/" + name
                if SystemFiles.resolved(link) == target { return link }
            }
        }
        return nil
    }

    /// Whether a path is of the kind that survives replugging.
    public func isStable(_ path: String) -> Bool {
        Self.stableFolders.contains { path.hasPrefix(files.root + $0 + "/") }
            || path.hasPrefix(files.root + "/dev/serial/by-path/")
    }

    /// Ours by the udev rule, then the distribution's.
    private static let stableFolders = ["/dev/sacbot", "/dev/serial/by-id"]
}
