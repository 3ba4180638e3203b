"""Bodies and queries: bytes that came in become the struct a handler asked for, or a 4xx."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache, partial
from typing import Any, TypeVar
from urllib.parse import parse_qsl

import msgspec
from flask import Request
from msgspec import Struct
from werkzeug.exceptions import RequestEntityTooLarge

from g4f.errors import MalformedRequestError, PayloadTooLargeError, UnsupportedMediaTypeError, ValidationError
from g4f.gui.server.multipart import FormStream

REMEMBERED_LENGTH = 128
"""The longest query whose meaning is remembered: what strangers send must not fill the memory."""
MAX_DEPTH = 64
MAX_INTEGER = 2**53
MAX_VALUES = 200_000
_LONG_NUMBER = re.compile(rb"[0-9]{16}")
_PATH = re.compile(r" - at `\$?\.?([^`]*)`")
_QUOTED = re.compile(r"'(.{64}).+'", re.DOTALL)
"""What was sent, as an error repeats it."""

T = TypeVar("T", bound=Struct)


def read_query(request: Request, kind: type[T]) -> T:
    """Return the query string as a struct."""
    query: str = request.environ.get("QUERY_STRING", "")
    read: Callable[[str, type[T]], T] = _query if len(query) > REMEMBERED_LENGTH else _query_again
    return read(query, kind)


def _query(query: str, kind: type[T]) -> T:
    return _convert(dict(reversed(parse_qsl(query.encode("latin-1").decode(errors="replace"), keep_blank_values=True))), kind, strict=False)


_query_again = lru_cache(1024)(_query)
"""The same few queries come again and again, and what they mean is a frozen value."""


def bound_body(request: Request, limit: int) -> None:
    """Refuse a body that is longer than ``limit`` or never came, even where nobody reads it."""
    request.max_content_length = request.max_form_memory_size = limit + 1  # one byte more shows a body that does not say its length
    if "g4f.refusal" in request.environ:
        raise request.environ["g4f.refusal"]
    if "g4f.bridge" not in request.environ and (request.content_length or 0) > limit:  # the bridge has looked already
        raise RequestEntityTooLarge


def read_body(request: Request, kind: type[T], forms: bool) -> T:
    """Return the body as a struct, within the bounds that ``bound_body`` set."""
    if request.environ.get("CONTENT_TYPE") == "application/json" and "g4f.bridge" in request.environ:
        return _to_struct(request, request.environ["wsgi.input"].read(), kind)  # nearly every body, of a length that is known to fit
    if forms and request.mimetype == "multipart/form-data":
        request.stream = FormStream(request.stream)  # type: ignore[assignment]  # nothing but its ``read`` is called
        parts = request.form.getlist("json")
        if len(parts) != 1:
            raise MalformedRequestError("A form needs exactly one part named json.", "json")
        return _to_struct(request, parts[0].encode("utf-8", "surrogateescape"), kind)
    if not request.is_json:
        raise UnsupportedMediaTypeError("Send application/json" + (" or multipart/form-data." if forms else "."), "Content-Type")
    data = request.get_data(cache=False)
    if len(data) == request.max_content_length:
        raise RequestEntityTooLarge
    return _to_struct(request, data, kind)


def _to_struct(request: Request, data: bytes, kind: type[T]) -> T:
    """Return JSON bytes as a struct, having noted whether a client of 2023 sent them: it reads its errors differently."""
    fields = _to_fields(data)
    is_legacy: Callable[[dict[str, Any]], bool] | None = getattr(kind, "is_legacy", None)
    if is_legacy is not None:
        request.environ["g4f.legacy"] = is_legacy(fields)
    return _convert(fields, kind, strict=True)


def _to_fields(data: bytes) -> dict[str, Any]:
    """Return a JSON object; refuses what is anything else, too much, too deep, or holds a number no client can mean."""
    _check_values(data)
    try:
        fields = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise MalformedRequestError("The body is not valid JSON.") from None
    except RecursionError:
        raise MalformedRequestError("The body is nested too deeply.") from None
    if not isinstance(fields, dict):
        raise MalformedRequestError("The body should be a JSON object.")
    if data.count(b"[") + data.count(b"{") > MAX_DEPTH or _LONG_NUMBER.search(data):
        _check_bounds(fields)
    return fields


def _convert(fields: dict[str, Any], kind: type[T], *, strict: bool) -> T:
    """Return the struct; one that has to see fields it does not know reads them with a ``from_wire`` of its own."""
    read: Callable[[dict[str, Any]], T] = getattr(kind, "from_wire", partial(msgspec.convert, type=kind, strict=strict))
    try:
        return read(fields)
    except msgspec.ValidationError as error:
        where = _PATH.search(str(error))
        message = _QUOTED.sub(r"'\1...'", _PATH.sub("", str(error)))
        raise ValidationError(f"{message}.", where.group(1)[:64] if where else None) from None


def _check_values(data: bytes) -> None:
    """Refuse, before anything is decoded, more values than a conversation has; each would cost far more than its bytes."""
    if len(data) <= MAX_VALUES or _marks(data) <= MAX_VALUES:
        return
    bare = data.replace(rb"\\", b"").replace(rb"\"", b"")
    # Texts may hold as many commas as they like. With so many quotes there are too many texts already.
    if bare.count(b'"') > 4 * MAX_VALUES or _marks(b"".join(bare.split(b'"')[::2])) > MAX_VALUES:
        raise PayloadTooLargeError(f"The body holds more than {MAX_VALUES} values.")


def _marks(data: bytes) -> int:
    return data.count(b",") + data.count(b"[") + data.count(b"{")


def _check_bounds(value: Any) -> None:
    """Walk through the value level by level; only bodies that look unusual pay for it."""
    level, depth = [value], 0
    while level:
        if depth >= MAX_DEPTH:
            raise MalformedRequestError("The body is nested too deeply.")
        inside = [inner for item in level for inner in (item.values() if type(item) is dict else item)]
        if any(type(inner) is int and abs(inner) > MAX_INTEGER for inner in inside):
            raise ValidationError("A number in the body is too large to be meant.")
        level = [inner for inner in inside if type(inner) is dict or type(inner) is list]
        depth += 1
