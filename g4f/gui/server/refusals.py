"""The one error shape: every error of every route becomes the same JSON object."""

from __future__ import annotations

import random
from typing import Any

import msgspec
from flask import Flask, Response, request
from flask.typing import ResponseReturnValue
from msgspec import UNSET, Struct, UnsetType
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from g4f import debug
from g4f.errors import (
    G4FError,
    MalformedRequestError,
    MethodNotAllowedError,
    NotFoundError,
    PayloadTooLargeError,
    RefusalError,
    UnsupportedMediaTypeError,
)

_TYPES = {
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    421: "invalid_request_error",
    429: "rate_limit_error",
}
_FLASK_ERRORS: dict[int, tuple[type[RefusalError], str]] = {
    404: (NotFoundError, "There is nothing at this address."),
    405: (MethodNotAllowedError, "This address knows other methods; the Allow header names them."),
    413: (PayloadTooLargeError, "The request is larger than this address takes; send less."),
    415: (UnsupportedMediaTypeError, "This address reads another content type."),
}


class ErrorBody(Struct, frozen=True):
    """Say what went wrong, for people and for programs."""

    message: str
    type: str
    code: str
    param: str | None
    request_id: str
    next: str | UnsetType = UNSET
    """Who to ask instead, where somebody can be."""
    values: dict[str, Any] | UnsetType = UNSET
    """What the message names, for who says it in another language."""


class ErrorAnswer(Struct, frozen=True):
    """Be the body of every error."""

    error: ErrorBody


def new_request_id() -> str:
    """Return a name for one request, by which its log lines are found; it guards nothing."""
    return f"{random.getrandbits(64):016x}"


def error_body(error: Exception, request_id: str) -> tuple[dict[str, Any], int, list[tuple[str, str]]]:
    """Return the JSON object, the status and extra headers for an error; what is not ours is logged and not shown."""
    if not isinstance(error, G4FError):
        debug.failed(f"Request {request_id} failed", error)
        told = {"reason": "server_failed", "id": request_id}
        error = G4FError(f"The server failed; its log has the details under {request_id}.", values=told)
    kind = _TYPES.get(error.status) or ("invalid_request_error" if error.status < 500 else "server_error")
    instead, values = getattr(error, "next", "") or UNSET, getattr(error, "values", None) or UNSET
    body = ErrorBody(str(error), kind, error.code, getattr(error, "param", None), request_id, instead, values)
    return {"error": body}, error.status, list(getattr(error, "headers", ()))


def error_response(error: Exception, request_id: str, legacy: bool = False) -> Response:
    """Return the answer for an error; ``legacy`` adds what clients of 2023 look for."""
    body, status, headers = error_body(error, request_id)
    if legacy:
        body = {"_action": "_ask", "success": False, **body}
    return Response(msgspec.json.encode(body), status, headers, mimetype="application/json")


def install(app: Flask) -> None:
    """Answer for every error that is ours, and leave the rest to the handler the app had for all errors, or to Flask."""
    own = app.error_handler_spec[None][None].get(Exception)

    def handle(error: Exception) -> ResponseReturnValue | HTTPException:
        if is_ours(request.endpoint):
            return _answer_ours(error)
        if isinstance(error, RefusalError):
            return _answer(error)
        if own is not None:
            return app.ensure_sync(own)(error)  # type: ignore[no-any-return]  # as Flask types it
        if isinstance(error, HTTPException):
            return error
        raise error

    app.register_error_handler(Exception, handle)


def is_ours(endpoint: str | None) -> bool:
    """Return whether a request belongs to us: our endpoints are "METHOD /path", and None is an address nobody knows."""
    return endpoint is None or " /" in endpoint


def _answer_ours(error: Exception) -> Response | HTTPException:
    """Answer for an error of our routes, of a guard or of an address nobody knows; redirects are Flask's router's."""
    if not isinstance(error, HTTPException):
        return _answer(error)
    return error if error.code is None or error.code < 400 else _from_flask(error, error.code)


def _from_flask(error: HTTPException, status: int) -> Response:
    """Answer for an error that Flask or Werkzeug raised itself; a 4xx without a class here keeps its status."""
    if status >= 500:
        return _answer(error)
    kind, message = _FLASK_ERRORS.get(status, (MalformedRequestError, "The request cannot be read."))
    allow = error.valid_methods or () if isinstance(error, MethodNotAllowed) else ()
    response = _answer(kind(message, headers=[("Allow", ", ".join(sorted(allow)))] if allow else []))
    response.status_code = status
    return response


def _answer(error: Exception) -> Response:
    return error_response(error, request.environ["g4f.request_id"], bool(request.environ.get("g4f.legacy")))
