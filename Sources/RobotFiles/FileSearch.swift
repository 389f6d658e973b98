internal import Glibc

// Where files are when a person gives only their name.
extension RobotFile {
    /// Folders with robot files: beside the working folder, the board's own, the installed ones,
    /// and those of the source tree the program was built in.
    public static var robotFolders: [String] {
        ["robots", "/etc/sacbot/robots", "/usr/share/sacbot/robots"]
            + foldersAboveExecutable("robots")
    }

    /// Folders with calibration files; installed software brings none, since they are measured.
    public static var calibrationFolders: [String] {
        ["calibration", "/etc/sacbot/calibration"] + foldersAboveExecutable("calibration")
    }

    /// The file a person means by `path`, or `nil` if there is none.
    ///
    /// A path with a slash is that file. A bare name is looked for in the working folder, then in
    /// `searchPaths` in their order. `.yaml` may be left out.
    public static func locate(
        _ path: String,
        searchPaths: [String] = RobotFile.robotFolders
    ) -> String? {
        let folders = path.contains("/") ? [""] : [""] + searchPaths.map { $0 + "/" }
        for folder in folders {
            for ending in ["", ".yaml"] where isFile(folder + path + ending) {
                return folder + path + ending
            }
        }
        return nil
    }

    /// The calibration of a robot, or `nil` if it was never calibrated.
    ///
    /// Looked for in the `calibration` folder beside the robot file's folder, then in
    /// `searchPaths`.
    public static func locateCalibration(
        robot: String,
        robotFile: String,
        searchPaths: [String] = RobotFile.calibrationFolders
    ) -> String? {
        let beside = folder(of: robotFile) + "/../calibration"
        return ([beside] + searchPaths).lazy.map { "\($0)/\(robot).yaml" }.first(where: isFile)
    }

    /// `name` in every folder from the executable's up to the root.
    private static func foldersAboveExecutable(_ name: String) -> [String] {
        guard let executable = unsafe realpath("/proc/self/exe", nil) else { return [] }
        defer { unsafe free(executable) }
        var parts = unsafe String(cString: executable).split(separator: "/").dropLast()
        var folders: [String] = []
        while !parts.isEmpty {
            folders.append("/" + parts.joined(separator: "/") + "/" + name)
            parts.removeLast()
        }
        return folders
    }

    private static func isFile(_ path: String) -> Bool {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { return false }
        return status.st_mode & S_IFMT != S_IFDIR
    }
}
