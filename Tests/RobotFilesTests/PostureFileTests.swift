import Robot
import RobotFiles
import Testing

@Suite("Boxes and self-collision in robot files") struct PostureFileTests {
    private static let added = """
        workspace:
          - {site: tip, x: [-10 mm, 10 mm], z: [0.1 m, 0.4 m], soft_zone: 5 mm}
          - {leg: hind, x: [-0.1 m, 0.1 m], z: [-0.3 m, -0.1 m]}
        self_collision:
          margin: 3 mm
          time: 2 s
          except:
            - {body: left, other: right}

        """
    private static let base = IMUAndLegFileTests.base + added

    @Test("the file says what stands in it") func values() throws {
        let found = try robot(Self.base)
        let everywhere = -Double.infinity...Double.infinity
        #expect(
            found.workspace == [
                WorkspaceBox(
                    point: .site("tip"),
                    name: "tip",
                    x: -0.01...0.01,
                    y: everywhere,
                    z: 0.1...0.4,
                    softZone: 0.005
                ),
                WorkspaceBox(
                    point: .foot(0),
                    name: "hind",
                    x: -0.1...0.1,
                    y: everywhere,
                    z: -0.3 ... -0.1,
                    softZone: 0
                ),
            ]
        )
        let wanted = SelfCollisionLimits(margin: 0.003, except: [["left", "right"]], seconds: 2)
        #expect(found.selfCollision == wanted)
        #expect(try robot(IMUAndLegFileTests.base).selfCollision == nil)
    }

    @Test(
        "a mistake is reported where it is",
        arguments: [
            .init(
                "leg: hind,",
                "leg: fore,",
                "25:11: `workspace[item 2].leg` is `fore`; the legs of this robot are hind"
            ),
            .init(
                "{leg: hind",
                "{site: a, leg: hind",
                "25:12: `workspace[item 2].site` is `a`; `leg` is given as well; leave out one of them"
            ),
            .init(
                "margin: 3 mm",
                "margin: 3",
                "27:11: `self_collision.margin` is `3`; the unit is missing: m or mm"
            ),
        ] as [RobotFileMistakes.Row]
    )
    func mistake(_ row: RobotFileMistakes.Row) {
        let text = Self.base.replacing(row.old, with: row.new, maxReplacements: 1)
        #expect(problemsOfRobot(text) == row.expected)
    }
}
