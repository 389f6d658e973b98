"""Drives sacbot's emulated servos with Robotis' own Python SDK and checks every answer.

Usage: dxl_sdk_client.py PORT

Expects three servos at 1 Mbit/s with torque off: IDs 1 and 2 are XM430-W210, ID 3 is XL330-M288.
Exits 0 if every check held, 1 with the failed check's line otherwise.
"""

import sys
import time

import dynamixel_sdk as dxl
from dynamixel_sdk import port_handler

# The SDK gives up after twice this many milliseconds. Its 16 are an FTDI adapter's; a test machine
# may stall for longer than that.
port_handler.LATENCY_TIMER = 100

TORQUE, LED, REGISTERED, GOAL, PRESENT = 64, 65, 69, 116, 132
EXTENDED, POSITION = 4, 3
NO_ANSWER = -3001
RESULT_FAIL, NO_INSTRUCTION, RANGE, LENGTH, LIMIT, ACCESS = 1, 2, 4, 5, 6, 7
FAST_BAUD, BAUD_CODES = 1_000_000, {57600: 1, 1_000_000: 3, 4_000_000: 6}

checks = 0


def same(what, got, wanted):
    """Ends the run unless `got` is what the manual says."""
    global checks
    checks += 1
    if got != wanted:
        sys.exit(f"FAILED {what}: got {got!r}, wanted {wanted!r}")


def true(what, condition, shown=None):
    same(f"{what} ({shown!r})" if shown is not None else what, bool(condition), True)


class Host:
    """The SDK's handlers for one port."""

    def __init__(self, path):
        self.port = dxl.PortHandler(path)
        self.sdk = dxl.PacketHandler(2.0)
        true("open port", self.port.openPort())
        self.rate(FAST_BAUD)

    def rate(self, baud):
        true(f"set {baud} bit/s", self.port.setBaudRate(baud))

    def read(self, servo, address, size):
        """The register, signed for 4 bytes; fails unless it was read without error."""
        call = {1: self.sdk.read1ByteTxRx, 2: self.sdk.read2ByteTxRx, 4: self.sdk.read4ByteTxRx}
        value, result, error = call[size](self.port, servo, address)
        same(f"read {address} of {servo}", (result, error), (0, 0))
        return value - 2**32 if size == 4 and value >= 2**31 else value

    def write(self, servo, address, size, value, error=0):
        call = {1: self.sdk.write1ByteTxRx, 2: self.sdk.write2ByteTxRx, 4: self.sdk.write4ByteTxRx}
        got = call[size](self.port, servo, address, value & (2 ** (8 * size) - 1))
        same(f"write {address} of {servo} = {value}", got, (0, error))

    def settle(self, servo, goal, tolerance=3):
        """Waits until the servo is at its goal; motion takes real time here."""
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            position = self.read(servo, PRESENT, 4)
            if abs(position - goal) <= tolerance:
                return
        sys.exit(f"FAILED servo {servo} stays at {position}, goal {goal}")


def little_endian(value):
    return list(value.to_bytes(4, "little", signed=True))


def ping(h):
    same("ping XM430", h.sdk.ping(h.port, 1), (1030, 0, 0))
    same("ping XL330", h.sdk.ping(h.port, 3), (1200, 0, 0))
    same("ping of nobody", h.sdk.ping(h.port, 9)[1], NO_ANSWER)
    found, result = h.sdk.broadcastPing(h.port)
    same("broadcast ping", result, 0)
    same("who is there", {k: v[0] for k, v in found.items()}, {1: 1030, 2: 1030, 3: 1200})


def registers(h):
    same("model number", h.read(1, 0, 2), 1030)
    same("baud code", h.read(1, 8, 1), BAUD_CODES[FAST_BAUD])
    h.write(1, LED, 1, 1)
    same("LED", h.read(1, LED, 1), 1)
    h.write(1, 84, 2, 640)
    same("position P gain", h.read(1, 84, 2), 640)
    h.write(1, 112, 4, 100)
    same("profile velocity", h.read(1, 112, 4), 100)
    h.write(1, 112, 4, 0)
    h.write(1, 0, 2, 5, error=ACCESS)
    h.write(1, LED, 1, 2, error=RANGE)
    h.write(1, 84, 1, 1, error=LENGTH)
    h.write(1, GOAL, 4, 4096, error=LIMIT)
    # A refusal carries no data: read4ByteTxRx of the SDK then dies with an IndexError, and this
    # one takes the check sum for data.
    same("read outside the table", h.sdk.readTxRx(h.port, 1, 4000, 4)[1:], (0, ACCESS))


def torque_locks_eeprom(h):
    h.write(1, TORQUE, 1, 1)
    h.write(1, 11, 1, EXTENDED, error=ACCESS)
    same("mode is unchanged", h.read(1, 11, 1), POSITION)
    h.write(1, GOAL, 4, 1500)
    h.settle(1, 1500)
    h.write(1, TORQUE, 1, 0)
    h.write(1, 11, 1, EXTENDED)
    h.write(1, GOAL, 4, -5000)
    same("negative goal", h.read(1, GOAL, 4), -5000)
    h.write(1, TORQUE, 1, 1)
    h.settle(1, -5000)
    result, error = h.sdk.clearMultiTurn(h.port, 1)
    while error == RESULT_FAIL:  # still moving
        result, error = h.sdk.clearMultiTurn(h.port, 1)
    same("clear", (result, error), (0, 0))
    true("one turn", abs(h.read(1, PRESENT, 4) - (8192 - 5000)) <= 3, h.read(1, PRESENT, 4))
    h.write(1, TORQUE, 1, 0)
    h.write(1, 11, 1, POSITION)


def registered_write(h):
    h.write(2, TORQUE, 1, 1)
    before = h.read(2, GOAL, 4)
    got = h.sdk.regWriteTxRx(h.port, 2, GOAL, 4, little_endian(1000))
    same("registered write", got, (0, 0))
    same("it waits", (h.read(2, REGISTERED, 1), h.read(2, GOAL, 4)), (1, before))
    same("action", h.sdk.action(h.port, 2), 0)
    # The SDK leaves the answer to Action unread; it must not meet the next request.
    time.sleep(0.02)
    h.port.ser.reset_input_buffer()
    same("it is done", (h.read(2, REGISTERED, 1), h.read(2, GOAL, 4)), (0, 1000))
    same("action for all", h.sdk.action(h.port, 254), 0)
    h.settle(2, 1000)
    h.write(2, TORQUE, 1, 0)


def groups(h):
    wanted = {1: 111, 2: 222, 3: 333}
    write = dxl.GroupSyncWrite(h.port, h.sdk, GOAL, 4)
    for servo, goal in wanted.items():
        true("sync write item", write.addParam(servo, little_endian(goal)))
    same("sync write", write.txPacket(), 0)

    read = dxl.GroupSyncRead(h.port, h.sdk, GOAL, 4)
    for servo in wanted:
        true("sync read item", read.addParam(servo))
    for name, request in (("sync", read.txRxPacket), ("fast sync", read.fastSyncRead)):
        same(f"{name} read", request(), 0)
        same(f"{name} read data", {i: read.getData(i, GOAL, 4) for i in wanted}, wanted)

    bulk = dxl.GroupBulkWrite(h.port, h.sdk)
    true("bulk write item", bulk.addParam(1, GOAL, 4, little_endian(1234)))
    true("bulk write item", bulk.addParam(2, LED, 1, [1]))
    same("bulk write", bulk.txPacket(), 0)

    read = dxl.GroupBulkRead(h.port, h.sdk)
    for servo, address, size in ((1, GOAL, 4), (2, LED, 1), (3, 144, 2)):
        true("bulk read item", read.addParam(servo, address, size))
    for name, request in (("bulk", read.txRxPacket), ("fast bulk", read.fastBulkRead)):
        same(f"{name} read", request(), 0)
        got = (read.getData(1, GOAL, 4), read.getData(2, LED, 1), read.getData(3, 144, 2))
        same(f"{name} read data", got, (1234, 1, 50))


def missing_in_the_middle(h):
    read = dxl.GroupSyncRead(h.port, h.sdk, PRESENT, 4)
    for servo in (1, 9, 2):
        read.addParam(servo)
    same("sync read with a gap", read.txRxPacket(), NO_ANSWER)
    same("nothing behind the gap", read.isAvailable(2, PRESENT, 4), False)
    time.sleep(0.02)
    h.port.ser.reset_input_buffer()
    same("the bus is alive", h.sdk.ping(h.port, 1), (1030, 0, 0))


def baud_rates(h):
    for baud, code in BAUD_CODES.items():
        h.write(2, 8, 1, code)
        if baud != FAST_BAUD:
            same(f"deaf: servo {baud}, host {FAST_BAUD}", h.sdk.ping(h.port, 2)[1], NO_ANSWER)
        h.rate(baud)
        same(f"ping at {baud}", h.sdk.ping(h.port, 2), (1030, 0, 0))
        same(f"baud code at {baud}", h.read(2, 8, 1), code)
        h.write(2, 8, 1, BAUD_CODES[FAST_BAUD])
        h.rate(FAST_BAUD)
    same("home again", h.sdk.ping(h.port, 2), (1030, 0, 0))


def rebirth(h):
    h.write(1, TORQUE, 1, 1)
    h.write(1, LED, 1, 1)
    same("reboot", h.sdk.reboot(h.port, 1), (0, 0))
    same("RAM is new", (h.read(1, TORQUE, 1), h.read(1, LED, 1)), (0, 0))
    h.write(2, 9, 1, 100)
    h.write(2, 24, 4, 33)
    same("factory reset", h.sdk.factoryReset(h.port, 2, 0x02), (0, 0))
    same("ID and rate stay", h.sdk.ping(h.port, 2), (1030, 0, 0))
    same("the rest is new", (h.read(2, 9, 1), h.read(2, 24, 4)), (250, 10))


def main():
    h = Host(sys.argv[1])
    tests = (ping, registers, torque_locks_eeprom, registered_write, groups,
             missing_in_the_middle, baud_rates, rebirth)
    for test in tests:
        test(h)
        print(f"{test.__name__}: ok")
    h.port.closePort()
    print(f"{checks} checks held")


if __name__ == "__main__":
    main()
