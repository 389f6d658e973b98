import Glibc
import Physics
import Robot

/// A robot's MuJoCo model with its servos' inertia and friction in it, and no motor.
///
/// The simulated body gives the model these numbers at run time. Here they come in as defaults of
/// a model that includes the robot's, so that `mj_step` alone can be timed on the same equations.
enum ServoedModel {
    static func plant(of robot: RobotDescription, modelPath: String) throws -> Plant {
        // MuJoCo 2 puts the including file's folder before every path, absolute ones too: /tmp/..
        let friction = robot.joints[0].servo.friction
        let text = """
            <mujoco>
              <default>
                <joint armature="\(friction.armature)" frictionloss="\(friction.coulomb)"
                       damping="\(friction.viscous)" solreffriction="0.01 1"
                       solimpfriction="0.99 0.999 0.001 0.5 2"/>
              </default>
              <include file="..\(modelPath)"/>
            </mujoco>
            """
        var path = Array("/tmp/sacbot-bench-XXXXXX.xml".utf8CString)
        let descriptor = unsafe mkstemps(&path, 4)
        guard descriptor >= 0 else { throw BenchFailure("no file in /tmp: errno \(errno)") }
        let name = String(decoding: path.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        defer { unsafe unlink(name) }
        let bytes = Array(text.utf8)
        let written = unsafe write(descriptor, bytes, bytes.count)
        close(descriptor)
        guard written == bytes.count else { throw BenchFailure("\(name) cannot be written") }
        return try Plant(modelPath: name, joints: [])
    }
}
