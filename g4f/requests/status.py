"""What the status of an answer means: from an HTTP status to one of our errors."""

from __future__ import annotations

import math
import re
import time
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Any

import msgspec

from g4f.errors import (
    BadRequestError,
    CloudflareError,
    G4FError,
    MissingAuthError,
    ModelNotFoundError,
    PaymentRequiredError,
    RateLimitError,
    ResponseError,
    ResponseStatusError,
)
from g4f.requests.response import Response

MAX_ERROR_BODY = 64 * 1024
MAX_DETAIL = 500
_TITLE = re.compile(rb"<title[^>]*>([^<]{0,200})", re.IGNORECASE)


async def raise_for_status(response: Response) -> None:
    """Raise the error that the status of an answer means, with the other side's own words; return when it is one of success."""
    if response.ok:
        return
    body = await _beginning(response)
    document = _decode(body)
    detail = response.redact(message_of(document) or _page_or_text(body))
    raise _error(response, detail, document)


def message_of(document: Any) -> str | None:
    """Find the sentence for people in the usual shapes of an error document, or None.

    Known: ``{"error": {"message"}}``, ``{"error": "..."}``, ``{"message"}``, ``{"detail"}`` as text or as FastAPI's list,
    and a list of one of these, as Google's API has it.
    """
    match document:
        case {"error": {"message": str(text)}} | {"error": str(text)} | {"detail": str(text)} | {"message": str(text)}:
            return text[:MAX_DETAIL]
        case {"error": dict(inner)} | {"detail": dict(inner)} | {"detail": [dict(inner), *_]} | [dict(inner), *_]:
            return message_of(inner)
        case {"msg": str(text)}:
            return text[:MAX_DETAIL]
        case _:
            return None


def retry_after(value: str | None) -> float | None:
    """Return the seconds that a ``Retry-After`` header asks for, be it a number or a date; None when there is none to use."""
    if value is None:
        return None
    try:
        seconds = float(value)
    except ValueError:
        try:
            when = parsedate_to_datetime(value)
        except ValueError:
            return None
        seconds = when.replace(tzinfo=when.tzinfo or UTC).timestamp() - time.time()
    return max(0.0, seconds) if math.isfinite(seconds) else None


def _error(response: Response, detail: str, document: Any) -> G4FError:
    error: G4FError
    message = f"{response.host} answered {response.status}: {detail or 'no reason given'}"
    told = {"host": response.host, "status": response.status, "detail": detail}
    match response.status:
        case status if "challenge" in response.headers.get("cf-mitigated", ""):
            error = CloudflareError(f"{message} (a challenge page that only a browser can pass)", status, {"reason": "challenge", **told})
        case status if _about_model(status, document):
            error = ModelNotFoundError(message, values={"reason": "no_model", **told})
        case 401 | 403:
            error = MissingAuthError(f"{message} (check the key of this provider)", values={"reason": "key_refused", **told})
        case 402:
            error = PaymentRequiredError(message, values={"reason": "unpaid", **told})
        case 429:
            error = RateLimitError(message, 429, retry_after(response.headers.get("retry-after")), {"reason": "limited", **told})
        case (400 | 413 | 422) as status:
            error = BadRequestError(message, status, {"reason": "not_accepted", **told})
        case status if status < 400:
            error = ResponseStatusError(f"{message} (it has moved; set its new address)", status, {"reason": "moved", **told})
        case 404:
            error = ResponseStatusError(message, 404, {"reason": "nothing_there", **told})
        case status:
            error = ResponseStatusError(message, status, {"reason": "answered", **told})
    return error


def _about_model(status: int, document: Any) -> bool:
    match document:
        case {"error": {"code": "model_not_found"}}:
            return True
        case _:  # Ollama and others have no code for it, only the word
            return status == 404 and "model" in (message_of(document) or "").lower()


async def _beginning(response: Response) -> bytes:
    """Read what fits of an error's body; one that breaks off is as good as it goes."""
    body = b""
    try:
        async for block in response.iter_content():
            body += block
            if len(body) >= MAX_ERROR_BODY:
                break
    except ResponseError:
        pass  # the status says enough
    return body[:MAX_ERROR_BODY]


def _decode(body: bytes) -> Any:
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def _page_or_text(body: bytes) -> str:
    title = _TITLE.search(body)
    return " ".join((title[1] if title else body).decode(errors="replace").split())[:MAX_DETAIL]
