import Robot
import ServoProtocol

/// What can be asked about a board in one short read.
enum ODrivePiece: Sendable, Hashable {
    /// The current that makes torque.
    case current(place: Int)
    /// What the axis does.
    case state(place: Int)
    /// The axis's error word.
    case error(place: Int)
    /// A word that the axis's error word points at.
    case cause(place: Int, ODriveCause.Word)
    /// The transistors' temperature.
    case temperature(place: Int)
    /// The supply.
    case supply

    /// Currents and states every few ticks, the rest in between.
    static func turn(joints: Int) -> [ODrivePiece] {
        let places = 0..<joints
        let often: [ODrivePiece] = places.flatMap { [.current(place: $0), .state(place: $0)] }
        let rare: [ODrivePiece] =
            places.map { .temperature(place: $0) } + places.map { .error(place: $0) } + [.supply]
        return rare.flatMap { often + [$0] }
    }
}

/// What is known of one axis's health, piece by piece.
struct ODriveHealth {
    var temperature: Celsius?
    var inputVoltage: Volts?
    /// Amperes, in the motor's direction.
    var current: Amperes = 0
    /// What its error words say; `nil` until they were read.
    var cause = ODriveCause(axis: [])
    /// The axis was seen doing something else than closed loop; its error word will say why.
    var isSuspect = false

    /// A report; `nil` until the temperature was read once, unless there is an error to report.
    func report(time: MonotonicTime) -> JointHealth? {
        let number = cause.hardwareError
        if temperature == nil, number == 0 { return nil }
        return JointHealth(
            temperature: temperature ?? 0,
            inputVoltage: inputVoltage ?? 0,
            hardwareError: number,
            time: time
        )
    }
}

extension ODriveCause {
    /// As a joint's hardware error: a watchdog alone is none, it has a fault of its own.
    var hardwareError: UInt32 { axis == .watchdogExpired ? 0 : number }
}

extension ODriveDriver {
    /// What to ask for now: what is suspect first, then all in turn.
    func nextPiece() -> ODrivePiece? {
        for place in links.indices {
            if health[place].isSuspect { return .error(place: place) }
            if let word = health[place].cause.openWord { return .cause(place: place, word) }
        }
        guard !turn.isEmpty else { return nil }
        cursor = (cursor + 1) % turn.count
        return turn[cursor]
    }

    /// The path of a piece; made before, nothing is put together in the tick.
    func path(_ piece: ODrivePiece) -> String {
        switch piece {
        case .current(let place): links[place].currentPath
        case .state(let place): links[place].statePath
        case .error(let place): links[place].errorPath
        case .cause(let place, let word): links[place].causePaths[word.rawValue - 1]
        case .temperature(let place): links[place].temperaturePath
        case .supply: ODriveProperty.busVoltage
        }
    }

    /// Takes note of a piece.
    func note(
        _ piece: ODrivePiece,
        _ value: ODriveValue,
        time: MonotonicTime,
        into cycle: inout BusCycle
    ) {
        switch piece {
        case .current(let place):
            if value.number.isFinite { health[place].current = value.number }
        case .state(let place):
            let isRunning = value.number == Double(ODriveAxisState.closedLoopControl.rawValue)
            let shouldRun = cycle.torqueOn.contains(links[place].index)
            health[place].isSuspect = shouldRun && !isRunning
        case .error(let place): noteError(place, value, time: time, into: &cycle)
        case .cause(let place, let word):
            health[place].cause.note(word, value)
            report(place, time: time, into: &cycle)
        case .temperature(let place):
            if value.number.isFinite { health[place].temperature = value.number }
            report(place, time: time, into: &cycle)
        case .supply:
            for place in links.indices where value.number.isFinite {
                health[place].inputVoltage = value.number
                report(place, time: time, into: &cycle)
            }
        }
    }

    private func report(_ place: Int, time: MonotonicTime, into cycle: inout BusCycle) {
        if let report = health[place].report(time: time) {
            cycle.state.health[links[place].index] = report
        }
    }

    /// An error drops an axis to idle; one that is idle without an error has restarted.
    private func noteError(
        _ place: Int,
        _ value: ODriveValue,
        time: MonotonicTime,
        into cycle: inout BusCycle
    ) {
        guard let bits = value.bits else { return }
        let index = links[place].index
        let errors = ODriveAxisErrors(rawValue: bits)
        if errors != health[place].cause.axis {
            health[place].cause = ODriveCause(axis: errors)
        }
        if cycle.torqueOn.contains(index) {
            if !errors.isEmpty || health[place].isSuspect { cycle.torqueLost.insert(index) }
            if errors.isEmpty, health[place].isSuspect { cycle.restarted.insert(index) }
            if errors.contains(.watchdogExpired) { cycle.watchdogTripped.insert(index) }
        }
        if cycle.torqueLost.contains(index) { bus.fed[links[place].axis] = false }
        health[place].isSuspect = false
        report(place, time: time, into: &cycle)
    }
}
