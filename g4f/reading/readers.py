"""The server's side of reading: one child for each file, two at a time, none left behind."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing, suppress
from pathlib import Path
from typing import IO

import msgspec

from g4f import debug
from g4f.errors import UnreadableError
from g4f.reading import wire
from g4f.reading.kinds import HEAD, Format, kind_of
from g4f.reading.pieces import MIB, Limits, Piece
from g4f.reading.reasons import unreadable

PROGRAM = (sys.executable, "-I", "-B", "-X", "utf8", "-m", "g4f.reading")
DEFAULT = Limits()
KEPT_VARIABLES = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT")
"""Without which some Pythons do not start."""


class Readers:
    """Read files, a few at a time; whoever comes later waits."""

    def __init__(self, limits: Limits = DEFAULT, at_once: int = 2, program: Sequence[str] = PROGRAM) -> None:
        self._limits = limits
        self._program = tuple(program)
        self._places = asyncio.Semaphore(at_once)

    async def read(self, path: Path, name: str, media_type: str = "") -> AsyncGenerator[Piece]:
        """Yield the pieces of a file in their order; close the generator (``contextlib.aclosing``) to stop early.

        ``name`` and ``media_type`` are what its sender called it. Sound and video give nothing. Raises UnreadableError, also
        after some pieces, with the reason; time that the caller takes between pieces does not count.
        """
        with await asyncio.to_thread(path.open, "rb") as file:
            kind = kind_of(await asyncio.to_thread(file.read, HEAD), name, media_type)
            if kind.format is not None:
                async with self._places, aclosing(self._run(file, kind.format)) as pieces:
                    async for piece in pieces:
                        yield piece
            elif kind.use == "unknown":
                raise unreadable("unsupported")

    async def _run(self, file: IO[bytes], read_by: Format) -> AsyncGenerator[Piece]:
        process = await asyncio.create_subprocess_exec(
            *self._program, read_by, msgspec.json.encode(self._limits).decode(),
            stdin=file, stdout=PIPE, stderr=DEVNULL, env=_environment(), limit=wire.LONGEST, start_new_session=True,
        )  # fmt: skip
        lines = _Lines(process, self._limits)
        try:
            while not isinstance(line := await lines.next(), wire.Done):
                if isinstance(line, wire.Failed):
                    debug.log("A", read_by, "file cannot be read:", line.reason, line.cause)
                    raise UnreadableError(line.message, line.reason)
                yield line
        finally:
            await _end(process)


class _Lines:
    """Take the lines of a child, as many bytes and as long as the limits allow."""

    def __init__(self, process: Process, limits: Limits) -> None:
        self._process = process
        self._seconds = limits.wall
        self._bytes = 8 * limits.text + 4 * MIB  # escapes, headings and progress included

    async def next(self) -> wire.Line:
        """Return the next line; raises UnreadableError when none comes, or none that can be."""
        assert self._process.stdout is not None
        began = asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout(self._seconds):
                line = await self._process.stdout.readline()
                if not line:
                    raise _died(await self._process.wait())
            self._bytes -= len(line)
            if self._bytes < 0:
                raise unreadable("long")
            return wire.decode(line)
        except TimeoutError:
            raise unreadable("slow") from None
        except (ValueError, msgspec.MsgspecError):  # no line of ours, or one without end
            raise unreadable("crashed") from None
        finally:
            self._seconds -= asyncio.get_running_loop().time() - began


def _died(code: int) -> UnreadableError:
    """Return the error for a child that ended in the midst of a file."""
    debug.log("A child that read a file ended with", code)
    if sys.platform != "win32" and -code in (signal.SIGXCPU, signal.SIGKILL):
        return unreadable("slow" if -code == signal.SIGXCPU else "memory")  # who else kills is the system short of memory
    return unreadable("crashed")


async def _end(process: Process) -> None:
    """Kill and reap a child; its pipe is emptied, for else it is never closed."""
    assert process.stdout is not None
    with suppress(ProcessLookupError):
        process.kill()
    with suppress(ValueError):
        await process.stdout.read()
    await process.wait()


def _environment() -> dict[str, str]:
    return {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
