public import Physics
public import Robot

/// By how much a simulated scene may look different from its model, drawn anew for every episode.
///
/// What a policy learns under many looks it can do under the real one.
public struct SimulatedLooks: Sendable, Hashable {
    /// Light between 1 - `light` and 1 + `light` of the model's.
    public var light = 0.0
    /// Lamps up to this far from their place, metres.
    public var lamps = 0.0
    /// Colours up to this far from the model's, 0 to 1 a channel.
    public var colour = 0.0
    /// The camera up to this far from its place along each of its axes, metres.
    public var cameraPosition = 0.0
    /// The camera turned by up to this about each of its axes.
    public var cameraAngle: Radians = 0
    /// Textures between 1 / (1 + `texture`) and 1 + `texture` of their scale.
    public var texture = 0.0

    /// The model as it is.
    public init() {}

    /// Whether episodes look different from each other at all.
    public var varies: Bool { self != SimulatedLooks() }

    /// The look of the episode with this seed.
    public func look(seed: UInt64) -> SceneLook {
        var draws = Draws(state: seed)
        var look = SceneLook()
        look.light = Float(1 + light * draws.next())
        look.lampShift = draws.vector(Float(lamps))
        look.colourSpread = Float(colour)
        look.colourSeed = seed
        look.cameraShift = draws.vector(Float(cameraPosition))
        look.cameraTurn = draws.vector(Float(cameraAngle))
        let scale = draws.next() * texture
        look.textureScale = Float(scale < 0 ? 1 / (1 - scale) : 1 + scale)
        return look
    }

    /// Uniform numbers in [-1, 1] from a seed (SplitMix64).
    private struct Draws {
        var state: UInt64

        mutating func next() -> Double {
            state &+= 0x9E37_79B9_7F4A_7C15
            var word = state
            word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
            word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
            return Double((word ^ (word >> 31)) >> 11) * 0x1p-52 - 1
        }

        mutating func vector(_ size: Float) -> SIMD3<Float> {
            SIMD3(Float(next()), Float(next()), Float(next())) * size
        }
    }
}
