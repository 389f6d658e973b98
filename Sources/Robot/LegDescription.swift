/// A leg of two motors on one axis, whose links close to a five-bar linkage.
///
/// Each motor turns an upper link about the hip. A lower link hangs on the end of each, and the two
/// lower links meet in the foot. The knees point outward, one to the front and one to the rear.
public struct LegDescription: Sendable, Hashable {
    /// The leg's name in the robot file.
    public var name: String
    /// Index of the joint that turns the front upper link.
    public var frontJoint: Int
    /// Index of the joint that turns the rear upper link.
    public var rearJoint: Int
    /// From the hip's axis to a knee's, metres.
    public var upperLength: Double
    /// From a knee's axis to the foot, metres.
    public var lowerLength: Double
    /// +1 if the front joint's angle rises as its link goes from up over the front to down, else -1.
    public var frontDirection: Int
    /// +1 if the rear joint's angle rises as its link goes from up over the rear to down, else -1.
    public var rearDirection: Int
    /// How far the extension stays from where the linkage loses its stiffness or comes apart.
    public var margin: Radians
    /// Where the hip's axis is from the body's origin, metres forward and to the left.
    public var hip = SIMD2<Double>.zero

    /// Five degrees.
    public static let defaultMargin: Radians = degrees(5)

    /// A leg.
    public init(
        name: String,
        frontJoint: Int,
        rearJoint: Int,
        upperLength: Double,
        lowerLength: Double,
        frontDirection: Int = 1,
        rearDirection: Int = 1,
        margin: Radians = LegDescription.defaultMargin
    ) {
        self.name = name
        self.frontJoint = frontJoint
        self.rearJoint = rearJoint
        self.upperLength = upperLength
        self.lowerLength = lowerLength
        self.frontDirection = frontDirection
        self.rearDirection = rearDirection
        self.margin = margin
    }
}
