#!/usr/bin/env python3
"""Listens in on a Dynamixel 2.0 wire: a pseudo-terminal in front of another one.

    wire_tap.py PORT

Prints the path of its own terminal, passes bytes both ways, and prints one line for each whole
packet from the host: nanoseconds since 1970, the servo's ID, the instruction and the parameters in
hex. Goes on until it is told to end (SIGTERM).
"""

import os
import select
import sys
import termios
import time
import tty


def raw(descriptor):
    tty.setraw(descriptor)
    settings = termios.tcgetattr(descriptor)
    settings[4] = settings[5] = termios.B1000000
    termios.tcsetattr(descriptor, termios.TCSANOW, settings)


def packets(buffer):
    """Takes whole instruction packets off the buffer; ROBOTIS e-manual, protocol 2.0."""
    while True:
        start = buffer.find(b"\xff\xff\xfd\x00")
        if start < 0 or len(buffer) < start + 7:
            return
        length = buffer[start + 5] | buffer[start + 6] << 8
        end = start + 7 + length
        if len(buffer) < end:
            return
        # Byte stuffing (FD after FF FF FD) does not occur in what is looked for.
        yield buffer[start + 4], buffer[start + 7], bytes(buffer[start + 8:end - 2])
        del buffer[:end]


def main():
    servos = os.open(sys.argv[1], os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    raw(servos)
    ours, theirs = os.openpty()
    raw(theirs)
    print(os.ttyname(theirs), flush=True)
    # The far end stays open here, so that a host may come and go.
    buffer = bytearray()
    while True:
        ready, _, _ = select.select([servos, ours], [], [])
        if ours in ready:
            data = os.read(ours, 4096)
            now = time.time_ns()
            os.write(servos, data)
            buffer += data
            for device, instruction, parameters in packets(buffer):
                print(now, device, f"{instruction:02x}", parameters.hex(), flush=True)
        if servos in ready:
            os.write(ours, os.read(servos, 4096))


main()
