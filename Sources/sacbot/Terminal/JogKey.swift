/// What a key means to `sacbot jog`.
enum JogKey: Equatable {
    case up, down, left, right
    case finer, coarser
    case torque, stop, clearFault, quit

    /// The keys in what a terminal sent.
    ///
    /// Arrow keys come as three bytes (ESC [ A or ESC O A). Every other sequence of escape is passed
    /// over; a lone escape, Ctrl-C and Ctrl-D quit.
    static func keys(in bytes: some Collection<UInt8>) -> [JogKey] {
        let bytes = Array(bytes)
        var keys: [JogKey] = []
        var place = 0
        while place < bytes.count {
            let byte = bytes[place]
            if byte == 0x1B, place + 1 < bytes.count, [0x5B, 0x4F].contains(bytes[place + 1]) {
                // Parameters, then one byte from @ to ~ that ends the sequence.
                var end = place + 2
                while end < bytes.count, !(0x40...0x7E).contains(bytes[end]) { end += 1 }
                if end == place + 2, end < bytes.count, let key = arrow(bytes[end]) {
                    keys.append(key)
                }
                place = end + 1
            } else {
                if let key = plain(byte) { keys.append(key) }
                place += 1
            }
        }
        return keys
    }

    private static func arrow(_ byte: UInt8) -> JogKey? {
        switch byte {
        case UInt8(ascii: "A"): .up
        case UInt8(ascii: "B"): .down
        case UInt8(ascii: "C"): .right
        case UInt8(ascii: "D"): .left
        default: nil
        }
    }

    private static func plain(_ byte: UInt8) -> JogKey? {
        switch Character(UnicodeScalar(byte)) {
        case "k": .up
        case "j": .down
        case "h": .left
        case "l": .right
        case "-", "[": .finer
        case "+", "=", "]": .coarser
        case "t": .torque
        case " ": .stop
        case "c": .clearFault
        case "q", "\u{03}", "\u{04}", "\u{1B}": .quit
        default: nil
        }
    }
}
