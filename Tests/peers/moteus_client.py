#!/usr/bin/env python3
"""The maker's own library as client of sacbot's emulated moteus controllers.

Usage: moteus_client.py PTY

Expects controllers 1 and 2 on 24 V with the maker's default law, free to turn. Prints what it
checks; ends with status 1 at the first thing that is not as the maker's docs say.
"""
import asyncio
import math
import sys
import time

import moteus
from moteus import Mode, Register


def check(what, holds, detail=""):
    print(("ok   " if holds else "FAIL ") + what, detail)
    if not holds:
        sys.exit(1)


async def until(what, controller, holds, seconds=5, **goal):
    """Repeats a goal (or a query, without one) until the answer is as wanted."""
    end = time.monotonic() + seconds
    while True:
        if goal:
            answer = await controller.set_position(query=True, **goal)
        else:
            answer = await controller.query()
        if answer is not None and holds(answer.values):
            check(what, True)
            return answer.values
        if time.monotonic() > end:
            check(what, False, answer)


async def main(path):
    transport = moteus.Fdcanusb(path)
    one = moteus.Controller(id=1, transport=transport)
    two = moteus.Controller(id=2, transport=transport)

    values = (await one.set_stop(query=True)).values
    check("a stopped motor is in mode 0", values[Register.MODE] == Mode.STOPPED, values)
    check("on 24 V", values[Register.VOLTAGE] == 24)
    check("without fault", values[Register.FAULT] == 0)

    who = (await one.custom_query({
        Register.MODEL_NUMBER: moteus.INT32, Register.FIRMWARE_VERSION: moteus.INT32,
        Register.MULTIPLEX_ID: moteus.INT8, Register.HOME_STATE: moteus.INT8,
        Register.POSITION: moteus.INT16, Register.COMMAND_KP_SCALE: moteus.INT16,
        Register.COMMAND_POSITION: moteus.INT32,
    })).values
    check("it says its model", who[Register.MODEL_NUMBER] == 4, who)
    check("and its ID", who[Register.MULTIPLEX_ID] == 1)
    check("a scale of 1 is all of an int16", abs(who[Register.COMMAND_KP_SCALE] - 1) < 1e-4)
    check("no commanded position is NaN", math.isnan(who[Register.COMMAND_POSITION]))

    await one.set_output_exact(position=0.0)
    await two.set_output_exact(position=1.25)
    where = await two.query()
    check("a position set exactly is there", abs(where.values[Register.POSITION] - 1.25) < 1e-4)

    await until("a goal is reached", one, lambda v: abs(v[Register.POSITION] - 0.2) < 0.002
                and v[Register.MODE] == Mode.POSITION,
                position=0.2, velocity=0.0, watchdog_timeout=0.5)
    await until("a velocity is kept", one, lambda v: abs(v[Register.VELOCITY] + 0.5) < 0.02,
                position=math.nan, velocity=-0.5)
    await until("int16 goals are understood", one,
                lambda v: abs(v[Register.POSITION] - 0.1) < 0.002, position=0.1, velocity=0.0)

    await until("without commands it times out", one,
                lambda v: v[Register.MODE] == Mode.TIMEOUT)
    answer = await one.set_position(position=0.0, query=True)
    check("and stays so", answer.values[Register.MODE] == Mode.TIMEOUT)
    answer = await one.set_stop(query=True)
    check("until it is stopped", answer.values[Register.MODE] == Mode.STOPPED)
    await one.set_brake()
    check("it brakes", (await one.query()).values[Register.MODE] == 15)
    await one.set_stop()

    console = moteus.Stream(one, use_flow_control=False)
    kp = await console.command(b"conf get servo.pid_position.kp", allow_any_response=True)
    check("its console names kp", float(kp) == 4, kp)
    await console.command(b"conf set servo.pid_position.kp 3.5")
    kp = await console.command(b"conf get servo.pid_position.kp", allow_any_response=True)
    check("and takes another", float(kp) == 3.5, kp)
    try:
        await console.command(b"conf get nonsense")
        check("and refuses what it has not", False)
    except moteus.CommandError:
        check("and refuses what it has not", True)

    both = await transport.cycle([
        one.make_position(position=math.nan, query=True),
        two.make_position(position=math.nan, query=True),
    ])
    check("two answer in one cycle", sorted(r.id for r in both) == [1, 2], both)
    found = await transport.discover() if hasattr(transport, "discover") else []
    ids = sorted(d.address.can_id for d in found)
    check("both are discovered", ids in ([], [1, 2]), found)

    await one.set_stop()
    await two.set_stop()
    start = time.monotonic()
    for _ in range(200):
        await one.query()
    print(f"{(time.monotonic() - start) / 200 * 1e6:.0f} us a query")


asyncio.run(main(sys.argv[1]))
