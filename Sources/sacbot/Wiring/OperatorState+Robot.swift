import Control
import Learning
import Operator
import Robot
import Safety
import Training

extension OperatorJoint {
    /// A joint as its file describes it.
    init(_ joint: Joint, of robot: RobotDescription) {
        self.init(
            name: joint.name,
            role: joint.role.rawValue,
            servo: joint.servo.name,
            id: Int(joint.servoID),
            bus: robot.buses.indices.contains(joint.busIndex)
                ? robot.buses[joint.busIndex].name : "",
            limits: OperatorLimits(joint.limits)
        )
    }

    /// The same joint as a picture shows it.
    func seen(_ picture: RobotPicture, _ index: Int) -> OperatorJoint {
        var joint = self
        joint.hasTorque = picture.body.torqueEnabled.contains(index)
        joint.goal = picture.goals[index].flatMap { rounded($0, 4) }
        if let sample = picture.body.samples[index] {
            joint.position = rounded(sample.position, 4)
            joint.velocity = rounded(sample.velocity, 4)
            joint.currentAmperes = rounded(sample.current, 4)
            joint.ageSeconds = rounded(picture.time.seconds(since: sample.time), 4)
        }
        if let health = picture.body.health[index] {
            joint.temperatureCelsius = rounded(health.temperature, 1)
            joint.voltageVolts = rounded(health.inputVoltage, 2)
            joint.hardwareError = Int(health.hardwareError)
        }
        return joint
    }
}

extension OperatorLimits {
    init(_ limits: JointLimits) {
        let slows = limits.slowTemperature < limits.stopTemperature
        self.init(
            lowest: rounded(limits.position.lowerBound, 4) ?? 0,
            highest: rounded(limits.position.upperBound, 4) ?? 0,
            goalVelocity: rounded(limits.goalVelocity, 4) ?? 0,
            tripVelocity: rounded(limits.tripVelocity, 4) ?? 0,
            currentAmperes: rounded(limits.current, 4) ?? 0,
            slowCelsius: slows ? rounded(limits.slowTemperature, 1) : nil,
            pauseCelsius: rounded(limits.pauseTemperature, 1) ?? 0,
            stopCelsius: rounded(limits.stopTemperature, 1) ?? 0,
            lowestVolts: limits.voltage.lowerBound > 0
                ? rounded(limits.voltage.lowerBound, 2) : nil,
            highestVolts: rounded(limits.voltage.upperBound, 2)
        )
    }
}

extension OperatorFault {
    /// A fault with its page.
    init(_ fault: Fault, of robot: RobotDescription, isLatched: Bool) {
        let name = "\(fault.code)"
        let words = name.map { $0.isUppercase ? "-" + $0.lowercased() : String($0) }.joined()
        self.init(
            code: Int(fault.code.rawValue),
            name: name,
            joint: fault.joint.map { robot.joints[$0].name },
            remedy: fault.code.explanation,
            page: "docs/faults/\(fault.code.rawValue)-\(words).md",
            isLatched: isLatched
        )
    }
}

extension OperatorLearner {
    /// The learner's figures as people see them.
    init(_ figures: LearnerThread.Figures, governor: Governor) {
        self.init(
            wantedUpdatesPerStep: governor.updatesPerTransition,
            warmUpSteps: governor.warmUpTransitions
        )
        let after = figures.transitions - governor.warmUpTransitions
        if after > 0 { updatesPerStep = rounded(Double(figures.updates) / Double(after), 4) }
        lag = governor.lag(transitions: figures.transitions, updates: figures.updates)
        rolledBackUpdates = figures.rolledBackUpdates
        guard let metrics = figures.metrics else { return }
        temperature = rounded(metrics.temperature, 6)
        entropy = rounded(metrics.entropy, 4)
        criticLoss = rounded(metrics.criticLoss, 6)
        actorLoss = rounded(metrics.actorLoss, 6)
        meanQ = rounded(metrics.meanQ, 6)
    }
}

extension OperatorEpisode {
    /// A finished episode as people see it.
    init(_ finished: FinishedEpisode) {
        let outcome = finished.outcome
        self.init(
            index: outcome.index,
            steps: outcome.steps,
            totalReward: rounded(outcome.totalReward, 4) ?? 0,
            successFinal: outcome.successFinal,
            successHeld: outcome.successHeld,
            limitedShare: rounded(
                Double(outcome.limitedSteps) / Double(max(1, outcome.steps)),
                4
            ) ?? 0,
            ending: outcome.ending.word,
            ended: finished.ended
        )
    }
}

extension OperatorState {
    /// Adds an episode to the newest ones.
    mutating func note(_ episode: OperatorEpisode) {
        recentEpisodes.append(episode)
        if recentEpisodes.count > OperatorEpisode.kept { recentEpisodes.removeFirst() }
    }
}

/// A number with so many decimals, short enough for JSON; `nil` if it is not finite.
private func rounded(_ value: Double, _ decimals: Int) -> Double? {
    guard value.isFinite else { return nil }
    var scale = 1.0
    for _ in 0..<decimals { scale *= 10 }
    return (value * scale).rounded() / scale
}
