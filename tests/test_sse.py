"""Events and lines are the same wherever their bytes are split."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, strategies as st

from g4f.errors import ResponseError
from g4f.sse import Event, EventDecoder, JsonLinesDecoder, LineDecoder, encode_comment, encode_event, encode_lines
from tests.proofs import proof

# What a stream may hold, and the data a reader must get from it.
PIECES = {
    b'data: {"a": 1}\n\n': [b'{"a": 1}'],
    b"data:tight\n\n": [b"tight"],
    b"data: one\ndata: two\n\n": [b"one\ntwo"],
    b"data: cr\r\r": [b"cr"],
    b"data: crlf\r\n\r\n": [b"crlf"],
    b": ping\n\n": [],
    b"event: named\ndata: x\nid: 7\n\n": [b"x"],
    b"event: without data\n\n": [],
    b"data\n\n": [b""],
    b"data:\n\n": [b""],
    b"data:  two blanks\n\n": [b" two blanks"],
    b"retry: 10\nunknown: y\ndata: z\n\n": [b"z"],
    b"\n\n": [],
    b'data: "\xe2\x80\xa8\xf0\x9f\xa7\xa0"\n\n': [b'"\xe2\x80\xa8\xf0\x9f\xa7\xa0"'],
    b"data: data: x\n\n": [b"data: x"],
}


def split(stream: bytes, places: list[int]) -> list[bytes]:
    """Cut a stream at the given places."""
    edges = sorted({0, len(stream), *(place % (len(stream) + 1) for place in places)})
    return [stream[start:end] for start, end in itertools.pairwise(edges)]


@proof("events split anywhere", 100, 10_000)
@given(pieces=st.lists(st.sampled_from(sorted(PIECES)), max_size=8), places=st.lists(st.integers(0, 400), max_size=10), bom=st.booleans())
def test_events_are_the_same_wherever_a_stream_is_split(pieces: list[bytes], places: list[int], bom: bool) -> None:
    stream = b"\xef\xbb\xbf" * bom + b"".join(pieces)
    decoder = EventDecoder()
    assert [data for block in split(stream, places) for data in decoder.feed(block)] == [data for piece in pieces for data in PIECES[piece]]


@proof("streams whole and split", 100, 10_000)
@given(
    stream=st.lists(st.sampled_from([b"data", b"event", b"id", b":", b" ", b"x", b"\r", b"\n", b"\n\ndata: ", b"data: y\n\n"])).map(
        b"".join
    ),
    places=st.lists(st.integers(0, 400), max_size=6),
)
def test_whole_and_split_streams_decode_alike(stream: bytes, places: list[int]) -> None:
    whole, parts = EventDecoder(), EventDecoder()
    expected = [event.data for byte in stream for event in parts.feed_events(bytes([byte]))]
    assert [data for block in split(stream, places) for data in whole.feed(block)] == expected


def test_a_block_of_plain_events_gives_all_their_data() -> None:
    assert EventDecoder().feed(b"data: 1\n\ndata: 2\n\ndata: [DONE]\n\n") == [b"1", b"2", b"[DONE]"]


@pytest.mark.parametrize(
    ("stream", "expected"),
    [
        (b"data: a\r\n\ndata: b\n\n", [b"a", b"b"]),
        (b"data: a\rdata: b\n\n", [b"a\nb"]),
        (b"data: a\r\rdata: b\n\n", [b"a", b"b"]),
        (b"data: a\n\ndata\n\n", [b"a", b""]),
        (b"data: a\ndata: b\n\n", [b"a\nb"]),
    ],
)
def test_ends_of_every_kind_may_follow_one_another(stream: bytes, expected: list[bytes]) -> None:
    assert EventDecoder().feed(stream) == expected
    decoder = EventDecoder()
    assert [data for byte in stream for data in decoder.feed(bytes([byte]))] == expected


def test_an_unfinished_event_is_dropped() -> None:
    assert EventDecoder().feed(b"data: 1\n\ndata: 2\n") == [b"1"]


def test_names_and_ids_are_kept() -> None:
    events = EventDecoder().feed_events(b"id: 5\nevent: content\ndata: x\n\ndata: y\n\nid: a\0b\ndata: z\n\n")
    assert events == [Event(b"x", "content", "5"), Event(b"y", "message", "5"), Event(b"z", "message", "5")]


def test_a_mark_in_the_middle_of_a_stream_is_no_byte_order_mark() -> None:
    decoder = EventDecoder()
    assert decoder.feed(b"data: 1\n\n") == [b"1"]
    assert decoder.feed(b"\xef\xbb\xbfdata: 2\n\n") == []


@pytest.mark.parametrize("block", [b"data: " + b"x" * 40, b"data: xxxxxxxxx\n" * 4, b"x" * 40])
def test_an_event_that_does_not_end_is_an_error(block: bytes) -> None:
    decoder = EventDecoder(limit=32)
    with pytest.raises(ResponseError, match="longer than 32 bytes"):
        sum(len(decoder.feed(bytes([byte]))) for byte in block)


def test_many_small_events_are_no_long_one() -> None:
    decoder = EventDecoder(limit=32)
    assert sum(len(decoder.feed(b"data: 0123456789\ndata: 1\n\n")) for _ in range(100)) == 100


@proof("JSON lines split anywhere", 100, 10_000)
@given(
    documents=st.lists(st.sampled_from([b"{}", b'{"a":1}', b'"\xe6\xbc\xa2"', b"[1,2]"])),
    places=st.lists(st.integers(0, 100)),
    end=st.sampled_from([b"\n", b"\r\n", b"\n\n"]),
    last=st.booleans(),
)
def test_json_lines_are_the_same_wherever_they_are_split(documents: list[bytes], places: list[int], end: bytes, last: bool) -> None:
    stream = end.join(documents) + end * last
    decoder = JsonLinesDecoder()
    assert [line for block in split(stream, places) for line in decoder.feed(block)] + decoder.finish() == documents


def test_a_line_that_does_not_end_is_an_error() -> None:
    with pytest.raises(ResponseError, match="longer than 8 bytes"):
        LineDecoder(limit=8).feed(b"short\n123456789")


@proof("events encoded and decoded", 100, 10_000)
@given(
    data=st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\r\n")),
    name=st.none() | st.sampled_from(["content", "message"]),
    number=st.none() | st.integers(0),
)
def test_what_is_encoded_is_decoded(data: str, name: str | None, number: int | None) -> None:
    [event] = EventDecoder().feed_events(encode_comment() + encode_event(data.encode(), name, number))
    assert event == Event(data.encode(), name or "message", "" if number is None else str(number))


@pytest.mark.parametrize(
    ("data", "name", "number"),
    [(b"a\nb", None, None), (b"a\rb", None, None), (b"a", "x\ndata: y", None), (b"a", "x\r", None), (b"a", None, "1\n")],
)
def test_a_line_end_cannot_be_smuggled_into_an_event(data: bytes, name: str | None, number: str | None) -> None:
    with pytest.raises(ValueError, match="line end"):
        encode_event(data, name, number)


def test_an_event_reads_as_browsers_expect_it() -> None:
    assert encode_event(b'{"type":"content"}', "content", 3) == b'id: 3\nevent: content\ndata: {"type":"content"}\n\n'


def test_json_lines_end_in_line_ends() -> None:
    assert encode_lines([b"{}", b"[]"]) == b"{}\n[]\n"
