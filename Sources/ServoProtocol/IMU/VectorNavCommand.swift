/// A command to a VectorNav device, as text.
///
/// What is written holds until the device is switched off; only `save` writes to its memory, which
/// wears out.
public enum VectorNavCommand: Sendable, Hashable {
    /// Reads a register.
    case read(register: Int)
    /// Register 6: what is sent unasked as text, `nil` for nothing.
    case asyncType(VectorNavText?)
    /// Register 7: how often, in Hz; one of `rates`.
    case asyncRate(Int)
    /// Register 75: binary output on the serial ports of these bits (1, 2 or 3 for both), every
    /// `divisor`-th of 800 measurements a second; port 0 ends it.
    case binaryOutput(ports: Int, divisor: Int, fields: VectorNavFields)
    /// Stops unasked output for now, or lets it go on.
    case pause(Bool)
    /// Keeps all registers over power-off.
    case save
    /// Restarts the device.
    case reset

    /// Rates that register 7 knows, Hz.
    public static let rates = [1, 2, 4, 5, 10, 20, 25, 40, 50, 100, 200]
    /// Measurements a second that a binary output divides.
    public static let measurementRate = 800

    /// The line as it goes over the wire, with CR and LF.
    public func encoded() -> [UInt8] { VectorNavLine.encoded(body) }

    /// The first two fields of the device's answer, or one if it has no register.
    public var expectedReply: [String] {
        body.split(separator: ",").prefix(isAboutRegister ? 2 : 1).map(String.init)
    }

    private var isAboutRegister: Bool {
        switch self {
        case .read, .asyncType, .asyncRate, .binaryOutput: true
        case .pause, .save, .reset: false
        }
    }

    private var body: String {
        switch self {
        case .read(let register): "VNRRG,\(twoDigits(register))"
        case .asyncType(let text): "VNWRG,06,\(text?.rawValue ?? 0)"
        case .asyncRate(let rate): "VNWRG,07,\(rate)"
        case .binaryOutput(let ports, let divisor, let fields):
            "VNWRG,75,\(ports),\(divisor),01," + fourHexDigits(fields.rawValue)
        case .pause(let isPaused): "VNASY,\(isPaused ? 0 : 1)"
        case .save: "VNWNV"
        case .reset: "VNRST"
        }
    }

    private func twoDigits(_ number: Int) -> String { (number < 10 ? "0" : "") + "\(number)" }

    private func fourHexDigits(_ number: UInt16) -> String {
        let digits = String(number, radix: 16, uppercase: true)
        return String(repeating: "0", count: 4 - digits.count) + digits
    }
}
