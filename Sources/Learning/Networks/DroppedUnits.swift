import Glibc

/// The units that one pass of a network leaves out, layer by layer.
///
/// Few are: they are listed, by drawing the gaps between them, instead of drawn one by one.
@safe final class DroppedUnits {
    /// (1 - share)²: what scaling the remaining units up would do to a variance's epsilon.
    let epsilonFactor: Float
    private let share: Double
    private let batch: Int
    private let widths: [Int]
    private var counts: [Int]
    // Safety: owned by this object alone, `capacities[i]` numbers each, freed in deinit; the counts
    // never exceed the capacities, and each number is below batch x width of its layer.
    private let lists: [UnsafeMutablePointer<Int32>]
    private let capacities: [Int]

    init(shape: NetworkShape, batch: Int, share: Double) {
        precondition(share > 0 && share < 1, "a share of \(share)")
        self.share = share
        self.batch = batch
        widths = shape.hiddenWidths
        epsilonFactor = Float((1 - share) * (1 - share))
        counts = widths.map { _ in 0 }
        capacities = widths.map { width in
            // Twelve deviations above the mean: never reached.
            let mean = Double(batch * width) * share
            return min(batch * width, Int(mean + 12 * mean.squareRoot()) + 16)
        }
        unsafe lists = capacities.map { .allocate(capacity: $0) }
    }

    deinit { for index in widths.indices { unsafe lists[index].deallocate() } }

    /// Draws other units.
    func draw(random: inout RandomSource) {
        let gapScale = 1 / log1p(-share)
        for layer in widths.indices {
            let end = batch * widths[layer]
            var place = -1
            var count = 0
            while count < capacities[layer] {
                // A geometric gap, by inversion; uniform() is below 1.
                place += 1 + Int(min(log1p(-random.uniform()) * gapScale, 1e9))
                guard place < end else { break }
                unsafe lists[layer][count] = Int32(place)
                count += 1
            }
            counts[layer] = count
        }
    }

    /// The units left out of a layer: row times width plus unit, rising.
    func places(_ layer: Int) -> [Int] {
        (0..<counts[layer]).map { unsafe Int(lists[layer][$0]) }
    }

    /// Sets the units left out of `layer` to zero in the first `matrix.rows` rows of the batch.
    func clear(in matrix: Matrix, layer: Int) {
        let width = widths[layer]
        precondition(matrix.columns == width && matrix.rows <= batch, "another layer's units")
        for index in 0..<counts[layer] {
            let (row, unit) = unsafe Int(lists[layer][index]).quotientAndRemainder(
                dividingBy: width
            )
            guard row < matrix.rows else { return }
            matrix[row, unit] = 0
        }
    }
}
