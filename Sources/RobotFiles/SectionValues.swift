/// What happens when a key is not there.
enum Absence<Value> {
    /// It has to be: a problem, with these words about what is needed, and a placeholder.
    case isProblem(needed: String, placeholder: Value)
    /// It need not be.
    case means(Value)

    var value: Value {
        switch self {
        case .isProblem(_, let placeholder): placeholder
        case .means(let value): value
        }
    }
}

extension Section {
    /// Reads one value; the only way from a node to a value.
    func read<Value>(
        _ key: String,
        _ absence: Absence<Value>,
        _ parse: (FileNode) throws(Complaint) -> Value
    ) -> Value {
        guard let node = node(key) else {
            if case .isProblem(let needed, _) = absence { missing(key, needed) }
            return absence.value
        }
        do {
            return try parse(node)
        } catch {
            complain(key, error)
            return absence.value
        }
    }
}

// Text, choices and truth.
extension Section {
    /// A text that has to be there; the placeholder is empty.
    public func text(_ key: String) -> String {
        read(key, .isProblem(needed: "a text", placeholder: "")) { node throws(Complaint) in
            try node.text()
        }
    }

    /// A text, or `otherwise` if the key is not given.
    public func text(_ key: String, default otherwise: String) -> String {
        read(key, .means(otherwise)) { node throws(Complaint) in try node.text() }
    }

    /// A text, or `nil` if the key is not given.
    public func optionalText(_ key: String) -> String? {
        read(key, .means(nil)) { node throws(Complaint) in try node.text() }
    }

    /// A list of texts, or `otherwise` if the key is not given.
    public func texts(_ key: String, default otherwise: [String] = []) -> [String] {
        list(key, .means(otherwise), "a list of texts is needed") { node throws(Complaint) in
            try node.text()
        }
    }

    /// One of a type's names that has to be there; the placeholder is the first.
    public func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ key: String,
        _ type: Choice.Type
    ) -> Choice {
        let names = Choice.allCases.map(\.rawValue)
        guard let first = Choice.allCases.first else { preconditionFailure("nothing to choose") }
        return read(
            key,
            .isProblem(needed: listed(names), placeholder: first)
        ) { node throws(Complaint) in try node.choice(type) }
    }

    /// One of a type's names, or `otherwise` if the key is not given.
    public func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ key: String,
        default otherwise: Choice
    ) -> Choice {
        read(key, .means(otherwise)) { node throws(Complaint) in try node.choice(Choice.self) }
    }

    /// One of a type's names, or `nil` if the key is not given.
    public func optionalChoice<Choice: RawRepresentable<String> & CaseIterable>(
        _ key: String,
        _ type: Choice.Type
    ) -> Choice? {
        read(key, .means(nil)) { node throws(Complaint) in try node.choice(type) }
    }

    /// `true` or `false` that has to be there; the placeholder is `false`.
    public func boolean(_ key: String) -> Bool {
        read(
            key,
            .isProblem(needed: "true or false", placeholder: false)
        ) { node throws(Complaint) in try node.boolean() }
    }

    /// `true` or `false`, or `otherwise` if the key is not given.
    public func boolean(_ key: String, default otherwise: Bool) -> Bool {
        read(key, .means(otherwise)) { node throws(Complaint) in try node.boolean() }
    }
}

// Numbers without a unit. Ranges may end in `.infinity` (or `Int.max`): "at least".
extension Section {
    /// A whole number that has to be there; the placeholder is the range's lower bound.
    public func integer(_ key: String, in range: ClosedRange<Int>) -> Int {
        read(
            key,
            .isProblem(
                needed: "a whole number \(shownRange(range))",
                placeholder: range.lowerBound
            )
        ) { node throws(Complaint) in try node.integer(in: range) }
    }

    /// A whole number, or `otherwise` if the key is not given.
    public func integer(
        _ key: String,
        in range: ClosedRange<Int>,
        default otherwise: Int
    ) -> Int {
        read(key, .means(otherwise)) { node throws(Complaint) in try node.integer(in: range) }
    }

    /// A whole number, or `nil` if the key is not given.
    public func optionalInteger(_ key: String, in range: ClosedRange<Int>) -> Int? {
        read(key, .means(nil)) { node throws(Complaint) in try node.integer(in: range) }
    }

    /// A list of whole numbers, or `otherwise` if the key is not given.
    public func integers(
        _ key: String,
        in range: ClosedRange<Int>,
        default otherwise: [Int] = []
    ) -> [Int] {
        list(key, .means(otherwise), "a list of whole numbers is needed") {
            node throws(Complaint) in try node.integer(in: range)
        }
    }

    /// A number without a unit that has to be there; the placeholder lies in the range.
    public func number(
        _ key: String,
        in range: ClosedRange<Double> = -.infinity ... .infinity
    ) -> Double {
        read(
            key,
            .isProblem(
                needed: "a number" + shownRange(range, prefix: " of "),
                placeholder: placeholder(in: range)
            )
        ) { node throws(Complaint) in try node.number(in: range) }
    }

    /// A number without a unit, or `otherwise` if the key is not given.
    public func number(
        _ key: String,
        in range: ClosedRange<Double> = -.infinity ... .infinity,
        default otherwise: Double
    ) -> Double {
        read(key, .means(otherwise)) { node throws(Complaint) in try node.number(in: range) }
    }

    /// A number without a unit, or `nil` if the key is not given.
    public func optionalNumber(
        _ key: String,
        in range: ClosedRange<Double> = -.infinity ... .infinity
    ) -> Double? {
        read(key, .means(nil)) { node throws(Complaint) in try node.number(in: range) }
    }

    /// A list of numbers without a unit, or `otherwise` if the key is not given.
    public func numbers(
        _ key: String,
        in range: ClosedRange<Double> = -.infinity ... .infinity,
        default otherwise: [Double] = []
    ) -> [Double] {
        list(key, .means(otherwise), "a list of numbers is needed") {
            node throws(Complaint) in try node.number(in: range)
        }
    }
}

extension Section {
    /// Reads a list; one bad item is one problem, at the item's own place.
    func list<Value>(
        _ key: String,
        _ absence: Absence<[Value]>,
        _ needed: String,
        _ parse: (FileNode) throws(Complaint) -> Value
    ) -> [Value] {
        read(key, absence) { node throws(Complaint) in
            var values: [Value] = []
            for item in try node.items(needed) {
                do throws(Complaint) {
                    values.append(try parse(item))
                } catch {
                    complain(key, error)
                }
            }
            return values
        }
    }

    /// Zero if the range has it, else its finite bound.
    func placeholder(in range: ClosedRange<Double>) -> Double {
        if range.contains(0) { return 0 }
        return range.lowerBound.isFinite ? range.lowerBound : range.upperBound
    }
}
