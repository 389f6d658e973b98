"""Reads and writes registers of servos on a port with Robotis' own Python SDK.

Usage: dxl_registers.py PORT BAUD COMMAND...

    read:ID:ADDRESS:SIZE              prints the value
    until:ID:ADDRESS:SIZE:VALUE       reads now and then until the value is there, prints it
    write:ID:ADDRESS:SIZE:VALUE       prints the error number in the servo's answer, 0 for none

Prints one line a command; values are without sign. Exits with 1 and a reason if a servo does not
answer, or a value does not come within 30 seconds.
"""

import sys
import time

import dynamixel_sdk as dxl
from dynamixel_sdk import port_handler

# The SDK gives up after twice this many milliseconds; a test machine may stall for longer than
# the 16 of an FTDI adapter.
port_handler.LATENCY_TIMER = 500

# A register that waits for its watchdog must not be asked all the time: every packet counts.
PAUSE, PATIENCE = 1.5, 30.0


def main():
    port = dxl.PortHandler(sys.argv[1])
    sdk = dxl.PacketHandler(2.0)
    if not (port.openPort() and port.setBaudRate(int(sys.argv[2]))):
        sys.exit(f"cannot open {sys.argv[1]}")
    reads = {1: sdk.read1ByteTxRx, 2: sdk.read2ByteTxRx, 4: sdk.read4ByteTxRx}
    writes = {1: sdk.write1ByteTxRx, 2: sdk.write2ByteTxRx, 4: sdk.write4ByteTxRx}

    def read(servo, address, size):
        value, result, _ = reads[size](port, servo, address)
        if result != 0:
            sys.exit(f"servo {servo}: {sdk.getTxRxResult(result)}")
        return value

    for command in sys.argv[3:]:
        what, *numbers = command.split(":")
        servo, address, size, *rest = map(int, numbers)
        if what == "read":
            print(read(servo, address, size))
        elif what == "until":
            end = time.monotonic() + PATIENCE
            while (value := read(servo, address, size)) != rest[0]:
                if time.monotonic() > end:
                    sys.exit(f"servo {servo}: register {address} stays {value}")
                time.sleep(PAUSE)
            print(value)
        elif what == "write":
            result, error = writes[size](port, servo, address, rest[0])
            if result != 0:
                sys.exit(f"servo {servo}: {sdk.getTxRxResult(result)}")
            print(error)
        else:
            sys.exit(f"no such command: {command}")


main()
