"""What the child may not do: use more than its share, write, connect, start programs, outlive the server.

The kernel holds the limits; the namespace without a network is taken where the kernel grants it, and the audit hook refuses
the same to Python code everywhere.
"""

from __future__ import annotations

import ctypes
import os
import sys
from contextlib import suppress
from typing import Any

from g4f.reading.pieces import Limits

CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000
PR_SET_PDEATHSIG, SIGKILL = 1, 9
OPEN_FILES = 32
_REFUSED = (
    "socket.bind", "socket.connect", "socket.getaddrinfo", "socket.gethostby", "socket.sendto", "subprocess.", "pty.",
    "os.chflags", "os.chmod", "os.chown", "os.exec", "os.fork", "os.kill", "os.link", "os.mkdir", "os.posix_spawn", "os.putenv",
    "os.remove", "os.rename", "os.rmdir", "os.setxattr", "os.spawn", "os.startfile", "os.symlink", "os.system", "os.truncate",
    "os.utime", "shutil.", "tempfile.", "ftplib.", "smtplib.", "urllib.", "http.client.", "sqlite3.", "winreg.",
)  # fmt: skip
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


def confine(limits: Limits) -> None:
    """Give up what reading a file does not need; there is no way back."""
    if sys.platform != "win32":
        _limit(limits)
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        libc.prctl(PR_SET_PDEATHSIG, SIGKILL)
        if libc.unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0:
            libc.unshare(CLONE_NEWNET)  # root may where people may not
    sys.addaudithook(_refuse)


def _limit(limits: Limits) -> None:
    import resource  # noqa: PLC0415 - absent on Windows

    for what, most in (
        (resource.RLIMIT_CPU, limits.cpu),
        (resource.RLIMIT_AS, limits.memory),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
    ):
        with suppress(ValueError, OSError):  # macOS refuses to bound memory
            resource.setrlimit(what, (most, most + 1 if what == resource.RLIMIT_CPU else most))  # at the first of the two it is told


def _refuse(event: str, args: tuple[Any, ...]) -> None:
    if event.startswith(_REFUSED) or (event == "open" and isinstance(args[2], int) and args[2] & _WRITES):
        raise PermissionError(f"{event} is refused to a process that reads a file")
