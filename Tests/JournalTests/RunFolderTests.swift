import Foundation
import Testing

@testable import Journal

@Suite("Run folder")
struct RunFolderTests {
    @Test("a new run lies under its key, named by its start in UTC")
    func naming() throws {
        let fixture = try RunFixture()
        let run = try fixture.folder()
        #expect(run.path == fixture.root + "/claw/turn-simulation-default/20250704-090807")
        #expect(run.isNew)
        #expect(run.name == "20250704-090807")
        var isFolder: ObjCBool = false
        #expect(FileManager.default.fileExists(atPath: run.checkpointsPath, isDirectory: &isFolder))
    }

    @Test(
        "start times become dates as `date -u` prints them",
        arguments: [
            (0, "19700101-000000"), (951_782_399, "20000228-235959"),
            (951_782_400, "20000229-000000"), (1_709_251_199, "20240229-235959"),
            (4_107_542_400, "21000301-000000"), (-5, "19700101-000000"),
            (.nan, "19700101-000000"), (253_402_300_799, "99991231-235959"),
        ] as [(Double, String)]
    )
    func dates(seconds: Double, expected: String) {
        #expect(RunFolder.timestamp(seconds) == expected)
    }

    @Test("the same key resumes its current run, also an empty one")
    func resume() throws {
        let fixture = try RunFixture()
        let first = try fixture.folder()
        let again = try fixture.folder(now: RunFixture.now + 1000)
        #expect(again.path == first.path)
        #expect(!again.isNew)
    }

    @Test("another key has a run of its own")
    func keys() throws {
        let fixture = try RunFixture()
        let first = try fixture.folder()
        var key = fixture.key
        key.backend = "hardware"
        let other = try RunFolder.resumeOrCreate(root: fixture.root, key: key, now: RunFixture.now)
        #expect(other.isNew)
        #expect(other.path != first.path)
    }

    @Test("fresh starts a run beside the old one, even in the same second, and becomes current")
    func fresh() throws {
        let fixture = try RunFixture()
        try fixture.open().close()
        var last = try fixture.folder()
        for number in 2...11 {
            last = try fixture.folder(fresh: true)
            #expect(last.name == "20250704-090807-\(number)")
            try Journal(folder: last, identity: fixture.identity, now: 1).close()
        }
        #expect(try fixture.folder().path == last.path)
        #expect(try RunFolder.list(root: fixture.root).count == 11)
        // Without the pointer the newest name counts, ...-11 after ...-2.
        try FileManager.default.removeItem(
            atPath: DurableFile.parent(of: last.path) + "/current"
        )
        #expect(try fixture.folder().name == "20250704-090807-11")
    }

    @Test("a pointer to a run that was deleted is passed over")
    func danglingPointer() throws {
        let fixture = try RunFixture()
        try fixture.open().close()
        let lost = try fixture.folder(fresh: true)
        try FileManager.default.removeItem(atPath: lost.path)
        #expect(try fixture.folder().name == "20250704-090807")
    }

    @Test(
        "names that would leave the folder are refused",
        arguments: ["", "..", "a/b", ".hidden", "-x", "a b", "ä", "a\n"]
    )
    func badNames(name: String) throws {
        let fixture = try RunFixture()
        var key = fixture.key
        key.task = name
        #expect(throws: JournalError.badName(what: "task", value: name)) {
            try RunFolder.resumeOrCreate(root: fixture.root, key: key, now: 0)
        }
    }

    @Test("a root below a file is refused with its path and a remedy")
    func rootBelowFile() throws {
        let fixture = try RunFixture()
        let file = fixture.root + "/file"
        try Data().write(to: URL(filePath: file))
        let error = #expect(throws: JournalError.self) {
            try RunFolder.resumeOrCreate(root: file + "/runs", key: fixture.key, now: 0)
        }
        guard case .inaccessible(_, let path, let code) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(path.hasPrefix(file))
        #expect(code == ENOTDIR)
        #expect(error?.description.contains("choose another runs folder") == true)
    }

    @Test("runs are found by latest, name, path, key folder, current and a file in them")
    func find() throws {
        let fixture = try RunFixture()
        try fixture.open().close()
        let old = try fixture.folder()
        let new = try fixture.folder(fresh: true, now: RunFixture.now + 60)
        let journal = try Journal(folder: new, identity: fixture.identity, now: 2)
        try journal.writeFile(RunFolder.policyName, [1])
        try journal.close()
        // Written last, whatever its name says.
        try FileManager.default.setAttributes(
            [.modificationDate: Date(timeIntervalSinceNow: 3600)],
            ofItemAtPath: old.journalPath
        )
        func path(_ name: String, robot: String? = nil) throws -> String {
            try RunFolder.find(root: fixture.root, name: name, robot: robot).path
        }
        #expect(try path("latest") == old.path)
        #expect(try path("latest", robot: "claw") == old.path)
        #expect(try path(old.name) == old.path)
        #expect(try path(new.name, robot: "claw") == new.path)
        #expect(try path(new.path) == new.path)
        #expect(try path(new.path + "/") == new.path)
        #expect(try path(new.policyPath) == new.path)
        #expect(try path("claw/turn-simulation-default") == new.path)
        #expect(try path("turn-simulation-default/current", robot: "claw") == new.path)
        #expect(throws: JournalError.notFound(name: "latest of dog", root: fixture.root)) {
            try path("latest", robot: "dog")
        }
        #expect(throws: JournalError.notFound(name: "19990101-000000", root: fixture.root)) {
            try path("19990101-000000")
        }
        #expect(try RunFolder.list(root: fixture.root).map(\.path) == [old.path, new.path])
        #expect(try RunFolder.list(root: fixture.root + "/none").isEmpty)
    }

    @Test("a name that several runs have is refused with their paths")
    func ambiguous() throws {
        let fixture = try RunFixture()
        try fixture.open().close()
        var identity = fixture.identity
        identity.key.profile = "other"
        let second = try RunFolder.resumeOrCreate(
            root: fixture.root,
            key: identity.key,
            now: RunFixture.now
        )
        try Journal(folder: second, identity: identity, now: 0).close()
        let paths = try [fixture.folder().path, second.path]
        #expect(throws: JournalError.ambiguous(name: second.name, paths: paths)) {
            try RunFolder.find(root: fixture.root, name: second.name)
        }
    }
}
