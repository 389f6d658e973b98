import Glibc

/// The transitions a learner draws from, oldest overwritten first.
///
/// An observation is a window of `historyFrames` frames, newest first, as `Control.Observer` stacks
/// them. Each frame is stored once, in a ring of frames; a transition is the number of its
/// observation's newest frame, action, reward and end. Consecutive transitions whose observations
/// are bit for bit what the one before led to form a segment and share frames; the buffer finds
/// segments by itself, so episodes need not be told to it. Address space is reserved at once and
/// becomes memory only as it is filled. Used by one thread at a time.
///
/// ```
/// frames       a a a b c d | e e e f g         a segment starts with the whole first window
/// transitions      0 1 2       3 4             each names the newest frame of its observation
/// ```
@safe public final class ReplayBuffer {
    /// Numbers in an observation, all frames together.
    public let observationCount: Int
    /// Numbers in an action.
    public let actionCount: Int
    /// Frames in an observation's numbers.
    public let historyFrames: Int
    /// The pictures that come with the frames, if there are any; their history may be longer or
    /// shorter than that of the numbers.
    public let image: ImageLayout?
    /// Bytes of picture in a frame.
    public var pixelCount: Int { image?.frameBytes ?? 0 }
    /// Transitions held at most; with a byte capacity, those that could be held in one segment.
    public let capacity: Int
    /// Bytes of memory taken at most, whole pages included, if that is limited.
    public let byteCapacity: Int?
    /// Transitions held now.
    public private(set) var count = 0
    /// Transitions accepted since the beginning, overwritten ones included.
    public private(set) var appendedCount = 0
    /// Transitions refused because a number in them was infinite or NaN.
    public private(set) var refusedCount = 0

    let transitions: PageRing
    let frames: PageRing
    let pixels: PageRing?
    let frameFloats: Int
    /// Frames stored for an observation that shares none: as many as numbers and pictures ask for.
    let windowFrames: Int
    var drawn = DrawnSet()
    /// What transitions and frames may take together, without the pages' rounding.
    private let byteLimit: Int
    /// The oldest frame a held transition needs.
    private var firstFrame = 0
    /// Whether the newest transition can be gone on from; its next observation is then the newest
    /// window of frames.
    private var isSegmentOpen = false

    /// Reserves room for transitions.
    ///
    /// Traps on counts below 1, on an observation that is not whole frames, on a byte capacity too
    /// small for the first transition, and when the address space cannot be had.
    ///
    /// - Parameters:
    ///   - observationCount: numbers in an observation, all its frames together.
    ///   - actionCount: numbers in an action.
    ///   - capacity: transitions to hold at most.
    ///   - historyFrames: frames in an observation.
    ///   - byteCapacity: memory to take at most, whole pages included; `nil` for as much as
    ///     `capacity` transitions take.
    ///   - image: the pictures that come with the frames; `nil` for none.
    public init(
        observationCount: Int,
        actionCount: Int,
        capacity: Int,
        historyFrames: Int = 1,
        byteCapacity: Int? = nil,
        image: ImageLayout? = nil
    ) {
        precondition(observationCount > 0 && actionCount > 0, "an empty transition")
        precondition(capacity > 0, "a replay of \(capacity) transitions")
        precondition(
            historyFrames > 0 && observationCount % historyFrames == 0,
            "\(observationCount) numbers are not \(historyFrames) frames"
        )
        self.observationCount = observationCount
        self.actionCount = actionCount
        self.historyFrames = historyFrames
        self.image = image
        self.byteCapacity = byteCapacity
        frameFloats = observationCount / historyFrames
        windowFrames = max(historyFrames, image?.history ?? 1)
        let pixelCount = image?.frameBytes ?? 0
        precondition(image == nil || pixelCount > 0, "pictures without a pixel")
        let room = ReplayRoom(
            transitionBytes: unsafe StoredTransition.byteCount(actionCount: actionCount),
            frameBytes: frameFloats * MemoryLayout<Float>.stride,
            // Pictures begin on cache lines.
            pixelBytes: (pixelCount + 63) / 64 * 64,
            historyFrames: windowFrames,
            capacity: capacity,
            byteCapacity: byteCapacity
        )
        self.capacity = room.capacity
        byteLimit = room.byteLimit
        transitions = PageRing(stride: room.transitionBytes, slots: room.capacity)
        frames = PageRing(stride: room.frameBytes, slots: room.frameSlots)
        pixels =
            pixelCount == 0 ? nil : PageRing(stride: room.pixelBytes, slots: room.frameSlots)
    }

    /// Memory taken now, in whole pages.
    public var residentBytes: Int {
        transitions.residentBytes + frames.residentBytes + (pixels?.residentBytes ?? 0)
    }

    /// Address space reserved; most of it never becomes memory.
    public var reservedBytes: Int {
        transitions.reservedBytes + frames.reservedBytes + (pixels?.reservedBytes ?? 0)
    }

    /// Frames held now, those that only complete the windows of others included.
    public var frameCount: Int { frames.pushedCount - firstFrame }

    /// Adds a transition; false when a number in it is infinite or NaN, which is counted.
    ///
    /// It goes on from the transition before it if its observation is that one's next observation
    /// bit for bit and that one did not terminate. Nothing else is asked, so that a buffer filled
    /// from a journal, which holds no refused transitions, is the same as one filled as they came.
    /// `terminated` is true only at a true end, after which nothing more is to be earned; a time
    /// limit is not one. Traps when a length is not the buffer's, and when frames have pixels.
    @discardableResult
    public func append(
        observation: Span<Float>,
        action: Span<Float>,
        reward: Float,
        nextObservation: Span<Float>,
        terminated: Bool
    ) -> Bool {
        append(
            observation: observation,
            pixels: Span(),
            action: action,
            reward: reward,
            nextObservation: nextObservation,
            nextPixels: Span(),
            terminated: terminated
        )
    }

    /// Adds a transition given as arrays; see the other `append`.
    @discardableResult
    public func append(
        observation: [Float],
        action: [Float],
        reward: Float,
        nextObservation: [Float],
        terminated: Bool
    ) -> Bool {
        append(
            observation: observation.span,
            action: action.span,
            reward: reward,
            nextObservation: nextObservation.span,
            terminated: terminated
        )
    }

    /// Adds a transition whose frames have pictures.
    ///
    /// `pixels` and `nextPixels` are those of the newest frame, `pixelCount` bytes each. The older
    /// frames of a segment's first window get its picture too, as an episode's first frame is
    /// repeated. A transition goes on from the one before it if the pictures agree as well.
    @discardableResult
    public func append(
        observation: Span<Float>,
        pixels: Span<UInt8>,
        action: Span<Float>,
        reward: Float,
        nextObservation: Span<Float>,
        nextPixels: Span<UInt8>,
        terminated: Bool
    ) -> Bool {
        let lengthsFit =
            observation.count == observationCount && action.count == actionCount
            && nextObservation.count == observationCount
            && pixels.count == pixelCount && nextPixels.count == pixelCount
        precondition(lengthsFit, "a transition of other lengths")
        let goesOn = isSegmentOpen && isNewest(observation) && isNewest(pixels)
        guard
            // What is stored already is finite.
            reward.isFinite && (goesOn || isFinite(observation)) && isFinite(action)
                && isFinite(nextObservation)
        else {
            refusedCount += 1
            return false
        }
        let isNextShifted = isShifted(nextObservation, from: observation)
        let nextFrames = isNextShifted ? 1 : windowFrames
        makeRoom(goesOn: goesOn, nextFrames: nextFrames)
        if !goesOn { push(observation, frames: windowFrames, pixels) }
        let frame = frames.pushedCount - 1
        push(nextObservation, frames: nextFrames, nextPixels)
        var stored = unsafe StoredTransition(transitions.push())
        unsafe stored.write(
            frame: frame,
            flags: [
                goesOn ? .goesOn : [], terminated ? .terminated : [],
                isNextShifted ? [] : .hasOwnNext,
            ],
            reward: reward,
            action: action
        )
        isSegmentOpen = !terminated
        appendedCount += 1
        count += 1
        return true
    }

    /// Drops the oldest transitions until one more fits, and gives back what they alone took.
    private func makeRoom(goesOn: Bool, nextFrames: Int) {
        // A transition that goes on needs the newest window even when all others are dropped.
        let ownFirst = frames.pushedCount - (goesOn ? windowFrames : 0)
        let end = frames.pushedCount + (goesOn ? 0 : windowFrames) + nextFrames
        var first = count > 0 ? firstFrame : ownFirst
        while count > 0, count == capacity || bytes(count + 1, frames: end - first) > byteLimit {
            count -= 1
            first = count > 0 ? firstFrame(ofTransition: 0) : ownFirst
        }
        guard first != firstFrame else { return }
        firstFrame = first
        transitions.release(before: appendedCount - count)
        frames.release(before: first)
        pixels?.release(before: first)
    }

    private func bytes(_ transitionCount: Int, frames frameCount: Int) -> Int {
        transitionCount * transitions.stride + frameCount * (frames.stride + (pixels?.stride ?? 0))
    }

    private func firstFrame(ofTransition index: Int) -> Int {
        let held = unsafe transitions.elements
        let stored = unsafe StoredTransition(held[held.slot(age: count - 1 - index)])
        let age = unsafe stored.frameAge(newest: frames.pushedCount - 1)
        return frames.pushedCount - age - windowFrames
    }

    /// Whether these are the newest frames, bit for bit.
    private func isNewest(_ observation: Span<Float>) -> Bool {
        let held = unsafe frames.elements
        let beforeEnd = unsafe min(historyFrames, held.slots - held.newestSlot) * held.stride
        return unsafe observation.withUnsafeBytes { bytes in
            guard let start = bytes.baseAddress else { return false }
            guard unsafe memcmp(start, held[held.newestSlot], beforeEnd) == 0 else { return false }
            let rest = bytes.count - beforeEnd
            return unsafe rest == 0 || memcmp(start + beforeEnd, held.base, rest) == 0
        }
    }

    /// Whether this is the newest frame's picture.
    private func isNewest(_ picture: Span<UInt8>) -> Bool {
        guard let pixels else { return true }
        return unsafe picture.withUnsafeBytes { bytes in
            guard let start = bytes.baseAddress else { return false }
            return unsafe memcmp(start, pixels.elements[pixels.newestSlot], bytes.count) == 0
        }
    }

    /// Whether an observation is another one with one more frame, bit for bit.
    private func isShifted(_ next: Span<Float>, from observation: Span<Float>) -> Bool {
        unsafe next.withUnsafeBytes { next in
            unsafe observation.withUnsafeBytes { observation in
                guard let start = next.baseAddress, let old = observation.baseAddress else {
                    return false
                }
                let common = next.count - frames.stride
                return unsafe memcmp(start + frames.stride, old, common) == 0
            }
        }
    }

    /// Stores the newest frames of an observation, the oldest of them first; where more are asked
    /// for than it has, its oldest is repeated.
    private func push(_ observation: Span<Float>, frames pushed: Int, _ picture: Span<UInt8>) {
        unsafe observation.withUnsafeBytes { bytes in
            guard let start = bytes.baseAddress else { return }
            for frame in (0..<pushed).reversed() {
                let source = unsafe start + min(frame, historyFrames - 1) * frames.stride
                unsafe frames.push().copyMemory(from: source, byteCount: frames.stride)
            }
        }
        guard let pixels else { return }
        unsafe picture.withUnsafeBytes { bytes in
            guard let start = bytes.baseAddress else { return }
            for _ in 0..<pushed {
                unsafe pixels.push().copyMemory(from: start, byteCount: bytes.count)
            }
        }
    }

    private func isFinite(_ values: Span<Float>) -> Bool {
        // Without its sign, a float's bits order as its size; one pass without a branch.
        var largest: UInt32 = 0
        for index in values.indices { largest = max(largest, values[index].bitPattern << 1) }
        return largest < Float.infinity.bitPattern << 1
    }
}
