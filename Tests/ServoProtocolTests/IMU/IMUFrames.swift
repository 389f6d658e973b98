import ServoProtocol
import Testing

/// Bytes of `imu.md`, each accepted by a parser of the maker's or, for UART-RVC, Adafruit's.
enum IMUFrames {
    /// BNO080 data sheet, 1.3.5.2.
    static let rvcDataSheet = hexBytes(
        "AA AA DE 01 00 92 FF 25 08 8D FE EC FF D1 03 00 00 00 E7"
    )
    static let rvc: [(bytes: [UInt8], frame: UARTRVCFrame)] = [
        (
            rvcDataSheet,
            UARTRVCFrame(
                index: 0xDE,
                yaw: 1,
                pitch: -110,
                roll: 2085,
                acceleration: [-371, -20, 977]
            )
        ),
        (
            hexBytes("AA AA DE 01 00 92 FF FD F0 E2 FF 08 00 EC 03 00 00 00 35"),
            UARTRVCFrame(
                index: 0xDE,
                yaw: 1,
                pitch: -110,
                roll: -3843,
                acceleration: [-30, 8, 1004]
            )
        ),
        (
            hexBytes("AA AA 01 4F 46 00 00 00 00 00 00 00 00 E8 03 00 00 00 81"),
            UARTRVCFrame(index: 1, yaw: 17_999, pitch: 0, roll: 0, acceleration: [0, 0, 1000])
        ),
        (
            hexBytes("AA AA 02 D8 DC C6 11 2E FB 06 FF 64 00 B6 03 00 00 00 D8"),
            UARTRVCFrame(
                index: 2,
                yaw: -9000,
                pitch: 4550,
                roll: -1234,
                acceleration: [-250, 100, 950]
            )
        ),
    ]

    static let text: [(line: String, kind: VectorNavText, measured: VectorNavMeasurement)] = [
        (
            "$VNYMR,+010.071,+000.278,-002.026,-0.2866,+0.3930,+0.5310,+00.048,-00.341,-09.781,"
                + "-00.000130,+00.000218,-00.000112*50",
            .yawPitchRollAll,
            measured {
                $0.yawPitchRoll = [10.071, 0.278, -2.026]
                $0.magnetic = [-0.2866, 0.393, 0.531]
                $0.acceleration = [0.048, -0.341, -9.781]
                $0.angularRate = [-0.000130, 0.000218, -0.000112]
            }
        ),
        (
            "$VNYPR,+010.071,+000.278,-002.026*60", .yawPitchRoll,
            measured { $0.yawPitchRoll = [10.071, 0.278, -2.026] }
        ),
        (
            "$VNIMU,-00.2866,+00.3930,+00.5310,+00.048,-00.341,-09.781,-00.000130,+00.000218,"
                + "-00.000112,+25.1,+101.325*66",
            .inertial,
            measured {
                $0.magnetic = [-0.2866, 0.393, 0.531]
                $0.acceleration = [0.048, -0.341, -9.781]
                $0.angularRate = [-0.000130, 0.000218, -0.000112]
                $0.temperature = 25.1
                $0.pressure = 101.325
            }
        ),
        (
            "$VNQMR,-0.017057,-0.000767,+0.056534,+0.998255,+1.0670,-0.2568,+3.0696,-00.019,"
                + "+00.320,-09.802,-0.002801,-0.001186,-0.001582*44",
            .quaternionAll,
            measured {
                $0.quaternion = [-0.017057, -0.000767, 0.056534, 0.998255]
                $0.magnetic = [1.0670, -0.2568, 3.0696]
                $0.acceleration = [-0.019, 0.320, -9.802]
                $0.angularRate = [-0.002801, -0.001186, -0.001582]
            }
        ),
    ]

    static let replies: [(line: String, fields: [String])] = [
        ("$VNRRG,06,14*5C", ["VNRRG", "06", "14"]),
        ("$VNWRG,06,14*59", ["VNWRG", "06", "14"]),
        ("$VNWRG,07,40*59", ["VNWRG", "07", "40"]),
        ("$VNWRG,75,2,8,01,0128*74", ["VNWRG", "75", "2", "8", "01", "0128"]),
        ("$VNASY,0*4F", ["VNASY", "0"]),
    ]

    static let binary: [(bytes: [UInt8], fields: UInt16, measured: VectorNavMeasurement)] = [
        (
            hexBytes(
                "FA 01 28 01 D1 22 21 41 04 56 8E 3E FC A9 01 C0 9C 50 08 B9 EE 96 64 39 8B E1 EA "
                    + "B8 A6 9B 44 3D 8D 97 AE BE FA 7E 1C C1 37 3A"
            ), 0x0128,
            measured {
                // The register file of the text lines, in single precision.
                $0.yawPitchRoll = floats(0x4121_22D1, 0x3E8E_5604, 0xC001_A9FC)
                $0.angularRate = floats(0xB908_509C, 0x3964_96EE, 0xB8EA_E18B)
                $0.acceleration = floats(0x3D44_9BA6, 0xBEAE_978D, 0xC11C_7EFA)
            }
        ),
        (
            hexBytes(
                "FA 01 39 01 D2 02 96 49 00 00 00 00 D1 22 21 41 04 56 8E 3E FC A9 01 C0 00 00 00 "
                    + "00 00 00 00 00 B5 89 B3 3D B0 03 7F 3F CD CC CC 3D CD CC 4C 3E 9A 99 99 3E "
                    + "CD CC 4C 3D 7B 14 AE BE E1 7A 1C C1 50 33"
            ), 0x0139,
            measured {
                $0.timeStartup = 1_234_567_890
                $0.yawPitchRoll = floats(0x4121_22D1, 0x3E8E_5604, 0xC001_A9FC)
                $0.quaternion = [0, 0, Double(Float(0.087665)), Double(Float(0.99615))]
                $0.angularRate = [Double(Float(0.1)), Double(Float(0.2)), Double(Float(0.3))]
                $0.acceleration = [Double(Float(0.05)), Double(Float(-0.34)), Double(Float(-9.78))]
            }
        ),
    ]

    static let witMotion: [(bytes: [UInt8], frame: WitMotionFrame)] = [
        (
            hexBytes("55 51 00 00 00 00 00 08 E2 09 99"),
            WitMotionFrame(kind: .acceleration, values: [0, 0, 2048, 2530])
        ),
        (
            hexBytes("55 52 A4 00 5C FF 00 00 F4 01 9B"),
            WitMotionFrame(kind: .angularRate, values: [164, -164, 0, 500])
        ),
        (
            hexBytes("55 53 1C 07 C7 F1 00 40 00 00 C3"),
            WitMotionFrame(kind: .angle, values: [1820, -3641, 16_384, 0])
        ),
        (
            hexBytes("55 54 64 00 38 FF 2C 01 E2 09 5C"),
            WitMotionFrame(kind: .magnetic, values: [100, -200, 300, 2530])
        ),
        (
            hexBytes("55 59 82 5A 00 00 00 00 82 5A 66"),
            WitMotionFrame(kind: .quaternion, values: [23_170, 0, 0, 23_170])
        ),
    ]

    static func line(_ text: String) -> [UInt8] { Array(text.utf8) + [0x0D, 0x0A] }

    private static func measured(
        _ set: (inout VectorNavMeasurement) -> Void
    ) -> VectorNavMeasurement {
        var measured = VectorNavMeasurement()
        set(&measured)
        return measured
    }

    private static func floats(_ a: UInt32, _ b: UInt32, _ c: UInt32) -> SIMD3<Double> {
        [
            Double(Float(bitPattern: a)), Double(Float(bitPattern: b)),
            Double(Float(bitPattern: c)),
        ]
    }
}

extension IMUDecoder {
    /// Adds bytes of an array.
    mutating func append(_ bytes: [UInt8], time: Int64 = 0) { append(bytes.span, time: time) }

    /// All samples that are there.
    mutating func samples() -> [IMUSample] {
        var samples: [IMUSample] = []
        while let sample = nextSample() { samples.append(sample) }
        return samples
    }
}

/// Whether two vectors differ by no more than `tolerance` in any number.
func isClose(_ a: SIMD3<Double>?, _ b: SIMD3<Double>?, _ tolerance: Double) -> Bool {
    guard let a, let b else { return a == nil && b == nil }
    let d = a - b
    return max(abs(d.x), abs(d.y), abs(d.z)) <= tolerance
}

/// The angle between two orientations.
func angle(_ a: Quaternion, _ b: Quaternion) -> Double {
    let vector = (a.inverse * b).rotationVector
    return (vector * vector).sum().squareRoot()
}
