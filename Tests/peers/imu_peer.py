"""Reads an IMU on a port with a parser that is not ours.

Usage: imu_peer.py PORT FORMAT COUNT

    rvc   Adafruit's adafruit-circuitpython-bno08x-rvc on pyserial
    wit   the witmotion package of PyPI

Prints COUNT samples, one JSON object a line: angles in degrees as the device has them, acceleration
in m/s^2 (rvc) or standard gravities (wit), rates in degrees per second, the quaternion scalar first.
Exits with 1 and a reason if they do not come within 30 seconds.
"""

import collections
import json
import sys
import threading
import types

import serial

PATIENCE = 30.0


def read_rvc(path, count):
    # The library names its port's type from CircuitPython, which a computer has not.
    sys.modules["busio"] = types.SimpleNamespace(UART=serial.Serial)
    from adafruit_bno08x_rvc import BNO08x_RVC

    with serial.Serial(path, 115200, timeout=PATIENCE) as port:
        device = BNO08x_RVC(port, timeout=PATIENCE)
        for _ in range(count):
            yaw, pitch, roll, x, y, z = device.heading
            print(json.dumps({"angles": [yaw, pitch, roll], "acceleration": [x, y, z]}))


def read_wit(path, count):
    import witmotion
    from witmotion import protocol

    enough = threading.Event()
    samples = []
    sample = {}

    def take(message):
        if isinstance(message, protocol.AccelerationMessage):
            sample["acceleration"] = [value / protocol.G for value in message.a]
        elif isinstance(message, protocol.AngularVelocityMessage):
            sample["rates"] = list(message.w)
        elif isinstance(message, protocol.AngleMessage):
            sample["angles"] = [message.roll, message.pitch, message.yaw]
        elif isinstance(message, protocol.QuaternionMessage):
            sample["quaternion"] = list(message.q)
        if {"acceleration", "rates", "angles", "quaternion"} <= sample.keys():
            samples.append(dict(sample))
            sample.clear()
            if len(samples) >= count:
                enough.set()

    class Device(witmotion.IMU):
        # Its thread runs before its constructor has set this, and dies of a message in between.
        subscribers = collections.defaultdict(list)

    device = Device(path, 115200)
    try:
        device.subscribe(take)
        if not enough.wait(PATIENCE):
            sys.exit(f"{len(samples)} of {count} samples in {PATIENCE} s")
    finally:
        device.close()
    for one in samples[:count]:
        print(json.dumps(one))


if __name__ == "__main__":
    {"rvc": read_rvc, "wit": read_wit}[sys.argv[2]](sys.argv[1], int(sys.argv[3]))
