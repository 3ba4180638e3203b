"""ZIP containers, looked at before anything is unpacked: their sizes, names and places have to be those of an honest one."""

from __future__ import annotations

import stat
from collections.abc import Sequence
from io import BytesIO
from itertools import pairwise
from typing import BinaryIO
from zipfile import BadZipFile, ZipFile, ZipInfo

from g4f.reading.pieces import MIB, Limits
from g4f.reading.reasons import unreadable

LOCAL_HEADER = 30
"""Bytes before the name of an entry; https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT 4.3.7."""
ENCRYPTED, UTF_8 = 0x1, 0x800
"""Bits of an entry's flags; 4.4.4 there."""
OLE = b"\xd0\xcf\x11\xe0"


def opened(file: BinaryIO, limits: Limits) -> ZipFile:
    """Open a ZIP file; raises UnreadableError for what is no ZIP file and for one that means harm."""
    file.seek(0)
    if file.read(len(OLE)) == OLE:
        raise unreadable("encrypted")  # an Office file with a password is another container with the same name
    try:
        archive = ZipFile(file)
    except BadZipFile:
        raise unreadable("broken") from None
    _check(archive.infolist(), file.seek(0, 2), limits)
    return archive


def unpacked(archive: ZipFile, entry: ZipInfo | str, limits: Limits) -> BytesIO:
    """Read an entry into memory; what is more than it declared, or not what it declared, is damage."""
    found = entry if isinstance(entry, ZipInfo) else archive.getinfo(entry)
    with archive.open(found) as stream:
        data = stream.read(min(found.file_size, limits.unpacked) + 1)
    return BytesIO(data)


def name_of(entry: ZipInfo) -> str:
    """Return an entry's name; old programs wrote Russian names in the encoding of DOS."""
    if entry.flag_bits & UTF_8:
        return entry.filename
    raw = entry.filename.encode("cp437", "replace")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("cp866")


def _check(entries: Sequence[ZipInfo], size: int, limits: Limits) -> None:
    if len(entries) > limits.entries:
        raise unreadable("crowded")
    total = sum(entry.file_size for entry in entries)
    if total > limits.unpacked or (total > MIB and total > limits.ratio * size):
        raise unreadable("bomb")
    for entry in entries:
        _check_entry(entry)
    places = sorted((entry.header_offset, entry.header_offset + LOCAL_HEADER + entry.compress_size) for entry in entries)
    if any(end > begin for (_, end), (begin, _) in pairwise(places)):
        raise unreadable("overlapping")


def _check_entry(entry: ZipInfo) -> None:
    name = name_of(entry)
    parts = name.replace("\\", "/").split("/")
    if ".." in parts or not parts[0] or parts[0][1:2] == ":" or "\0" in getattr(entry, "orig_filename", name):
        raise unreadable("outside", name)
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise unreadable("link", name)
    if entry.flag_bits & ENCRYPTED:
        raise unreadable("encrypted", name)
