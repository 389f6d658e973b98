public import Robot
public import ServoProtocol

/// One servo as it is when its power comes on for the first time.
public struct EmulatedServoSetup: Sendable {
    /// Its model.
    public var table: ControlTable
    /// Its ID, 0...252.
    public var id: UInt8
    /// Its baud rate in bits per second; must be one of the model's.
    public var baudRate: Int
    /// Return Delay Time in units of 2 µs; 250 leaves the factory, 0 is what a fast bus uses.
    public var returnDelay: UInt8
    /// Its number in the plant.
    public var plantIndex: Int
    /// Where a plant that can be told should put it, encoder pulses.
    public var initialPulses: Int
    /// Supply voltage for a plant that can be told.
    public var nominalVoltage: Volts

    /// A servo.
    public init(
        table: ControlTable,
        id: UInt8,
        baudRate: Int = 1_000_000,
        returnDelay: UInt8 = 0,
        plantIndex: Int,
        initialPulses: Int = 2048,
        nominalVoltage: Volts = 12
    ) {
        self.table = table
        self.id = id
        self.baudRate = baudRate
        self.returnDelay = returnDelay
        self.plantIndex = plantIndex
        self.initialPulses = initialPulses
        self.nominalVoltage = nominalVoltage
    }

    /// The servos of each of a robot's buses, in the order of `RobotDescription.buses`.
    ///
    /// Buses of motor controllers have none. Joint number and plant number are the same. Servos stand at their joint's reset position.
    /// - Parameter returnDelay: Return Delay Time of all, in units of 2 µs.
    /// - Throws: `unknownModel` for a servo without a control table, `unknownBaudRate` if a bus
    ///   runs at a rate its servos do not have.
    public static func setups(
        for robot: RobotDescription,
        returnDelay: UInt8 = 0
    ) throws(EmulatorError) -> [[EmulatedServoSetup]] {
        var buses = [[EmulatedServoSetup]](repeating: [], count: robot.buses.count)
        for (index, joint) in robot.joints.enumerated() {
            // Motor controllers have no registers of this kind.
            if robot.buses[joint.busIndex].wire.isTorqueControlled { continue }
            guard let table = ControlTable.model(named: joint.servo.name) else {
                throw .unknownModel(joint.servo.name)
            }
            let rate = robot.buses[joint.busIndex].baudRate
            guard table.baudCode(near: rate) != nil else {
                throw .unknownBaudRate(model: table.model, rate: rate)
            }
            let pulses = robot.calibration[index].pulses(
                angle: joint.resetPosition,
                pulsesPerTurn: joint.servo.pulsesPerTurn
            )
            buses[joint.busIndex].append(
                EmulatedServoSetup(
                    table: table,
                    id: joint.servoID,
                    baudRate: rate,
                    returnDelay: returnDelay,
                    plantIndex: index,
                    initialPulses: pulses,
                    nominalVoltage: joint.servo.nominalVoltage
                )
            )
        }
        return buses
    }
}
