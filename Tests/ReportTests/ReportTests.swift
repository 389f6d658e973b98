import Testing

@testable import Report

@Suite("Report")
struct ReportTests {
    @Test(
        "t at 97.5 % as tables of Student's distribution have it",
        arguments: [(4.0, 2.776), (9, 2.262), (19, 2.093), (60, 2.000)]
    )
    func student(freedom: Double, wanted: Double) {
        let found = LearningWindow.student(freedom: freedom)
        #expect((found / wanted - 1).magnitude < 0.003, "\(found)")
    }
}
