"""From the status of a real answer to the error that says what to do."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from g4f import errors
from g4f.requests import StreamSession, raise_for_status
from g4f.requests.status import MAX_DETAIL, message_of, retry_after
from tests.servers.http import Answer, Call, HttpServer


def answer_with(status: int, body: bytes, content_type: str = "application/json", key: str = "", **headers: str) -> None:
    """Let a real server answer, and raise what its answer means."""

    async def handle(call: Call, answer: Answer) -> None:
        await answer.reply(status, body, content_type, {name.replace("_", "-"): value for name, value in headers.items()})

    async def scenario() -> None:
        async with (
            StreamSession(headers={"Authorization": f"Bearer {key}"} if key else {}) as session,
            session.post(server.origin) as response,
        ):
            await raise_for_status(response)

    with HttpServer(handle) as server:
        asyncio.run(scenario())


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (302, errors.ResponseStatusError),
        (400, errors.BadRequestError),
        (401, errors.MissingAuthError),
        (402, errors.PaymentRequiredError),
        (403, errors.MissingAuthError),
        (404, errors.ResponseStatusError),
        (422, errors.BadRequestError),
        (429, errors.RateLimitError),
        (500, errors.ResponseStatusError),
        (529, errors.ResponseStatusError),
    ],
)
def test_each_status_has_its_error(status: int, error: type[errors.G4FError]) -> None:
    with pytest.raises(errors.G4FError, match=f"answered {status}: Because") as caught:
        answer_with(status, b'{"error": {"message": "Because."}}')
    assert type(caught.value) is error


def test_success_raises_nothing() -> None:
    answer_with(201, b"")


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (404, b'{"error": {"message": "The model `x` does not exist", "code": null}}'),
        (404, b'{"error": "model \\"x\\" not found, try pulling it first"}'),
        (400, b'{"error": {"message": "No.", "code": "model_not_found"}}'),
    ],
)
def test_a_missing_model_has_an_error_of_its_own(status: int, body: bytes) -> None:
    with pytest.raises(errors.ModelNotFoundError):
        answer_with(status, body)


def test_a_challenge_page_is_told_from_a_wrong_key() -> None:
    with pytest.raises(errors.CloudflareError, match="Just a moment"):
        answer_with(403, b"<html><title>Just a moment...</title>", "text/html", cf_mitigated="challenge")


def test_a_rate_limit_carries_the_pause_that_was_asked_for() -> None:
    with pytest.raises(errors.RateLimitError) as caught:
        answer_with(429, b"{}", retry_after="12")
    assert caught.value.retry_after == 12


def test_a_retry_after_may_be_a_date() -> None:
    seconds = retry_after(format_datetime(datetime.now(UTC) + timedelta(minutes=5), usegmt=True))
    assert seconds is not None
    assert 200 < seconds <= 300


@pytest.mark.parametrize(
    ("value", "seconds"),
    [(None, None), ("soon", None), ("-3", 0), ("0.5", 0.5), ("Mon, 01 Jan 2001 00:00:00 GMT", 0), ("nan", None), ("inf", None)],
)
def test_a_retry_after_that_makes_no_sense_is_no_reason_to_wait(value: str | None, seconds: float | None) -> None:
    assert retry_after(value) == seconds


@pytest.mark.parametrize(
    "document",
    [
        {"error": {"message": "Because.", "type": "x"}},
        {"error": "Because."},
        {"message": "Because."},
        {"detail": "Because."},
        {"detail": [{"loc": ["body"], "msg": "Because.", "type": "missing"}]},
        {"detail": {"message": "Because."}},
        [{"error": {"message": "Because."}}],
        {"error": {"error": {"message": "Because."}}},
    ],
)
def test_the_reason_is_found_in_the_usual_shapes(document: Any) -> None:
    assert message_of(document) == "Because."


@pytest.mark.parametrize("document", [None, 1, "text", [], {}, {"error": None}, {"error": {"message": 5}}, {"detail": []}])
def test_a_document_without_a_reason_has_none(document: Any) -> None:
    assert message_of(document) is None


def test_a_page_is_summed_up_by_its_title() -> None:
    with pytest.raises(errors.ResponseStatusError, match=r"answered 502: Bad gateway$"):
        answer_with(502, b"<!doctype html><html><head><title>\n Bad   gateway </title></head><body>" + b"x" * 5000, "text/html")


@pytest.mark.parametrize("body", [b"word " * 100_000, b'{"error": {"message": "%b"}}' % (b"word " * 1000)])
def test_a_long_reason_is_cut(body: bytes) -> None:
    with pytest.raises(errors.ResponseStatusError) as caught:
        answer_with(500, body)
    assert len(str(caught.value)) < MAX_DETAIL + 100


def test_an_empty_body_is_said_to_be_so() -> None:
    with pytest.raises(errors.ResponseStatusError, match="no reason given"):
        answer_with(503, b"")


def test_a_reason_that_breaks_off_does_not_hide_the_status() -> None:
    async def break_off(call: Call, answer: Answer) -> None:
        await answer.start(429, length=1000)
        await answer.send(b"slow down")
        answer.close()

    async def scenario() -> None:
        async with StreamSession() as session, session.get(server.origin) as response:
            await raise_for_status(response)

    with HttpServer(break_off) as server, pytest.raises(errors.RateLimitError, match="slow down"):
        asyncio.run(scenario())


def test_bytes_that_are_no_text_do_no_harm() -> None:
    with pytest.raises(errors.ResponseStatusError, match="answered 500"):
        answer_with(500, b"\xff\xfe{\x00")


def test_a_key_that_the_provider_repeats_is_not_passed_on() -> None:
    with pytest.raises(errors.MissingAuthError) as caught:
        answer_with(401, b'{"error": {"message": "Wrong key: my-private-key-0001"}}', key="my-private-key-0001")
    assert "my-private-key-0001" not in str(caught.value)
