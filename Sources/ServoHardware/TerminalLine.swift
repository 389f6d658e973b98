import CTerminal
import Glibc

/// A device used directly as a terminal: pseudo-terminals, and devices without modem lines.
@safe final class TerminalLine: SerialLine {
    let descriptor: Int32

    /// Opens `path` raw; the error is an errno value.
    init(path: String) throws(LineError) {
        descriptor = unsafe path.withCString { unsafe sacbot_open_device($0) }
        if descriptor < 0 { throw LineError(code: -descriptor) }
        let status = sacbot_set_raw(descriptor)
        if status != 0 {
            Glibc.close(descriptor)
            throw LineError(code: -status)
        }
    }

    func setBaudRate(_ rate: Int) -> Int32 {
        let status = sacbot_set_baud(descriptor, UInt32(clamping: rate))
        if status != 0 { return status }
        return sacbot_get_baud(descriptor) == UInt32(clamping: rate) ? 0 : -EINVAL
    }

    func flushInput() -> Int32 { sacbot_flush_input(descriptor) }

    func read(into buffer: UnsafeMutableRawBufferPointer) -> Int32 {
        Self.count(unsafe Glibc.read(descriptor, buffer.baseAddress, buffer.count))
    }

    func write(_ buffer: UnsafeRawBufferPointer) -> Int32 {
        Self.count(unsafe Glibc.write(descriptor, buffer.baseAddress, buffer.count))
    }

    func close() { Glibc.close(descriptor) }

    private static func count(_ result: Int) -> Int32 {
        if result >= 0 { return Int32(result) }
        let code = errno
        return code == EAGAIN || code == EINTR ? 0 : -code
    }
}

/// An errno value.
struct LineError: Error {
    /// The number, positive.
    var code: Int32
}
