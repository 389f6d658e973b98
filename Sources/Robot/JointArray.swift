/// One value a joint, without heap memory, for what the control thread touches.
///
/// Indices are the joints' positions in the robot file. A robot has at most `capacity` joints;
/// the robot file's reader refuses more.
@frozen public struct JointArray<Element: BitwiseCopyable & Sendable>: Sendable, BitwiseCopyable {
    /// The largest number of joints a robot may have.
    @inlinable public static var capacity: Int { 24 }

    /// How many joints there are.
    public let count: Int
    @usableFromInline var storage: InlineArray<24, Element>

    /// `count` joints, each with `value`.
    ///
    /// Traps if `count` is negative or above `capacity`.
    @inlinable public init(count: Int, repeating value: Element) {
        precondition(count >= 0 && count <= 24, "a robot has at most 24 joints")
        self.count = count
        self.storage = InlineArray(repeating: value)
    }

    /// The joints' indices.
    @inlinable public var indices: Range<Int> { 0..<count }

    /// The value of one joint.
    ///
    /// Traps on an index outside `indices`.
    @inlinable public subscript(_ index: Int) -> Element {
        get {
            precondition(index >= 0 && index < count, "no such joint")
            return storage[index]
        }
        set {
            precondition(index >= 0 && index < count, "no such joint")
            storage[index] = newValue
        }
    }
}

/// A set of joints, by index.
@frozen public struct JointSet: Sendable, BitwiseCopyable, Hashable {
    /// One bit a joint, joint 0 lowest.
    public var bits: UInt32

    /// The set with these bits.
    @inlinable public init(bits: UInt32 = 0) { self.bits = bits }

    /// The set of these joints.
    public init(_ indices: some Sequence<Int>) {
        bits = 0
        for index in indices { insert(index) }
    }

    /// Whether no joint is in the set.
    @inlinable public var isEmpty: Bool { bits == 0 }

    /// Whether the joint is in the set.
    @inlinable public func contains(_ index: Int) -> Bool { bits & (1 << UInt32(index)) != 0 }

    /// Adds a joint.
    @inlinable public mutating func insert(_ index: Int) { bits |= 1 << UInt32(index) }

    /// Adds all joints of another set.
    @inlinable public mutating func formUnion(_ other: JointSet) { bits |= other.bits }

    /// Takes all joints of another set out.
    @inlinable public mutating func subtract(_ other: JointSet) { bits &= ~other.bits }

    /// The joint with the lowest index, `nil` if the set is empty.
    @inlinable public var first: Int? { isEmpty ? nil : bits.trailingZeroBitCount }

    /// Takes a joint out.
    @inlinable public mutating func remove(_ index: Int) { bits &= ~(1 << UInt32(index)) }

    /// The joints in rising order.
    ///
    /// Allocates; not for the tick.
    public var indices: [Int] { (0..<32).filter { contains($0) } }
}
