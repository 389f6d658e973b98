import ServoProtocol

/// One open bus of servos that are set up by writing registers, whatever the frames look like.
protocol RegisterAccess: AnyObject {
    /// Changes the rate of the port.
    func setBaudRate(_ rate: Int) throws(HardwareError)
    /// One register of one servo; `nil` if it does not answer.
    func value(_ register: Register, _ id: UInt8) throws(HardwareError) -> Int?
    /// Writes one register once; whether it was taken is read.
    func put(_ value: Int, in register: Register, _ id: UInt8) throws(HardwareError)
    /// Who has an ID, `nil` if nobody answers.
    func device(id: UInt8) throws(HardwareError) -> FoundDevice?
}

extension RegisterAccess {
    /// Whether what one servo measures comes damaged again and again.
    ///
    /// Two servos of one ID and one model answer a ping bit for bit alike, on top of each other;
    /// what they measure differs.
    func answersAreDamaged(
        _ measure: () throws(HardwareError) -> ServoReply
    ) throws(HardwareError) -> Bool {
        let tries = 5
        var damaged = 0
        for _ in 0..<tries where try measure() == .corrupt { damaged += 1 }
        return damaged * 2 > tries
    }
}
