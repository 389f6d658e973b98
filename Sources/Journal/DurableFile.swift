import Glibc

/// Files that are either the old one or the new one after a crash, never a part of each.
enum DurableFile {
    /// What a file is called until all of it is on disk.
    static let partialSuffix = ".partial"

    /// Replaces the file at `path`; when this returns, the bytes survive a power cut.
    ///
    /// Written beside it, flushed, renamed over it, folder flushed. On an error the old file still
    /// stands and nothing of the new one is left.
    static func write(_ bytes: [UInt8], to path: String) throws(JournalError) {
        let partial = path + partialSuffix
        do throws(JournalError) {
            try writeAndSync(bytes, to: partial)
            guard unsafe rename(partial, path) == 0 else {
                throw .system("rename to", path, errno)
            }
            try syncFolder(parent(of: path))
        } catch {
            unsafe unlink(partial)
            throw error
        }
    }

    /// All bytes of a file; `pastCache` asks the kernel to fetch them from the disk again.
    static func read(_ path: String, pastCache: Bool = false) throws(JournalError) -> [UInt8] {
        let descriptor = try open(path, O_RDONLY, "read")
        defer { close(descriptor) }
        if pastCache { posix_fadvise(descriptor, 0, 0, Int32(POSIX_FADV_DONTNEED)) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 18)
        while true {
            let count = unsafe chunk.withUnsafeMutableBytes {
                unsafe Glibc.read(descriptor, $0.baseAddress, $0.count)
            }
            if count == 0 { return bytes }
            if count > 0 {
                bytes.append(contentsOf: chunk[..<count])
            } else if errno != EINTR {
                throw .system("read", path, errno)
            }
        }
    }

    /// Makes the folder and those above it, each flushed into the one that holds it.
    static func makeFolder(_ path: String) throws(JournalError) {
        if isFolder(path) { return }
        let above = parent(of: path)
        if above != path { try makeFolder(above) }
        try makeOneFolder(path, mayExist: true)
    }

    /// Makes one folder in an existing one; false if something is there already.
    @discardableResult
    static func makeOneFolder(_ path: String, mayExist: Bool) throws(JournalError) -> Bool {
        if unsafe mkdir(path, 0o755) == 0 {
            try syncFolder(parent(of: path))
            return true
        }
        let code = errno
        guard code == EEXIST, !mayExist || isFolder(path) else {
            throw .system("create the folder", path, code == EEXIST ? ENOTDIR : code)
        }
        return false
    }

    /// Points the symbolic link at `path` to `target`, in one step.
    static func link(_ path: String, to target: String) throws(JournalError) {
        let partial = path + partialSuffix
        unsafe unlink(partial)
        guard unsafe symlink(target, partial) == 0 else { throw .system("create", path, errno) }
        guard unsafe rename(partial, path) == 0 else {
            let code = errno
            unsafe unlink(partial)
            throw .system("rename to", path, code)
        }
        try syncFolder(parent(of: path))
    }

    /// Where a symbolic link points; nil if it is none.
    static func target(ofLink path: String) -> String? {
        var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let count = unsafe buffer.withUnsafeMutableBytes { raw -> Int in
            guard let base = raw.baseAddress else { return 0 }
            return unsafe readlink(path, base.assumingMemoryBound(to: CChar.self), raw.count)
        }
        return count > 0 ? String(decoding: buffer[..<count], as: UTF8.self) : nil
    }

    /// Removes a file if it is there.
    static func remove(_ path: String) throws(JournalError) {
        guard unsafe unlink(path) != 0, errno != ENOENT else { return }
        throw .system("remove", path, errno)
    }

    /// The names in a folder, sorted; empty if there is no such folder.
    static func names(in path: String) throws(JournalError) -> [String] {
        guard let folder = unsafe opendir(path) else {
            if errno == ENOENT { return [] }
            throw .system("list", path, errno)
        }
        defer { unsafe closedir(folder) }
        var names: [String] = []
        while let entry = unsafe readdir(folder) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) {
                    unsafe String(cString: $0)
                }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// Size and time of the last change of a file; nil if there is none.
    static func status(_ path: String) -> (size: Int, modified: Double)? {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { return nil }
        let modified = Double(status.st_mtim.tv_sec) + Double(status.st_mtim.tv_nsec) / 1e9
        return (Int(status.st_size), modified)
    }

    /// Whether a folder, or a link to one, is there.
    static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// Flushes the names in a folder to disk.
    static func syncFolder(_ path: String) throws(JournalError) {
        let descriptor = try open(path, O_RDONLY | O_DIRECTORY, "open")
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw .system("flush", path, errno) }
    }

    /// The folder that holds `path`.
    static func parent(of path: String) -> String {
        var path = Substring(path)
        while path.count > 1, path.last == "/" { path.removeLast() }
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// Opens a file, through interruptions.
    static func open(
        _ path: String,
        _ flags: Int32,
        _ operation: String
    ) throws(JournalError) -> Int32 {
        while true {
            let descriptor = unsafe Glibc.open(path, flags | O_CLOEXEC, 0o644)
            if descriptor >= 0 { return descriptor }
            if errno != EINTR { throw .system(operation, path, errno) }
        }
    }

    private static func writeAndSync(_ bytes: [UInt8], to path: String) throws(JournalError) {
        let descriptor = try open(path, O_WRONLY | O_CREAT | O_TRUNC, "write")
        defer { close(descriptor) }
        var written = 0
        while written < bytes.count {
            let count = unsafe bytes.withUnsafeBytes {
                unsafe Glibc.write(
                    descriptor,
                    $0.baseAddress?.advanced(by: written),
                    $0.count - written
                )
            }
            if count >= 0 {
                written += count
            } else if errno != EINTR {
                throw .system("write", path, errno)
            }
        }
        guard fsync(descriptor) == 0 else { throw .system("flush", path, errno) }
    }
}

extension DurableFile {
    /// Whether the disk that holds `path` has no room for even one page of a database.
    static func isFull(_ path: String) -> Bool {
        var status = statvfs()
        guard unsafe statvfs(parent(of: path), &status) == 0 else { return false }
        return UInt64(status.f_bavail) * UInt64(status.f_frsize) < 64 * 1024
    }
}
