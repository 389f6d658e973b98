import Glibc

/// The system's words for an error number.
func reason(ofError number: Int32) -> String {
    guard let text = unsafe strerror(number) else { return "error \(number)" }
    return unsafe String(cString: text)
}

/// The bytes of a regular file.
///
/// Throws `unreadable` with the system's error number, or `tooLong` before reading anything.
func readBytes(_ path: String) throws(RobotFileError) -> [UInt8] {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw .unreadable(path: path, errno: errno) }
    defer { close(descriptor) }

    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else {
        throw .unreadable(path: path, errno: errno)
    }
    guard status.st_mode & S_IFMT != S_IFDIR else {
        throw .unreadable(path: path, errno: EISDIR)
    }
    let size = Int(status.st_size)
    guard size <= YAMLFile.maximumBytes else { throw .tooLong(path: path, bytes: size) }

    // One byte more than a file may have: a pipe or a growing file is noticed, not followed.
    var bytes = [UInt8](repeating: 0, count: YAMLFile.maximumBytes + 1)
    var count = 0
    while count < bytes.count {
        let room = bytes.count - count
        let got = unsafe bytes.withUnsafeMutableBytes { buffer in
            unsafe read(descriptor, buffer.baseAddress?.advanced(by: count), room)
        }
        if got < 0 && errno == EINTR { continue }
        guard got >= 0 else { throw .unreadable(path: path, errno: errno) }
        if got == 0 { break }
        count += got
    }
    guard count <= YAMLFile.maximumBytes else { throw .tooLong(path: path, bytes: count) }
    bytes.removeSubrange(count...)
    return bytes
}
