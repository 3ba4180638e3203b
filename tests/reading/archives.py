"""ZIP files that mean harm, or look as though they did."""

from __future__ import annotations

import stat
import struct
from collections.abc import Callable
from io import BytesIO
from typing import NamedTuple
from zipfile import ZIP_BZIP2, ZIP_LZMA, ZIP_STORED, ZipFile, ZipInfo

from tests.reading.documents import ENGLISH, packed

LOCAL, DIRECTORY = b"PK\x03\x04", b"PK\x01\x02"


class Archive(NamedTuple):
    """Be an archive, and what reading it comes to."""

    label: str
    make: Callable[[], bytes]
    expected: str


def named(name: str) -> Callable[[], bytes]:
    """Return a maker of an archive with one entry of a name, backslashes kept."""

    def make() -> bytes:
        plain = packed({"n" * len(name.encode()): ENGLISH})
        return plain.replace(b"n" * len(name.encode()), name.encode())

    return make


def moded(mode: int) -> Callable[[], bytes]:
    """Return a maker of an archive with one entry of a Unix mode."""

    def make() -> bytes:
        out, entry = BytesIO(), ZipInfo("a.txt")
        entry.external_attr = mode << 16
        with ZipFile(out, "w") as archive:
            archive.writestr(entry, "/etc/passwd")
        return out.getvalue()

    return make


def patched(offset: int, value: bytes, header: bytes = DIRECTORY) -> Callable[[], bytes]:
    """Return a maker of an archive with bytes replaced in its only entry's header."""

    def make() -> bytes:
        data = bytearray(packed({"a.txt": ENGLISH * 9}))
        place = data.index(header) + offset
        data[place : place + len(value)] = value
        return bytes(data)

    return make


def encrypted() -> bytes:
    """Return an archive whose entry has the flag of encryption in both headers."""
    data = patched(8, b"\x01\x00")()
    return data[:6] + b"\x01\x00" + data[8:]


def overlapping() -> bytes:
    """Return an archive whose two entries are the same bytes."""
    data = packed({"a.txt": ENGLISH * 9, "b.txt": ENGLISH * 9})
    second = data.index(DIRECTORY, data.index(DIRECTORY) + 4)
    return data[: second + 42] + struct.pack("<I", 0) + data[second + 46 :]


def twice(*names: str) -> bytes:
    """Return an archive with entries of these names, equal ones too."""
    unlike = [f"{number}{name[1:]}" for number, name in enumerate(names)]
    data = packed(dict.fromkeys(unlike, ENGLISH))
    for other, name in zip(unlike, names, strict=True):
        data = data.replace(other.encode(), name.encode())
    return data


def with_method(method: int) -> Callable[[], bytes]:
    """Return a maker of an archive that is packed in another way."""
    return lambda: packed({"a.txt": ENGLISH * 9}, method)


TEXT = {"a.txt": ENGLISH}
ARCHIVES: tuple[Archive, ...] = (
    Archive("absolute", named("/etc/passwd"), "outside"),
    Archive("absolute, doubled", named("//etc/passwd"), "outside"),
    Archive("drive", named("C:/windows/a.txt"), "outside"),
    Archive("drive, relative", named("C:a.txt"), "outside"),
    Archive("drive, backslashes", named("C:\\windows\\a.txt"), "outside"),
    Archive("share", named("\\\\server\\share\\a.txt"), "outside"),
    Archive("parent", named("../a.txt"), "outside"),
    Archive("parent, far", named("../../../../etc/passwd"), "outside"),
    Archive("parent, inside", named("a/../../a.txt"), "outside"),
    Archive("parent, backslash", named("..\\a.txt"), "outside"),
    Archive("parent, last", named("a/.."), "outside"),
    Archive("NUL", named("a.txt\0.png"), "outside"),
    Archive("symbolic link", moded(stat.S_IFLNK | 0o777), "link"),
    Archive("device", moded(stat.S_IFCHR | 0o666), "link"),
    Archive("pipe", moded(stat.S_IFIFO | 0o666), "link"),
    Archive("socket", moded(stat.S_IFSOCK | 0o666), "link"),
    Archive("file with a mode", moded(stat.S_IFREG | 0o4755), "read"),
    Archive("encrypted", encrypted, "encrypted"),
    Archive("at the limit", lambda: packed({f"{n}.txt": "a" for n in range(1_000)}), "read"),
    Archive("one more", lambda: packed({f"{n}.txt": "a" for n in range(1_001)}), "crowded"),
    Archive("65,536 entries", lambda: packed({f"{n}": "" for n in range(65_536)}, ZIP_STORED), "crowded"),
    Archive("archive inside", lambda: packed({"b.zip": packed(TEXT)}), "nested"),
    Archive("archive inside beside a text", lambda: packed({"b.zip": packed(TEXT), **TEXT}), "read"),
    Archive("archive named as a text", lambda: packed({"b.txt": packed(TEXT)}), "unsupported"),
    Archive("overlapping", overlapping, "overlapping"),
    Archive("the same name twice", lambda: twice("a.txt", "a.txt"), "read"),
    Archive("names that differ in case", lambda: twice("a.txt", "A.txt"), "read"),
    Archive("understated", patched(24, struct.pack("<I", 10)), "broken"),
    Archive("another checksum", patched(16, b"abcd"), "broken"),
    Archive("unknown method", patched(10, b"\x63\x00"), "broken"),
    Archive("offset beyond the end", patched(42, b"\xff\xff\xff\x0f"), "broken"),
    Archive("other name in the entry's own header", patched(30, b"/", LOCAL), "broken"),
    Archive("bzip2", with_method(ZIP_BZIP2), "read"),
    Archive("lzma", with_method(ZIP_LZMA), "read"),
    Archive("empty", lambda: packed({}), "empty"),
    Archive("folders alone", lambda: packed({"a/": "", "a/b/": ""}), "empty"),
    Archive("cut", lambda: packed(TEXT)[:-30], "broken"),
    Archive("reserved name", named("CON"), "read"),
    Archive("option", named("-rf"), "read"),
    Archive("right to left", named("a\u202etxt.exe"), "read"),
    Archive("long name", named("a" * 300 + ".txt"), "read"),
)
