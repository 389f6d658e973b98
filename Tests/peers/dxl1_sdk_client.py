"""Drives sacbot's emulated protocol 1.0 servos with Robotis' own Python SDK, checking every answer.

Usage: dxl1_sdk_client.py PORT

Expects four servos at 1 Mbit/s with torque off: IDs 1 and 2 are AX-12A at position 512, IDs 3 and 4
are MX-28 with 1.0 firmware at position 2048. Exits 0 if every check held, 1 with the failed check's
line otherwise.
"""

import sys
import time

import dynamixel_sdk as dxl
from dynamixel_sdk import port_handler

# The SDK gives up after twice this many milliseconds. Its 16 are an FTDI adapter's; a test machine
# may stall for longer than that.
port_handler.LATENCY_TIMER = 100

CCW_LIMIT, TORQUE, GOAL, SPEED, TORQUE_LIMIT, PRESENT = 8, 24, 30, 32, 34, 36
VOLTAGE, TEMPERATURE, REGISTERED, LOCK = 42, 43, 44, 47
NO_ANSWER = -3001
ANGLE_LIMIT, RANGE, INSTRUCTION = 2, 8, 64
# 2 000 000 / (code + 1)
BAUD_CODES = {1_000_000: 1, 500_000: 3, 115_200: 16, 57_600: 34}

checks = 0


def same(what, got, wanted):
    """Ends the run unless `got` is what the manual says."""
    global checks
    checks += 1
    if got != wanted:
        sys.exit(f"FAILED {what}: got {got!r}, wanted {wanted!r}")


class Host:
    """The SDK's handlers for one port."""

    def __init__(self, path):
        self.port = dxl.PortHandler(path)
        self.sdk = dxl.PacketHandler(1.0)
        same("open port", self.port.openPort(), True)
        self.rate(1_000_000)

    def rate(self, baud):
        same(f"set {baud} bit/s", self.port.setBaudRate(baud), True)

    def read(self, servo, address, size):
        call = {1: self.sdk.read1ByteTxRx, 2: self.sdk.read2ByteTxRx}
        value, result, error = call[size](self.port, servo, address)
        same(f"read {address} of {servo}", (result, error), (0, 0))
        return value

    def write(self, servo, address, size, value, error=0):
        call = {1: self.sdk.write1ByteTxRx, 2: self.sdk.write2ByteTxRx}
        got = call[size](self.port, servo, address, value & (2 ** (8 * size) - 1))
        same(f"write {address} of {servo} = {value}", got, (0, error))

    def settle(self, servo, goal, tolerance=2):
        """Waits until the servo is at its goal; motion takes real time here."""
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            position = self.read(servo, PRESENT, 2)
            position -= 65536 if position > 32767 else 0
            if abs(position - goal) <= tolerance:
                return
        sys.exit(f"FAILED servo {servo} stays at {position}, goal {goal}")


def word(value):
    return [value & 0xFF, value >> 8 & 0xFF]


def ping(h):
    same("ping AX-12A", h.sdk.ping(h.port, 1), (12, 0, 0))
    same("ping MX-28", h.sdk.ping(h.port, 3), (29, 0, 0))
    same("ping of nobody", h.sdk.ping(h.port, 9)[1], NO_ANSWER)


def registers(h):
    same("baud code", h.read(1, 4, 1), 1)
    same("positions", [h.read(i, PRESENT, 2) for i in (1, 2, 3, 4)], [512, 512, 2048, 2048])
    same("voltage and temperature", (h.read(1, VOLTAGE, 1), h.read(1, TEMPERATURE, 1)), (120, 25))
    same("torque limit is max torque", h.read(1, TORQUE_LIMIT, 2), 1023)
    h.write(1, 25, 1, 1)
    same("LED", h.read(1, 25, 1), 1)
    h.write(1, 25, 1, 2, error=RANGE)
    h.write(1, PRESENT, 2, 5, error=RANGE)
    h.write(1, GOAL, 2, 1024, error=ANGLE_LIMIT)
    h.write(3, CCW_LIMIT, 2, 3000)
    h.write(3, GOAL, 2, 3001, error=ANGLE_LIMIT)
    h.write(3, GOAL, 2, 3000)
    h.write(3, CCW_LIMIT, 2, 4095)


def motion(h):
    for servo, goal in ((1, 700), (3, 1000)):
        h.write(servo, SPEED, 2, 0)
        h.write(servo, TORQUE, 1, 1)
        h.write(servo, GOAL, 2, goal)
        h.settle(servo, goal)
        # With torque on EEPROM is locked.
        h.write(servo, 5, 1, 7, error=RANGE)
        h.write(servo, TORQUE, 1, 0)
        h.write(servo, 5, 1, 0)
    # Both limits at the end of the range: goals over many turns, negative ones too.
    h.write(4, 6, 2, 4095)
    h.write(4, TORQUE, 1, 1)
    h.write(4, GOAL, 2, -6000)
    h.settle(4, -6000)
    h.write(4, TORQUE, 1, 0)
    h.write(4, 6, 2, 0)


def wheel(h):
    h.write(2, CCW_LIMIT, 2, 0)
    h.write(2, SPEED, 2, 0x400 + 300)
    h.write(2, TORQUE, 1, 1)
    deadline = time.monotonic() + 5
    while h.read(2, 38, 2) < 0x400 + 50:
        if time.monotonic() > deadline:
            sys.exit("FAILED the wheel does not turn clockwise")
    h.write(2, SPEED, 2, 0)
    h.write(2, TORQUE, 1, 0)
    h.write(2, CCW_LIMIT, 2, 1023)


def registered_write(h):
    h.write(1, TORQUE, 1, 1)
    same("registered write", h.sdk.regWriteTxRx(h.port, 1, GOAL, 2, word(300)), (0, 0))
    same("it waits", (h.read(1, REGISTERED, 1), h.read(1, GOAL, 2)), (1, 700))
    same("action", h.sdk.action(h.port, 1), 0)
    same("it is done", (h.read(1, REGISTERED, 1), h.read(1, GOAL, 2)), (0, 300))
    h.settle(1, 300)
    result, error = h.sdk.txRxPacket(h.port, [0, 0, 1, 2, 5, 0])[1:]
    same("action with nothing registered", (result, error), (0, INSTRUCTION))
    same("action for all", h.sdk.action(h.port, 254), 0)
    h.write(1, TORQUE, 1, 0)


def groups(h):
    write = dxl.GroupSyncWrite(h.port, h.sdk, GOAL, 4)
    wanted = {1: (100, 200), 2: (300, 400), 3: (500, 600)}
    for servo, (goal, speed) in wanted.items():
        same("sync write item", write.addParam(servo, word(goal) + word(speed)), True)
    same("sync write", write.txPacket(), 0)
    for servo, (goal, speed) in wanted.items():
        same("sync written", (h.read(servo, GOAL, 2), h.read(servo, SPEED, 2)), (goal, speed))
    # GroupBulkRead of SDK 4.1.0 dies with a TypeError in protocol 1.0; its parts work.
    items = [2, 3, GOAL, 1, 4, TEMPERATURE]
    same("bulk read", h.sdk.bulkReadTx(h.port, items, len(items)), 0)
    same("bulk data of 3", h.sdk.readRx(h.port, 3, 2), (word(500), 0, 0))
    same("bulk data of 4", h.sdk.readRx(h.port, 4, 1), ([25], 0, 0))
    same("bulk read", h.sdk.bulkReadTx(h.port, [2, 1, GOAL], 3), 0)
    same("an AX-12A knows no bulk read", h.sdk.readRx(h.port, 1, 2)[1], NO_ANSWER)


def baud_rates(h):
    for baud, code in BAUD_CODES.items():
        h.write(2, 4, 1, code)
        if baud != 1_000_000:
            same(f"deaf at 1 Mbit/s: servo {baud}", h.sdk.ping(h.port, 2)[1], NO_ANSWER)
        h.rate(baud)
        same(f"ping at {baud}", h.sdk.ping(h.port, 2), (12, 0, 0))
        h.write(2, 4, 1, 1)
        h.rate(1_000_000)
    same("home again", h.sdk.ping(h.port, 2), (12, 0, 0))


def lock_and_reset(h):
    h.write(1, LOCK, 1, 1)
    h.write(1, 5, 1, 9, error=RANGE)
    h.write(1, LOCK, 1, 0, error=RANGE)
    h.write(2, 5, 1, 100)
    # The only servo of this ID left at 1: reset makes it 1 as well.
    h.write(3, 3, 1, 33)
    h.write(33, 5, 1, 77)
    same("reset", h.sdk.factoryReset(h.port, 33), (0, 0))
    same("nobody is 33", h.sdk.ping(h.port, 33)[1], NO_ANSWER)
    h.rate(57_600)
    same("factory rate and ID", h.sdk.ping(h.port, 1), (29, 0, 0))
    same("factory return delay", h.read(1, 5, 1), 250)
    h.rate(1_000_000)


def main():
    h = Host(sys.argv[1])
    tests = (ping, registers, motion, wheel, registered_write, groups, baud_rates, lock_and_reset)
    for test in tests:
        test(h)
        print(f"{test.__name__}: ok")
    h.port.closePort()
    print(f"{checks} checks held")


if __name__ == "__main__":
    main()
