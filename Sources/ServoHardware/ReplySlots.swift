import ServoProtocol

/// How one servo answered.
enum ServoReply: Sendable, Hashable {
    /// With data.
    case value
    /// Not at all.
    case silent
    /// With damaged bytes.
    case corrupt
    /// It refused.
    case error(StatusError)
}

/// Room for the answers of some servos to one request, kept from cycle to cycle.
struct ReplySlots {
    /// Who is asked, in the order of the request.
    private(set) var ids: [UInt8]
    /// Bytes of data each servo answers with.
    private(set) var count: Int
    /// How each answered.
    private(set) var replies: [ServoReply]
    /// Whether each set its alert bit.
    private(set) var alerts: [Bool]
    /// When each answer was complete, nanoseconds on CLOCK_MONOTONIC.
    private(set) var times: [Int64]
    /// The error byte of each answer, as sent.
    private(set) var errorBytes: [UInt8]
    private var data: [UInt8]
    private var isOpen: [Bool]
    /// Servos that have not answered yet.
    private(set) var openCount: Int

    init(ids: [UInt8], count: Int) {
        self.ids = ids
        self.count = count
        replies = Array(repeating: .silent, count: ids.count)
        alerts = Array(repeating: false, count: ids.count)
        times = Array(repeating: 0, count: ids.count)
        errorBytes = Array(repeating: 0, count: ids.count)
        data = Array(repeating: 0, count: ids.count * count)
        isOpen = Array(repeating: true, count: ids.count)
        openCount = ids.count
    }

    /// Forgets all answers.
    mutating func reset() {
        for index in ids.indices {
            replies[index] = .silent
            alerts[index] = false
            isOpen[index] = true
        }
        openCount = ids.count
    }

    /// Makes room for the answer of one other servo.
    ///
    /// Allocates only for more data than ever before.
    mutating func prepare(id: UInt8, count: Int) {
        ids[0] = id
        self.count = count
        while data.count < count { data.append(0) }
        reset()
    }

    /// The index of the first servo of that ID that has not answered, `nil` if there is none.
    func openIndex(of id: UInt8) -> Int? {
        for index in ids.indices where isOpen[index] && ids[index] == id { return index }
        return nil
    }

    /// Files an answer; `bytes` is the data, `error` what the status's error byte says.
    ///
    /// - Parameter errorByte: that byte itself, if it is not protocol 2.0's.
    mutating func fill(
        _ index: Int,
        error: StatusError,
        errorByte: UInt8? = nil,
        bytes: Range<Int>,
        of decoder: borrowing some FrameBuffer,
        time: Int64
    ) {
        alerts[index] = error.isAlert
        errorBytes[index] = errorByte ?? error.rawValue
        times[index] = time
        if error.isRefusal {
            replies[index] = .error(error)
        } else if bytes.count == count {
            decoder.copy(bytes, to: &data, at: index * count)
            replies[index] = .value
        } else {
            replies[index] = .corrupt
        }
        close(index)
    }

    /// Whether a servo's data is just these bytes.
    func holds(_ index: Int, bytes: Range<Int>, of decoder: PacketDecoder) -> Bool {
        guard bytes.count == count else { return false }
        for offset in 0..<count
        where data[index * count + offset] != decoder[bytes.lowerBound + offset] {
            return false
        }
        return true
    }

    /// Says of a servo that its answer was damaged or cannot be told from another's.
    mutating func markCorrupt(_ index: Int) { replies[index] = .corrupt }

    /// Lets servos whose answer was damaged answer once more.
    mutating func reopenDamaged() {
        for index in ids.indices where replies[index] == .corrupt && !isOpen[index] {
            isOpen[index] = true
            openCount += 1
        }
    }

    /// Takes one servo's answer over from another exchange.
    mutating func take(_ index: Int, from other: ReplySlots, at place: Int) {
        replies[index] = other.replies[place]
        alerts[index] = other.alerts[place]
        errorBytes[index] = other.errorBytes[place]
        times[index] = other.times[place]
        for offset in 0..<count {
            data[index * count + offset] = other.data[place * count + offset]
        }
        if replies[index] != .silent, replies[index] != .corrupt { close(index) }
    }

    private mutating func close(_ index: Int) {
        if isOpen[index] { openCount -= 1 }
        isOpen[index] = false
    }

    /// A number in a servo's data.
    func value(_ index: Int, at offset: Int, size: Int, isSigned: Bool) -> Int {
        var raw = 0
        for byte in 0..<size { raw |= Int(data[index * count + offset + byte]) << (8 * byte) }
        let sign = 1 << (8 * size - 1)
        return isSigned && raw & sign != 0 ? raw - sign << 1 : raw
    }

    /// A register in a servo's data, which begins at register address `start`.
    func value(_ index: Int, of register: Register, from start: Int) -> Int {
        let first = index * count + Int(register.address) - start
        var raw = 0
        for offset in 0..<register.size {
            let shift = register.order == .lowFirst ? offset : register.size - 1 - offset
            raw |= Int(data[first + offset]) << (8 * shift)
        }
        return register.value(ofRaw: raw)
    }

    /// A servo's data.
    func bytes(_ index: Int) -> [UInt8] { Array(data[(index * count)..<((index + 1) * count)]) }
}
