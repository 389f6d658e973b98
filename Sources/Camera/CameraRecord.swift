public import Robot
internal import Synchronization

/// What a camera's thread has seen so far, for any thread to read.
public final class CameraRecord: Sendable {
    private let stopping = Atomic<Bool>(false)
    private let over = Atomic<Bool>(false)
    private let count = Atomic<Int>(0)
    private let first = Atomic<Int64>(0)
    private let last = Atomic<Int64>(0)
    private let ending = Mutex<String?>(nil)
    private let wanted = Atomic<Bool>(false)
    private let shown = Mutex<(pixels: [UInt8], size: PictureSize)?>(nil)

    /// Pictures since the camera was opened.
    public var pictures: Int { count.load(ordering: .acquiring) }

    /// Pictures a second since the first; `nil` before the second.
    public var rate: Double? {
        let pictures = self.pictures
        let (from, to) = (first.load(ordering: .relaxed), last.load(ordering: .relaxed))
        guard pictures > 1, to > from else { return nil }
        return Double(pictures - 1) / (Double(to - from) * 1e-9)
    }

    /// When the newest picture was taken; `nil` before the first.
    public var newest: MonotonicTime? {
        pictures > 0 ? MonotonicTime(nanoseconds: last.load(ordering: .relaxed)) : nil
    }

    /// Whether the stream has ended.
    public var isOver: Bool { over.load(ordering: .acquiring) }

    /// How it ended, `nil` while it runs.
    public var problem: String? { ending.withLock { $0 } }

    /// The whole picture that was asked for, once it has come.
    public func takeSnapshot() -> (pixels: [UInt8], size: PictureSize)? {
        shown.withLock { stored in
            defer { stored = nil }
            return stored
        }
    }

    /// Asks for the next whole picture.
    public func askForSnapshot() { wanted.store(true, ordering: .releasing) }

    var isSnapshotWanted: Bool { wanted.load(ordering: .acquiring) }

    var isStopping: Bool { stopping.load(ordering: .acquiring) }

    func stop() { stopping.store(true, ordering: .releasing) }

    func keep(_ pixels: [UInt8], size: PictureSize) {
        wanted.store(false, ordering: .releasing)
        shown.withLock { $0 = (pixels, size) }
    }

    func note(taken: Int64) {
        if count.load(ordering: .relaxed) == 0 { first.store(taken, ordering: .relaxed) }
        last.store(taken, ordering: .relaxed)
        count.add(1, ordering: .releasing)
    }

    func end(_ reason: String) {
        ending.withLock { $0 = reason }
        over.store(true, ordering: .releasing)
    }
}
