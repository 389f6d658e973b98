import Glibc

/// A ring of equal elements that holds memory only for what is in it.
///
/// Address space is reserved at once; a page becomes resident when an element is put on it, and
/// goes back to the system when the elements on it are no longer needed and their place will not be
/// written soon. Elements are numbered from 0 on in the order in which they came. Each lies just
/// below the one before it, so that a run of elements, newest first, is one piece of memory but for
/// the end of the ring.
@safe final class PageRing {
    /// Bytes of an element.
    let stride: Int
    /// Elements that can be held; no fewer than were asked for.
    let slots: Int
    /// Elements put in since the beginning.
    private(set) var pushedCount = 0
    /// Where the newest element lies.
    private(set) var newestSlot = 0

    // Safety: the mapping is owned by this object alone, `reservedBytes` long, zero where nothing
    // was written, and unmapped in deinit.
    private let base: UnsafeMutableRawPointer
    private let pageBytes: Int
    /// Bytes, counted like elements from the first on, whose pages were given back.
    private var releasedBytes = 0

    /// Reserves address space.
    ///
    /// Traps on counts below 1, and when the address space cannot be had.
    init(stride: Int, slots: Int) {
        precondition(stride > 0 && slots > 0, "a ring of \(slots) elements of \(stride) bytes")
        pageBytes = sysconf(Int32(_SC_PAGESIZE))
        self.stride = stride
        // Whole pages, so that pages and elements stay in step from one round to the next.
        let grain = pageBytes / greatestCommonDivisor(pageBytes, stride)
        let (bytes, isTooLarge) = slots.multipliedReportingOverflow(by: stride)
        precondition(!isTooLarge && bytes < 1 << 56, "no address space for \(slots) elements")
        self.slots = (slots + grain - 1) / grain * grain
        let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
        let length = self.slots * stride
        let mapping = unsafe mmap(nil, length, PROT_READ | PROT_WRITE, flags, -1, 0)
        guard let address = unsafe mapping, unsafe address != MAP_FAILED else {
            preconditionFailure("no address space for \(length) bytes of replay")
        }
        unsafe base = address
    }

    deinit { unsafe munmap(base, reservedBytes) }

    /// Address space, most of which may never become memory.
    var reservedBytes: Int { slots * stride }

    /// Memory held, in whole pages.
    var residentBytes: Int {
        let written = roundedUp(pushedCount * stride)
        return min(written - releasedBytes, reservedBytes)
    }

    /// The memory held beyond the elements needed is less than this.
    static var slackBytes: Int { releaseBytes + 2 * sysconf(Int32(_SC_PAGESIZE)) }

    /// Pages are given back in batches of at least this many bytes: each costs a system call.
    private static let releaseBytes = 1 << 16

    /// The whole address space, for whoever wants to look which pages are there.
    @unsafe var mapping: UnsafeMutableRawBufferPointer {
        unsafe UnsafeMutableRawBufferPointer(start: base, count: reservedBytes)
    }

    /// Where the elements lie until the next one is put in.
    @unsafe var elements: RingElements {
        unsafe RingElements(base: base, stride: stride, slots: slots, newestSlot: newestSlot)
    }

    /// Room for the next element, in the place of the oldest if the ring is full.
    @unsafe func push() -> UnsafeMutableRawPointer {
        newestSlot = newestSlot == 0 ? slots - 1 : newestSlot - 1
        pushedCount += 1
        return unsafe base + newestSlot * stride
    }

    /// Gives back pages on which only elements before number `oldest` lie.
    func release(before oldest: Int) {
        let unneeded = oldest * stride / pageBytes * pageBytes
        // What lies a whole round back has been written over and is needed again.
        let rewritten = roundedUp(max(0, pushedCount * stride - reservedBytes))
        let first = max(releasedBytes, rewritten)
        guard unneeded - first >= Self.releaseBytes else { return }
        // Numbers rise where addresses fall.
        let end = reservedBytes - first % reservedBytes
        let length = min(unneeded - first, end)
        unsafe madvise(base + (end - length), length, MADV_DONTNEED)
        let rest = unneeded - first - length
        if rest > 0 { unsafe madvise(base + (reservedBytes - rest), rest, MADV_DONTNEED) }
        releasedBytes = unneeded
    }

    private func roundedUp(_ bytes: Int) -> Int { (bytes + pageBytes - 1) / pageBytes * pageBytes }
}

/// Where the elements of a ring lie, all in registers.
@unsafe struct RingElements {
    // Safety: `slots * stride` bytes of a `PageRing` that outlives this value.
    let base: UnsafeMutableRawPointer
    let stride: Int
    let slots: Int
    let newestSlot: Int

    /// The slot of the element that has `age` newer ones, which must be held.
    func slot(age: Int) -> Int {
        unsafe precondition(age >= 0 && age < slots, "no element so old")
        let slot = unsafe newestSlot + age
        return unsafe slot < slots ? slot : slot - slots
    }

    /// The element in a slot; the elements before it follow up to the end of the ring.
    subscript(slot: Int) -> UnsafeMutableRawPointer {
        unsafe precondition(slot >= 0 && slot < slots, "no slot \(slot)")
        return unsafe base + slot * stride
    }
}

private func greatestCommonDivisor(_ first: Int, _ second: Int) -> Int {
    second == 0 ? first : greatestCommonDivisor(second, first % second)
}
