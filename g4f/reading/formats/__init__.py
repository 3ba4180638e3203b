"""One reader for each format, all of the same shape: ``read(file, limits)`` yields the pieces of an open file in their order.

A reader is loaded when a file of its format is read, and only in the child. It raises UnreadableError where it knows what is
wrong; whatever its library raises besides means that the file is broken.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import BinaryIO, Protocol

from g4f.errors import UnreadableError
from g4f.reading.kinds import HEAD, Format, kind_of
from g4f.reading.outline import JOINT
from g4f.reading.pieces import Limits, Picture, Piece, Section, Skipped
from g4f.reading.reasons import shown, unreadable


class Reader(Protocol):
    """Yield the pieces of an open file."""

    def __call__(self, file: BinaryIO, limits: Limits) -> Iterator[Piece]:
        """Begin at the start of the file."""
        ...


def reader_of(read_by: Format) -> Reader:
    """Load a format's reader."""
    reader: Reader = import_module(f"{__name__}.{read_by}").read
    return reader


def read_safely(reader: Reader, file: BinaryIO, limits: Limits) -> Iterator[Piece]:
    """Yield what a reader yields; raises UnreadableError, and nothing else, when it cannot go on."""
    try:
        yield from reader(file, limits)
    except UnreadableError:
        raise
    except MemoryError:
        raise unreadable("memory") from None
    except GeneratorExit:
        raise
    except BaseException as error:  # libraries raise anything, panics of Rust among it, over foreign bytes
        raise unreadable("broken") from error


def read_inside(name: str, file: BinaryIO, limits: Limits) -> Iterator[Piece]:
    """Yield the text of a file inside another, under its name; a file that gives none is named as skipped."""
    kind, name = kind_of(file.read(HEAD), name), shown(name)
    file.seek(0)
    if kind.format in {"archive", "compressed"}:
        yield Skipped(name, "nested")
    elif kind.use == "media":
        yield Skipped(name, "media")
    elif kind.format is None:
        yield Skipped(name, "unsupported")
    else:
        yield from _under(name, read_safely(reader_of(kind.format), file, limits))


def _under(name: str, pieces: Iterator[Piece]) -> Iterator[Piece]:
    empty = True
    try:
        for piece in pieces:
            match piece:
                case Section(text, page, heading):
                    empty = empty and not text.strip()
                    yield Section(text, page, JOINT.join(filter(None, (name, heading))))
                case Skipped(inner, reason):
                    yield Skipped(f"{name}{JOINT}{inner}", reason)
                case Picture():
                    pass
                case _:
                    pass
    except UnreadableError as error:
        yield Skipped(name, error.reason)  # type: ignore[arg-type]  # one of reasons.Reason, which errors do not know
    else:
        if empty:
            yield Skipped(name, "empty")
