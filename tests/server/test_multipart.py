"""Forms as they arrive: the same parts wherever they are cut, and refusals of what is no form."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import closing
from io import BytesIO
from itertools import pairwise

import pytest
from hypothesis import given, strategies as st
from werkzeug.formparser import MultiPartParser

from g4f.errors import G4FError, MalformedRequestError, PayloadTooLargeError, UnsupportedMediaTypeError
from g4f.gui.server.multipart import HEADER_BYTES, FormStream, parts
from tests.proofs import proof

FORM = st.lists(st.tuples(st.text("ab", min_size=1, max_size=3), st.none() | st.just("f.txt"), st.binary(max_size=200)), max_size=5)
HOSTILE_BYTES = [b"\r\n--x", b"\r\n", b"--x--", b"\r", b"\n--", b"\r\n--xy\r\n", b""]


def form(given_parts: list[tuple[str, str | None, bytes]]) -> bytes:
    """Write a form."""
    heads = (f'Content-Disposition: form-data; name="{name}"' + (f'; filename="{file}"' if file else "") for name, file, _ in given_parts)
    written = [
        b"--xyz\r\n%b\r\nContent-Type: text/x\r\n\r\n%b\r\n" % (head.encode(), data[2])
        for head, data in zip(heads, given_parts, strict=True)
    ]
    return b"".join(written) + b"--xyz--\r\n"


async def read_form(data: bytes, cuts: list[int], most: int = 1000) -> list[tuple[str, str | None, bytes]]:
    """Read a form that arrives cut at these bytes."""

    async def arriving() -> AsyncIterator[bytes]:
        places = [0, *sorted(cuts), len(data)]
        for start, end in pairwise(places):
            yield data[start:end]

    read = []
    async for part in parts(arriving(), "multipart/form-data; boundary=xyz", most):
        assert part.content_type == "text/x"
        read.append((part.name, part.filename, b"".join([chunk async for chunk in part.chunks])))
    return read


FILE: list[tuple[str, str | None, bytes]] = [("a", "f.txt", b"0000\r")]


@pytest.mark.parametrize("cut", range(len(form(FILE))))
def test_a_file_is_the_same_when_its_form_comes_in_two_pieces(cut: int) -> None:
    assert asyncio.run(read_form(form(FILE), [cut])) == FILE


@pytest.mark.parametrize("size", range(1, len(form(FILE))))
def test_a_file_is_the_same_when_its_form_is_read_in_small_steps(size: int) -> None:
    parser = MultiPartParser(buffer_size=size)
    _, files = parser.parse(FormStream(BytesIO(form(FILE))), b"xyz", None)  # type: ignore[arg-type]  # as it is used
    with closing(files["a"]) as file:
        assert file.read() == FILE[0][2]


@proof("forms cut anywhere", 100, 3_000)
@given(given_parts=FORM, extra=st.sampled_from(HOSTILE_BYTES), cuts=st.lists(st.integers(0, 1500), max_size=8))
def test_a_form_is_the_same_wherever_it_is_cut(given_parts: list[tuple[str, str | None, bytes]], extra: bytes, cuts: list[int]) -> None:
    given_parts = [(name, file, data + extra) for name, file, data in given_parts if b"--xyz" not in data]
    data = form(given_parts)
    assert asyncio.run(read_form(data, [min(cut, len(data)) for cut in cuts])) == given_parts


def test_a_part_that_is_not_read_is_passed_over() -> None:
    async def names() -> list[str]:
        async def arriving() -> AsyncIterator[bytes]:
            yield form([("a", "f", b"x" * 500_000), ("b", "f", b"y")])

        return [part.name async for part in parts(arriving(), "multipart/form-data; boundary=xyz")]

    assert asyncio.run(names()) == ["a", "b"]


LONG = form([("a", "f", b"x")]).replace(b"text/x", b"x" * (HEADER_BYTES + 70_000))


@pytest.mark.parametrize(
    ("data", "refusal"),
    [
        (form([("a", "f", b"x")] * 11), PayloadTooLargeError),
        (LONG, PayloadTooLargeError),
        (form([("a", "f", b"x")])[:-20], MalformedRequestError),
        (b"", MalformedRequestError),
        (b"no form at all", MalformedRequestError),
        (b"--xyz\r\nX: y\r\n\r\nx\r\n--xyz--", MalformedRequestError),
    ],
)
def test_a_form_that_breaks_the_rules_is_refused(data: bytes, refusal: type[G4FError]) -> None:
    with pytest.raises(refusal):
        asyncio.run(read_form(data, [], 10))


@pytest.mark.parametrize(
    ("content_type", "refusal"),
    [("text/plain", UnsupportedMediaTypeError), ("", UnsupportedMediaTypeError), ("multipart/form-data", MalformedRequestError)],
)
def test_what_is_no_form_is_refused(content_type: str, refusal: type[G4FError]) -> None:
    async def read() -> None:
        async def nothing() -> AsyncIterator[bytes]:
            yield b""

        async for _ in parts(nothing(), content_type):
            pass

    with pytest.raises(refusal):
        asyncio.run(read())
