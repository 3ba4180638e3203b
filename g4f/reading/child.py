"""The child's side: it gives up its rights, reads the file on its standard input and writes what it finds as lines."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable, Iterator
from typing import BinaryIO, cast

import msgspec

from g4f.errors import UnreadableError
from g4f.reading import wire
from g4f.reading.confinement import confine
from g4f.reading.formats import Reader, read_safely
from g4f.reading.kinds import Format
from g4f.reading.pieces import Limits, Picture, Piece, Section, Skipped
from g4f.reading.reasons import Reason, unreadable


def run(load: Callable[[], Reader], limits: Limits) -> None:
    """Give up all rights, load a reader, and write a line for each piece it finds; the last one says how it ended."""
    out = _own_output()
    confine(limits)
    end: wire.Line = wire.Done()
    try:
        reader = load()
        with open(0, "rb", closefd=False) as file:
            file.seek(0)
            for piece in _bounded(read_safely(reader, file, limits), limits):
                out.write(wire.encode(piece))
                out.flush()
    except UnreadableError as error:
        end = _failed(error)
    except MemoryError:
        end = _failed(unreadable("memory"))
    out.write(wire.encode(end))
    out.flush()


def arguments() -> tuple[Format, Limits]:
    """Return the format and the limits that the parent gave."""
    return cast("Format", sys.argv[1]), msgspec.json.decode(sys.argv[2], type=Limits)


def _own_output() -> BinaryIO:
    """Keep standard output to ourselves; whatever a library prints goes where errors go."""
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return out


def _bounded(pieces: Iterator[Piece], limits: Limits) -> Iterator[Piece]:
    """Yield the pieces, long sections cut; raises UnreadableError when there is too much text or nothing at all."""
    left, first_skipped, found = limits.text, None, False
    for piece in pieces:
        match piece:
            case Section(text, page, heading) if text.strip():
                clean = text.encode("utf-8", "replace")
                left -= len(clean)
                if left < 0:
                    raise unreadable("long")
                found = True
                yield from (Section(part, page, heading) for part in _cut(clean.decode()))
            case Section():
                continue
            case Skipped():
                first_skipped = first_skipped or piece
                yield piece
            case _:
                found = found or isinstance(piece, Picture)
                yield piece
    if not found:
        raise unreadable(first_skipped.reason, first_skipped.name) if first_skipped else unreadable("empty")


def _cut(text: str) -> Iterator[str]:
    """Yield a text in parts that fit into a line each, ended where its lines do."""
    begin = 0
    while len(text) - begin > wire.PIECE:
        end = text.rfind("\n", begin + 1, begin + wire.PIECE) + 1 or begin + wire.PIECE
        yield text[begin:end]
        begin = end
    yield text[begin:]


def _failed(error: UnreadableError) -> wire.Failed:
    cause = error.__cause__
    place = traceback.extract_tb(cause.__traceback__)[-1] if cause and cause.__traceback__ else None
    where = f" at {os.path.basename(place.filename)}:{place.lineno}" if place else ""  # noqa: PTH119 - a text, no file is asked for
    return wire.Failed(cast("Reason", error.reason), str(error), f"{type(cause).__name__}{where}" if cause else "")
