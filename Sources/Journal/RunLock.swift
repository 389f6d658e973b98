import Glibc

/// The right to write a run; held by one open file, given back when that closes.
///
/// An open-file-description lock: it conflicts between processes and within one, dies with its
/// holder however that ends, and, unlike `flock`, can be looked at without being taken.
struct RunLock: ~Copyable {
    private let descriptor: Int32

    /// Takes the lock and leaves this process's number in the file for whoever asks.
    init(path: String) throws(JournalError) {
        let descriptor = try DurableFile.open(path, O_RDWR | O_CREAT, "write")
        var request = Self.request
        guard unsafe fcntl(descriptor, Self.setLock, &request) == 0 else {
            let code = errno
            close(descriptor)
            guard code == EAGAIN || code == EACCES else { throw .system("lock", path, code) }
            throw .busy(path: DurableFile.parent(of: path), pid: Self.recordedProcess(path))
        }
        let text = Array("\(getpid())\n".utf8)
        // Only a hint for a message; a full disk must not keep a run from being opened.
        if ftruncate(descriptor, 0) == 0 {
            _ = unsafe text.withUnsafeBytes {
                unsafe pwrite(descriptor, $0.baseAddress, $0.count, 0)
            }
        }
        self.descriptor = descriptor
    }

    deinit {
        // Closing alone would leave the lock with a child between its fork and its exec.
        var request = Self.request
        request.l_type = Int16(F_UNLCK)
        _ = unsafe fcntl(descriptor, Self.setLock, &request)
        close(descriptor)
    }

    /// The process that holds the lock: nil if nobody does, 0 if it left no number.
    static func holder(path: String) -> Int? {
        let descriptor = unsafe Glibc.open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var request = Self.request
        guard unsafe fcntl(descriptor, getLock, &request) == 0, request.l_type != F_UNLCK else {
            return nil
        }
        return recordedProcess(path)
    }

    /// F_OFD_GETLK and F_OFD_SETLK (fcntl.h, Linux 3.15): the importer skips them.
    private static let getLock: Int32 = 36
    private static let setLock: Int32 = 37

    /// The whole file, for one writer.
    ///
    /// `l_pid` must be 0 for these locks.
    private static var request: flock {
        flock(l_type: Int16(F_WRLCK), l_whence: Int16(SEEK_SET), l_start: 0, l_len: 0, l_pid: 0)
    }

    private static func recordedProcess(_ path: String) -> Int {
        guard let bytes = try? DurableFile.read(path) else { return 0 }
        let text = String(decoding: bytes.prefix(20), as: UTF8.self)
        return Int(text.prefix(while: \.isNumber)) ?? 0
    }
}
