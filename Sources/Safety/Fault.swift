public import Robot

/// Why the robot stopped by itself, and which joint showed it.
@frozen public struct Fault: Sendable, BitwiseCopyable, Hashable {
    /// The fault's number.
    public var code: FaultCode
    /// The joint's index; `nil` when no single joint is the cause.
    public var joint: Int?

    /// A fault seen on `joint`.
    @inlinable public init(_ code: FaultCode, joint: Int? = nil) {
        self.code = code
        self.joint = joint
    }
}
