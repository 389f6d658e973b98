/// The word a person most likely meant, or `nil` if none is close.
///
/// Close is up to a third of the longer word's letters wrong, or one letter of two; `_` and `-`
/// count as the same.
func nearest(to word: String, among candidates: some Sequence<String>) -> String? {
    func folded(_ text: String) -> [Character] {
        text.lowercased().map { $0 == "-" || $0 == " " ? "_" : $0 }
    }
    let wanted = folded(word)
    var best: (word: String, distance: Int)?
    for candidate in candidates where candidate != word {
        let letters = folded(candidate)
        let distance = editDistance(wanted, letters)
        let longer = max(wanted.count, letters.count)
        guard distance <= max(longer == 2 ? 1 : 0, longer / 3) else { continue }
        // Of two equally close words the alphabetically first, so that the message is stable.
        if let best, (best.distance, best.word) <= (distance, candidate) { continue }
        best = (candidate, distance)
    }
    return best?.word
}

/// Letters to insert, remove, replace or swap with their neighbour to get from one word to the
/// other (restricted Damerau-Levenshtein).
func editDistance(_ a: [Character], _ b: [Character]) -> Int {
    if a.isEmpty || b.isEmpty { return max(a.count, b.count) }
    var beforeLast: [Int] = []
    var last = Array(0...b.count)
    for i in 1...a.count {
        var row = [i] + Array(repeating: 0, count: b.count)
        for j in 1...b.count {
            let replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)
            row[j] = min(replaced, last[j] + 1, row[j - 1] + 1)
            if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] {
                row[j] = min(row[j], beforeLast[j - 2] + 1)
            }
        }
        (beforeLast, last) = (last, row)
    }
    return last[b.count]
}
