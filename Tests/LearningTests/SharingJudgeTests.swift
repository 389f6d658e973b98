import Testing

@testable import Learning

@Suite("Whether two threads pay")
struct SharingJudgeTests {
    /// Pieces done, and how many of them shared, by a judge that is told these times.
    private func shared(
        _ pieces: Int,
        by judge: inout SharingJudge,
        alone: [Int64],
        together: [Int64]
    ) -> Int {
        var count = 0
        for piece in 0..<pieces {
            let (kind, isShared) = (piece % alone.count, judge.sharesNext)
            count += isShared ? 1 : 0
            judge.note(kind, nanoseconds: isShared ? together[kind] : alone[kind])
        }
        return count
    }

    @Test("Two threads that are faster are used for all but the trials")
    func faster() {
        var judge = SharingJudge()
        let count = shared(100_000, by: &judge, alone: [100, 300], together: [60, 170])
        #expect(judge.shares)
        #expect(count > 98_000 && count < 100_000)
    }

    @Test("Two threads that are slower in sum are used for the trials only")
    func slower() {
        var judge = SharingJudge()
        // Faster for the first kind of piece, but not enough to make up for the second.
        let count = shared(100_000, by: &judge, alone: [100, 300], together: [60, 350])
        #expect(!judge.shares)
        #expect(count < 2_500)
    }

    @Test("The judge changes its mind with the machine, both ways, within two intervals and trials")
    func changes() {
        var judge = SharingJudge()
        // A change shortly before a trial is seen by the next one only: what stands for the usual
        // way is then still from before it.
        let most = 2 * (SharingJudge.bounds.upperBound + SharingJudge.trial)
        for round in 0..<6 {
            let isGood = round % 2 == 0
            let together: Int64 = isGood ? 50 : 130
            _ = shared(50_000, by: &judge, alone: [100], together: [together])
            #expect(judge.shares == isGood, "round \(round)")
            _ = shared(most, by: &judge, alone: [100], together: [isGood ? 130 : 50])
            #expect(judge.shares != isGood, "round \(round)")
        }
    }

    @Test("A rare piece weighs as often as it comes")
    func rarePiece() {
        var judge = SharingJudge()
        // Kind 1 is every twentieth piece and much worse together, but not by what kind 0 saves.
        for piece in 0..<20_000 {
            let kind = piece % 20 == 19 ? 1 : 0
            let times: [Int64] = judge.sharesNext ? [60, 500] : [100, 100]
            judge.note(kind, nanoseconds: times[kind])
        }
        #expect(judge.shares)
    }
}
