"""Speaks ODrive's ASCII protocol (firmware 0.5.x) to a board on a port, and judges its answers.

Usage: odrive_ascii.py PORT BAUD

There is no third-party client of this protocol; this one shares no code with sacbot. It expects a
board with two uncalibrated axes that follow set points within seconds, and exits with 1 and a
reason if anything is not as the vendor's documentation says.
"""

import sys
import time

import serial

PATIENCE = 10.0


def xor(data):
    total = 0
    for byte in data:
        total ^= byte
    return total


class Board:
    def __init__(self, path, rate):
        self.port = serial.Serial(path, rate, timeout=2.0)

    def line(self):
        raw = self.port.readline()
        expect(raw.endswith(b"\r\n"), f"no CR LF at the end of {raw!r}")
        expect(len(raw) <= 64, f"{raw!r} is too long")
        return raw[:-2]

    def ask(self, text):
        """One request with checksum, one answer, whose checksum is checked."""
        command = text.encode()
        self.port.write(b"%s*%d\n" % (command, xor(command)))
        body, star, check = self.line().rpartition(b"*")
        expect(star == b"*" and int(check) == xor(body), f"bad checksum behind {body!r}")
        return body.decode()

    def tell(self, text):
        """A request that is not answered: the answer to the next one must be the next one's."""
        command = text.encode()
        self.port.write(b"%s*%d\n" % (command, xor(command)))
        expect(self.ask("r hw_version_major") == "3", f"{text!r} was answered")

    def plain(self, data, count=1):
        self.port.write(data)
        return [self.line() for _ in range(count)]

    def feedback(self, axis):
        position, velocity = self.ask(f"f {axis}").split(" ")
        return float(position), float(velocity)

    def until(self, path, value):
        end = time.monotonic() + PATIENCE
        while (seen := self.ask("r " + path)) != value:
            expect(time.monotonic() < end, f"{path} stays {seen}, not {value}")


def expect(truth, reason):
    if not truth:
        sys.exit(reason)


def main():
    board = Board(sys.argv[1], int(sys.argv[2]))

    # The documentation's own sums.
    for text, total in [
        (b"r vbus_voltage ", 93), (b"r vbus_voltage", 125), (b"f 0", 118), (b"p 0 0.25", 89),
        (b"u 0", 101), (b"sc", 16), (b"w axis0.requested_state 8", 10),
        (b"0.250000 -0.010000", 11),
    ]:
        expect(xor(text) == total, f"the client cannot add {text!r}")

    # Lines.
    expect(board.plain(b"r vbus_voltage *93\n") == board.plain(b"r vbus_voltage*125\n"), "93, 125")
    expect(board.plain(b"f 0\n") == [b"0.000000 0.000000"], "plain feedback")
    expect(board.plain(b"f 0\r\n", 2)[1] == b"unknown command", "CR LF")
    expect(board.plain(b"f 0!") == [b"0.000000 0.000000"], "an exclamation mark ends a line")
    expect(board.plain(b"f 0 ; comment\n") == [b"0.000000 0.000000"], "comment")
    board.port.write(b"f 0*117\nf 0*999\n")
    expect(board.ask("f 5") == "invalid motor 5", "wrong checksums are not answered")
    board.port.write(b"f 0" + b" " * 300 + b"\n")
    expect(board.ask("f 6") == "invalid motor 6", "too long a line is not answered")

    # Refusals.
    expect(board.ask("bogus") == "unknown command", "unknown command")
    expect(board.ask("p 0") == "invalid command format", "missing argument")
    expect(board.ask("r axis0.bogus") == "invalid property", "unknown property")
    expect(board.ask("w vbus_voltage 1") == "not implemented", "read-only property")

    # Information.
    board.port.write(b"i\n")
    info = [board.line() for _ in range(3)]
    expect(info[0].startswith(b"Hardware version: 3."), f"{info}")
    expect(info[1] == b"Firmware version: 0.5.6", f"{info}")
    expect(info[2].startswith(b"Serial number: "), f"{info}")
    expect(len(board.ask("r serial_number")) == 9, "a long number is cut after nine digits")
    expect(board.ask("r axis0.controller.config.vel_gain") == "0.166667", "factory gain")

    # Bring-up as the sheet has it: calibrate, look, close the loop.
    board.tell("w axis0.requested_state 8")
    board.until("axis0.error", "1")
    for axis in (0, 1):
        board.tell(f"w axis{axis}.requested_state 3")
        board.until(f"axis{axis}.motor.is_calibrated", "1")
        board.until(f"axis{axis}.encoder.is_ready", "1")
        board.until(f"axis{axis}.current_state", "1")
        expect(board.ask(f"r axis{axis}.error") == "0", "errors after calibration")
        board.tell(f"w axis{axis}.requested_state 8")
        board.until(f"axis{axis}.current_state", "8")

    # Motion: set point, feedback, the other axis stays.
    board.tell("p 0 0.05 0 0")
    end = time.monotonic() + PATIENCE
    while abs(board.feedback(0)[0] - 0.05) > 0.001:
        expect(time.monotonic() < end, f"axis 0 is at {board.feedback(0)}")
    expect(abs(board.feedback(1)[0]) < 0.001, "axis 1 moved")
    board.tell("q 0 0.05 3.5 0.25")
    expect(board.ask("r axis0.controller.config.vel_limit") == "3.500000", "q sets the limit")
    expect(board.ask("r axis0.motor.config.torque_lim") == "0.250000", "q sets the torque")

    # Pipelined requests are answered in order.
    asked = [f"f {n}" for n in (9, 0, 7, 1, 8)]
    board.port.write(b"".join(b"%s*%d\n" % (t.encode(), xor(t.encode())) for t in asked))
    answers = [board.line().rpartition(b"*")[0] for _ in asked]
    expect(answers[0] == b"invalid motor 9" and answers[2] == b"invalid motor 7", f"{answers}")
    expect(answers[1].startswith(b"0.0") and answers[4] == b"invalid motor 8", f"{answers}")

    # Watchdog: u keeps it, f does not.
    board.tell("w axis1.config.watchdog_timeout 0.5")
    board.tell("u 1")
    board.tell("w axis1.config.enable_watchdog 1")
    begin = time.monotonic()
    while time.monotonic() - begin < 1.0:
        board.tell("u 1")
    expect(board.ask("r axis1.current_state") == "8", "u does not feed")
    end = time.monotonic() + PATIENCE
    while board.ask("r axis1.error") == "0":
        board.feedback(1)
        expect(time.monotonic() < end, "f feeds")
    expect(board.ask("r axis1.error") == "2048", "watchdog error")
    expect(board.ask("r axis1.current_state") == "1", "an error drops to idle")
    expect(board.ask("r axis0.current_state") == "8", "and only that axis")
    board.tell("w axis1.config.enable_watchdog 0")
    board.tell("sc")
    expect(board.ask("r axis1.error") == "0", "sc clears")

    # Restart: the encoder begins at zero, the configuration is the saved one.
    board.tell("sr")
    expect(board.ask("r axis0.current_state") == "1", "state after a restart")
    expect(abs(board.feedback(0)[0]) < 0.001, f"{board.feedback(0)} after a restart")
    expect(board.ask("r axis0.controller.config.vel_limit") == "2.000000", "limit after a restart")
    print("all is well")


main()
