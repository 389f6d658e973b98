#!/usr/bin/env python3
"""Tick jitter with a busy dashboard beside that with an idle one, in interleaved blocks.

    load.py URL [BLOCKS] [SECONDS] [STREAMS]

URL is that of a robot that runs. Idle blocks: nobody asks. Busy blocks: STREAMS connections read
/events and wrk asks for the state as fast as it can. The ticks' histogram is read from /metrics
before and after each block; what lies between is the block's. Needs wrk.
"""

import re
import socket
import subprocess
import sys
import threading
import time
import urllib.parse
import urllib.request

BOUND = re.compile(r'sacbot_tick_jitter_seconds_bucket\{.*le="([^"]+)".*\} (\S+)')


class Streams:
    """Connections that read what they are sent and throw it away."""

    def __init__(self, host, port, count):
        self.open = [self.connect(host, port) for _ in range(count)]
        self.isRunning = True
        self.bytes = 0
        self.thread = threading.Thread(target=self.read, daemon=True)
        self.thread.start()

    @staticmethod
    def connect(host, port):
        connection = socket.create_connection((host, port))
        connection.sendall(b"GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n")
        return connection

    def read(self):
        import selectors
        selector = selectors.DefaultSelector()
        for connection in self.open:
            connection.setblocking(False)
            selector.register(connection, selectors.EVENT_READ)
        while self.isRunning:
            for key, _ in selector.select(0.2):
                self.bytes += len(key.fileobj.recv(65536))

    def close(self):
        self.isRunning = False
        self.thread.join()
        for connection in self.open:
            connection.close()


def lateness(url):
    with urllib.request.urlopen(url + "metrics") as answer:
        text = answer.read().decode()
    return [(float(bound), float(count)) for bound, count in BOUND.findall(text)]


def quantile(before, after, share):
    counts = [(bound, now - then) for (bound, now), (_, then) in zip(after, before)]
    total = counts[-1][1]
    return next(bound for bound, count in counts if count >= share * total), int(total)


def block(url, seconds, streams, place):
    listeners = None
    load = None
    requests = "0"
    if streams:
        listeners = Streams(place.hostname, place.port, streams)
        load = subprocess.Popen(
            ["wrk", "-t1", "-c4", f"-d{seconds}s", "-H", "Host: localhost", url + "api/v1/state"],
            text=True, stdout=subprocess.PIPE)
    before = lateness(url)
    time.sleep(seconds)
    after = lateness(url)
    if load:
        requests = re.search(r"Requests/sec:\s+(\S+)", load.communicate()[0]).group(1)
        listeners.close()
    figures = [quantile(before, after, share) for share in (0.5, 0.99, 0.999, 1)]
    print("busy" if streams else "idle", f"{figures[0][1]} ticks, late at most (us):",
          *(f"{name} {bound * 1e6:.0f}" for name, (bound, _) in
            zip(("p50", "p99", "p99.9", "max"), figures)),
          f"requests/s {requests}", f"streamed {listeners.bytes if listeners else 0} bytes", flush=True)


def main():
    url = sys.argv[1]
    blocks, seconds, streams = (int(sys.argv[n]) if len(sys.argv) > n else usual
                                for n, usual in ((2, 6), (3, 20), (4, 200)))
    place = urllib.parse.urlparse(url)
    for number in range(2 * blocks):
        block(url, seconds, streams if number % 2 else 0, place)


main()
