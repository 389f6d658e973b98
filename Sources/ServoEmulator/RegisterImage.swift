import ServoProtocol

/// Where a register lies; the same in every protocol 2.0 model of the X and MX series.
struct Field: Sendable, Hashable {
    var address: Int
    var size: Int
    var isSigned: Bool

    init(_ address: Int, _ size: Int, signed: Bool = false) {
        self.address = address
        self.size = size
        isSigned = signed
    }

    static let modelNumber = Field(0, 2)
    static let firmwareVersion = Field(6, 1)
    static let id = Field(7, 1)
    static let baudRate = Field(8, 1)
    static let returnDelayTime = Field(9, 1)
    static let driveMode = Field(10, 1)
    static let operatingMode = Field(11, 1)
    static let secondaryID = Field(12, 1)
    static let protocolType = Field(13, 1)
    static let homingOffset = Field(20, 4, signed: true)
    static let movingThreshold = Field(24, 4)
    static let temperatureLimit = Field(31, 1)
    static let maxVoltageLimit = Field(32, 2)
    static let minVoltageLimit = Field(34, 2)
    static let pwmLimit = Field(36, 2)
    static let currentLimit = Field(38, 2)
    static let velocityLimit = Field(44, 4)
    static let startupConfiguration = Field(60, 1)
    static let shutdown = Field(63, 1)
    static let torqueEnable = Field(64, 1)
    static let statusReturnLevel = Field(68, 1)
    static let registeredInstruction = Field(69, 1)
    static let hardwareErrorStatus = Field(70, 1)
    static let velocityIGain = Field(76, 2)
    static let velocityPGain = Field(78, 2)
    static let positionDGain = Field(80, 2)
    static let positionIGain = Field(82, 2)
    static let positionPGain = Field(84, 2)
    static let feedforward2ndGain = Field(88, 2)
    static let feedforward1stGain = Field(90, 2)
    static let busWatchdog = Field(98, 1, signed: true)
    static let goalPWM = Field(100, 2, signed: true)
    static let goalCurrent = Field(102, 2, signed: true)
    static let goalVelocity = Field(104, 4, signed: true)
    static let profileAcceleration = Field(108, 4)
    static let profileVelocity = Field(112, 4)
    static let goalPosition = Field(116, 4, signed: true)
    static let realtimeTick = Field(120, 2)
    static let moving = Field(122, 1)
    static let movingStatus = Field(123, 1)
    static let presentPWM = Field(124, 2, signed: true)
    static let presentCurrent = Field(126, 2, signed: true)
    static let presentVelocity = Field(128, 4, signed: true)
    static let presentPosition = Field(132, 4, signed: true)
    static let velocityTrajectory = Field(136, 4, signed: true)
    static let positionTrajectory = Field(140, 4, signed: true)
    static let presentInputVoltage = Field(144, 2)
    static let presentTemperature = Field(146, 1)
    static let backupReady = Field(147, 1)
}

/// A servo's memory and what each byte of it is, without what writing does to the servo.
struct RegisterImage: Sendable {
    /// First address that is RAM; everything below is EEPROM.
    static let ramStart = 64

    let table: ControlTable
    private(set) var bytes: [UInt8]
    /// For each byte the index of its register in `table.registers`, -1 if it has none.
    private let owner: [Int16]
    /// For each byte the index of the mirrored pointer's address, -1 if it is no Indirect Data.
    private let pointer: [Int16]
    /// Every pointer register of the indirect blocks: two bytes each.
    private let pointers: [(address: Int, targets: ClosedRange<Int>)]

    /// A servo as it leaves the factory, with this firmware.
    init(table: ControlTable, firmware: UInt8) {
        self.table = table
        let size = table.size
        var owner = [Int16](repeating: -1, count: size)
        for (index, register) in table.registers.enumerated()
        where register.firstFirmware <= Int(firmware) {
            for address in register.addresses { owner[address] = Int16(index) }
        }
        var pointer = [Int16](repeating: -1, count: size)
        var pointers: [(address: Int, targets: ClosedRange<Int>)] = []
        for block in table.indirectBlocks {
            for index in 0..<block.count {
                let address = Int(block.firstAddress) + 2 * index
                pointers.append((address, block.targets))
                pointer[Int(block.firstData) + index] = Int16(address)
            }
        }
        self.owner = owner
        self.pointer = pointer
        self.pointers = pointers
        bytes = [UInt8](repeating: 0, count: size)
        reset(from: 0, to: size)
        for name in [Register.Name.firmwareVersion, .firmwareMajorVersion] {
            if let register = table.register(name) { self[register] = Int(firmware) }
        }
    }

    /// The number of bytes of the table.
    var size: Int { bytes.count }

    /// A register's value.
    ///
    /// Undefined registers read 0.
    subscript(field: Field) -> Int {
        get {
            guard field.address + field.size <= bytes.count else { return 0 }
            var raw = 0
            for index in 0..<field.size { raw |= Int(bytes[field.address + index]) << (8 * index) }
            let sign = 1 << (8 * field.size - 1)
            return field.isSigned && raw & sign != 0 ? raw - 2 * sign : raw
        }
        set {
            // A model without the register keeps its gap: undocumented addresses read 0.
            guard has(field) else { return }
            for index in 0..<field.size {
                bytes[field.address + index] = UInt8(truncatingIfNeeded: newValue >> (8 * index))
            }
        }
    }

    /// A register's value, whatever its byte order and kind of sign.
    subscript(register: Register) -> Int {
        get { register.value(of: bytes[register.addresses]) }
        set {
            for (index, byte) in register.bytes(of: newValue).enumerated() {
                bytes[Int(register.address) + index] = byte
            }
        }
    }

    /// Whether the model, at this firmware, has the register.
    func has(_ field: Field) -> Bool {
        field.address < owner.count && owner[field.address] >= 0
    }

    /// Puts registers that begin in `start..<end` back to their factory values.
    ///
    /// Model number and firmware version stay; each Indirect Address points at its own data.
    mutating func reset(from start: Int, to end: Int) {
        for register in table.registers where (start..<end).contains(Int(register.address)) {
            let isFirmware =
                register.name == .firmwareVersion || register.name == .firmwareMajorVersion
            if isFirmware || owner[Int(register.address)] < 0 { continue }
            self[register] = register.initialValue ?? 0
        }
        for block in table.indirectBlocks where Int(block.firstAddress) >= start {
            for index in 0..<block.count {
                let data = Int(block.firstData) + index
                store(data, at: Int(block.firstAddress) + 2 * index, size: 2)
                bytes[data] = 0
            }
        }
    }

    /// Copies bytes without asking what they are; for backups.
    mutating func copy(_ range: Range<Int>, from source: [UInt8]) {
        for address in range where address < bytes.count { bytes[address] = source[address] }
    }

    private mutating func store(_ value: Int, at address: Int, size: Int) {
        for index in 0..<size {
            bytes[address + index] = UInt8(truncatingIfNeeded: value >> (8 * index))
        }
    }

    /// The address a byte really is at: Indirect Data is followed to what it mirrors.
    ///
    /// One step only; a pointer at another mirrored byte reads that byte's own cell.
    func resolved(_ address: Int) -> Int {
        guard address < pointer.count, pointer[address] >= 0 else { return address }
        let target = self[Field(Int(pointer[address]), 2)]
        return target < bytes.count ? target : address
    }

    /// Some bytes as a host reads them, `nil` if they reach beyond the table.
    func read(address: Int, count: Int) -> [UInt8]? {
        guard address + count <= bytes.count else { return nil }
        return (address..<(address + count)).map { bytes[resolved($0)] }
    }

    /// One register or mirrored byte that a write covers.
    enum Target: Sendable, Hashable {
        /// A register of the table, by index, and the value it would get.
        case register(Int, value: Int)
        /// Indirect Address whose first byte is at `address`.
        case pointer(address: Int, value: Int, targets: ClosedRange<Int>)
        /// An Indirect Data byte that points at itself or at another such byte.
        case plain(address: Int, value: UInt8)
    }

    /// Splits a write into the registers it covers.
    ///
    /// - Throws: `access` for bytes without a register or beyond the table, `dataLength` if a
    ///   register is covered only in part.
    func targets(address: Int, data: [UInt8]) throws(Refusal) -> [Target] {
        guard !data.isEmpty else { throw Refusal(.dataLength) }
        guard address + data.count <= bytes.count else { throw Refusal(.access) }
        let places = (0..<data.count).map { resolved(address + $0) }
        var targets: [Target] = []
        var index = 0
        while index < data.count {
            let place = places[index]
            if owner[place] >= 0 {
                let register = table.registers[Int(owner[place])]
                let value = try value(of: register, data, places, at: index)
                targets.append(.register(Int(owner[place]), value: value))
                index += register.size
            } else if let pointer = pointers.first(where: { $0.address == place }) {
                guard index + 1 < data.count, places[index + 1] == place + 1 else {
                    throw Refusal(.dataLength)
                }
                let value = Int(data[index]) | Int(data[index + 1]) << 8
                targets.append(
                    .pointer(address: place, value: value, targets: pointer.targets)
                )
                index += 2
            } else if self.pointer[place] >= 0 {
                targets.append(.plain(address: place, value: data[index]))
                index += 1
            } else {
                throw Refusal(.access)
            }
        }
        return targets
    }

    private func value(
        of register: Register,
        _ data: [UInt8],
        _ places: [Int],
        at index: Int
    ) throws(Refusal) -> Int {
        for offset in 0..<register.size {
            guard index + offset < data.count,
                places[index + offset] == Int(register.address) + offset
            else { throw Refusal(.dataLength) }
        }
        return register.value(of: data[index...])
    }

    /// Stores what `targets(address:data:)` found; the caller has judged it.
    mutating func store(_ target: Target) {
        switch target {
        case .register(let index, let value):
            self[table.registers[index]] = value
        case .pointer(let address, let value, _):
            store(value, at: address, size: 2)
        case .plain(let address, let value):
            bytes[address] = value
        }
    }
}

/// Why a servo does not do what a packet asks: the number in its status.
struct Refusal: Error, Sendable, Hashable {
    var code: StatusError.Code

    init(_ code: StatusError.Code) { self.code = code }
}
