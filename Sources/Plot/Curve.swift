/// Values over something that rises; a value that is not finite is a gap.
public struct Curve: Sendable, Hashable {
    /// Where each value lies; never falls.
    public var x: [Double]
    /// The values, as many.
    public var y: [Double]

    /// A curve of as many places as values.
    public init(x: [Double], y: [Double]) {
        precondition(x.count == y.count, "\(x.count) places for \(y.count) values")
        self.x = x
        self.y = y
    }

    /// The smallest and largest finite value; `nil` without one.
    public var range: ClosedRange<Double>? {
        var low = Double.infinity
        var high = -Double.infinity
        for value in y where value.isFinite {
            low = min(low, value)
            high = max(high, value)
        }
        return low <= high ? low...high : nil
    }

    /// The same picture from few points: of each column the first, lowest, highest and last value.
    ///
    /// A line through them fills the same pixels as one through all points, as long as a column is
    /// not wider than a pixel (Jugel et al. 2014, "M4"); no peak is lost whatever the width. At
    /// most four points a column and one gap between two columns are left.
    ///
    /// - Parameter columns: into how many equal parts the places are divided, at least one.
    public func thinned(columns: Int) -> Curve {
        guard x.count > 2 * max(columns, 1) else { return self }
        var gaps = 0
        let gapsBefore = y.map { value in
            defer { if !value.isFinite { gaps += 1 } }
            return gaps
        }
        var result = Curve(x: [], y: [])
        var before: Int?
        for index in indices(columns: columns) {
            // Gaps inside a column are narrower than a pixel.
            if let before, gapsBefore[index] > gapsBefore[before],
                column(of: before, columns) != column(of: index, columns)
            {
                result.x.append(x[index])
                result.y.append(.nan)
            }
            result.x.append(x[index])
            result.y.append(y[index])
            before = index
        }
        return result
    }

    /// Which points `thinned` keeps, rising; only such with a finite value.
    public func indices(columns: Int) -> [Int] {
        var kept: [Int] = []
        var open = Column()
        var place = 0
        for index in x.indices where y[index].isFinite {
            let next = column(of: index, columns)
            if next != place { open.close(into: &kept) }
            place = next
            open.take(index, y[index])
        }
        open.close(into: &kept)
        return kept
    }

    func column(of index: Int, _ columns: Int) -> Int {
        guard let first = x.first, let last = x.last, last > first else { return 0 }
        return min(columns - 1, Int((x[index] - first) / (last - first) * Double(columns)))
    }

    /// What of a column is kept, by index.
    private struct Column {
        private var first: Int?
        private var last = 0
        private var lowest = 0
        private var highest = 0
        private var low = Double.infinity
        private var high = -Double.infinity

        mutating func take(_ index: Int, _ value: Double) {
            if first == nil { first = index }
            last = index
            if value < low { (low, lowest) = (value, index) }
            if value > high { (high, highest) = (value, index) }
        }

        mutating func close(into kept: inout [Int]) {
            guard let first else { return }
            var before = -1
            for index in [first, lowest, highest, last].sorted() where index != before {
                kept.append(index)
                before = index
            }
            self = Column()
        }
    }
}

/// A range of values over something that rises, such as a confidence interval.
public struct Band: Sendable, Hashable {
    /// The lower ends.
    public var low: Curve
    /// The upper ends, at the same places.
    public var high: Curve

    /// A band; ends that are not finite leave a gap.
    public init(x: [Double], low: [Double], high: [Double]) {
        self.low = Curve(x: x, y: low)
        self.high = Curve(x: x, y: high)
    }

    /// One range a column: from its lowest lower to its highest upper end.
    public func thinned(columns: Int) -> Band {
        let places = low.x
        guard places.count > columns, columns > 0, let last = places.last else { return self }
        var result = Band(x: [], low: [], high: [])
        var column = -1
        for index in places.indices {
            let next = low.column(of: index, columns)
            if next != column {
                column = next
                result.append(places[index], low.y[index], high.y[index])
            } else if low.y[index].isFinite, high.y[index].isFinite {
                result.widenLast(low.y[index], high.y[index])
            }
        }
        // The picture reaches as far as the curve in it.
        if let end = result.low.x.last, end < last, let tail = result.low.y.last,
            let top = result.high.y.last
        {
            result.append(last, tail, top)
        }
        return result
    }

    private mutating func append(_ place: Double, _ lower: Double, _ upper: Double) {
        low.x.append(place)
        high.x.append(place)
        low.y.append(lower)
        high.y.append(upper)
    }

    private mutating func widenLast(_ lower: Double, _ upper: Double) {
        let index = low.y.count - 1
        low.y[index] = low.y[index].isFinite ? min(low.y[index], lower) : lower
        high.y[index] = high.y[index].isFinite ? max(high.y[index], upper) : upper
    }
}
