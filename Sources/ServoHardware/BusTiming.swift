/// How long things take on a bus; decides when a servo counts as silent.
struct BusTiming: Sendable {
    /// Bits per second.
    var baudRate: Int
    /// The longest Return Delay Time of the bus's servos in nanoseconds.
    var returnDelay: Int64 = 508_000
    /// Bytes of a status without data: 11 in Dynamixel 2.0, 6 in 1.0 and with Feetech.
    var statusBytes = 11
    /// Allowed on top of wire time for one exchange outside the control loop: adapter, scheduler.
    var patience: Int64 = 100_000_000
    /// Allowed between two answers of a group before the next servo counts as missing.
    var gap: Int64 = 3_000_000

    /// Time on the wire of some bytes: 8 data bits, start and stop bit.
    func wire(_ bytes: Int) -> Int64 { Int64(bytes) * 10_000_000_000 / Int64(baudRate) }

    /// From the last byte of a request to the last byte of one status with that much data.
    func answer(_ dataCount: Int) -> Int64 { returnDelay + wire(statusBytes + dataCount) }

    /// A whole exchange with one servo, nothing going wrong.
    func exchange(requestBytes: Int, dataCount: Int) -> Int64 {
        wire(requestBytes) + answer(dataCount)
    }
}
