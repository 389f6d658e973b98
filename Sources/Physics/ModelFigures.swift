internal import CMuJoCo

/// Factors on what a model says of its bodies and contacts.
struct ModelScale: Hashable {
    /// On every body's mass.
    var mass = 1.0
    /// On every body's rotational inertia.
    var inertia = 1.0
    /// On the sliding friction of every geom and pair.
    var friction = 1.0
    /// A weight on the free body, kg.
    var payload = 0.0
}

/// Masses, inertias and frictions as the model's file says, kept to be scaled and put back exactly.
@safe struct ModelFigures {
    private let mass: [Double]
    private let inertia: [Double]
    private let geomFriction: [Double]
    private let pairFriction: [Double]

    /// Copies them out of a model.
    init(_ model: UnsafePointer<mjModel>) {
        let bodies = unsafe Int(model.pointee.nbody)
        mass = unsafe Self.copy(model.pointee.body_mass, bodies)
        inertia = unsafe Self.copy(model.pointee.body_inertia, 3 * bodies)
        geomFriction = unsafe Self.copy(
            model.pointee.geom_friction,
            3 * Int(model.pointee.ngeom)
        )
        pairFriction = unsafe Self.copy(
            model.pointee.pair_friction,
            5 * Int(model.pointee.npair)
        )
    }

    private static func copy(_ numbers: UnsafePointer<mjtNum>?, _ count: Int) -> [Double] {
        // Safety: MuJoCo allocated `count` numbers there; an array of none may be nil.
        unsafe Array(UnsafeBufferPointer(start: numbers, count: count))
    }

    /// Writes them back, scaled; a factor of 1 writes what was read, bit for bit.
    ///
    /// Safety: `model` is the model they were copied from.
    func write(
        _ scale: ModelScale,
        payloadOn body: Int?,
        to model: UnsafeMutablePointer<mjModel>
    ) {
        for index in mass.indices {
            unsafe model.pointee.body_mass[index] = mass[index] * scale.mass
        }
        for index in inertia.indices {
            unsafe model.pointee.body_inertia[index] = inertia[index] * scale.inertia
        }
        // Sliding friction comes first; a pair has it in two directions.
        for index in geomFriction.indices where index % 3 == 0 {
            unsafe model.pointee.geom_friction[index] = geomFriction[index] * scale.friction
        }
        for index in pairFriction.indices where index % 5 < 2 {
            unsafe model.pointee.pair_friction[index] = pairFriction[index] * scale.friction
        }
        if let body, scale.payload != 0 { unsafe load(body, scale, model) }
    }

    /// A weight that is spread like the body itself.
    private func load(_ body: Int, _ scale: ModelScale, _ model: UnsafeMutablePointer<mjModel>) {
        let own = mass[body] * scale.mass
        unsafe model.pointee.body_mass[body] = own + scale.payload
        let share = own > 0 ? (own + scale.payload) / own : 1
        for axis in 0..<3 { unsafe model.pointee.body_inertia[3 * body + axis] *= share }
    }
}
