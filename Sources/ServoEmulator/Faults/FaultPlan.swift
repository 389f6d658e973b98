/// One thing that shall go wrong: what, where, when and for how long.
public struct FaultOrder: Sendable, Hashable {
    /// What makes it happen.
    public enum Trigger: Sendable, Hashable {
        /// Once, so many nanoseconds after the emulator started, on the servos' own clock.
        case at(nanoseconds: Int64)
        /// Again and again: each reply, or each request, is hit with this probability.
        case rate(Double)
    }

    /// What goes wrong.
    public var kind: FaultKind
    /// What makes it happen.
    public var trigger: Trigger
    /// The name of the bus; `nil` for every bus.
    public var bus: String?
    /// The ID of the servo, for devices' faults; `nil` for one drawn at random at each hit.
    public var servo: Int?
    /// How long a hit lasts, nanoseconds; `nil` as docs/emulator.md says.
    public var duration: Int64?
    /// How bad it is, in the units of `FaultKind.value`; `nil` for the usual value.
    public var value: Double?

    /// An order.
    public init(
        _ kind: FaultKind,
        _ trigger: Trigger,
        bus: String? = nil,
        servo: Int? = nil,
        duration: Int64? = nil,
        value: Double? = nil
    ) {
        self.kind = kind
        self.trigger = trigger
        self.bus = bus
        self.servo = servo
        self.duration = duration
        self.value = value
    }
}

/// Everything that shall go wrong with an emulated robot; the same seed gives the same faults.
public struct FaultPlan: Sendable, Hashable {
    /// What goes wrong.
    public var orders: [FaultOrder]
    /// From which everything that is left to chance is drawn.
    public var seed: UInt64

    /// A plan.
    public init(_ orders: [FaultOrder] = [], seed: UInt64 = 1) {
        self.orders = orders
        self.seed = seed
    }

    /// The part of one bus, with chances of its own.
    func part(bus: String, index: Int) -> FaultPlan {
        var random = FaultRandom(seed: seed)
        for _ in 0..<index { _ = random.next() }
        return FaultPlan(
            orders.filter { $0.bus == nil || $0.bus == bus },
            seed: index == 0 ? seed : random.next()
        )
    }
}

/// Chance that can be repeated: SplitMix64 (Steele, Lea and Flood 2014).
struct FaultRandom: RandomNumberGenerator, Sendable {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// Whether an event of this probability happens.
    ///
    /// Always draws, so that what follows does not depend on the rate.
    mutating func happens(_ probability: Double) -> Bool {
        Double(next() >> 11) * 0x1p-53 < probability
    }

    /// A time from 0 to `most`, nanoseconds.
    mutating func time(upTo most: Int64) -> Int64 {
        most > 0 ? Int64.random(in: 0...most, using: &self) : 0
    }
}
