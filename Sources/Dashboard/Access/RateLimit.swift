/// How often somebody may ask: a bucket of permits an address, filled steadily.
///
/// At most `capacity` addresses are remembered; when another comes, the one that has waited longest
/// is forgotten, which can only be to its advantage.
struct RateLimit {
    /// Addresses that are remembered.
    static let capacity = 1024

    private struct Bucket {
        var permits: Double
        var time: Double
    }

    private let perSecond: Double
    private let burst: Double
    private var buckets: [String: Bucket] = [:]

    /// A limit of `perSecond` requests in the long run and `burst` at once.
    init(perSecond: Double, burst: Double) {
        self.perSecond = perSecond
        self.burst = burst
    }

    /// Takes a permit; false if there is none.
    ///
    /// - Parameter now: seconds on a steady clock.
    mutating func take(_ address: String, now: Double) -> Bool {
        var bucket = filled(address, now: now)
        defer { keep(bucket, for: address) }
        guard bucket.permits >= 1 else { return false }
        bucket.permits -= 1
        return true
    }

    /// Whether there is a permit, without taking it.
    mutating func hasPermit(_ address: String, now: Double) -> Bool {
        filled(address, now: now).permits >= 1
    }

    private func filled(_ address: String, now: Double) -> Bucket {
        guard let bucket = buckets[address] else { return Bucket(permits: burst, time: now) }
        let gained = max(0, now - bucket.time) * perSecond
        return Bucket(permits: min(burst, bucket.permits + gained), time: now)
    }

    private mutating func keep(_ bucket: Bucket, for address: String) {
        if buckets.count >= Self.capacity, buckets[address] == nil,
            let oldest = buckets.min(by: { $0.value.time < $1.value.time })
        {
            buckets[oldest.key] = nil
        }
        buckets[address] = bucket
    }
}
