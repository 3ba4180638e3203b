"""The log: what looks like a secret never reaches it."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given, strategies as st

from g4f import debug
from tests.proofs import proof

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
        f"Cookie: a=1; session={SECRET}",
        f"Set-Cookie: a=1; session={SECRET}; Path=/",
        f"{{'Cookie': 'a=1; session={SECRET}'}}",
        f"[(b'authorization', b'Token {SECRET}')]",
        f"Authorization: Token {SECRET}",
        f'Proxy-Authorization: Digest username="me", response="{SECRET}"',
        f'{{"api_key": "two words {SECRET}", "model": "x"}}',
        f"api_key={{'openai': '{SECRET}'}}",
        f"password='it\\'s {SECRET}'",
        f"secret=a,{SECRET}",
        f"https://example.org/v1?alt=sse&key={SECRET}",
        f"AIza{SECRET} is refused",
        f"postgresql://me:one/{SECRET}@db.example/g4f",
        f"http://me:one@{SECRET}@proxy.example",
    ],
)
def test_secrets_are_cut_out(line: str) -> None:
    assert SECRET not in debug.redact(line)
    assert "***" in debug.redact(line)


@proof("ordinary words in the log", 100, 5_000)
@given(st.text(alphabet="abcdefgh .,:!?", max_size=80))
def test_ordinary_words_stay_as_they_are(text: str) -> None:
    assert debug.redact(text) == text


def test_redacting_twice_is_redacting_once() -> None:
    line = f"Bearer {SECRET} at http://a:{SECRET}@x with api_key={{'a': '{SECRET}'}}, \"token\": \"{SECRET}\", and Cookie: {SECRET}"
    assert debug.redact(debug.redact(line)) == debug.redact(line)


def test_what_is_no_secret_stays_beside_one() -> None:
    line = f'{{"api_key": "{SECRET}", "model": "x", "max_tokens": 5}}'
    assert debug.redact(line) == '{"api_key": "***", "model": "x", "max_tokens": 5}'


def test_the_log_cuts_secrets_out_of_other_loggers_lines_and_tracebacks() -> None:
    program = (
        "import logging\nfrom g4f import debug\n"
        "debug.enable_logging(debug.WARNING); debug.enable_logging(debug.WARNING)\n"
        f"try: raise ValueError('api_key={SECRET}')\n"
        f"except ValueError: logging.getLogger('uvicorn.error').exception('Cookie: %s', '{SECRET}')\n"
        "debug.error('ours')\n"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=20, check=True).stderr
    assert SECRET not in said
    assert (said.count("Cookie: ***"), said.count("ValueError: api_key=***"), said.count("ours")) == (1, 1, 1)


def test_what_failed_is_logged_with_its_traceback_and_without_secrets(caplog: pytest.LogCaptureFixture) -> None:
    try:
        raise ValueError(f"api_key={SECRET}")
    except ValueError as error:
        debug.failed("A test failed", error)
    assert "ValueError" in caplog.text
    assert SECRET not in caplog.text
