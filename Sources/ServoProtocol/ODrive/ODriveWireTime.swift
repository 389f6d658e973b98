/// How many bytes a tick's conversation with a board has, and how long they take.
///
/// A tick is `p axis position 0 0` and `f axis` for each axis, all with checksums, and perhaps one
/// `r`. Bytes of both directions are added up as if they shared one wire: a UART has two, so the
/// conversation is never longer than this, and a board answers only what it has heard.
public struct ODriveWireTime: Sendable, Hashable {
    /// Bytes the host sends.
    public var requestBytes: Int
    /// Bytes the board sends.
    public var answerBytes: Int

    /// All bytes.
    public var bytes: Int { requestBytes + answerBytes }

    /// How long all bytes take at a rate in bits per second, ten bit times each.
    public func nanoseconds(rate: Int) -> Int64 {
        Int64(bytes) * 10_000_000_000 / Int64(max(rate, 1))
    }

    /// An ordinary tick: positions below ten turns and above zero, slow motion, sums of two digits.
    ///
    /// Two axes have 102 bytes: 8.9 ms at the factory's 115200 bit/s, 2.0 ms at 500000.
    public static func ordinary(axes: Int) -> Self {
        // `p 0 0.250000 0 0*89` LF, `f 0*118` LF; `0.250000 -0.010000*11` CR LF.
        Self(requestBytes: axes * (20 + 8), answerBytes: axes * 23)
    }

    /// The longest a tick can be.
    ///
    /// - Parameters:
    ///   - positionDigits: digits before the point of the largest position, in turns.
    ///   - velocityDigits: digits before the point of the largest velocity, in turns/s.
    ///   - healthPath: the longest path that is read besides; empty for none.
    public static func longest(
        axes: Int,
        positionDigits: Int,
        velocityDigits: Int,
        healthPath: String = ""
    ) -> Self {
        // A sign, digits, a point and six decimals; `*NNN`.
        let position = 1 + positionDigits + 7
        let velocity = 1 + velocityDigits + 7
        let (sum, lineFeed, lineEnd) = (4, 1, 2)
        let setPoint = 4 + position + 4 + sum + lineFeed
        let feedback = 3 + sum + lineFeed
        var time = Self(
            requestBytes: axes * (setPoint + feedback),
            answerBytes: axes * (position + 1 + velocity + sum + lineEnd)
        )
        if !healthPath.isEmpty {
            time.requestBytes += 2 + healthPath.utf8.count + sum + lineFeed
            time.answerBytes += ODriveASCII.longestValue + sum + lineEnd
        }
        return time
    }
}
