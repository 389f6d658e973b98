import Foundation
import ServoProtocol
import Testing

@Suite("IMU frames as the makers print them")
struct IMUFrameTests {
    @Test("UART-RVC reports, both ways") func rvc() {
        for (bytes, frame) in IMUFrames.rvc {
            #expect(frame.encoded() == bytes)
            var decoder = UARTRVCDecoder(isAligned: true)
            decoder.append(bytes)
            #expect(decoder.next() == frame)
            #expect(decoder.next() == nil)
            #expect(decoder.counters.discardedBytes == 0)
        }
    }

    @Test("VectorNav's lines, both ways") func text() {
        for (line, kind, measured) in IMUFrames.text {
            #expect(kind.encoded(measured) == IMUFrames.line(line))
            var decoder = VectorNavDecoder()
            decoder.append(IMUFrames.line(line))
            #expect(decoder.next() == .measurement(measured), "\(line)")
            #expect(decoder.counters.discardedBytes == 0)
        }
    }

    @Test("VectorNav's answers and its error") func replies() {
        var decoder = VectorNavDecoder()
        for (line, fields) in IMUFrames.replies {
            decoder.append(IMUFrames.line(line))
            #expect(decoder.next() == .reply(fields))
        }
        decoder.append(IMUFrames.line("$VNERR,08*79"))
        #expect(decoder.next() == .error(.invalidRegister))
    }

    @Test("VectorNav's binary messages, both ways") func binary() {
        for (bytes, mask, measured) in IMUFrames.binary {
            #expect(VectorNavFields(rawValue: mask).encoded(measured) == bytes)
            var decoder = VectorNavDecoder()
            decoder.append(bytes)
            #expect(decoder.next() == .measurement(measured))
            #expect(decoder.counters.discardedBytes == 0)
        }
    }

    @Test("WitMotion's frames, both ways") func witMotion() {
        for (bytes, frame) in IMUFrames.witMotion {
            #expect(frame.encoded() == bytes)
            var decoder = WitMotionDecoder(isAligned: true)
            decoder.append(bytes)
            #expect(decoder.next() == frame)
        }
    }

    @Test("commands are the bytes the makers' programs send") func commands() {
        func line(_ command: VectorNavCommand) -> String {
            String(decoding: command.encoded(), as: UTF8.self)
        }
        #expect(line(.asyncType(.yawPitchRollAll)) == "$VNWRG,06,14*59\r\n")
        #expect(line(.asyncRate(40)) == "$VNWRG,07,40*59\r\n")
        let fields: VectorNavFields = [.yawPitchRoll, .angularRate, .acceleration]
        #expect(
            line(.binaryOutput(ports: 2, divisor: 8, fields: fields))
                == "$VNWRG,75,2,8,01,0128*74\r\n"
        )
        #expect(line(.pause(true)) == "$VNASY,0*4F\r\n")
        #expect(VectorNavCommand.asyncRate(40).expectedReply == ["VNWRG", "07"])
        #expect(VectorNavCommand.pause(true).expectedReply == ["VNASY"])

        #expect(WitMotionCommand.unlock.encoded() == hexBytes("FF AA 69 88 B5"))
        #expect(WitMotionCommand.rate(code: 9).encoded() == hexBytes("FF AA 03 09 00"))
        #expect(WitMotionCommand.baud(code: 6).encoded() == hexBytes("FF AA 04 06 00"))
        let content: WitMotionContent = [.acceleration, .angularRate, .angle, .quaternion]
        #expect(WitMotionCommand.content(content).encoded() == hexBytes("FF AA 02 0E 02"))
        #expect(WitMotionCommand.save.encoded() == hexBytes("FF AA 00 00 00"))
        #expect(WitMotionCommand.read(register: 0x3D).encoded() == hexBytes("FF AA 27 3D 00"))
    }

    @Test("any mask of the common group has the length the manual's sizes add up to")
    func anyMask() {
        // VN-100 manual, common group: bytes of the fields' bits 0 to 14.
        let sizes = [8, 8, 8, 12, 16, 12, 24, 12, 12, 24, 20, 28, 2, 4, 8]
        var measured = VectorNavMeasurement()
        measured.yawPitchRoll = [10, -20, 30]
        measured.acceleration = [0, 0, -9.75]
        for mask in UInt16(1)..<0x8000 {
            let fields = VectorNavFields(rawValue: mask)
            let payload = (0..<15).reduce(0) { $0 + (mask >> UInt16($1) & 1 == 1 ? sizes[$1] : 0) }
            #expect(fields.payloadLength == payload)
            // Every mask once would take minutes; these meet each bit with each other.
            guard mask % 37 == 0 || mask.nonzeroBitCount <= 2 else { continue }
            let bytes = fields.encoded(measured)
            #expect(bytes.count == payload + 6)
            var decoder = VectorNavDecoder()
            decoder.append(bytes)
            guard case .measurement(let found) = decoder.next() else {
                Issue.record("mask \(mask)")
                continue
            }
            #expect(found.yawPitchRoll == (mask & 0x0008 != 0 ? [10, -20, 30] : nil))
            #expect(found.acceleration == (mask & 0x0100 != 0 ? [0, 0, -9.75] : nil))
        }
        #expect(VectorNavFields(rawValue: 0).payloadLength == nil)
        #expect(VectorNavFields(rawValue: 0x8001).payloadLength == nil)
    }

    @Test("a device's *XX is refused, and so is what is no number") func refusedLines() {
        let bad = [
            "$VNYPR,+010.071,+000.278,-002.026*XX",  // Not checked at all.
            "$VNYPR,+010.071,+000.278,-002.026*6O", "$VNYPR,+010.071,+000.278,-002.026",
            "$VNERR,08*7a",
        ]
        for line in bad {
            var decoder = VectorNavDecoder()
            decoder.append(IMUFrames.line(line))
            #expect(decoder.next() == nil, "\(line)")
            #expect(decoder.counters.badChecksums == 1)
        }
        // Right sums over wrong contents.
        let wrong = [
            "VNYPR,+010.071,+000.278", "VNYPR,+010.071,+000.278,-002.026,+1.0",
            "VNYPR,nan,+000.278,-002.026", "VNYPR,,+000.278,-002.026", "VNYPR,1e3,+0.2,-0.2",
            "VNYPR,+1.0.0,+000.278,-002.026", "VNYPR,0x10,+000.278,-002.026", "VNERR,77", "VNYPR",
        ]
        for body in wrong {
            let sum = String(body.utf8.reduce(0, ^), radix: 16, uppercase: true)
            let digits = String(repeating: "0", count: 2 - sum.count) + sum
            var decoder = VectorNavDecoder()
            decoder.append(IMUFrames.line("$\(body)*\(digits)"))
            #expect(decoder.next() == nil, "\(body)")
            #expect(decoder.nextSample() == nil)
        }
    }
}
