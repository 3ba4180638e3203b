"""Texts that a server wraps alike are read at once, and nothing else changes by it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import cycle, groupby
from typing import Any

import pytest
from hypothesis import given, strategies as st

from g4f.errors import G4FError
from g4f.Provider.template.openai_answer import Answer
from g4f.Provider.template.openai_stream import LOOKS, AnswerStream, Envelope
from g4f.providers.base_provider import Batch
from g4f.providers.response import Reasoning, Response
from g4f.providers.tap import Take
from g4f.sse import EventDecoder
from tests.proofs import proof
from tests.test_sse import split

TEXTS = st.text(max_size=8) | st.sampled_from(
    ['"', "\\", '\\"', "\n\ndata: x", '"},"a":"', "\\n", "</think>", "<think>", "\ud83d", "\ude00", "\x7f"]
)


def event(text: str, *, ascii_only: bool = True, before: Any = None, after: Any = None, **delta: Any) -> bytes:
    choice = {"before": before, "delta": {"content": text, **delta}, "finish_reason": None, "after": after}
    return json.dumps({"choices": [choice]}, ensure_ascii=ascii_only, separators=(",", ":")).encode("utf-8", "surrogatepass")


EVENTS = st.one_of(
    st.builds(event, TEXTS, ascii_only=st.booleans()),
    st.builds(event, TEXTS, after=st.integers(0, 2)),
    st.builds(event, TEXTS, before=st.sampled_from(["content", {"content": "x"}])),
    st.builds(event, TEXTS, reasoning=st.sampled_from([None, "hm"])),
    st.sampled_from([b"{}", b'{"usage":{}}', b'{"choices":[{"delta":{},"finish_reason":"stop"}]}', b"no json", b'{"error":"x"}']),
)


def outcome(batches: Iterator[Batch]) -> tuple[list[object], str]:
    """Return what batches hold, neighbouring texts in one and empty ones left out, and the error they end with."""
    items: list[str | Response] = []
    failed = ""
    try:
        for batch in batches:
            items += batch
    except G4FError as error:
        failed = str(error)
    groups = [(kind, list(group)) for kind, group in groupby(items, type)]
    said = [["".join(map(str, group))] if kind is str else group for kind, group in groups]
    return [item for group in said for item in group if item != ""], failed


def one_by_one(events: Sequence[bytes]) -> Iterator[Batch]:
    """Read events as if each came alone, and none were like another."""
    answer = Answer("far")
    for each in events:
        yield from answer.batches(lambda batch, each=each: answer.read(batch, [each]))  # type: ignore[misc]  # bound now


class Wire:
    """Be a response that offers its blocks to a tap, as far as the stream needs one."""

    take: Take[bytes] = staticmethod(lambda block: False)

    def tap(self, take: Take[bytes]) -> None:
        self.take = take


def streamed(blocks: Sequence[bytes], wants: Sequence[bool]) -> Iterator[Batch]:
    """Read blocks from a stream with a tap, whose reader takes some of the texts."""
    wire, stream, taken, wanted = Wire(), AnswerStream(Answer("far")), list[str](), cycle(wants)

    def take(text: str) -> bool:
        wanting = next(wanted)
        if wanting:
            taken.append(text)
        return wanting

    stream.tap(wire).open(take)  # type: ignore[arg-type]  # as far as it needs one
    for block in blocks:
        if wire.take(block):
            yield [taken.pop()]
        else:
            yield from stream.read(block)


@proof("answers cut anywhere, with and without envelopes", 200, 10_000)
@given(
    events=st.lists(EVENTS, max_size=12),
    done=st.booleans(),
    places=st.lists(st.integers(0, 2_000), max_size=12),
    wants=st.lists(st.booleans(), min_size=1),
    line_end=st.sampled_from([b"\n", b"\n", b"\n", b"\r\n"]),
)
def test_an_answer_is_the_same_wherever_it_is_cut_and_whoever_takes_it(
    events: list[bytes], done: bool, places: list[int], wants: list[bool], line_end: bytes
) -> None:
    stream = b"".join(b"data: " + each + 2 * line_end for each in [*events, *[b"[DONE]"] * done])
    assert outcome(streamed(split(stream, places), wants)) == outcome(one_by_one(EventDecoder().feed(stream)))


def fed_to_decoders(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """Return what decoders will be fed from now on."""
    fed: list[bytes] = []
    feed = EventDecoder.feed

    def feed_and_note(decoder: EventDecoder, block: bytes) -> list[bytes]:
        fed.append(block)
        return feed(decoder, block)

    monkeypatch.setattr(EventDecoder, "feed", feed_and_note)
    return fed


def block_of(pieces: Sequence[str], **fields: Any) -> bytes:
    return b"".join(b"data: %b\n\n" % event(piece, **fields) for piece in pieces)


def test_the_texts_of_a_block_stay_apart() -> None:
    pieces = ["a", "b", "\n", '"', "я", "😀"]
    assert list(AnswerStream(Answer("far")).read(block_of(pieces))) == [pieces]


def test_the_last_few_events_are_read_together(monkeypatch: pytest.MonkeyPatch) -> None:
    fed = fed_to_decoders(monkeypatch)
    stream = AnswerStream(Answer("far"))
    last = b'data: {"choices":[{"delta":{},"finish_reason":"stop"}]}\n\ndata: {"choices":[],"usage":{}}\n\ndata: [DONE]\n\n'
    list(stream.read(block_of("ab") + last))
    assert fed[-1] == last


@pytest.mark.parametrize("pieces", ["a", "ab", "abc", "abcd", "abcde"])
def test_another_envelope_is_learnt_from_blocks_of_any_size(pieces: str, monkeypatch: pytest.MonkeyPatch) -> None:
    stream = AnswerStream(Answer("far"))
    for number in range(4):
        list(stream.read(block_of(pieces, after=number > 0)))
    fed = fed_to_decoders(monkeypatch)
    assert list(stream.read(block_of(pieces, after=True))) == [[*pieces]]
    assert not fed


def test_another_event_among_the_texts_is_not_taken_for_one() -> None:
    texts = [event("a"), event("b"), event("c", reasoning="hm"), event("d")]
    [batch] = AnswerStream(Answer("far")).read(b"".join(b"data: %b\n\n" % each for each in texts))
    assert [item for item in batch if isinstance(item, str)] == ["a", "b", "c", "d"]
    assert any(isinstance(item, Reasoning) for item in batch)


@pytest.mark.parametrize(
    "payload",
    [
        b'{"choices":[{"delta":{"content":"a","reasoning":"b"}}]}',
        b'{"content":"a","choices":[{"delta":{"content":"b"}}]}',
        b'{"choices":[{"delta":{"content":null}}]}',
        b'{"choices":[{"delta":{"content":"a"},"finish_reason":"stop"}]}',
    ],
)
def test_what_holds_more_than_a_text_is_no_envelope(payload: bytes) -> None:
    assert Envelope.of(payload) is None


def test_blocks_without_events_are_not_taken_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    fed = fed_to_decoders(monkeypatch)
    list(AnswerStream(Answer("far")).read(b": OPENROUTER PROCESSING\n\n" * 100))
    assert len(fed) == 1


def test_a_stream_without_two_events_alike_is_looked_at_only_so_often(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[bytes] = []
    monkeypatch.setattr(Envelope, "of", looked.append)
    stream = AnswerStream(Answer("far"))
    for number in range(20):
        list(stream.read(b"data: %b\n\n" % event("x", after=number)))
    assert len(looked) == LOOKS
