import ServoProtocol

/// An axis's error word and what is behind it, in one number of 32 bits.
///
/// `axisN.error` has bits up to 19; the lowest bit of the word that it points at goes on top of
/// them: which word in bits 20 and 21, which bit in bits 22 to 27.
struct ODriveCause: Sendable, Hashable {
    /// The words that `axisN.error` points at.
    enum Word: Int, Sendable, Hashable, CaseIterable {
        case motor = 1
        case encoder = 2
        case controller = 3

        var property: ODriveProperty.Axis {
            switch self {
            case .motor: .motorError
            case .encoder: .encoderError
            case .controller: .controllerError
            }
        }

        /// The bit of `axisN.error` that points here.
        var pointer: ODriveAxisErrors {
            switch self {
            case .motor: .motorFailed
            case .encoder: .encoderFailed
            case .controller: .controllerFailed
            }
        }
    }

    /// Stands for bits that nobody can tell, because the board cut the number.
    private static let untold = 63

    /// `axisN.error`.
    var axis: ODriveAxisErrors
    /// A bit of the word behind it, `nil` if it is not known.
    var detail: (word: Word, bit: Int)?

    init(axis: ODriveAxisErrors) { self.axis = axis }

    /// Takes note of what a word behind holds; the number may have been cut.
    mutating func note(_ word: Word, _ value: ODriveValue) {
        if let bits = value.bits {
            guard bits != 0 else { return }
            detail = (word, bits.trailingZeroBitCount)
        } else {
            detail = (word, Self.untold)
        }
    }

    /// The word that has not been asked for and should be.
    var openWord: Word? {
        guard detail == nil else { return nil }
        return Word.allCases.first { axis.contains($0.pointer) }
    }

    /// As one number.
    var number: UInt32 {
        let low = UInt32(truncatingIfNeeded: axis.rawValue) & 0xF_FFFF
        guard let detail else { return low }
        return low | UInt32(detail.word.rawValue) << 20 | UInt32(detail.bit) << 22
    }

    /// From one number.
    init(number: UInt32) {
        axis = ODriveAxisErrors(rawValue: UInt64(number & 0xF_FFFF))
        guard let word = Word(rawValue: Int(number >> 20 & 3)) else { return }
        detail = (word, Int(number >> 22 & 63))
    }

    /// In words, the cause in brackets, then what to do.
    var words: String {
        var text = axis.words
        var remedies = axis.remedies
        if let detail {
            let (names, more) = Self.told(detail.word, detail.bit)
            text += " (\(names))"
            if !more.isEmpty { remedies = more }
        }
        return remedies.isEmpty ? text : text + "; " + remedies.joined(separator: "; ")
    }

    private static func told(_ word: Word, _ bit: Int) -> (String, [String]) {
        guard bit != untold else {
            return ("the board cuts numbers after nine digits; look with odrivetool", [])
        }
        let bits = UInt64(1) << UInt64(bit)
        switch word {
        case .motor:
            let word = ODriveMotorErrors(rawValue: bits)
            return (word.words, word.remedies)
        case .encoder:
            let word = ODriveEncoderErrors(rawValue: bits)
            return (word.words, word.remedies)
        case .controller:
            let word = ODriveControllerErrors(rawValue: bits)
            return (word.words, word.remedies)
        }
    }

    static func == (a: Self, b: Self) -> Bool { a.number == b.number }

    func hash(into hasher: inout Hasher) { hasher.combine(number) }
}
