internal import CMuJoCo
internal import Foundation
internal import Robot

/// A height field that takes the place of a model's floor while the ground is not level.
///
/// The model's own floor, its planes that belong to the world, stays what a robot walks on while
/// the ground is level: figures there are those of the plain model.
@safe struct UnevenGround {
    private static let name = "sacbot_ground"
    /// Grid points along the track and across it: 4 cm apart.
    private static let columns = 701
    private static let rows = 401
    /// Half of its length and width, metres, and how far the track's start is behind its middle.
    ///
    /// A robot at 2 m/s does not come to its end in ten seconds.
    private static let halfLength = 14.0
    private static let halfWidth = 8.0
    private static let middle = 12.0
    /// From the lowest to the highest ground, metres; level ground lies half way.
    private static let span = 10.0
    /// Level ground around the robot's start, metres.
    private static let start = 0.6

    private let geom: Int
    private let address: Int
    /// The model's own floor: geoms with what they may touch.
    private let floor: [(geom: Int, contype: Int32, conaffinity: Int32)]

    /// The model's text with the height field added before its end.
    static func model(_ path: String) throws(PhysicsError) -> String {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8),
            let end = text.range(of: "</mujoco>", options: .backwards)
        else { throw .modelRefused(path: path, message: "it cannot be read as a MuJoCo model") }
        let size = "\(halfLength) \(halfWidth) \(span) 0.2"
        return text.replacingCharacters(
            in: end,
            with: """
                <asset><hfield name="\(name)" nrow="\(rows)" ncol="\(columns)" size="\(size)"/></asset>
                <worldbody>
                <geom name="\(name)" type="hfield" hfield="\(name)" pos="\(middle) 0 \(-span / 2)"
                  contype="0" conaffinity="0" rgba="0.72 0.70 0.66 1"/>
                </worldbody>
                </mujoco>
                """
        )
    }

    /// The ground of a model that was made with it; `nil` for others.
    init?(_ model: UnsafePointer<mjModel>) {
        let geom = Int(unsafe mj_name2id(model, Int32(mjOBJ_GEOM.rawValue), Self.name))
        let field = Int(unsafe mj_name2id(model, Int32(mjOBJ_HFIELD.rawValue), Self.name))
        guard geom >= 0, field >= 0 else { return nil }
        self.geom = geom
        address = unsafe Int(model.pointee.hfield_adr[field])
        floor = unsafe (0..<Int(model.pointee.ngeom)).filter { index in
            unsafe model.pointee.geom_bodyid[index] == 0
                && model.pointee.geom_type[index] == Int32(mjGEOM_PLANE.rawValue)
        }.map { index in
            unsafe (
                index, model.pointee.geom_contype[index], model.pointee.geom_conaffinity[index]
            )
        }
    }

    /// Makes the ground as said.
    ///
    /// Safety: `model` is the model it was made from.
    func lay(_ ground: Ground, on model: UnsafeMutablePointer<mjModel>) {
        let isLevel = ground.kind == .flat
        for plane in floor {
            unsafe model.pointee.geom_contype[plane.geom] = isLevel ? plane.contype : 0
            unsafe model.pointee.geom_conaffinity[plane.geom] = isLevel ? plane.conaffinity : 0
        }
        let touch = floor.first
        unsafe model.pointee.geom_contype[geom] = isLevel ? 0 : touch?.contype ?? 0
        unsafe model.pointee.geom_conaffinity[geom] = isLevel ? 0 : touch?.conaffinity ?? 1
        guard !isLevel else { return }
        let blocks = Self.blocks(ground)
        for row in 0..<Self.rows {
            for column in 0..<Self.columns {
                let (x, y) = Self.place(row, column)
                let height = Self.height(ground, blocks, x, y)
                let share = min(max(0.5 + height / Self.span, 0), 1)
                unsafe model.pointee.hfield_data[address + row * Self.columns + column] =
                    Float(share)
            }
        }
    }

    /// Where a grid point lies on the track, metres from the robot's start.
    private static func place(_ row: Int, _ column: Int) -> (x: Double, y: Double) {
        let along = Double(column) / Double(columns - 1)
        let across = Double(row) / Double(rows - 1)
        return (
            middle + (2 * along - 1) * halfLength,
            (2 * across - 1) * halfWidth
        )
    }

    /// Metres above the level at the start.
    private static func height(
        _ ground: Ground,
        _ blocks: [Block],
        _ x: Double,
        _ y: Double
    ) -> Double {
        guard x > start else { return 0 }
        switch ground.kind {
        case .flat: return 0
        case .slope: return (x - start) * tan(ground.amount)
        case .stepDown: return -ground.amount
        case .blocks:
            let place = Self.square(x, y)
            guard blocks.indices.contains(place) else { return 0 }
            let block = blocks[place]
            let isOnIt = abs(block.x - x) <= block.half && abs(block.y - y) <= block.half
            return isOnIt ? block.height : 0
        }
    }

    /// Squares of half a metre along the track and across it.
    private static let squares = (along: 52, across: 32)

    /// Which square a place lies in.
    private static func square(_ x: Double, _ y: Double) -> Int {
        let along = Int(((x - start) / 0.5).rounded(.down))
        let across = Int((y / 0.5).rounded(.down)) + squares.across / 2
        guard (0..<squares.across).contains(across) else { return -1 }
        return along * squares.across + across
    }

    /// A square block.
    private struct Block {
        var x: Double
        var y: Double
        var half: Double
        var height: Double
    }

    /// Blocks of 16 to 32 cm a side, one in each square of half a metre, of 30 % to all of the height.
    private static func blocks(_ ground: Ground) -> [Block] {
        guard ground.kind == .blocks else { return [] }
        var word = ground.seed
        func next() -> Double {
            // SplitMix64: the same blocks for the same seed, in one word.
            word &+= 0x9E37_79B9_7F4A_7C15
            var mixed = word
            mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return Double((mixed ^ (mixed >> 31)) >> 11) * 0x1p-53
        }
        var blocks: [Block] = []
        for alongTrack in 0..<squares.along {
            for acrossTrack in -squares.across / 2..<squares.across / 2 {
                let half = 0.08 + 0.08 * next()
                blocks.append(
                    Block(
                        x: start + 0.5 * Double(alongTrack) + half + (0.5 - 2 * half) * next(),
                        y: 0.5 * Double(acrossTrack) + half + (0.5 - 2 * half) * next(),
                        half: half,
                        height: ground.amount * (0.3 + 0.7 * next())
                    )
                )
            }
        }
        return blocks
    }
}
