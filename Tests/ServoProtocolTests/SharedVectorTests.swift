import Foundation
import ServoProtocol
import Testing

/// The vectors that the program's design came with, if they are on this machine.
///
/// They lie outside the repository; the frames themselves are in `KnownFrames.swift` and
/// `KnownProtocol1Frames.swift`, so that the other tests need nothing from outside.
private struct SharedVector: Decodable {
    let `protocol`: Int
    let what: String
    let hex: String
    let note: String?

    static let file: URL? = {
        let root = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let places = [
            ProcessInfo.processInfo.environment["SACBOT_SHARED"].map { URL(fileURLWithPath: $0) },
            root.appendingPathComponent("../shared").standardized,
        ]
        return places.compactMap { $0?.appendingPathComponent("protocols/dynamixel_vectors.json") }
            .first { FileManager.default.fileExists(atPath: $0.path) }
    }()
}

@Suite("Vectors from outside")
struct SharedVectorTests {
    @Test(
        "All 58 vectors are among the frames that are encoded and decoded here",
        .enabled(if: SharedVector.file != nil, "set SACBOT_SHARED to the folder of protocols/")
    )
    func allCovered() throws {
        let file = try #require(SharedVector.file)
        let vectors = try JSONDecoder().decode(
            [SharedVector].self,
            from: try Data(contentsOf: file)
        )
        #expect(vectors.count == 58)
        let known2 = Set(KnownFrame.all.map(\.bytes))
        let known1 = Set(KnownProtocol1Frame.all.map(\.bytes))
        var shared: [UInt8] = []
        for vector in vectors {
            let bytes = hexBytes(vector.hex)
            if vector.note != nil {
                // One servo's piece of an answer that several send together.
                shared += bytes
            } else {
                let known = vector.protocol == 1 ? known1 : known2
                #expect(known.contains(bytes), "\(vector.what)")
            }
        }
        #expect(shared == KnownFrame.fastSyncAnswer + KnownFrame.fastBulkAnswer)
    }

    @Test("Every instruction of either protocol is among them")
    func allInstructions() {
        let instructions2 = KnownFrame.requests.compactMap { frame in
            if case .instruction(let packet) = frame.packet { packet.instruction } else { nil }
        }
        #expect(Set(instructions2) == Set(DynamixelInstruction.allCases))
        let instructions1 = KnownProtocol1Frame.all.compactMap(\.packet.instruction)
        // Reboot and Feetech's own reset are ping frames with another number; no source prints one.
        let unprinted: Set<Protocol1Instruction> = [.reboot, .feetechReset]
        #expect(Set(instructions1).union(unprinted) == Set(Protocol1Instruction.allCases))
    }
}
