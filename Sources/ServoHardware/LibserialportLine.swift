import CSerialPort
import CTerminal
import Glibc

/// A device opened by libserialport: everything that has an entry in /sys/class/tty.
///
/// The library sets modem lines and any rate the adapter knows; waiting is done with poll on its
/// descriptor, because its own waits count whole milliseconds.
@safe final class LibserialportLine: SerialLine {
    // Safety: made in init, freed in close, used by the one thread that owns the line.
    private let port: OpaquePointer
    let descriptor: Int32

    /// Opens `path` raw, 8 bits, no parity, 1 stop bit, no flow control.
    init(path: String) throws(LineError) {
        var found: OpaquePointer?
        let looked = unsafe sp_get_port_by_name(path, &found)
        guard looked == SP_OK, let found = unsafe found else {
            throw LineError(code: looked == SP_ERR_ARG ? ENOENT : ENOMEM)
        }
        var handle: Int32 = -1
        let opened = unsafe sp_open(found, SP_MODE_READ_WRITE)
        guard opened == SP_OK else {
            let code = Self.code(opened)
            unsafe sp_free_port(found)
            throw LineError(code: -code)
        }
        let steps = unsafe [
            sp_set_bits(found, 8), sp_set_parity(found, SP_PARITY_NONE),
            sp_set_stopbits(found, 1), sp_set_flowcontrol(found, SP_FLOWCONTROL_NONE),
            sp_get_port_handle(found, &handle),
        ]
        guard steps.allSatisfy({ $0 == SP_OK }) else {
            let code = steps.first { $0 != SP_OK }.map(Self.code) ?? -EIO
            unsafe sp_close(found)
            unsafe sp_free_port(found)
            throw LineError(code: -code)
        }
        unsafe port = found
        descriptor = handle
        // The library leaves its descriptor open in child processes, and with it the lock.
        _ = sacbot_close_on_exec(handle)
        // flock keeps our own programs out; this keeps terminal programs out, where the kernel can.
        _ = sacbot_exclusive(handle, 1)
    }

    func setBaudRate(_ rate: Int) -> Int32 {
        let status = unsafe sp_set_baudrate(port, Int32(clamping: rate))
        return status == SP_OK ? 0 : Self.code(status)
    }

    func flushInput() -> Int32 {
        let status = unsafe sp_flush(port, SP_BUF_INPUT)
        return status == SP_OK ? 0 : Self.code(status)
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) -> Int32 {
        Self.count(unsafe sp_nonblocking_read(port, buffer.baseAddress, buffer.count))
    }

    func write(_ buffer: UnsafeRawBufferPointer) -> Int32 {
        Self.count(unsafe sp_nonblocking_write(port, buffer.baseAddress, buffer.count))
    }

    func close() {
        _ = sacbot_exclusive(descriptor, 0)
        unsafe sp_close(port)
        unsafe sp_free_port(port)
    }

    private static func count(_ result: sp_return) -> Int32 {
        result.rawValue >= 0 ? Int32(result.rawValue) : code(result)
    }

    /// The negative errno value behind the library's answer.
    private static func code(_ result: sp_return) -> Int32 {
        switch result {
        case SP_ERR_FAIL: -max(1, sp_last_error_code())
        case SP_ERR_MEM: -ENOMEM
        default: -EINVAL
        }
    }

    /// Paths of the USB serial ports that are plugged in.
    static func usbPorts() -> [String] {
        var list: UnsafeMutablePointer<OpaquePointer?>?
        guard unsafe sp_list_ports(&list) == SP_OK, let list = unsafe list else { return [] }
        defer { unsafe sp_free_port_list(list) }
        var paths: [String] = []
        var index = 0
        while let port = unsafe list[index] {
            if unsafe sp_get_port_transport(port) == SP_TRANSPORT_USB,
                let name = unsafe sp_get_port_name(port)
            {
                paths.append(unsafe String(cString: name))
            }
            index += 1
        }
        return paths.sorted()
    }
}
