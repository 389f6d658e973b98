import Glibc

/// Why a calibration could not be kept; the old one still stands.
public struct CalibrationStoreError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What was done.
    public var operation: String
    /// To which file.
    public var path: String
    /// The system's error number.
    public var code: Int32

    /// What happened and what to do about it.
    public var description: String {
        "cannot \(operation) \(path): \(reason(ofError: code)); look at the folder's permissions and "
            + "the disk's room (the old calibration still stands)"
    }
}

/// Replaces a calibration file so that a crash leaves the old one or the new one.
public enum CalibrationStore {
    /// Writes `text` to `path`; what stood there is kept beside it under a dated name.
    ///
    /// The backup is written first; the new text goes to a file of its own, is flushed, and is then
    /// renamed over the old one; the folder is made if it is missing, and flushed.
    ///
    /// - Parameter date: goes into the backup's name: `claw.DATE.yaml`.
    /// - Returns: the backup's path, `nil` if there was nothing to keep.
    public static func replace(
        path: String,
        text: String,
        date: String
    ) throws(CalibrationStoreError) -> String? {
        let folder = folder(of: path)
        if unsafe mkdir(folder, 0o755) != 0, errno != EEXIST {
            throw CalibrationStoreError(operation: "make the folder", path: folder, code: errno)
        }
        let kept = try keepOld(path, date)
        let partial = path + ".partial"
        do throws(CalibrationStoreError) {
            try write(Array(text.utf8), to: partial, O_TRUNC)
            guard unsafe rename(partial, path) == 0 else {
                throw CalibrationStoreError(operation: "rename to", path: path, code: errno)
            }
        } catch {
            unsafe unlink(partial)
            throw error
        }
        try flush(folder: folder)
        return kept
    }

    private static func keepOld(
        _ path: String,
        _ date: String
    ) throws(CalibrationStoreError) -> String? {
        guard unsafe access(path, F_OK) == 0 else { return nil }
        let bytes: [UInt8]
        do throws(RobotFileError) {
            bytes = try readBytes(path)
        } catch {
            throw CalibrationStoreError(operation: "read the old", path: path, code: EIO)
        }
        let stem = path.hasSuffix(".yaml") ? String(path.dropLast(5)) : path
        for number in 0..<100 {
            let backup = stem + ".\(date)" + (number == 0 ? "" : "-\(number)") + ".yaml"
            do throws(CalibrationStoreError) {
                try write(bytes, to: backup, O_EXCL)
                return backup
            } catch {
                guard error.code == EEXIST else { throw error }
            }
        }
        throw CalibrationStoreError(operation: "back up", path: path, code: EEXIST)
    }

    private static func write(
        _ bytes: [UInt8],
        to path: String,
        _ flag: Int32
    ) throws(CalibrationStoreError) {
        let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_CLOEXEC | flag, 0o644)
        guard descriptor >= 0 else {
            throw CalibrationStoreError(operation: "write", path: path, code: errno)
        }
        defer { close(descriptor) }
        var written = 0
        while written < bytes.count {
            let count = unsafe bytes[written...].withUnsafeBytes {
                unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
            }
            if count >= 0 {
                written += count
            } else if errno != EINTR {
                throw CalibrationStoreError(operation: "write", path: path, code: errno)
            }
        }
        guard fsync(descriptor) == 0 else {
            throw CalibrationStoreError(operation: "flush", path: path, code: errno)
        }
    }

    private static func flush(folder: String) throws(CalibrationStoreError) {
        let descriptor = unsafe open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw CalibrationStoreError(operation: "open", path: folder, code: errno)
        }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else {
            throw CalibrationStoreError(operation: "flush", path: folder, code: errno)
        }
    }
}
