"""A child whose reader does what its first argument says; started like ours, and under the same limits."""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from g4f.reading.child import arguments, run
from g4f.reading.pieces import Limits, Piece, Progress, Section


def loop() -> str:
    while True:
        pass


def allocate() -> str:
    return str(len(bytearray(4 << 30)))


def hoard() -> str:
    held = []
    while True:
        held.append(bytearray(1 << 20))


def crash() -> str:
    return str(ctypes.string_at(0))


def abort() -> str:
    os.abort()


def leave() -> str:
    os._exit(0)


def sleep() -> str:
    time.sleep(3600)
    return ""


def killed() -> str:
    signal.raise_signal(signal.SIGKILL)
    return ""


def connect() -> str:
    socket.create_connection(("127.0.0.1", int(TARGET)), timeout=1)
    return "connected"


def reach() -> str:
    """Connect without Python's knowledge."""
    libc = ctypes.CDLL(None, use_errno=True)
    handle = socket.socket()
    address = b"\x02\x00" + int(TARGET).to_bytes(2, "big") + bytes([127, 0, 0, 1]) + bytes(8)
    return f"connect gave {libc.connect(handle.fileno(), address, len(address))}"


def spawn() -> str:
    return str(subprocess.run(["true"], check=True))


def write() -> str:
    return str(Path(TARGET).write_text("written"))


def grow() -> str:
    """Write without Python's knowledge."""
    libc = ctypes.CDLL(None, use_errno=True)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    handle = libc.open(TARGET.encode(), os.O_WRONLY | os.O_CREAT, 0o600)
    return f"write gave {libc.write(handle, b'written', 7)}"


def noise() -> str:
    sys.stdout.write("a library's chatter")
    sys.stdout.flush()
    os.write(1, b"more of it\n")
    return "quiet text"


def environment() -> str:
    return " ".join(sorted(os.environ))


DEED, TARGET = sys.argv[1], sys.argv[2]
DEEDS = (loop, allocate, hoard, crash, abort, leave, sleep, killed, connect, reach, spawn, write, grow, noise, environment)


def read(file: BinaryIO, limits: Limits) -> Iterator[Piece]:
    """Show a beginning of work, then do the deed."""
    yield Progress(1, 2)
    yield Section({deed.__name__: deed for deed in DEEDS}[DEED]())


if __name__ == "__main__":
    del sys.argv[1:3]
    run(lambda: read, arguments()[1])
