internal import Robot

/// Reads one entry of `buses`.
enum BusReader {
    private enum Accepted: String, CaseIterable { case accepted }

    static func read(_ section: Section, tick: Seconds) -> ServoBusDescription {
        let wire = section.choice("protocol", default: BusProtocol.dynamixel)
        let baud = section.quantity("baud", .bitsPerSecond, in: 9600...12_000_000)
        return ServoBusDescription(
            name: section.identifier("name"),
            port: section.text("port"),
            wire: wire,
            baudRate: Int(baud.rounded()),
            servoWatchdog: watchdog(section, wire, tick: tick)
        )
    }

    /// Bus Watchdog (98) of a Dynamixel counts 20 ms, 1 to 127 (e-manual of every X servo); the
    /// other controllers that have one count finely.
    private static func watchdog(
        _ section: Section,
        _ wire: BusProtocol,
        tick: Seconds
    ) -> Seconds? {
        let none = section.optionalChoice("no_watchdog", Accepted.self)
        guard section.has("watchdog") else {
            if none == nil, !section.has("no_watchdog") { report(section, wire) }
            return nil
        }
        if section.has("no_watchdog") {
            section.report("no_watchdog", "`watchdog` is given as well; leave out one of them")
        }
        let (seconds, isClean) = section.isClean {
            section.quantity("watchdog", .seconds, in: 0.02...2.54)
        }
        guard isClean else { return nil }
        if !wire.hasWatchdog {
            section.report(
                "watchdog",
                "these servos have none; write `no_watchdog: accepted` instead, keep `current` "
                    + "low and a switch for their power at hand"
            )
        }
        if let step = wire.watchdogStep {
            let units = seconds / step
            if abs(units - units.rounded()) > 1e-6 {
                section.report("watchdog", "the servos count in steps of 20 ms")
            }
        }
        if seconds < 3 * tick - 1e-9 {
            let least = shownNumber(3 * tick * 1000)
            section.report("watchdog", "it has to last 3 ticks, here \(least) ms, or it trips")
        }
        return seconds
    }

    private static func report(_ section: Section, _ wire: BusProtocol) {
        guard wire.hasWatchdog else {
            section.report(
                "these servos do not stop by themselves when nobody talks to them: write "
                    + "`no_watchdog: accepted`, keep `current` low and a switch for their power "
                    + "at hand"
            )
            return
        }
        section.report(
            "servos that nobody talks to have to stop by themselves: give `watchdog`, "
                + "for example 200 ms, or write `no_watchdog: accepted`"
        )
    }
}

extension ServoSpecification {
    /// Bits per second the servo has a code for, from its manual; `nil` if any rate will do.
    var baudRates: [Int]? {
        switch wire {
        case .dynamixel:
            let common = [9600, 57_600, 115_200, 1_000_000, 2_000_000, 3_000_000, 4_000_000]
            let isSmall = name.hasPrefix("XL330") || name.hasPrefix("XC330")
            return isSmall ? common : common + [4_500_000]
        case .dynamixel1:
            let common = [9600, 19_200, 57_600, 115_200, 200_000, 250_000, 400_000, 500_000]
            let fast = name.hasPrefix("MX") ? [2_000_000, 2_250_000, 2_500_000, 3_000_000] : []
            return common + [1_000_000] + fast
        case .feetech:
            return [38_400, 57_600, 76_800, 115_200, 128_000, 250_000, 500_000, 1_000_000]
        case .moteus, .odrive: return nil
        }
    }
}
