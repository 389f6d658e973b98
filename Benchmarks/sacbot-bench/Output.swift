import Glibc

/// Lines for programs on standard output, remarks for people on standard error; unbuffered, so
/// that they stay in order with those of child processes.
enum Output {
    static func line(_ text: String) { write(text + "\n", to: STDOUT_FILENO) }

    static func note(_ text: String) { write(text + "\n", to: STDERR_FILENO) }

    private static func write(_ text: String, to descriptor: Int32) {
        var left = Array(text.utf8)[...]
        while !left.isEmpty {
            let written = unsafe left.withUnsafeBytes { bytes in
                unsafe Glibc.write(descriptor, bytes.baseAddress, bytes.count)
            }
            // Nobody listens any more, and there is nobody to tell.
            guard written > 0 else { return }
            left = left.dropFirst(written)
        }
    }
}
