#!/usr/bin/env python3
"""Runs somebody else's Dynamixel device (mini_dxl.py) on a pseudo-terminal, for the host's tests.

Usage: serve.py FOLDER_OF_MINI_DXL [--baud RATE] [--chain] ID:MODEL:FIRMWARE...

Prints the pseudo-terminal's path, then obeys one line of standard input at a time and answers
each with one line: `drop ID`, `back ID`, `set ID ADDRESS SIZE VALUE`, `get ID ADDRESS SIZE`,
`mute N` (say nothing to the next N requests), `flip N` (flip a bit in each of the next N answers),
`log` (instruction bytes and IDs seen since the last log). Ends at the end of input.

--baud   be deaf while the client has set another rate
--chain  in a sync read, say nothing for the servos behind a missing one, as a real bus does
"""
import fcntl
import struct
import sys


def client_rate(master):
    """The rate the client has set, from struct termios2 (TCGETS2 on x86 and ARM)."""
    return struct.unpack_from("I", fcntl.ioctl(master, 0x802C542A, b"\0" * 44), 40)[0]


def main():
    arguments = sys.argv[1:]
    sys.path.insert(0, arguments.pop(0))
    import mini_dxl

    baud, chain = None, False
    servos = []
    while arguments:
        word = arguments.pop(0)
        if word == "--baud":
            baud = int(arguments.pop(0))
        elif word == "--chain":
            chain = True
        else:
            number, model, firmware = word.split(":")
            servos.append(mini_dxl.Servo(int(number), model, int(firmware)))

    class Bus(mini_dxl.Bus):
        mute, flip, seen = 0, 0, []

        def handle(self, id_, body):
            self.seen.append(f"{body[0]:02X}:{id_}")
            if self.mute > 0:
                self.mute -= 1
                return
            if baud is not None and client_rate(self.master) != baud:
                return
            if chain and body[0] == 0x82:
                ids = body[5:]
                present = [i for i in ids if i in self.sv]
                first_missing = next((k for k, i in enumerate(ids) if i not in self.sv), len(ids))
                body = body[:5] + bytes(i for i in ids[:first_missing] if i in present)
            super().handle(id_, body)

        def tx(self, data):
            if self.flip > 0:
                self.flip -= 1
                data = data[:-3] + bytes([data[-3] ^ 0x10]) + data[-2:]
            super().tx(data)

    bus = Bus(servos)
    bus.start()
    print(bus.path, flush=True)
    everyone = dict(bus.sv)
    for line in sys.stdin:
        words = line.split()
        numbers = [int(w) for w in words[1:]]
        answer = "ok"
        if words[0] == "drop":
            bus.sv.pop(numbers[0], None)
        elif words[0] == "back":
            bus.sv[numbers[0]] = everyone[numbers[0]]
        elif words[0] == "set":
            everyone[numbers[0]].put(*numbers[1:])
        elif words[0] == "get":
            answer = str(everyone[numbers[0]].get(*numbers[1:]))
        elif words[0] == "mute":
            bus.mute = numbers[0]
        elif words[0] == "flip":
            bus.flip = numbers[0]
        elif words[0] == "log":
            answer, bus.seen[:] = " ".join(bus.seen), []
        else:
            answer = "unknown"
        print(answer, flush=True)


main()
