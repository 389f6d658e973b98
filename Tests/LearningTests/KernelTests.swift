import Testing

@testable import Learning

private func matrix(_ rows: Int, _ columns: Int, _ random: inout RandomSource) -> Matrix {
    let result = Matrix(rows: rows, columns: columns)
    for row in 0..<rows {
        for column in 0..<columns { result[row, column] = Float(random.normal()) }
    }
    return result
}

private func vector(_ count: Int, _ random: inout RandomSource) -> FloatBuffer {
    let result = FloatBuffer(count: count)
    for index in 0..<count { result[index] = Float(random.normal()) }
    return result
}

@Suite("Kernels against plain loops")
struct KernelTests {
    /// Rows, columns and inner dimensions around every tile and vector edge, and the real ones.
    static let shapes = [
        [1, 1, 1], [1, 16, 3], [2, 15, 4], [3, 17, 5], [4, 31, 1], [5, 32, 7], [6, 33, 8],
        [7, 47, 9], [8, 48, 16], [9, 49, 23], [13, 63, 31], [16, 64, 33], [21, 65, 12],
        [256, 12, 256], [23, 256, 256], [256, 256, 23],
    ]

    @Test("A product, plain, of a transpose, with bias, rectified", arguments: Kernels.available)
    func products(level: Int32) {
        let kernels = Kernels(level: level)
        var random = RandomSource(seed: 41)
        for shape in Self.shapes {
            let (rows, columns, inner) = (shape[0], shape[1], shape[2])
            let b = matrix(inner, columns, &random)
            let bias = vector(columns, &random)
            for transposed in [false, true] {
                let a =
                    transposed ? matrix(inner, rows, &random) : matrix(rows, inner, &random)
                let (plain, moved, cut) = (
                    Matrix(rows: rows, columns: columns), Matrix(rows: rows, columns: columns),
                    Matrix(rows: rows, columns: columns)
                )
                kernels.multiply(a, transposed: transposed, by: b, into: plain)
                kernels.multiply(
                    a,
                    transposed: transposed,
                    by: b,
                    into: moved,
                    epilogue: .bias(bias, 0)
                )
                kernels.multiply(
                    a,
                    transposed: transposed,
                    by: b,
                    into: cut,
                    epilogue: .biasRectified(bias, 0)
                )
                var worst = 0.0
                for i in 0..<rows {
                    for j in 0..<columns {
                        var sum = 0.0
                        for k in 0..<inner {
                            sum += Double(transposed ? a[k, i] : a[i, k]) * Double(b[k, j])
                        }
                        let lifted = sum + Double(bias[j])
                        worst = max(
                            worst,
                            abs(Double(plain[i, j]) - sum),
                            abs(Double(moved[i, j]) - lifted),
                            abs(Double(cut[i, j]) - max(0, lifted))
                        )
                    }
                }
                // 256 products of size 1 in single precision stay well below this.
                #expect(worst < 1e-4, "seed 41, \(shape), transposed \(transposed)")
            }
        }
    }

    @Test(
        "A product masked by picked rows keeps what is positive there",
        arguments: Kernels.available
    )
    func maskedProducts(level: Int32) {
        let kernels = Kernels(level: level)
        var random = RandomSource(seed: 42)
        for shape in Self.shapes {
            let (rows, columns, inner) = (shape[0], shape[1], shape[2])
            let (a, b) = (matrix(rows, inner, &random), matrix(inner, columns, &random))
            let gate = matrix(2 * rows, columns, &random)
            let list = RowList(bound: 2 * rows)
            for row in 0..<rows { list.append(2 * row + row % 2) }
            let (plain, masked, picked) = (
                Matrix(rows: rows, columns: columns), Matrix(rows: rows, columns: columns),
                Matrix(rows: rows, columns: columns)
            )
            kernels.multiply(a, by: b, into: plain)
            kernels.multiply(a, by: b, into: masked, epilogue: .masked(gate, nil))
            kernels.multiply(a, by: b, into: picked, epilogue: .masked(gate, list))
            for i in 0..<rows {
                for j in 0..<columns {
                    #expect(masked[i, j] == (gate[i, j] > 0 ? plain[i, j] : 0))
                    #expect(picked[i, j] == (gate[list[i], j] > 0 ? plain[i, j] : 0))
                }
            }
        }
    }

    @Test(
        "A NaN in either factor shows in the product, rectified or not",
        arguments: Kernels.available
    )
    func poison(level: Int32) {
        let kernels = Kernels(level: level)
        var random = RandomSource(seed: 43)
        let (a, b) = (matrix(9, 20, &random), matrix(20, 40, &random))
        b[7, 33] = .nan
        let (c, bias) = (Matrix(rows: 9, columns: 40), FloatBuffer(count: 40))
        kernels.multiply(a, by: b, into: c, epilogue: .biasRectified(bias, 0))
        for row in 0..<9 { #expect(c[row, 33].isNaN && !c[row, 32].isNaN) }
    }

    @Test("Row sums, column sums, outer products and transposes", arguments: Kernels.available)
    func passes(level: Int32) {
        let kernels = Kernels(level: level)
        var random = RandomSource(seed: 44)
        for shape in Self.shapes {
            let (rows, columns) = (shape[0], shape[1])
            let h = matrix(rows, columns, &random)
            let weights = matrix(1, columns, &random)
            let scale = vector(rows, &random)
            let (dots, sums, scaled, outer, turned) = (
                FloatBuffer(count: rows), Matrix(rows: 1, columns: columns),
                Matrix(rows: 1, columns: columns), Matrix(rows: rows, columns: columns),
                Matrix(rows: columns, columns: rows)
            )
            kernels.rowDot(h, weights: weights, bias: 0.5, into: dots)
            kernels.columnSum(h, into: sums)
            kernels.columnSum(h, scale: scale, into: scaled)
            kernels.outerMasked(scale: scale, weights: weights, gate: h, into: outer)
            kernels.transpose(h, into: turned)
            for i in 0..<rows {
                var dot = 0.5
                for j in 0..<columns { dot += Double(h[i, j]) * Double(weights[0, j]) }
                #expect(abs(Double(dots[i]) - dot) < 1e-4)
            }
            for j in 0..<columns {
                var (sum, weighted) = (0.0, 0.0)
                for i in 0..<rows {
                    sum += Double(h[i, j])
                    weighted += Double(h[i, j]) * Double(scale[i])
                    #expect(outer[i, j] == (h[i, j] > 0 ? scale[i] * weights[0, j] : 0))
                    #expect(turned[j, i] == h[i, j])
                }
                #expect(abs(Double(sums[0, j]) - sum) < 1e-4)
                #expect(abs(Double(scaled[0, j]) - weighted) < 1e-4)
            }
        }
    }

    @Test("One row times a matrix, with zeros among its inputs", arguments: Kernels.available)
    func oneRow(level: Int32) {
        let kernels = Kernels(level: level)
        var random = RandomSource(seed: 46)
        for shape in Self.shapes + [[1, 300, 600], [1, 70, 257]] {
            let (columns, inputs) = (shape[1], shape[2])
            let weights = matrix(inputs, columns, &random)
            let (x, bias) = (vector(inputs, &random), vector(columns, &random))
            for index in 0..<inputs where random.uniform() < 0.4 { x[index] = 0 }
            for rectified in [false, true] {
                let y = FloatBuffer(count: columns)
                kernels.row(
                    x,
                    times: weights,
                    bias: bias,
                    biasOffset: 0,
                    rectified: rectified,
                    into: y
                )
                for j in 0..<columns {
                    var sum = Double(bias[j])
                    for k in 0..<inputs { sum += Double(x[k]) * Double(weights[k, j]) }
                    let expected = rectified ? max(0, sum) : sum
                    #expect(abs(Double(y[j]) - expected) < 1e-4, "seed 46, \(shape)")
                }
            }
        }
    }

    @Test(
        "A product with a transpose is the product with the turned matrix",
        arguments: Kernels.available
    )
    func transposedProducts(level: Int32) {
        let kernels = Kernels(level: level)
        var random = RandomSource(seed: 47)
        for shape in Self.shapes {
            let (rows, columns, inner) = (shape[0], shape[1], shape[2])
            let (a, b) = (matrix(rows, inner, &random), matrix(columns, inner, &random))
            let (turned, gate) = (
                Matrix(rows: inner, columns: columns), matrix(rows, columns, &random)
            )
            kernels.transpose(b, into: turned)
            let panel = FloatBuffer(count: Kernels.panelCount(inner))
            for index in 0..<panel.count { panel[index] = .nan }
            for epilogue in [Kernels.Epilogue.none, .masked(gate, nil)] {
                let (found, expected) = (
                    Matrix(rows: rows, columns: columns), Matrix(rows: rows, columns: columns)
                )
                kernels.multiply(a, byTransposed: b, into: found, epilogue: epilogue, panel: panel)
                kernels.multiply(a, by: turned, into: expected, epilogue: epilogue)
                for i in 0..<rows {
                    for j in 0..<columns { #expect(found[i, j] == expected[i, j]) }
                }
            }
        }
    }

    @Test("Adam moves by its definition, and the target by its share", arguments: Kernels.available)
    func adam(level: Int32) {
        let kernels = Kernels(level: level)
        var random = RandomSource(seed: 45)
        let settings = LearnerSettings()
        let count = 48
        let (theta, target) = (vector(count, &random), vector(count, &random))
        let (m, v) = (FloatBuffer(count: count), FloatBuffer(count: count))
        var plain = (0..<count).map { Double(theta[$0]) }
        var follower = (0..<count).map { Double(target[$0]) }
        var (first, second) = (
            [Double](repeating: 0, count: count), [Double](repeating: 0, count: count)
        )
        var (power1, power2) = (1.0, 1.0)
        for step in 1...20 {
            let gradient = vector(count, &random)
            kernels.adam(
                theta,
                range: 0..<count,
                gradient: gradient,
                firstMoment: m,
                secondMoment: v,
                step: AdamStep(count: step, rate: 0.01, settings: settings),
                target: target,
                smoothing: 0.1
            )
            power1 *= 0.9
            power2 *= 0.999
            for i in 0..<count {
                let g = Double(gradient[i])
                first[i] = 0.9 * first[i] + 0.1 * g
                second[i] = 0.999 * second[i] + 0.001 * g * g
                let root = (second[i] / (1 - power2)).squareRoot() + 1e-8
                plain[i] -= 0.01 * first[i] / (1 - power1) / root
                follower[i] += 0.1 * (plain[i] - follower[i])
            }
        }
        for i in 0..<count {
            #expect(abs(Double(theta[i]) - plain[i]) < 1e-5)
            #expect(abs(Double(target[i]) - follower[i]) < 1e-5)
        }
    }

    @Test("One infinity or NaN anywhere is found", arguments: Kernels.available)
    func finiteness(level: Int32) {
        let kernels = Kernels(level: level)
        let buffer = FloatBuffer(count: 64)
        for index in 0..<64 { buffer[index] = Float.greatestFiniteMagnitude }
        #expect(kernels.allFinite(buffer))
        for bad in [Float.nan, .infinity, -.infinity] {
            for index in 0..<64 {
                let kept = buffer[index]
                buffer[index] = bad
                #expect(!kernels.allFinite(buffer))
                buffer[index] = kept
            }
        }
    }
}
