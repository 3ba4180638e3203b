"""What a file is read into, and within which limits."""

from __future__ import annotations

from msgspec import Struct

from g4f.reading.reasons import Reason

MIB = 1024 * 1024


class Limits(Struct, frozen=True):
    """Bound what reading one file may take; seconds, bytes and pixels."""

    cpu: int = 10
    wall: float = 20.0
    memory: int = 512 * MIB
    text: int = 4 * MIB
    """Of all sections together, in UTF-8."""
    entries: int = 1_000
    unpacked: int = 100 * MIB
    ratio: int = 100
    """Unpacked bytes for each packed one; less than a MiB in all may have any."""
    pixels: int = 25_000_000
    side: int = 16_384
    frames: int = 100


class Progress(Struct, frozen=True, tag="progress"):
    """Say that a page is being read; both count from 1."""

    page: int
    pages: int


class Section(Struct, frozen=True, tag="section"):
    """Be a stretch of text, with Markdown for headings and tables.

    ``page`` counts pages, slides or sheets from 1, and is None where the format has none. ``heading`` is a path such as
    ``Chapter 1 > Section 2``. A long stretch comes in several pieces with the same two, which joined are its text.
    """

    text: str
    page: int | None = None
    heading: str = ""


class Picture(Struct, frozen=True, tag="picture"):
    """Be a picture's size as it is seen, and its thumbnail: WebP, at most 400 pixels long, without metadata."""

    width: int
    height: int
    thumbnail: bytes


class Skipped(Struct, frozen=True, tag="skipped"):
    """Say that a file inside an archive or a message was left out, and why."""

    name: str
    reason: Reason


Piece = Progress | Section | Picture | Skipped
