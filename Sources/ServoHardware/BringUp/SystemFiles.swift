import Glibc

/// What stands in /dev, /sys and /etc, or in copies of them below `root`.
struct SystemFiles {
    /// Put before every path; empty for the machine itself.
    let root: String

    /// The names in a folder, sorted; empty if there is no such folder.
    func names(in folder: String) -> [String] {
        guard let stream = unsafe opendir(root + folder) else { return [] }
        defer { unsafe closedir(stream) }
        var names: [String] = []
        while let entry = unsafe readdir(stream) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) {
                    unsafe String(cString: $0)
                }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// Whether there is a file.
    func exists(_ path: String) -> Bool { unsafe access(root + path, F_OK) == 0 }

    /// Where a path leads through symbolic links, or the path itself if it leads nowhere.
    static func resolved(_ path: String) -> String {
        guard let text = unsafe realpath(path, nil) else { return path }
        defer { unsafe free(text) }
        return unsafe String(cString: text)
    }

    /// Who may use a device.
    struct Ownership {
        /// Whether this process may read and write it.
        var isUsable: Bool
        /// The group that owns it, by name or number.
        var group: String
        /// Permission bits.
        var mode: UInt32
    }

    /// Who may use a device, `nil` if there is none.
    static func ownership(of path: String) -> Ownership? {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { return nil }
        return Ownership(
            isUsable: unsafe access(path, R_OK | W_OK) == 0,
            group: groupName(status.st_gid),
            mode: status.st_mode & 0o777
        )
    }

    private static func groupName(_ number: gid_t) -> String {
        guard let entry = unsafe getgrgid(number), let name = unsafe entry.pointee.gr_name else {
            return "\(number)"
        }
        return unsafe String(cString: name)
    }
}
