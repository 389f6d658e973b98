/// How a scene looks, apart from where its things are.
///
/// Nothing here touches the physics: it changes what is drawn, not the model.
public struct SceneLook: Sendable, Hashable {
    /// Factor on all light; 1 is as the model says.
    public var light: Float = 1
    /// Where the model's lamps stand beside their place, metres.
    public var lampShift = SIMD3<Float>()
    /// How far each shape's colour is moved at most, 0 to 1 a channel.
    public var colourSpread: Float = 0
    /// What each shape's own colour is drawn from.
    public var colourSeed: UInt64 = 0
    /// Factor on how often textures repeat.
    public var textureScale: Float = 1
    /// Where the camera stands beside its place, metres to its right, up and back.
    public var cameraShift = SIMD3<Float>()
    /// How the camera is turned, rad about its right, up and back axes.
    public var cameraTurn = SIMD3<Float>()
    /// A thing before the lens.
    public var cover: Cover?

    /// A flat ellipsoid in front of the camera.
    public struct Cover: Sendable, Hashable {
        /// Its middle, metres to the camera's right, up and back (so in front is negative).
        public var place: SIMD3<Float>
        /// Half its width, half its height, half its thickness, metres.
        public var halfSize: SIMD3<Float>
        /// Red, green, blue, 0 to 1.
        public var colour: SIMD3<Float>

        /// A cover.
        public init(place: SIMD3<Float>, halfSize: SIMD3<Float>, colour: SIMD3<Float>) {
            self.place = place
            self.halfSize = halfSize
            self.colour = colour
        }
    }

    /// The model as it is.
    public init() {}

    /// A shape's change of colour, each channel within the spread; the same for the same shape.
    func tint(shape: Int) -> SIMD3<Float> {
        guard colourSpread > 0 else { return .zero }
        var tint = SIMD3<Float>()
        for channel in 0..<3 {
            // SplitMix64 of seed, shape and channel.
            var word = colourSeed &+ UInt64(shape * 3 + channel + 1) &* 0x9E37_79B9_7F4A_7C15
            word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
            word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
            word ^= word >> 31
            tint[channel] = (Float(word >> 40) / Float(1 << 23) - 1) * colourSpread
        }
        return tint
    }
}
