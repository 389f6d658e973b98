import Realtime
public import Robot

/// Checks the speed sensor by listening to it; sends nothing.
public enum PlaceExaminer {
    /// Listens for two seconds and counts what is taken, dropped and no datagram at all.
    public static func examine(_ sensor: SpeedSensorDescription) -> CheckLine {
        let subject = "speed sensor"
        guard sensor.source != .legs else {
            return CheckLine(.pass, subject, "by the robot's own legs and its IMU")
        }
        do throws(HardwareError) {
            let receiver = try PlaceReceiver(sensor)
            defer { receiver.close() }
            MonotonicClock.sleep(until: MonotonicClock.now() + listening)
            return judge(receiver.tally, receiver.address, sensor)
        } catch {
            return CheckLine(.fail, subject, "\(error)")
        }
    }

    private static var listening: Int64 { 2_000_000_000 }

    /// What was heard in two seconds against what the robot file needs.
    static func judge(
        _ tally: PlaceReceiver.Tally,
        _ address: String,
        _ sensor: SpeedSensorDescription
    ) -> CheckLine {
        let subject = "speed sensor"
        let rate = Double(tally.taken) / (Double(listening) * 1e-9)
        let clock = tally.sharesClock ? "this machine's clock" : "a clock of its own"
        let heard =
            "\(address): \(Int(rate.rounded())) reports a second by \(clock), \(tally.dropped) "
            + "dropped, \(tally.malformed) that are none"
        // Without anybody outside the legs do it, but the operator should know.
        let bad: CheckLine.Verdict = sensor.fallsBackToLegs ? .warn : .fail
        guard tally.taken > 0 else {
            return CheckLine(
                bad,
                subject,
                heard,
                remedy: tally.malformed > 0
                    ? "compare the sender with docs/speed-sensor.md"
                    : "start the estimator; look where it sends to"
            )
        }
        guard rate * sensor.staleAfter >= 2 else {
            return CheckLine(
                bad,
                subject,
                "\(heard); a place is too old after \(sensor.staleAfter) s",
                remedy: "have it send more often, or raise `stale_after`"
            )
        }
        let isClean = tally.dropped + tally.malformed <= tally.taken / 20
        return CheckLine(
            isClean ? .pass : .warn,
            subject,
            heard,
            remedy: isClean ? "" : "look at the sender's numbers, time stamps and checksums"
        )
    }
}
