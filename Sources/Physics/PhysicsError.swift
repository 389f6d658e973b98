/// Why a plant could not be built.
public enum PhysicsError: Error, Sendable, Hashable, CustomStringConvertible {
    /// MuJoCo does not take the model; `message` is its own, with element and line.
    case modelRefused(path: String, message: String)
    /// The model has no joint of this name.
    case jointMissing(name: String, path: String, known: [String])
    /// The joint slides, or turns about more than one axis.
    case jointNotHinge(name: String, path: String)
    /// The model has no site of this name.
    case siteMissing(name: String, path: String, known: [String])
    /// The model has no body of this name.
    case bodyMissing(name: String, path: String, known: [String])
    /// Where something is depends on a joint that no servo turns.
    case jointWithoutServo(name: String, moves: String)
    /// Two servos claim the same joint.
    case jointTwice(name: String)
    /// The time step is not a positive whole number of nanoseconds up to 0.1 s.
    case timestep(seconds: Double)
    /// The program was built for another MuJoCo than the one it runs with.
    case version(built: Int, found: Int)
    /// The model has no camera of this name.
    case cameraMissing(name: String, path: String, known: [String])
    /// Pictures cannot be drawn without a screen here.
    case noRendering(library: String, reason: String)

    /// What is wrong and what to do about it, for a person.
    public var description: String {
        switch self {
        case .modelRefused(let path, let message):
            "\(path): MuJoCo refuses the model: \(message); correct the model file"
        case .jointMissing(let name, let path, let known):
            "\(path): the model has no joint \"\(name)\" (it has \(known.joined(separator: ", "))); "
                + "use the same name in the robot file and in the model"
        case .jointNotHinge(let name, let path):
            "\(path): joint \"\(name)\" is not a hinge; a servo turns about one axis, "
                + "so give it type=\"hinge\""
        case .siteMissing(let name, let path, let known):
            "\(path): the model has no site \"\(name)\" (it has "
                + "\(known.isEmpty ? "none" : known.joined(separator: ", "))); add a <site> there"
        case .bodyMissing(let name, let path, let known):
            "\(path): the model has no body \"\(name)\" (it has \(known.joined(separator: ", ")))"
        case .jointWithoutServo(let name, let moves):
            "where \"\(moves)\" is depends on joint \"\(name)\", which no servo turns; leave it out "
                + "(feet of five-bar legs are named by `leg`)"
        case .jointTwice(let name):
            "two servos drive joint \"\(name)\"; give each servo its own joint"
        case .timestep(let seconds):
            "a physics step of \(seconds) s is not possible; choose one between 1 µs and 100 ms"
        case .version(let built, let found):
            "built for MuJoCo \(built), but the installed library is \(found); rebuild sacbot or "
                + "install the matching libmujoco"
        case .cameraMissing(let name, let path, let known):
            "\(path): the model has no camera \"\(name)\" (it has "
                + "\(known.joined(separator: ", "))); name one of them as `model_camera`"
        case .noRendering(let library, let reason):
            "cannot draw pictures with \(library): \(reason); apt install libosmesa6, or say "
                + "`rendering: egl` in the robot file's `simulation` (apt install libegl1)"
        }
    }
}
