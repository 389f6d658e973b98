import Glibc

/// The time of day; only for names, records and people.
enum WallClock {
    /// Seconds since 1970.
    static func now() -> Double {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }

    /// A time as people and files write it: `2026-01-31T18:05:09Z`.
    ///
    /// - Parameter seconds: since 1970, not before.
    static func text(_ seconds: Double) -> String {
        let whole = Int(seconds)
        let (year, month, day) = date(days: whole / 86_400)
        let rest = whole % 86_400
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(year)-\(two(month))-\(two(day))"
            + "T\(two(rest / 3600)):\(two(rest / 60 % 60)):\(two(rest % 60))Z"
    }

    /// The Gregorian date so many days after 1 January 1970.
    private static func date(days: Int) -> (year: Int, month: Int, day: Int) {
        var year = 1970
        var left = days
        func isLeap(_ year: Int) -> Bool {
            year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        }
        while left >= (isLeap(year) ? 366 : 365) {
            left -= isLeap(year) ? 366 : 365
            year += 1
        }
        let lengths = [31, isLeap(year) ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        var month = 0
        while left >= lengths[month] {
            left -= lengths[month]
            month += 1
        }
        return (year, month + 1, left + 1)
    }
}
