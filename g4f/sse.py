"""Server-sent events and JSON lines on bytes: the only module that knows how they are framed.

https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from g4f.errors import ResponseError

MAX_EVENT = 8 * 1024 * 1024
"""Bytes that an unfinished event or line may hold; pictures come as data URIs in a single one."""

MAX_TAIL = 64 * 1024
"""Bytes of an unfinished event that are put in front of the next block as they are; longer ones are taken line by line."""

_BOM = b"\xef\xbb\xbf"
DATA, NEXT = b"data: ", b"\n\ndata: "
"""How an event of one line begins, alone and behind another."""


@dataclass(frozen=True, slots=True)
class Event:
    """One event; ``data`` is joined from its lines, ``id`` is the newest one seen so far, ``""`` before the first."""

    data: bytes
    name: str = "message"
    id: str = ""


class LineDecoder:
    """Cut blocks into lines that end in CR, LF or CRLF; a block may end anywhere."""

    def __init__(self, limit: int = MAX_EVENT) -> None:
        self._limit = limit
        self._pieces: list[bytes] = []
        self._size = 0
        self._after_cr = False

    def feed(self, block: bytes) -> list[bytes]:
        """Return the lines this block completes, without their ends; raises ResponseError when one grows beyond the limit."""
        if self._after_cr and block:
            self._after_cr = False
            block = block.removeprefix(b"\n")
        if not block:
            return []
        self._after_cr = block.endswith(b"\r")
        if b"\r" in block:
            block = block.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        first, *others = block.split(b"\n")
        self._pieces.append(first)
        self._size += len(first)
        if not others:
            self._check()
            return []
        lines = [b"".join(self._pieces), *others]
        self._pieces = [lines.pop()]
        self._size = len(self._pieces[0])
        self._check()
        return lines

    def finish(self) -> bytes:
        """Return what is left behind the last line end."""
        rest, self._pieces, self._size = b"".join(self._pieces), [], 0
        return rest

    def _check(self) -> None:
        if self._size > self._limit:
            raise ResponseError(f"A line of the stream is longer than {self._limit} bytes.")


class JsonLinesDecoder:
    """Cut blocks into JSON documents, one a line; empty lines are left out."""

    def __init__(self, limit: int = MAX_EVENT) -> None:
        self._lines = LineDecoder(limit)

    def feed(self, block: bytes) -> list[bytes]:
        """Return the documents this block completes."""
        return [line for line in self._lines.feed(block) if line.strip()]

    def finish(self) -> list[bytes]:
        """Return the last document, should it lack its line end."""
        return [rest] if (rest := self._lines.finish()).strip() else []


class EventDecoder:
    """Cut blocks into server-sent events; a block may end anywhere.

    As the specification has it, an event that its stream leaves unfinished is dropped.
    """

    def __init__(self, limit: int = MAX_EVENT) -> None:
        self._limit = limit
        self._lines = LineDecoder(limit)
        self._plain = self._fresh = True
        self._tail = b""
        self._data: list[bytes] = []
        self._size = 0
        self._name = ""
        self._id = ""

    def feed(self, block: bytes) -> list[bytes]:
        """Return the data of the events this block completes; raises ResponseError when one grows beyond the limit."""
        if not self._plain:
            return [event.data for event in self.feed_events(block)]
        # Nearly every stream of nearly every provider is made of events of one data line each: one split cuts a block of
        # them. A line end that it left means that something else is in there; joined, they are searched by one call.
        block, self._tail = self._tail + block, b""
        end = block.rfind(b"\n\n")
        if b"\r" in block or (end < 0 and len(block) > min(MAX_TAIL, self._limit)):
            self._plain = False
            return self.feed(block)
        if end < 0:
            self._tail = block
            return []
        whole, self._tail = block[:end], block[end + 2 :]
        if whole[:6] == DATA:
            found = whole[6:].split(NEXT)
            if b"\n" not in b"".join(found):
                self._fresh = False
                return found
        return [event.data for event in self.feed_events(whole + b"\n\n")]

    @property
    def clean(self) -> bool:
        """Say whether an event begins next, and all until now were of one line."""
        return self._plain and not self._fresh and not self._tail

    def rejoin(self, block: bytes) -> bytes:
        """Return the block with what is unfinished before it, which is given back by this; whatever is not read otherwise is to be fed."""
        if self._tail:
            block, self._tail = self._tail + block, b""
        return block

    def only(self, block: bytes) -> bytes:
        """Return the data of a block that is one event of one line, else nothing; the block is not fed by this."""
        whole = block[:6] == DATA and block[-2:] == b"\n\n" and block.count(b"\n") == 2 and b"\r" not in block
        return block[6:-2] if whole else b""

    def feed_events(self, block: bytes) -> list[Event]:
        """Return the events this block completes, with their names and ids."""
        events = []
        for line in self._lines.feed(block):
            if not line:
                events += self._dispatch()
            else:
                self._take(line.removeprefix(_BOM) if self._fresh else line)
            self._fresh = False
        return events

    def _dispatch(self) -> list[Event]:
        event = Event(b"\n".join(self._data), self._name or "message", self._id) if self._data else None
        self._data, self._size, self._name = [], 0, ""
        return [event] if event else []

    def _take(self, line: bytes) -> None:
        field, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        match field:
            case b"data":
                self._data.append(value)
                self._size += len(value) + 1
                if self._size > self._limit:
                    raise ResponseError(f"An event of the stream is longer than {self._limit} bytes.")
            case b"event":
                self._name = value.decode(errors="replace")
            case b"id" if b"\0" not in value:
                self._id = value.decode(errors="replace")


def encode_event(data: bytes, name: str | None = None, event_id: str | int | None = None) -> bytes:
    """Encode one event; ``data`` is one line, as JSON encoders write it.

    Raises ValueError for line ends in any part: they would begin another field.
    """
    head = f"id: {event_id}\n" if event_id is not None else ""
    if name is not None:
        head += f"event: {name}\n"
    event = b"%bdata: %b\n\n" % (head.encode(), data)
    if event.count(b"\n") != 2 + (event_id is not None) + (name is not None) or b"\r" in event:
        raise ValueError("No part of an event may hold a line end.")
    return event


def encode_comment(text: str = "ping") -> bytes:
    """Encode a comment, which readers ignore: a sign of life on a silent stream."""
    return b": %b\n\n" % text.encode()


def encode_lines(documents: Iterable[bytes]) -> bytes:
    """Encode JSON documents as lines."""
    return b"".join([line for document in documents for line in (document, b"\n")])
