"""A row of the route table becomes a view: read the request, call the handler, write what it returns."""

from __future__ import annotations

import inspect
import re
import typing
from collections.abc import Callable, Coroutine, Iterable
from enum import Enum
from typing import TYPE_CHECKING, Any

import msgspec
from flask import Flask, Request, Response, request
from msgspec import Struct

from g4f import aio
from g4f.errors import ForbiddenError, NotSignedInError
from g4f.gui.server.bodies import bound_body, read_body, read_query
from g4f.gui.server.incoming import ClientLeft, read_along
from g4f.gui.server.principal import Principal, principal_of
from g4f.gui.server.refusals import error_response
from g4f.gui.server.streams import ByteStream, PendingResponse, Stream, StreamResponse

if TYPE_CHECKING:
    from g4f.gui.server.api import Api

Handler = Callable[..., Any]

PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")
"""A parameter in a path of Werkzeug's; its group is the name."""
GIVEN = ("api", "principal", "query", "body", "incoming", "request")
"""What a handler may have as parameters, besides those of its path."""


class Policy(Enum):
    """Say who may call a route."""

    PUBLIC = "anybody"
    SIGNED_IN = "somebody signed in"
    ADMIN = "an administrator"


class Route(Struct, frozen=True):
    """Be one row: a method, a path, the handler that does it, and who may call it.

    ``limit`` names the setting that bounds the body; ``forms`` says that the body may come as the part ``json`` of a
    multipart form; ``quick`` says that the handler never waits for a disk or a lock, so that the bridge need not hand it
    to a thread; ``streamed`` says that the handler, a coroutine, takes the body as it arrives, in its parameter ``incoming``;
    ``hidden`` keeps pages and files out of the API document.
    """

    method: str
    path: str
    handler: Handler
    policy: Policy
    limit: str = "json_limit"
    forms: bool = False
    quick: bool = False
    hidden: bool = False
    streamed: bool = False

    @property
    def endpoint(self) -> str:
        """Return the name Flask keeps the row under."""
        return f"{self.method} {self.path}"


class Signature(Struct, frozen=True):
    """Be what a handler's parameters and return say; these annotations are the contract."""

    parameters: dict[str, Any]
    body: Any
    query: Any
    returns: Any


def signature_of(handler: Handler) -> Signature:
    """Read a handler's annotations."""
    hints = typing.get_type_hints(handler)
    returns = hints.pop("return", None)
    parameters = {name: hints.get(name) for name in inspect.signature(handler).parameters}
    return Signature(parameters, hints.get("body"), hints.get("query"), returns)


def register(app: Flask, table: Iterable[Route], api: Api) -> dict[str, dict[str, Any]]:
    """Add every row to the app, and return ``{path: {"function", "methods"}}``; raises TypeError for a row that nobody could call."""
    routes: dict[str, dict[str, Any]] = {}
    for route in table:
        _check(route)
        view = _view(route, api)
        app.add_url_rule(
            api.settings.url_prefix + route.path, route.endpoint, view, methods=[route.method], provide_automatic_options=False
        )
        row = routes.setdefault(route.path, {"function": view, "methods": []})
        row["methods"].append(route.method)
    return routes


def _check(route: Route) -> None:
    if not isinstance(route.policy, Policy):
        raise TypeError(f"{route.endpoint} does not say who may call it.")
    given = {*GIVEN, *PARAMETER.findall(route.path)}
    needed = {name for name, each in inspect.signature(route.handler).parameters.items() if each.default is each.empty}
    if needed - given:
        raise TypeError(f"{route.endpoint} has nothing to give its handler as {', '.join(sorted(needed - given))}.")


def _view(route: Route, api: Api) -> Callable[..., Response]:
    handler, signature = route.handler, signature_of(route.handler)
    wanted = signature.parameters.keys()
    limit: int = getattr(api.settings, route.limit)

    def view(**values: Any) -> Response:
        current: Request = request._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001  once, not at each use
        principal = _admit(route.policy, current.environ)
        bound_body(current, limit)
        if "api" in wanted:
            values["api"] = api
        if "principal" in wanted:
            values["principal"] = principal
        if "query" in wanted:
            values["query"] = read_query(current, signature.query)
        if "body" in wanted:
            values["body"] = read_body(current, signature.body, route.forms)
        if "incoming" in wanted:
            values["incoming"] = current.environ.get("g4f.incoming") or read_along(current.stream, limit, current.content_length)
        if "request" in wanted:
            values["request"] = current
        return respond(handler(**values))

    return view


def respond(value: Any) -> Response:
    """Return the response for what a handler returned."""
    match value:
        case Response():
            return value
        case Stream() | ByteStream():
            return StreamResponse(value)
        case _ if inspect.iscoroutine(value):
            return _later(value)
        case _:
            return Response(msgspec.json.encode(value), 200, mimetype="application/json")


def _later(value: Coroutine[Any, Any, Any]) -> Response:
    """Let the bridge await the value on its loop; any other server waits for it here."""
    environ = request.environ
    if "g4f.bridge" not in environ:
        return respond(aio.run(value))
    request_id, legacy = environ["g4f.request_id"], bool(environ.get("g4f.legacy"))

    async def response() -> Response:
        try:
            return respond(await value)
        except ClientLeft:
            raise
        # Flask's own handler has returned by now; this is the same last resort for every kind of error.
        except Exception as error:  # noqa: BLE001
            return error_response(error, request_id, legacy)

    return PendingResponse(response)


def _admit(policy: Policy, environ: dict[str, Any]) -> Principal | None:
    if policy is Policy.PUBLIC:
        return None
    principal = principal_of(environ)
    if principal is None:
        raise NotSignedInError(
            "Only the person at this machine may do this: accounts are not set up.", headers=[("WWW-Authenticate", "Bearer")]
        )
    if policy is Policy.ADMIN and not principal.admin:
        raise ForbiddenError("Only an administrator may do this.")
    return principal
