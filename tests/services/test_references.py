"""How messages refer to files."""

from __future__ import annotations

import pytest

from g4f.services.references import parts_of


@pytest.mark.parametrize("inside", ["a\nb", "\0", "a\x1fb", "half a \ud800", 'a\\"b'])
def test_what_is_no_json_is_said_as_it_is(inside: str) -> None:
    text = f'Read {{"bucket_id": "{inside}"}}.'
    assert parts_of({"role": "user", "content": text}) == [text]


def test_a_text_comes_apart_where_it_names_a_bucket() -> None:
    parts = parts_of({"role": "user", "content": 'Read {"bucket_id": "b"} twice.'})
    assert parts == ["Read ", {"bucket_id": "b"}, " twice."]
