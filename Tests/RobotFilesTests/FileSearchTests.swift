import RobotFiles
import Testing

@Suite("Where files are found") struct FileSearchTests {
    @Test("a bare name is looked for in the folders in their order, with or without .yaml")
    func order() throws {
        try withTemporaryFolder { folder in
            let (first, second) = (folder + "/first", folder + "/second")
            try makeFolder(first)
            try makeFolder(second)
            try write([], to: second + "/test-arm.yaml")
            let paths = [first, second]
            #expect(
                RobotFile.locate("test-arm.yaml", searchPaths: paths) == second + "/test-arm.yaml"
            )
            #expect(RobotFile.locate("test-arm", searchPaths: paths) == second + "/test-arm.yaml")
            try write([], to: first + "/test-arm.yaml")
            #expect(RobotFile.locate("test-arm", searchPaths: paths) == first + "/test-arm.yaml")
            #expect(RobotFile.locate("test-leg", searchPaths: paths) == nil)
        }
    }

    @Test("a path with a folder is that file and no other") func path() throws {
        try withTemporaryFolder { folder in
            try makeFolder(folder + "/sub")
            try write([], to: folder + "/sub/arm.yaml")
            #expect(RobotFile.locate("sub/arm.yaml", searchPaths: [folder]) == nil)
            let full = folder + "/sub/arm.yaml"
            #expect(RobotFile.locate(full, searchPaths: []) == full)
            #expect(RobotFile.locate(folder + "/sub", searchPaths: []) == nil)
        }
    }

    @Test("a calibration beside the robot file comes before the board's") func calibration() throws
    {
        try withTemporaryFolder { folder in
            let robots = folder + "/robots"
            let board = folder + "/board"
            try makeFolder(robots)
            try makeFolder(board)
            try write([], to: board + "/arm.yaml")
            func found() -> String? {
                RobotFile.locateCalibration(
                    robot: "arm",
                    robotFile: robots + "/arm.yaml",
                    searchPaths: [board]
                )
            }
            #expect(found() == board + "/arm.yaml")
            try makeFolder(folder + "/calibration")
            try write([], to: folder + "/calibration/arm.yaml")
            #expect(found() == robots + "/../calibration/arm.yaml")
        }
    }

    @Test("the board's own robot files come before the installed ones") func installed() throws {
        let folders = RobotFile.robotFolders
        let board = try #require(folders.firstIndex(of: "/etc/sacbot/robots"))
        let shipped = try #require(folders.firstIndex(of: "/usr/share/sacbot/robots"))
        #expect(board < shipped)
        #expect(folders.first == "robots")
    }
}
