"""The route table as an OpenAPI 3.1 document; the page's types are generated from it."""

from __future__ import annotations

import inspect
import re
import types
import typing
from collections.abc import Coroutine, Iterable
from typing import Any

import msgspec
from flask import Response
from msgspec import Struct

from g4f.gui.server.refusals import ErrorAnswer
from g4f.gui.server.routing import PARAMETER, Policy, Route, Signature, signature_of
from g4f.gui.server.streams import ByteStream, Stream
from g4f.providers.wire import Chunk
from g4f.version import __version__

_REFERENCE = "#/components/schemas/{name}"
_SEGMENT = {"type": "string", "minLength": 1, "pattern": "^[^/]+$"}
_NAMED = re.compile(r"\b[45]\d\d\b")
"""A status that a handler's docstring names."""
_REFUSALS = {
    400: "The request cannot be read.",
    401: "Nobody is signed in.",
    402: "A budget is spent.",
    403: "A page of another site asked, or an address is not one that may be reached.",
    404: "Absent, or not yours.",
    408: "The body came too slowly.",
    409: "Changed meanwhile.",
    412: "Another version of the protocol is spoken.",
    413: "The body is too large.",
    415: "Another content type is read.",
    416: "The range lies outside of the content.",
    421: "The Host names another server.",
    422: "A value is refused.",
    429: "Too many answers are asked for at once, or in a minute.",
    501: "Not offered here.",
    502: "The provider failed.",
    503: "The server cannot answer now.",
    504: "The provider was too slow.",
    507: "There is no room left.",
}
_BYTES = {"*/*": {"schema": {"type": "string", "format": "binary"}}}
_FILES = {"type": "array", "items": {"type": "string", "format": "binary"}}
_FORM = {"multipart/form-data": {"schema": {"type": "object", "properties": {"files": _FILES}, "required": ["files"]}}}
_OF_ANY_ROUTE = {400, 403, 408, 413, 421}


def document(table: Iterable[Route]) -> bytes:
    """Return the document as JSON, the same bytes for the same table."""
    rows = [(route, signature_of(route.handler)) for route in table if not route.hidden]
    kinds: list[Any] = [ErrorAnswer, Chunk]
    for _, signature in rows:
        kinds += [kind for kind in (signature.body, signature.query, _json_type(signature.returns)) if kind is not None]
    schemas, components = msgspec.json.schema_components(kinds, ref_template=_REFERENCE)
    by_kind = {id(kind): schema for kind, schema in zip(kinds, schemas, strict=True)}
    components["Chunk"] = by_kind[id(Chunk)]
    for body in {signature.body for _, signature in rows if hasattr(signature.body, "from_wire")}:
        components[body.__name__] = _open(components[body.__name__], body.internal)
    paths: dict[str, Any] = {}
    by_text = {str(kind): schema for kind, schema in zip(kinds, schemas, strict=True)}
    for route, signature in rows:
        path = PARAMETER.sub(r"{\1}", route.path)
        paths.setdefault(path, {})[route.method.lower()] = _operation(route, signature, by_text, components)
    whole = {"openapi": "3.1.0", "info": {"title": "g4f", "version": __version__}, "paths": paths, "components": {"schemas": components}}
    return msgspec.json.format(msgspec.json.encode(whole, order="sorted"), indent=1) + b"\n"


def _operation(route: Route, signature: Signature, schemas: dict[str, Any], components: dict[str, Any]) -> dict[str, Any]:
    summary = (inspect.getdoc(route.handler) or "").partition("\n")[0]
    operation: dict[str, Any] = {
        "operationId": f"{route.handler.__name__}_{route.method}".lower(),
        "summary": summary,
        "responses": _responses(route, signature, schemas),
    }
    parameters = [{"name": name, "in": "path", "required": True, "schema": _SEGMENT} for name in PARAMETER.findall(route.path)]
    if signature.query is not None:
        parameters += _query_parameters(schemas[str(signature.query)], components)
    if parameters:
        operation["parameters"] = parameters
    if signature.body is not None:
        operation["requestBody"] = _request_body(route, schemas[str(signature.body)])
    if route.streamed:
        operation["requestBody"] = {"required": route.forms, "content": _FORM if route.forms else _BYTES}
    return operation


def _request_body(route: Route, schema: Any) -> dict[str, Any]:
    content: dict[str, Any] = {"application/json": {"schema": schema}}
    if route.forms:
        form = {"type": "object", "properties": {"json": schema, "files": _FILES}, "required": ["json"]}
        content["multipart/form-data"] = {"schema": form, "encoding": {"json": {"contentType": "application/json"}}}
    return {"required": True, "content": content}


def _responses(route: Route, signature: Signature, schemas: dict[str, Any]) -> dict[str, Any]:
    error = {"application/json": {"schema": schemas[str(ErrorAnswer)]}}
    refusals = {str(status): {"description": _REFUSALS[status], "content": error} for status in sorted(_statuses(route, signature))}
    if signature.returns is type(None):
        return refusals
    done = "2XX" if signature.returns is Response else "200"
    return {done: {"description": "Done.", "content": _content(signature.returns, schemas)}, **refusals}


def _statuses(route: Route, signature: Signature) -> set[int]:
    """Return every status a route may refuse with."""
    statuses = _OF_ANY_ROUTE | {int(named) for named in _NAMED.findall(inspect.getdoc(route.handler) or "")}
    if route.policy is not Policy.PUBLIC:
        statuses |= {401}
    if PARAMETER.search(route.path):
        statuses |= {404}
    if signature.query is not None:
        statuses |= {422}
    if signature.body is not None or route.streamed:
        statuses |= {404, 415, 422}
    if signature.returns is type(None):
        statuses |= {501}
    if any(typing.get_origin(returned) is Coroutine for returned in _alternatives(signature.returns)):
        statuses |= {502, 504}
    return statuses


def _content(returns: Any, schemas: dict[str, Any]) -> dict[str, Any]:
    kind = _json_type(returns)
    if kind is not None:
        other: dict[str, Any] = {"*/*": {}} if Response in _members(returns) else {}
        return {"application/json": {"schema": schemas[str(kind)]}, **other}
    if _streams(returns):
        data = {"type": "string", "contentMediaType": "application/json", "contentSchema": {"$ref": _REFERENCE.format(name="Chunk")}}
        event = {"type": "object", "properties": {"event": {"type": "string"}, "data": data}, "required": ["event", "data"]}
        return {"text/event-stream": {"schema": event}}
    return {"*/*": {}}


def _query_parameters(schema: dict[str, Any], components: dict[str, Any]) -> list[dict[str, Any]]:
    fields = components[schema["$ref"].rpartition("/")[2]]["properties"]
    return [{"name": name, "in": "query", "required": False, "schema": field} for name, field in fields.items()]


def _open(schema: dict[str, Any], internal: Iterable[str]) -> dict[str, Any]:
    """Return the schema of a body that takes fields it does not know, without those that nobody sends."""
    sent = {name: field for name, field in schema["properties"].items() if name not in internal}
    return {**schema, "properties": sent, "additionalProperties": True}


def _alternatives(returns: Any) -> tuple[Any, ...]:
    union = isinstance(returns, types.UnionType) or typing.get_origin(returns) is typing.Union
    return typing.get_args(returns) if union else (returns,)


def _members(returns: Any) -> list[Any]:
    """Return the members of a return annotation: a union's, and what a coroutine gives."""
    if typing.get_origin(returns) is Coroutine:
        return _members(typing.get_args(returns)[2])
    alternatives = _alternatives(returns)
    return [returns] if len(alternatives) == 1 else [inner for member in alternatives for inner in _members(member)]


def _json_type(returns: Any) -> Any:
    members = list(dict.fromkeys(map(repr, _members(returns))))
    plain = {repr(member): member for member in _members(returns) if _is_json(member)}
    chosen = [plain[name] for name in members if name in plain]
    return typing.Union[tuple(chosen)] if chosen else None  # noqa: UP007  built at run time


def _is_json(kind: Any) -> bool:
    origin = typing.get_origin(kind) or kind
    return origin in (list, dict) or (isinstance(origin, type) and issubclass(origin, Struct) and origin not in (ByteStream, Stream))


def _streams(returns: Any) -> bool:
    return any(member is Stream for member in _members(returns))
