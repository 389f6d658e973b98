import Pictures
import Robot
import Testing

@Suite("Whether pictures may be believed")
struct FrameJudgeTests {
    private func camera(frozen: Double? = 1, dark: Double = 0.1, darkAfter: Double = 0.5)
        -> CameraDescription
    {
        var camera = CameraDescription(name: "palm", pipeline: nil, modelCamera: "palm")
        camera.frozenAfter = frozen
        camera.darkBelow = dark
        camera.darkAfter = darkAfter
        return camera
    }

    /// What the judge says to pictures a tenth of a second apart.
    private func verdicts(
        _ camera: CameraDescription,
        _ pictures: [(fingerprint: UInt64, brightness: Double)]
    ) -> [FaultCode?] {
        var judge = FrameJudge(camera)
        return pictures.enumerated().map { index, picture in
            judge.judge(
                fingerprint: picture.fingerprint,
                brightness: picture.brightness,
                taken: MonotonicTime(nanoseconds: Int64(index) * 100_000_000)
            )
        }
    }

    @Test("the same picture for a second is frozen, one that changes in between is not")
    func frozen() {
        let still = Array(repeating: (fingerprint: UInt64(5), brightness: 0.5), count: 12)
        let found = verdicts(camera(), still)
        #expect(found.firstIndex(of: .cameraFrozen) == 10)
        #expect(found.last == .cameraFrozen)
        var moving = still
        moving[6].fingerprint = 6
        #expect(verdicts(camera(), moving).allSatisfy { $0 == nil })
        #expect(verdicts(camera(frozen: nil), still).allSatisfy { $0 == nil })
    }

    @Test("darkness is a fault when it lasts, and over when there is light")
    func dark() {
        var pictures = (0..<12).map { (fingerprint: UInt64($0), brightness: 0.09) }
        let found = verdicts(camera(), pictures)
        #expect(found.firstIndex(of: .cameraDark) == 5)
        pictures[4].brightness = 0.1
        #expect(verdicts(camera(), pictures).firstIndex(of: .cameraDark) == 10)
        #expect(verdicts(camera(dark: 0), pictures).allSatisfy { $0 == nil })
    }

    @Test("a fingerprint changes with any one bit of a picture")
    func fingerprint() {
        var picture = (0..<100).map { UInt8($0) }
        var seen: Set<UInt64> = [FrameJudge.fingerprint(picture.span)]
        for index in picture.indices {
            for bit in 0..<8 {
                picture[index] ^= 1 << UInt8(bit)
                seen.insert(FrameJudge.fingerprint(picture.span))
                picture[index] ^= 1 << UInt8(bit)
            }
        }
        #expect(seen.count == 801)
    }

    @Test("brightness is the mean of all bytes")
    func brightness() {
        let frame: [UInt8] = [0, 255, 51]
        #expect((FrameJudge.brightness(frame.span) - 0.4).magnitude < 1e-12)
    }
}
