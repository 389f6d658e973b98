/// Searches ports for devices of every protocol at every rate; changes nothing in any of them.
public struct DeviceScan {
    /// What is looked at now.
    public struct Step: Sendable, Hashable {
        /// The port.
        public var port: String
        /// The protocol's name.
        public var wire: String
        /// Bits per second.
        public var rate: Int
        /// How many steps are done.
        public var done: Int
        /// How many there are.
        public var count: Int
    }

    /// A port that could not be searched, and why.
    public struct Trouble: Sendable, Hashable {
        /// The port.
        public var port: String
        /// What happened, with the remedy.
        public var error: HardwareError
    }

    /// What was found.
    public struct Outcome: Sendable, Hashable {
        /// Devices in order of port, protocol, rate and ID.
        public var devices: [FoundDevice] = []
        /// Ports that could not be searched.
        public var troubles: [Trouble] = []
        /// Rates that an adapter cannot do: passed over.
        public var refusedRates: [Int] = []
    }

    /// One a protocol.
    public var probes: [any DeviceProbe]

    /// A search for what these probes know.
    public init(probes: [any DeviceProbe]) { self.probes = probes }

    /// Searches each port; a port in trouble does not keep the others from being searched.
    ///
    /// Where somebody has answered, no protocol is tried that cannot share a line with him: nobody
    /// hears what is not meant for him without need.
    ///
    /// - Parameters:
    ///   - rates: bits per second; empty for all rates of each protocol.
    ///   - progress: told before each step.
    public func run(
        ports: [String],
        rates: [Int] = [],
        progress: (Step) -> Void = { _ in }
    ) -> Outcome {
        let plans = probes.map { (probe: $0, rates: rates.isEmpty ? $0.rates : rates) }
        let count = ports.count * plans.reduce(0) { $0 + $1.rates.count }
        var outcome = Outcome()
        var done = 0
        for port in ports {
            let first = outcome.devices.count
            ratesOfPort: for (probe, rates) in plans {
                for rate in rates {
                    if probe.ownsPort, outcome.devices.count > first { continue ratesOfPort }
                    progress(
                        Step(port: port, wire: probe.wire, rate: rate, done: done, count: count)
                    )
                    done += 1
                    do throws(HardwareError) {
                        outcome.devices += try probe.find(port: port, rate: rate)
                    } catch .rateRefused {
                        outcome.refusedRates.append(rate)
                    } catch {
                        outcome.troubles.append(Trouble(port: port, error: error))
                        break ratesOfPort
                    }
                    if probe.ownsPort, outcome.devices.count > first { break ratesOfPort }
                }
            }
        }
        return outcome
    }
}
