import Realtime
import ServoProtocol

/// The bare bus engine on a port, for benchmarks: no robot, no supervisor, no torque.
///
/// A cycle is what a control tick does to its bus: present current, velocity and position of every
/// servo (ten bytes each), then a goal for every servo (four bytes each).
package final class BusProbe {
    private let bus: ServoBus
    private let ids: [UInt8]
    private var reader: GroupReader

    /// Opens a port; nothing is sent yet.
    ///
    /// - Parameter usesFastRead: whether the servos answer in one shared status.
    package init(
        port: String,
        baudRate: Int,
        ids: [UInt8],
        usesFastRead: Bool = false
    ) throws(HardwareError) {
        bus = ServoBus(port: try SerialPort(path: port, baudRate: baudRate))
        bus.timing.returnDelay = 0
        // Who shares a machine with an emulator is patient.
        bus.timing.gap = 20_000_000
        self.ids = ids
        reader = GroupReader(
            ids: ids,
            address: JointLink.presentAddress,
            count: JointLink.presentCount,
            usesFastRead: usesFastRead
        )
    }

    /// Bytes on the wire of one cycle: a sync read, its statuses, a sync write.
    package var wireBytes: Int { reader.wireBytes + 14 + 5 * ids.count }

    /// One cycle; whether every servo answered.
    package func cycle(goal: Int) throws(HardwareError) -> Bool {
        let deadline = MonotonicClock.now() + 200_000_000
        try reader.read(on: bus, deadline: deadline)
        _ = try bus.send(
            id: Dynamixel2.broadcastID,
            .syncWrite,
            deadline: deadline
        ) { writer in
            writer.append(116, size: 2)
            writer.append(4, size: 2)
            for id in ids {
                writer.append(id)
                writer.append(goal, size: 4)
            }
        }
        return reader.silentCyclesOfAll == 0 && reader.slots.openCount == 0
    }

    /// Servos that did not answer, answers that were damaged, requests that were repeated.
    package var lost: Int {
        bus.counters.silences + bus.counters.corruptions + bus.counters.retries
    }

    /// Gives the port back.
    package func close() { bus.port.close() }
}
