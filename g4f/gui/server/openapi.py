"""The route table as an OpenAPI 3.1 document; the page's types are generated from it."""

from __future__ import annotations

import inspect
import re
import types
import typing
from collections.abc import Coroutine, Iterable
from typing import Any

import msgspec
from msgspec import Struct

from g4f.gui.server.refusals import ErrorAnswer
from g4f.gui.server.routing import Policy, Route, signature_of
from g4f.gui.server.streams import Stream
from g4f.providers.wire import Chunk
from g4f.version import __version__

_REFERENCE = "#/components/schemas/{name}"
_PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")
_REFUSALS = {"400": "The request cannot be read.", "403": "A page of another site asked.", "421": "The Host names another server."}
_BODY_REFUSALS = {
    "408": "The body came too slowly.",
    "413": "The body is too large.",
    "415": "Another content type is read.",
    "422": "A value is refused.",
}


def document(table: Iterable[Route]) -> bytes:
    """Return the document as JSON, the same bytes for the same table."""
    rows = [(route, signature_of(route.handler)) for route in table if not route.hidden]
    kinds = [ErrorAnswer, Chunk]
    for _, signature in rows:
        kinds += [kind for kind in (signature.body, signature.query, _json_type(signature.returns)) if kind is not None]
    schemas, components = msgspec.json.schema_components(kinds, ref_template=_REFERENCE)
    by_kind = {id(kind): schema for kind, schema in zip(kinds, schemas, strict=True)}
    components["Chunk"] = by_kind[id(Chunk)]
    paths: dict[str, Any] = {}
    by_text = {str(kind): schema for kind, schema in zip(kinds, schemas, strict=True)}
    for route, signature in rows:
        path = _PARAMETER.sub(r"{\1}", route.path)
        paths.setdefault(path, {})[route.method.lower()] = _operation(route, signature, by_text, components)
    whole = {"openapi": "3.1.0", "info": {"title": "g4f", "version": __version__}, "paths": paths, "components": {"schemas": components}}
    return msgspec.json.format(msgspec.json.encode(whole, order="sorted"), indent=1) + b"\n"


def _operation(route: Route, signature: Any, schemas: dict[str, Any], components: dict[str, Any]) -> dict[str, Any]:
    summary = (inspect.getdoc(route.handler) or "").partition("\n")[0]
    operation: dict[str, Any] = {
        "operationId": f"{route.handler.__name__}_{route.method}".lower(),
        "summary": summary,
        "responses": _responses(route, signature, schemas),
    }
    parameters = [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in _PARAMETER.findall(route.path)]
    if signature.query is not None:
        parameters += _query_parameters(schemas[str(signature.query)], components)
    if parameters:
        operation["parameters"] = parameters
    if signature.body is not None:
        operation["requestBody"] = _request_body(route, schemas[str(signature.body)])
    return operation


def _request_body(route: Route, schema: Any) -> dict[str, Any]:
    content: dict[str, Any] = {"application/json": {"schema": schema}}
    if route.forms:
        files = {"type": "array", "items": {"type": "string", "format": "binary"}}
        form = {"type": "object", "properties": {"json": schema, "files": files}, "required": ["json"]}
        content["multipart/form-data"] = {"schema": form, "encoding": {"json": {"contentType": "application/json"}}}
    return {"required": True, "content": content}


def _responses(route: Route, signature: Any, schemas: dict[str, Any]) -> dict[str, Any]:
    refusals = dict(_REFUSALS)
    if route.policy is not Policy.PUBLIC:
        refusals["401"] = "Nobody is signed in."
    if _PARAMETER.search(route.path) or signature.body is not None:
        refusals |= {"404": "Absent, or not yours."}
    if signature.body is not None:
        refusals |= _BODY_REFUSALS
    refusals |= {str(status): "The provider failed, or the server cannot answer now." for status in (502, 503, 504)}
    error = {"application/json": {"schema": schemas[str(ErrorAnswer)]}}
    described: dict[str, Any] = {status: {"description": words, "content": error} for status, words in sorted(refusals.items())}
    if signature.returns is type(None):
        return {"501": {"description": "Not offered here.", "content": error}, **described}
    return {"200": {"description": "Done.", "content": _content(signature.returns, schemas)}, **described}


def _content(returns: Any, schemas: dict[str, Any]) -> dict[str, Any]:
    kind = _json_type(returns)
    if kind is not None:
        return {"application/json": {"schema": schemas[str(kind)]}}
    if _streams(returns):
        return {"text/event-stream": {"schema": {"$ref": _REFERENCE.format(name="Chunk")}}}
    return {"*/*": {}}


def _query_parameters(schema: dict[str, Any], components: dict[str, Any]) -> list[dict[str, Any]]:
    fields = components[schema["$ref"].rpartition("/")[2]]["properties"]
    return [{"name": name, "in": "query", "required": False, "schema": field} for name, field in fields.items()]


def _members(returns: Any) -> list[Any]:
    """Return the members of a return annotation: a union's, and what a coroutine gives."""
    if isinstance(returns, types.UnionType) or typing.get_origin(returns) is typing.Union:
        return [inner for member in typing.get_args(returns) for inner in _members(member)]
    if typing.get_origin(returns) is Coroutine:
        return _members(typing.get_args(returns)[2])
    return [returns]


def _json_type(returns: Any) -> Any:
    members = list(dict.fromkeys(map(repr, _members(returns))))
    plain = {repr(member): member for member in _members(returns) if _is_json(member)}
    chosen = [plain[name] for name in members if name in plain]
    return typing.Union[tuple(chosen)] if chosen else None  # noqa: UP007  built at run time


def _is_json(kind: Any) -> bool:
    origin = typing.get_origin(kind) or kind
    return origin in (list, dict) or (isinstance(origin, type) and issubclass(origin, Struct) and origin is not Stream)


def _streams(returns: Any) -> bool:
    return any(member is Stream for member in _members(returns))
