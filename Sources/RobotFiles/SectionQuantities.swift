// Numbers with a unit. Ranges and results are in the measure's SI unit.
extension Section {
    /// A number with a unit that has to be there, as SI; the placeholder lies in the range.
    public func quantity(
        _ key: String,
        _ measure: Measure,
        in range: ClosedRange<Double> = -.infinity ... .infinity
    ) -> Double {
        read(
            key,
            .isProblem(
                needed: "a number with a unit (\(measure.choices))",
                placeholder: placeholder(in: range)
            )
        ) { node throws(Complaint) in try node.quantity(measure, in: range) }
    }

    /// A number with a unit, or `otherwise` (SI) if the key is not given.
    public func quantity(
        _ key: String,
        _ measure: Measure,
        in range: ClosedRange<Double> = -.infinity ... .infinity,
        default otherwise: Double
    ) -> Double {
        read(key, .means(otherwise)) { node throws(Complaint) in
            try node.quantity(measure, in: range)
        }
    }

    /// A number with a unit, or `nil` if the key is not given.
    public func optionalQuantity(
        _ key: String,
        _ measure: Measure,
        in range: ClosedRange<Double> = -.infinity ... .infinity
    ) -> Double? {
        read(key, .means(nil)) { node throws(Complaint) in try node.quantity(measure, in: range) }
    }

    /// A list of numbers with units that has to be there.
    ///
    /// With `count`, a list of another length is a problem and gives placeholders.
    public func quantities(
        _ key: String,
        _ measure: Measure,
        in range: ClosedRange<Double> = -.infinity ... .infinity,
        count: Int? = nil
    ) -> [Double] {
        let length = count.map { "\($0) " } ?? ""
        let needed = "a list of \(length)numbers with a unit (\(measure.choices))"
        let placeholder = Array(repeating: placeholder(in: range), count: count ?? 0)
        let values = list(
            key,
            .isProblem(needed: needed, placeholder: placeholder),
            needed + " is needed"
        ) { node throws(Complaint) in try node.quantity(measure, in: range) }
        guard let count, values.count != count else { return values }
        // With fewer values than items the bad items have been reported one by one.
        if let node = node(key), case .list(let items) = node.content, items.count != count {
            log.add(
                "`\(name(of: key))` has \(items.count) items; \(needed) is needed",
                at: node.position
            )
        }
        return placeholder
    }

    /// A range as a list of two numbers with units, the lower one first; it has to be there.
    ///
    /// For example `[-27.5 deg, 27.5 deg]`. Both ends lie in `bounds`; a range without width is a
    /// problem.
    public func range(
        _ key: String,
        _ measure: Measure,
        in bounds: ClosedRange<Double> = -.infinity ... .infinity
    ) -> ClosedRange<Double> {
        let zero = placeholder(in: bounds)
        let needed = "two numbers with a unit (\(measure.choices)), for example \(example(measure))"
        return read(key, .isProblem(needed: needed, placeholder: zero...zero)) {
            node throws(Complaint) in try ends(of: node, key, measure, bounds, needed)
        }
    }

    /// A range like `range(_:_:in:)`, or `otherwise` (SI) if the key is not given.
    public func range(
        _ key: String,
        _ measure: Measure,
        in bounds: ClosedRange<Double> = -.infinity ... .infinity,
        default otherwise: ClosedRange<Double>
    ) -> ClosedRange<Double> {
        let needed = "two numbers with a unit (\(measure.choices)), for example \(example(measure))"
        return read(key, .means(otherwise)) {
            node throws(Complaint) in try ends(of: node, key, measure, bounds, needed)
        }
    }

    private func ends(
        of node: FileNode,
        _ key: String,
        _ measure: Measure,
        _ bounds: ClosedRange<Double>,
        _ needed: String
    ) throws(Complaint) -> ClosedRange<Double> {
        guard case .list(let items) = node.content, items.count == 2 else {
            throw Complaint(node, needed + " are needed")
        }
        var ends: [Double] = []
        for item in items {
            do throws(Complaint) {
                ends.append(try item.quantity(measure, in: bounds))
            } catch {
                complain(key, error)
            }
        }
        guard ends.count == 2 else {
            let zero = placeholder(in: bounds)
            return zero...zero
        }
        guard ends[0] < ends[1] else {
            throw Complaint(node, "the first number has to be below the second")
        }
        return ends[0]...ends[1]
    }

    private func example(_ measure: Measure) -> String {
        let symbol = measure.units.first?.symbol ?? ""
        return "[-1 \(symbol), 1 \(symbol)]"
    }
}
