"""Asks readers for files, as the server does."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterable, Mapping
from contextlib import aclosing
from pathlib import Path

from g4f.errors import UnreadableError
from g4f.reading.pieces import Limits, Piece, Section
from g4f.reading.readers import DEFAULT, PROGRAM, Readers


def pieces_of(path: Path, data: bytes, media_type: str = "", limits: Limits = DEFAULT, program: Iterable[str] = PROGRAM) -> list[Piece]:
    """Write a file and read it."""
    path.write_bytes(data)

    async def read() -> list[Piece]:
        async with aclosing(Readers(limits, program=tuple(program)).read(path, path.name, media_type)) as pieces:
            return [piece async for piece in pieces]

    return asyncio.run(read())


def sections_of(path: Path, data: bytes, limits: Limits = DEFAULT) -> list[Section]:
    """Write a file and read its text."""
    return [piece for piece in pieces_of(path, data, limits=limits) if isinstance(piece, Section)]


def text_of(path: Path, data: bytes, limits: Limits = DEFAULT) -> str:
    """Write a file and read its whole text."""
    return "".join(section.text for section in sections_of(path, data, limits))


def outcome(path: Path, data: bytes, limits: Limits = DEFAULT, program: Iterable[str] = PROGRAM) -> str:
    """Write a file, read it and return why it cannot be read, or ``read``."""
    try:
        pieces_of(path, data, limits=limits, program=program)
    except UnreadableError as error:
        return error.reason
    return "read"


def tree(folder: Path) -> Mapping[str, str]:
    """Return a digest for each file under a folder."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
