#!/usr/bin/env python3
"""Runs somebody else's moteus device (mini_moteus.py) on a pseudo-terminal, for the host's tests.

Usage: serve.py FOLDER_OF_MINI_MOTEUS [--plain] ID

Prints the pseudo-terminal's path, then obeys one line of standard input at a time and answers each
with one line: `set REGISTER VALUE`, `get REGISTER` (numbers in hex, values as floats), `log` (lines
heard since the last log, in hex, separated by blanks). Ends at the end of input.

--plain  answer without check sums, as an fdcanusb on USB does
"""
import sys


def main():
    arguments = sys.argv[1:]
    sys.path.insert(0, arguments.pop(0))
    import mini_moteus

    plain = arguments[0] == "--plain"
    device = mini_moteus.Dev(int(arguments[-1]), checksum=not plain)
    device.start()
    print(device.path, flush=True)
    for line in sys.stdin:
        words = line.split()
        answer = "ok"
        if words[0] == "set":
            device.r[int(words[1], 16)] = float(words[2])
        elif words[0] == "get":
            answer = str(device.r.get(int(words[1], 16), "none"))
        elif words[0] == "log":
            answer = " ".join(heard.hex() for heard in device.lines if heard)
            device.lines.clear()
        else:
            answer = "unknown"
        print(answer, flush=True)


main()
