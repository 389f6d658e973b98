import Glibc

/// A system call that failed in a test's preparation.
struct PreparationFailed: Error { var errno: Int32 }

/// A folder that is there while `body` runs.
func withTemporaryFolder(_ body: (String) throws -> Void) throws {
    var template = Array("/tmp/robotfiles.XXXXXX".utf8CString)
    guard let made = mkdtemp(&template) else { throw PreparationFailed(errno: errno) }
    let folder = String(cString: made)
    defer { removeFolder(folder) }
    try body(folder)
}

func makeFolder(_ path: String) throws {
    guard mkdir(path, 0o755) == 0 else { throw PreparationFailed(errno: errno) }
}

func write(_ bytes: [UInt8], to path: String) throws {
    guard let file = fopen(path, "w") else { throw PreparationFailed(errno: errno) }
    defer { fclose(file) }
    guard fwrite(bytes, 1, bytes.count, file) == bytes.count else {
        throw PreparationFailed(errno: errno)
    }
}

private func removeFolder(_ path: String) {
    guard let folder = opendir(path) else { return }
    while let entry = readdir(folder) {
        let name = withUnsafePointer(to: &entry.pointee.d_name) {
            $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
        if name == "." || name == ".." { continue }
        let child = path + "/" + name
        if unlink(child) != 0 { removeFolder(child) }
    }
    closedir(folder)
    rmdir(path)
}

/// All bytes of a file.
func readAll(_ path: String) throws -> [UInt8] {
    guard let file = fopen(path, "r") else { throw PreparationFailed(errno: errno) }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 65536)
    while true {
        let count = fread(&block, 1, block.count, file)
        if count == 0 { return bytes }
        bytes += block[..<count]
    }
}
