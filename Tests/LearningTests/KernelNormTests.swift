import Testing

@testable import Learning

@Suite("Kernels of normalised layers")
struct KernelNormTests {
    private func matrix(_ rows: Int, _ columns: Int, _ random: inout RandomSource) -> Matrix {
        let matrix = Matrix(rows: rows, columns: columns)
        matrix.fill { _, _ in Float(random.normal()) }
        return matrix
    }

    /// Padding must stay zero, or the next product would read it.
    private func paddingIsZero(_ matrix: Matrix) -> Bool {
        (0..<matrix.rows).allSatisfy { row in
            (matrix.columns..<matrix.stride).allSatisfy {
                matrix.buffer[matrix.offset + row * matrix.stride + $0] == 0
            }
        }
    }

    @Test(
        "Layer norm centres and scales each row, whatever its length",
        arguments: Kernels.available,
        [1, 5, 16, 17, 40, 256]
    )
    func layerNorm(level: Int32, columns: Int) {
        let kernels = Kernels(level: level)
        var random = RandomSource(seed: 51)
        let x = matrix(7, columns, &random)
        let before = (0..<7).map { row in (0..<columns).map { Double(x[row, $0]) } }
        let (gain, shift) = (matrix(1, columns, &random), matrix(1, columns, &random))
        let (normalised, inverse) = (Matrix(rows: 7, columns: columns), Matrix(rows: 1, columns: 7))
        kernels.layerNorm(
            x,
            gain: gain,
            shift: shift,
            epsilon: 1e-5,
            normalised: normalised,
            inverseDeviation: inverse
        )
        for row in 0..<7 {
            let mean = before[row].reduce(0, +) / Double(columns)
            let variance =
                before[row].reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(columns)
            let deviation = (variance + 1e-5).squareRoot()
            #expect(abs(Double(inverse[0, row]) * deviation - 1) < 1e-4)
            for column in 0..<columns {
                let unit = (before[row][column] - mean) / deviation
                #expect(abs(Double(normalised[row, column]) - unit) < 1e-4)
                let output = max(0, unit * Double(gain[0, column]) + Double(shift[0, column]))
                #expect(abs(Double(x[row, column]) - output) < 1e-4)
            }
        }
        #expect(paddingIsZero(x) && paddingIsZero(normalised))
    }

    @Test(
        "Moments, products and combinations of columns",
        arguments: Kernels.available,
        [(1, 3), (2, 16), (9, 33), (40, 70)]
    )
    func columns(level: Int32, shape: (rows: Int, columns: Int)) {
        let kernels = Kernels(level: level)
        var random = RandomSource(seed: 52)
        let (rows, columns) = (shape.rows, shape.columns)
        let (x, y) = (matrix(rows, columns, &random), matrix(rows, columns, &random))
        // A mean far from zero: a variance by E[x²] - E[x]² would lose it.
        x.fill { x[$0, $1] + 300 }
        let (mean, variance) = (
            Matrix(rows: 1, columns: columns), Matrix(rows: 1, columns: columns)
        )
        kernels.columnMoments(x, mean: mean, variance: variance)
        let products = Matrix(rows: 1, columns: columns)
        kernels.columnProducts(x, y, into: products)
        let (scale, other, shift) = (
            matrix(1, columns, &random), matrix(1, columns, &random), matrix(1, columns, &random)
        )
        let out = Matrix(rows: rows, columns: columns)
        kernels.combineColumns(x, scale: scale, plus: (y, other), shift: shift, gate: y, into: out)
        let factors = matrix(1, rows, &random)
        let scaled = Matrix(rows: rows, columns: columns)
        kernels.scaleRows(x, by: factors, into: scaled)
        for j in 0..<columns {
            let values = (0..<rows).map { Double(x[$0, j]) }
            let average = values.reduce(0, +) / Double(rows)
            #expect(abs(Double(mean[0, j]) - average) < 1e-3)
            let spread =
                values.reduce(0) { $0 + ($1 - average) * ($1 - average) } / Double(rows)
            #expect(abs(Double(variance[0, j]) - spread) < 1e-3 * (1 + spread))
            var sum = 0.0
            for i in 0..<rows {
                sum += Double(x[i, j]) * Double(y[i, j])
                let (a, b) = (Double(x[i, j] * scale[0, j]), Double(y[i, j] * other[0, j]))
                let expected = y[i, j] > 0 ? a + b + Double(shift[0, j]) : 0
                #expect(abs(Double(out[i, j]) - expected) < 1e-3)
                #expect(scaled[i, j] == x[i, j] * factors[0, i])
            }
            #expect(abs(Double(products[0, j]) - sum) < 1e-2)
        }
        #expect(paddingIsZero(out) && paddingIsZero(scaled))
    }
}
