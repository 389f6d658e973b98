"""Holds one thread of a process still, as a debugger does, until standard input ends.

    stop_thread.py PID THREAD-NAME
"""
import ctypes
import os
import sys

SEIZE, INTERRUPT, DETACH = 0x4206, 0x4207, 17
WALL = 0x40000000

libc = ctypes.CDLL(None, use_errno=True)
libc.ptrace.argtypes = [ctypes.c_long] * 4


def ptrace(request, thread):
    if libc.ptrace(request, thread, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "ptrace")


def thread_named(process, name):
    for thread in os.listdir(f"/proc/{process}/task"):
        with open(f"/proc/{process}/task/{thread}/comm") as comm:
            if comm.read().strip() == name:
                return int(thread)
    raise SystemExit(f"no thread {name}")


thread = thread_named(int(sys.argv[1]), sys.argv[2])
ptrace(SEIZE, thread)
ptrace(INTERRUPT, thread)
os.waitpid(thread, WALL)
print("stopped", flush=True)
sys.stdin.read()
ptrace(DETACH, thread)
print("going on", flush=True)
