"""Drives sacbot's emulated Feetech servos with a Feetech SDK for Python, checking every answer.

Usage: sts_sdk_client.py PORT [scs]

Expects, at 1 Mbit/s with torque off, three STS3215 with IDs 1 to 3 at position 2048; with `scs`
one SCS0009 with ID 1 at position 512. Exits 0 if every check held, 1 with the failed check's line
otherwise.
"""

import sys
import time

import scservo_sdk as scs
from scservo_sdk import port_handler

# The SDK gives up after twice this many milliseconds; a test machine may stall for longer than 16.
port_handler.LATENCY_TIMER = 100

ID, BAUD, OFFSET, MODE, TORQUE, ACCELERATION, GOAL, SPEED = 5, 6, 31, 33, 40, 41, 42, 46
LOCK, PRESENT, VOLTAGE, TEMPERATURE, REGISTERED, MOVING = 55, 56, 62, 63, 64, 66
NO_ANSWER = -6
BAUD_CODES = {1_000_000: 0, 500_000: 1, 115_200: 4}

checks = 0


def same(what, got, wanted):
    """Ends the run unless `got` is what the manual says."""
    global checks
    checks += 1
    if got != wanted:
        sys.exit(f"FAILED {what}: got {got!r}, wanted {wanted!r}")


class Host:
    """The SDK's handlers for one port."""

    def __init__(self, path, end):
        self.port = scs.PortHandler(path)
        self.sdk = scs.PacketHandler(end)
        same("open port", self.port.openPort(), True)

    def rate(self, baud):
        same(f"set {baud} bit/s", self.port.setBaudRate(baud), True)

    def read(self, servo, address, size):
        call = {1: self.sdk.read1ByteTxRx, 2: self.sdk.read2ByteTxRx}
        value, result, error = call[size](self.port, servo, address)
        same(f"read {address} of {servo}", (result, error), (0, 0))
        return value

    def write(self, servo, address, size, value):
        call = {1: self.sdk.write1ByteTxRx, 2: self.sdk.write2ByteTxRx}
        got = call[size](self.port, servo, address, value)
        same(f"write {address} of {servo} = {value}", got, (0, 0))

    def settle(self, servo, goal, tolerance=2):
        """Waits until the servo is at its goal; motion takes real time here."""
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            position = scs.SCS_TOHOST(self.read(servo, PRESENT, 2), 15)
            if abs(position - goal) <= tolerance:
                return
        sys.exit(f"FAILED servo {servo} stays at {position}, goal {goal}")


def word(value):
    return [scs.SCS_LOBYTE(value), scs.SCS_HIBYTE(value)]


def ping(h):
    same("ping", h.sdk.ping(h.port, 1), (777, 0, 0))
    same("ping of nobody", h.sdk.ping(h.port, 9)[1], NO_ANSWER)


def registers(h):
    same("positions", [h.read(i, PRESENT, 2) for i in (1, 2, 3)], [2048] * 3)
    same("voltage", (h.read(1, VOLTAGE, 1), h.read(1, TEMPERATURE, 1)), (74, 25))
    same("limits", (h.read(1, 9, 2), h.read(1, 11, 2)), (0, 4095))
    same("locked at power-up", h.read(1, LOCK, 1), 1)


def motion(h):
    h.write(1, ACCELERATION, 1, 254)
    h.write(1, TORQUE, 1, 1)
    # Acceleration, position, time, speed in one go, as the vendor's WritePosEx does.
    data = [254] + word(3000) + word(0) + word(0)
    same("write 41 to 47", h.sdk.writeTxRx(h.port, 1, ACCELERATION, len(data), data), (0, 0))
    h.settle(1, 3000)
    deadline = time.monotonic() + 5
    while h.read(1, MOVING, 1):
        if time.monotonic() > deadline:
            sys.exit("FAILED it says it moves for ever")
    h.write(1, TORQUE, 1, 0)


def middle(h):
    h.write(1, TORQUE, 1, 128)
    same("here is 2048", h.read(1, PRESENT, 2), 2048)
    same("offset", scs.SCS_TOHOST(h.read(1, OFFSET, 2), 11), 3000 - 2048)
    h.write(1, LOCK, 1, 0)
    h.write(1, OFFSET, 2, scs.SCS_TOSCS(-100, 11))
    h.write(1, LOCK, 1, 1)
    same("present = actual - offset", h.read(1, PRESENT, 2), 3100)


def wheel(h):
    h.write(2, MODE, 1, 1)
    h.write(2, TORQUE, 1, 1)
    h.write(2, SPEED, 2, scs.SCS_TOSCS(-1500, 15))
    deadline = time.monotonic() + 5
    while scs.SCS_TOHOST(h.read(2, 58, 2), 15) > -1400:
        if time.monotonic() > deadline:
            sys.exit("FAILED the wheel does not turn backwards")
    h.write(2, SPEED, 2, 0)
    h.write(2, TORQUE, 1, 0)
    h.write(2, MODE, 1, 0)


def registered_write(h):
    same("registered write", h.sdk.regWriteTxRx(h.port, 3, GOAL, 2, word(1000)), (0, 0))
    same("it waits", h.read(3, REGISTERED, 1), 1)
    same("action for all", h.sdk.action(h.port, 254), 0)
    same("it is done", (h.read(3, REGISTERED, 1), h.read(3, GOAL, 2)), (0, 1000))


def groups(h):
    wanted = {1: 1111, 2: 2222, 3: 3333}
    write = scs.GroupSyncWrite(h.port, h.sdk, GOAL, 6)
    for servo, goal in wanted.items():
        same("item", write.addParam(servo, word(goal) + word(0) + word(900)), True)
    same("sync write", write.txPacket(), 0)
    read = scs.GroupSyncRead(h.port, h.sdk, GOAL, 6)
    for servo in wanted:
        same("item", read.addParam(servo), True)
    same("sync read", read.txRxPacket(), 0)
    same("goals", {i: read.getData(i, GOAL, 2) for i in wanted}, wanted)
    same("speeds", {read.getData(i, SPEED, 2) for i in wanted}, {900})


def baud_rates(h):
    for baud, code in BAUD_CODES.items():
        h.write(2, BAUD, 1, code)
        if baud != 1_000_000:
            same(f"deaf at 1 Mbit/s: servo {baud}", h.sdk.ping(h.port, 2)[1], NO_ANSWER)
        h.rate(baud)
        same(f"ping at {baud}", h.sdk.ping(h.port, 2), (777, 0, 0))
        h.write(2, BAUD, 1, 0)
        h.rate(1_000_000)
    same("home again", h.sdk.ping(h.port, 2), (777, 0, 0))


def identity(h):
    h.write(3, LOCK, 1, 0)
    h.write(3, ID, 1, 30)
    same("new ID", h.sdk.ping(h.port, 30), (777, 0, 0))
    same("nobody is 3", h.sdk.ping(h.port, 3)[1], NO_ANSWER)


def big_endian(h):
    same("ping", h.sdk.ping(h.port, 1), (1284, 0, 0))
    same("position", h.read(1, PRESENT, 2), 512)
    h.write(1, TORQUE, 1, 1)
    h.write(1, GOAL, 2, 700)
    same("goal", h.read(1, GOAL, 2), 700)
    h.settle(1, 700)


def main():
    is_scs = sys.argv[2:] == ["scs"]
    h = Host(sys.argv[1], 1 if is_scs else 0)
    tests = (big_endian,) if is_scs else (
        ping, registers, motion, middle, wheel, registered_write, groups, baud_rates, identity)
    for test in tests:
        test(h)
        print(f"{test.__name__}: ok")
    h.port.closePort()
    print(f"{checks} checks held")


if __name__ == "__main__":
    main()
