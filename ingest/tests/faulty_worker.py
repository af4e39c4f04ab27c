"""A worker whose reader does what the file tells it to: the faults that real files bring about."""

import ctypes
import os
import signal
import time

from ingest import readers
from ingest.workers import heartbeat, worker

_read = readers.read
_hoard = []


def slow():
    """Slower than the limit without a sign of life, and never without one for so long."""
    for _ in range(8):
        time.sleep(0.5)
        heartbeat.beat()


def hoard():
    while True:
        _hoard.append(b"\1" * 2**24)


def fail():
    raise RecursionError("too deep")


ORDERS = {
    "睡": lambda: time.sleep(600),
    "慢": slow,
    "吞": hoard,
    "一口吞": lambda: bytes(2**36),
    "崩": lambda: ctypes.string_at(0),
    "被杀": lambda: os.kill(os.getpid(), signal.SIGKILL),
    "错": fail,
    "说": lambda: os.write(1, b"what a library prints"),
}


def obeying(data, name, recognise=frozenset()):
    """Read ``data`` after doing what it orders."""
    ORDERS.get(data.decode("utf-8", "replace").strip(), lambda: None)()
    return _read(data, name, recognise)


def main():
    """Serve as the real worker does."""
    readers.read = obeying
    worker.main()
