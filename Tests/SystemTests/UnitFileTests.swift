import Foundation
import Testing

/// The service's files, judged by systemd's own tools where the machine has them.
@Suite("The unit files")
struct UnitFileTests {
    private static let folder = Bench.package + "/systemd"

    private static func run(_ arguments: String...) -> ChildEnd? {
        try? ChildProcess(
            arguments,
            environment: ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "SYSTEMD_COLORS": "0"],
            folder: "/"
        ).end()
    }

    private static let hasAnalyze = run("systemd-analyze", "--version")?.code == 0
    private static let hasSysusers = run("systemd-sysusers", "--version")?.code == 0
    private static let hasTmpfiles = run("systemd-tmpfiles", "--version")?.code == 0

    private static var unit: String {
        get throws {
            try String(contentsOfFile: folder + "/sacbot@.service", encoding: .utf8)
        }
    }

    @Test("systemd understands every line of the unit", .enabled(if: hasAnalyze))
    func verify() throws {
        let bench = try Bench()
        // Where the package is not installed there is no program and no page of it.
        let here = try Self.unit.replacingOccurrences(of: "/usr/bin/sacbot", with: "/bin/true")
            .replacing(/Documentation=.*/, with: "Documentation=man:true(1)")
        try bench.write(here, to: "sacbot@claw.service")
        let end = try #require(
            Self.run("systemd-analyze", "verify", "--man=no", bench.path("sacbot@claw.service"))
        )
        #expect(end.code == 0 && end.errors.isEmpty, "\(end)")
    }

    @Test("the service's exposure is at most 2.5", .enabled(if: hasAnalyze))
    func exposure() throws {
        let end = try #require(
            Self.run(
                "systemd-analyze",
                "security",
                "--offline=true",
                "--threshold=25",
                "--no-pager",
                Self.folder + "/sacbot@.service"
            )
        )
        #expect(end.code == 0, "\(end)")
        #expect(end.output.contains("Overall exposure level"), "\(end)")
    }

    @Test("serial ports and real time stay possible in spite of the hardening")
    func possible() throws {
        let lines = try Self.unit.split(separator: "\n").map(String.init)
        for line in [
            "DeviceAllow=char-ttyUSB rw", "DeviceAllow=char-ttyACM rw",
            "SupplementaryGroups=dialout", "LimitMEMLOCK=infinity", "Type=notify",
            "WatchdogSec=10s",
        ] {
            #expect(lines.contains(line), "\(line)")
        }
        // The control thread's usual priority is 40.
        #expect(lines.contains("LimitRTPRIO=50"))
        for forbidding in ["RestrictRealtime=yes", "PrivateDevices=yes", "~@resources"] {
            #expect(!lines.contains { $0.contains(forbidding) }, "\(forbidding)")
        }
    }

    @Test("systemd-sysusers understands the user", .enabled(if: hasSysusers))
    func sysusers() throws {
        let root = try Bench()
        let end = try #require(
            Self.run(
                "systemd-sysusers",
                "--root=\(root.folder)",
                "--dry-run",
                Self.folder + "/sacbot.sysusers"
            )
        )
        #expect(end.code == 0, "\(end)")
        #expect((end.errors + end.output).contains("sacbot"), "\(end)")
    }

    @Test("systemd-tmpfiles understands the folder", .enabled(if: hasTmpfiles))
    func tmpfiles() throws {
        let root = try Bench()
        // Below another root nobody knows the user; root stands for it.
        let text = try String(contentsOfFile: Self.folder + "/sacbot.tmpfiles", encoding: .utf8)
        try root.write(
            text.replacingOccurrences(of: "sacbot sacbot", with: "- -"),
            to: "sacbot.conf"
        )
        let end = try #require(
            Self.run(
                "systemd-tmpfiles",
                "--root=\(root.folder)",
                "--create",
                root.path("sacbot.conf")
            )
        )
        #expect(end.code == 0, "\(end)")
        #expect(FileManager.default.fileExists(atPath: root.path("run/sacbot")))
    }
}
