/// Which part of something one thread does.
enum Half: Int {
    case whole = -1
    case first = 0
    case second = 1

    /// This part of 0 ..< count; the cut is a multiple of `grain` and the first half the longer.
    func range(of count: Int, grain: Int) -> Range<Int> {
        let cut = Swift.min(count, ((count + 1) / 2 + grain - 1) / grain * grain)
        switch self {
        case .whole: return 0..<count
        case .first: return 0..<cut
        case .second: return cut..<count
        }
    }
}
