"""The stream of one answer of an OpenAI-compatible server: from the blocks of the network to responses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from operator import itemgetter

import msgspec
from msgspec import DecodeError

from g4f.Provider.template.openai_answer import Answer
from g4f.Provider.template.openai_wire import text_of
from g4f.providers.base_provider import Batch
from g4f.providers.tap import Take, Tap
from g4f.requests import Response
from g4f.sse import DATA, NEXT, EventDecoder

LOOKS = 4
"""Events that are read one by one in search of an envelope, at the beginning and each time one has served."""
FEW = 4
"""Fewer events than these, as long as their first, cost less when they are read together than a look at each."""

_CONTENT = re.compile(rb'"content"\s*:\s*"([^"\\]*(?:\\.[^"\\]*)*)"')
_decode_text = msgspec.json.Decoder(str).decode
_decode_texts = msgspec.json.Decoder(list[str]).decode


class Envelope:
    """Be the JSON that a server repeats around each piece of text: what comes in the same one is read at once."""

    __slots__ = ("_foot", "_head")

    def __init__(self, head: bytes, foot: bytes) -> None:
        self._head, self._foot = DATA + head, foot + b"\n\n"

    @classmethod
    def of(cls, payload: bytes) -> Envelope | None:
        """Return what stands around the text of an event that holds nothing else; None where that cannot be told."""
        found = _CONTENT.search(payload)
        if found is None:
            return None
        head, foot = payload[: found.start(1)], payload[found.end(1) :]
        # The proof: whatever else stands in this place is the text, and all there is.
        return cls(head, foot) if text_of(head + b"any" + foot) == "any" else None

    def open(self, block: bytes) -> tuple[list[str], bytes]:
        """Return the texts of the events a block begins with, and what follows them; no text where one is of another form."""
        if not block.startswith(self._head) or (end := block.rfind(self._foot)) < 0:
            return [], block
        try:
            texts = self._texts(block[len(self._head) : end])
        except (DecodeError, UnicodeDecodeError):
            texts = []
        return (texts, block[end + len(self._foot) :]) if texts else ([], block)

    def _texts(self, inside: bytes) -> list[str]:
        """Decode the texts of events, of which the first has no head any more and the last no foot; none where another is among them."""
        if NEXT not in inside:
            return [_decode_text(b'"%b"' % inside)]
        head, foot = self._head, self._foot
        within = itemgetter(slice(len(head) - len(DATA), 2 - len(foot)))
        encoded = [*map(within, (head[len(DATA) :] + inside + foot[:-2]).split(NEXT))]
        if (foot + head).join(encoded) != inside:
            return []
        texts = _decode_texts(b'["%b"]' % b'","'.join(encoded))
        return texts if len(texts) == len(encoded) and all(texts) else []


class AnswerStream:
    """Read an answer from the blocks it comes in."""

    __slots__ = ("_answer", "_envelope", "_events", "_looks")

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._events = EventDecoder()
        self._envelope: Envelope | None = None
        self._looks = LOOKS

    def read(self, block: bytes) -> Iterator[Batch]:
        """Yield what a block brings, as ``Answer.batches`` does."""
        return self._answer.batches(partial(self._read, block))

    def tap(self, response: Response) -> Tap[str]:
        """Return a tap of the texts that come; a block that is anything else is still to be read."""
        return Tap(partial(self._open_tap, response))

    def _open_tap(self, response: Response, take: Take[str]) -> None:
        response.tap(partial(self._hand_over, take))

    def _hand_over(self, take: Take[str], block: bytes) -> bool:
        if not self._answer.plain or not self._events.clean:
            return False
        texts, rest = self._open(block)
        if not texts and (payload := self._events.only(block)):
            texts, rest = [text_of(payload)], b""
            self._look(payload)
        return not rest and (text := "".join(texts)) != "" and take(text)

    def _read(self, block: bytes, batch: Batch) -> None:
        block = self._events.rejoin(block)
        while block:
            texts, block = self._open(block) if self._answer.plain and self._events.clean else ([], block)
            if texts:
                batch += texts
            else:
                block = self._read_events(block, batch)

    def _read_events(self, block: bytes, batch: Batch) -> bytes:
        """Read the events of a block, or its first alone while an envelope is looked for; return what is still to be read.

        Where an envelope has just served, a few events that do not fit it are most often the answer's last: they are read together.
        """
        looking = self._looks > 0 and not self._answer.thinking and block.startswith(DATA)
        end = block.find(b"\n\n") + 2 if looking and b"\n\n" in block else len(block)
        few = self._envelope is not None and self._looks == LOOKS and end < len(block) < FEW * end
        if few:
            end = len(block)
            self._looks -= 1
        payloads = self._events.feed(block[:end])
        self._answer.read(batch, payloads)
        if looking and not few and payloads:
            self._look(payloads[0])
        return block[end:]

    def _open(self, block: bytes) -> tuple[list[str], bytes]:
        if self._envelope is None:
            return [], block
        texts, rest = self._envelope.open(block)
        if texts:
            self._looks = LOOKS
        return texts, rest

    def _look(self, payload: bytes) -> None:
        if self._looks > 0:
            self._looks -= 1
            self._envelope = Envelope.of(payload) if self._answer.plain else None
