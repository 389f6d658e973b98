import ServoProtocol
import Testing

@Suite("moteus numbers")
struct MoteusNumberTests {
    /// One unit of an integer, from the maker's table.
    private static let scales: [(MoteusRegister.Kind, Double, Double, Double)] = [
        (.position, 0.01, 0.0001, 0.00001), (.velocity, 0.1, 0.00025, 0.00001),
        (.acceleration, 0.05, 0.001, 0.00001), (.torque, 0.5, 0.01, 0.001),
        (.current, 1, 0.1, 0.001), (.temperature, 1, 0.1, 0.001), (.voltage, 0.5, 0.1, 0.001),
        (.time, 0.01, 0.001, 0.000001), (.share, 1 / 127, 1 / 32767, 1 / 2147483647),
        (.power, 10, 0.05, 0.0001), (.integer, 1, 1, 1),
    ]

    @Test("have the table's units, both ways")
    func units() {
        for (kind, small, middle, large) in Self.scales {
            for (resolution, unit) in [
                (MoteusResolution.int8, small), (.int16, middle), (.int32, large),
            ] {
                for steps in [-100, -1, 0, 1, 100] {
                    let value = Double(steps) * unit
                    let number = MoteusNumber(value, kind, as: resolution)
                    let size = resolution.byteCount
                    let bits =
                        UInt32(truncatingIfNeeded: steps)
                        & (size == 4 ? .max : 1 << (8 * UInt32(size)) - 1)
                    #expect(number.bits == bits, "\(kind) \(resolution)")
                    #expect(abs(number.value(kind) - value) < 1e-9)
                }
            }
        }
    }

    @Test("round to the nearest unit: 0.0096 revolutions are 96")
    func rounds() {
        #expect(MoteusNumber(0.0096, .position, as: .int16).bits == 96)
        #expect(MoteusNumber(-0.00964, .position, as: .int16).bits == 0x1_0000 - 96)
    }

    @Test("stop at the largest, and never become the one that means none")
    func saturates() {
        for (resolution, largest) in [
            (MoteusResolution.int8, 0x7F), (.int16, 0x7FFF), (.int32, 0x7FFF_FFFF),
        ] as [(MoteusResolution, UInt32)] {
            for value in [1e9, .infinity] {
                #expect(MoteusNumber(value, .position, as: resolution).bits == largest)
            }
            let lowest = MoteusNumber(-.infinity, .position, as: resolution)
            #expect(
                lowest.value(.position) == -Double(largest)
                    * MoteusNumber(resolution: resolution, bits: 1).value(.position)
            )
        }
    }

    @Test("that are none have their own integer: 80, 8000, 80000000")
    func none() {
        for (resolution, marker) in [
            (MoteusResolution.int8, 0x80), (.int16, 0x8000), (.int32, 0x8000_0000),
        ] as [(MoteusResolution, UInt32)] {
            let number = MoteusNumber(.nan, .torque, as: resolution)
            #expect(number.bits == marker)
            #expect(number.value(.torque).isNaN)
        }
        #expect(MoteusNumber(.nan, .torque, as: .float).value(.torque).isNaN)
    }

    @Test("that count things are read from any resolution, and floats that are no count are 0")
    func counts() {
        #expect(MoteusNumber(resolution: .int8, bits: 0xFF).count == -1)
        #expect(MoteusNumber(11, .integer, as: .float).count == 11)
        for bad in [Double.nan, .infinity, 1e30] {
            #expect(MoteusNumber(bad, .integer, as: .float).count == 0)
        }
    }

    @Test("of modes and faults have words")
    func words() {
        #expect(MoteusMode(rawValue: 10)?.description == "position")
        #expect(MoteusMode(rawValue: 11)?.description == "timed out")
        #expect(MoteusMode.allCases.map(\.rawValue) == Array(0...15))
        let unknown = MoteusFault(rawValue: 77).description
        #expect(unknown.contains("77"))
        for code in Array(32...50) + Array(96...103) {
            let fault = MoteusFault(rawValue: code)
            #expect(!fault.description.contains("does not know"), "\(code)")
            #expect(fault.isLimit == (code >= 96))
        }
    }
}
