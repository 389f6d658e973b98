/// Reads the transitions of one block; `TransitionLayout` says where they lie.
///
/// Safety: the bytes belong to whoever called the closure this lives in, and outlive it.
@unsafe struct TransitionBlockReader {
    let count: Int
    let sequence: Int
    let observationCount: Int
    let actionCount: Int
    let pictureBytes: Int

    /// All pictures, unpacked: the rows', then the extras'.
    private let pictures: [UInt8]
    private let bytes: UnsafeRawBufferPointer
    private let layout: TransitionLayout
    private let extraCount: Int
    /// The next extra, counted from the first.
    private var nextExtra = 0

    /// Nil with a reason if these are not the bytes of a block.
    static func open(_ bytes: UnsafeRawBufferPointer) -> (TransitionBlockReader?, reason: String) {
        guard bytes.count >= TransitionLayout.headerWords * 4 else {
            return (nil, "\(bytes.count) bytes are too few")
        }
        func word(_ index: Int) -> UInt32 { unsafe Self.word(bytes, index) }
        guard word(0) == TransitionLayout.magic else { return (nil, "no block header") }
        let hasPictures = word(1) == TransitionLayout.versionWithPictures
        guard hasPictures || word(1) == TransitionLayout.version else {
            return (nil, "block version \(word(1)) is not known")
        }
        let layout = TransitionLayout(observationCount: Int(word(2)), actionCount: Int(word(3)))
        let (rows, extras) = (Int(word(4)), Int(word(5)))
        guard (1...TransitionLayout.maximumWidth).contains(layout.observationCount),
            layout.actionCount <= TransitionLayout.maximumWidth,
            (1...TransitionLayout.maximumRows).contains(rows), (1...rows).contains(extras),
            case let end = layout.wordCount(rows: rows, extras: extras) * 4,
            hasPictures ? end + 8 <= bytes.count : end == bytes.count
        else {
            return (nil, "\(bytes.count) bytes do not fit the block's own counts")
        }
        var pictures: [UInt8] = []
        if hasPictures {
            let (found, reason) = unsafe Self.unpack(bytes, from: end, count: rows + extras)
            guard let found else { return (nil, reason) }
            pictures = found
        }
        let reader = unsafe TransitionBlockReader(
            bytes: bytes,
            layout: layout,
            rows: rows,
            extras: extras,
            pictures: pictures
        )
        return unsafe (reader, "")
    }

    /// The pictures that begin at `start`; nil with a reason if they are not `count` whole ones.
    private static func unpack(
        _ bytes: UnsafeRawBufferPointer,
        from start: Int,
        count: Int
    ) -> ([UInt8]?, reason: String) {
        let size = unsafe Int(word(bytes, start / 4))
        let packed = unsafe Int(word(bytes, start / 4 + 1))
        guard (1...TransitionLayout.maximumPictureBytes).contains(size),
            count * size <= TransitionLayout.maximumPicturesBytes,
            start + 8 + (packed + 3) / 4 * 4 == bytes.count
        else { return (nil, "its pictures do not fit the block's own counts") }
        let part = unsafe UnsafeRawBufferPointer(
            rebasing: bytes[(start + 8)..<(start + 8 + packed)]
        )
        guard let found = unsafe PicturePacking.unpacked(part, count: count * size) else {
            return (nil, "its pictures cannot be unpacked")
        }
        return (found, "")
    }

    private init(
        bytes: UnsafeRawBufferPointer,
        layout: TransitionLayout,
        rows: Int,
        extras: Int,
        pictures: [UInt8]
    ) {
        unsafe self.pictures = pictures
        unsafe pictureBytes = pictures.count / (rows + extras)
        unsafe self.bytes = unsafe bytes
        unsafe self.layout = layout
        unsafe count = rows
        unsafe extraCount = extras
        unsafe observationCount = layout.observationCount
        unsafe actionCount = layout.actionCount
        let low = unsafe Self.word(bytes, 6)
        let high = unsafe Self.word(bytes, 7)
        unsafe sequence = Int(low) | Int(high) << 32
    }

    /// What the block says about itself.
    var entry: BlockEntry {
        let (first, last) = unsafe (offset(row: 0), offset(row: count - 1))
        return unsafe BlockEntry(
            count: count,
            firstStep: Int(truncatingIfNeeded: pair(at: first)),
            lastStep: Int(truncatingIfNeeded: pair(at: last)),
            episode: Int(Self.word(bytes, first / 4 + 4)),
            lastEpisode: Int(Self.word(bytes, last / 4 + 4))
        )
    }

    /// What keeps the rows from being decoded in order; nil if nothing does.
    func flaw(afterStep: Int, afterEpisode: Int) -> String? {
        var (step, episode, extras) = (afterStep, afterEpisode, 0)
        for row in 0..<(unsafe count) {
            let offset = unsafe offset(row: row)
            let nextStep = unsafe Int(truncatingIfNeeded: pair(at: offset))
            let nextEpisode = unsafe Int(Self.word(bytes, offset / 4 + 4))
            guard nextStep > step else { return "step \(nextStep) follows step \(step)" }
            guard nextEpisode >= episode else {
                return "episode \(nextEpisode) follows episode \(episode)"
            }
            (step, episode) = (nextStep, nextEpisode)
            let flags = unsafe Self.word(bytes, offset / 4 + 5)
            if flags & TransitionLayout.hasExtra != 0 {
                extras += 1
            } else if unsafe row + 1 == count {
                return "its last row has no next observation"
            }
        }
        return unsafe extras == extraCount ? nil : "\(extras) rows claim its next observations"
    }

    /// Fills `record` with row `row`; rows must be asked for in order, each once.
    ///
    /// Allocates nothing once `record` has held a row of this width.
    ///
    /// - Precondition: `flaw` found none.
    mutating func decode(row: Int, into record: inout TransitionRecord) {
        var offset = unsafe offset(row: row)
        record.step = unsafe Int(truncatingIfNeeded: pair(at: offset))
        record.timeNanoseconds = unsafe Int64(bitPattern: pair(at: offset + 8))
        record.episode = unsafe Int(Self.word(bytes, offset / 4 + 4))
        let flags = unsafe Self.word(bytes, offset / 4 + 5)
        record.isTerminated = flags & TransitionLayout.terminated != 0
        record.isTruncated = flags & TransitionLayout.truncated != 0
        record.isLimited = flags & TransitionLayout.limited != 0
        record.reward = unsafe Float(bitPattern: Self.word(bytes, offset / 4 + 6))
        offset += TransitionLayout.fixedRowWords * 4
        unsafe copy(offset, observationCount, into: &record.observation)
        offset += unsafe observationCount * 4
        unsafe copy(offset, actionCount, into: &record.action)
        offset += unsafe actionCount * 4
        unsafe copy(offset, actionCount, into: &record.proposedAction)
        offset += unsafe actionCount * 4

        // The next row's observation stands where this row's next observation is not an extra.
        var next = offset + TransitionLayout.fixedRowWords * 4
        var nextPicture = row + 1
        if flags & TransitionLayout.hasExtra != 0 {
            next = unsafe layout.wordCount(rows: count, extras: nextExtra) * 4
            nextPicture = unsafe count + nextExtra
            unsafe nextExtra += 1
        }
        unsafe copy(next, observationCount, into: &record.nextObservation)
        unsafe copy(picture: row, into: &record.picture)
        unsafe copy(picture: nextPicture, into: &record.nextPicture)
    }

    private func offset(row: Int) -> Int {
        unsafe (TransitionLayout.headerWords + row * layout.rowWords) * 4
    }

    private func copy(picture index: Int, into bytes: inout [UInt8]) {
        let size = unsafe pictureBytes
        if bytes.count != size { bytes = [UInt8](repeating: 0, count: size) }
        for place in 0..<size { unsafe bytes[place] = pictures[index * size + place] }
    }

    private func copy(_ offset: Int, _ count: Int, into values: inout [Float]) {
        if values.count != count { values = [Float](repeating: 0, count: count) }
        unsafe values.withUnsafeMutableBufferPointer { values in
            for index in 0..<count {
                unsafe values[index] = unsafe Float(
                    bitPattern: Self.word(bytes, offset / 4 + index)
                )
            }
        }
    }

    private func pair(at offset: Int) -> UInt64 {
        let low = unsafe Self.word(bytes, offset / 4)
        let high = unsafe Self.word(bytes, offset / 4 + 1)
        return UInt64(low) | UInt64(high) << 32
    }

    private static func word(_ bytes: UnsafeRawBufferPointer, _ index: Int) -> UInt32 {
        unsafe UInt32(
            littleEndian: bytes.loadUnaligned(fromByteOffset: index * 4, as: UInt32.self)
        )
    }
}
