"""The log: what looks like a secret never reaches it."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from g4f import debug

SECRET = "hunter2-hunter2-hunter2"


@pytest.mark.parametrize(
    "line",
    [
        f"Authorization: Bearer {SECRET}",
        f'{{"api_key": "{SECRET}", "model": "x"}}',
        f"api_key={SECRET}&x=1",
        f"http://me:{SECRET}@proxy.example:3128",
        f"sk-{SECRET}",
        f"x-api-key: {SECRET}",
        f"password='{SECRET}'",
        f"Cookie: {SECRET}",
    ],
)
def test_secrets_are_cut_out(line: str) -> None:
    assert SECRET not in debug.redact(line)
    assert "***" in debug.redact(line)


@given(st.text(alphabet="abcdefgh .,:!?", max_size=80))
def test_ordinary_words_stay_as_they_are(text: str) -> None:
    assert debug.redact(text) == text


def test_redacting_twice_is_redacting_once() -> None:
    line = f"Bearer {SECRET} at http://a:{SECRET}@x"
    assert debug.redact(debug.redact(line)) == debug.redact(line)


def test_what_failed_is_logged_with_its_traceback_and_without_secrets(caplog: pytest.LogCaptureFixture) -> None:
    try:
        raise ValueError(f"api_key={SECRET}")
    except ValueError as error:
        debug.failed("A test failed", error)
    assert "ValueError" in caplog.text
    assert SECRET not in caplog.text
