"""A disk that fails: what SQLite writes and syncs goes through here, by a VFS of ours in front of its own.

https://www.sqlite.org/vfs.html
"""

from __future__ import annotations

import _sqlite3
import ctypes
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from ctypes import CFUNCTYPE, POINTER, Structure, c_char_p, c_int, c_int64, c_void_p
from typing import Any

OK, READ_ONLY, IO_ERROR, FULL = 0, 8, 10, 13
"""https://www.sqlite.org/rescode.html"""
WRITE = CFUNCTYPE(c_int, c_void_p, c_void_p, c_int, c_int64)
SYNC = CFUNCTYPE(c_int, c_void_p, c_int)
OPEN = CFUNCTYPE(c_int, c_void_p, c_void_p, c_void_p, c_int, c_void_p)  # the name is a pointer: SQLite keeps it until the file is closed


class _Methods(Structure):
    """The beginning of ``sqlite3_io_methods``, version 3."""

    _fields_ = (
        ("version", c_int), ("close", c_void_p), ("read", c_void_p), ("write", WRITE), ("truncate", c_void_p), ("sync", SYNC),
        ("rest", c_void_p * 13),
    )  # fmt: skip


class _File(Structure):
    _fields_ = (("methods", POINTER(_Methods)),)


class _Vfs(Structure):
    """The beginning of ``sqlite3_vfs``, version 3."""

    _fields_ = (
        ("version", c_int), ("file_size", c_int), ("longest_path", c_int), ("next", c_void_p), ("name", c_char_p), ("data", c_void_p),
        ("open", OPEN), ("rest", c_void_p * 15),
    )  # fmt: skip


class Disk:
    """Count writes and syncs, and let one of them fail, or it and all that follow."""

    def __init__(self) -> None:
        self.count = 0
        self._failing, self._code = range(0), OK
        self._lock = threading.Lock()

    def outcome(self) -> int:
        """Count one more, and return SQLite's code for how it ends."""
        with self._lock:
            self.count += 1
            return self._code if self.count in self._failing else OK

    def fail(self, number: int, code: int = IO_ERROR) -> None:
        """Let the n-th from now fail, and no other."""
        with self._lock:
            self.count, self._failing, self._code = 0, range(number, number + 1), code

    def break_down(self, code: int = IO_ERROR) -> None:
        """Let everything fail."""
        with self._lock:
            self._failing, self._code = range(self.count + 1, sys.maxsize), code

    def mend(self) -> None:
        """Let nothing fail any more."""
        with self._lock:
            self._code = OK


@contextmanager
def failing_disk() -> Iterator[Disk]:
    """Put a disk under each SQLite file that is opened within the block."""
    library: Any = ctypes.CDLL(_sqlite3.__file__)
    library.sqlite3_vfs_find.restype = POINTER(_Vfs)
    disk, own, kept = Disk(), library.sqlite3_vfs_find(None), dict[int, _Methods]()

    @OPEN  # type: ignore[untyped-decorator]
    def open_file(vfs: int, name: int | None, file: int, flags: int, told: int) -> int:
        outcome = own.contents.open(ctypes.addressof(own.contents), name, file, flags, told)
        opened = _File.from_address(file)
        if opened.methods:
            address = ctypes.addressof(opened.methods.contents)
            if address not in kept:
                kept[address] = _through(opened.methods.contents, disk)
            opened.methods = ctypes.pointer(kept[address])
        return int(outcome)

    front = _Vfs.from_buffer_copy(own.contents)
    front.name, front.open = b"failing", open_file
    library.sqlite3_vfs_register(ctypes.byref(front), 1)
    try:
        yield disk
    finally:
        library.sqlite3_vfs_register(own, 1)
        library.sqlite3_vfs_unregister(ctypes.byref(front))


def _through(methods: _Methods, disk: Disk) -> _Methods:
    own_write, own_sync = WRITE.from_buffer_copy(methods.write), SYNC.from_buffer_copy(methods.sync)

    @WRITE  # type: ignore[untyped-decorator]
    def write(*given: Any) -> int:
        return disk.outcome() or int(own_write(*given))

    @SYNC  # type: ignore[untyped-decorator]
    def sync(*given: Any) -> int:
        return disk.outcome() or int(own_sync(*given))

    through = _Methods.from_buffer_copy(methods)
    through.write, through.sync = write, sync
    return through
