"""What every request passes before its handler, and what every answer carries; installed by ``Backend_Api(app)``."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import ip_network
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, request
from flask_cors import CORS
from werkzeug.middleware.proxy_fix import ProxyFix

from g4f.config import Settings
from g4f.errors import ForbiddenError, MalformedRequestError, MisdirectedRequestError
from g4f.gui.server.hosts import is_loopback_name, is_within, split_host
from g4f.gui.server.principal import host_of, is_foreign
from g4f.gui.server.refusals import is_ours, new_request_id

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

PAGE_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self' data: blob:; font-src 'self'; "
    "connect-src 'self'; worker-src 'self'; manifest-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'; object-src 'none'; require-trusted-types-for 'script'; trusted-types svelte-trusted-html dompurify g4f"
)
DATA_CSP = "default-src 'none'; frame-ancestors 'none'"
_COMMON = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(self), microphone=(self), geolocation=()"),
)
_PAGE_HEADERS = (*_COMMON, ("Content-Security-Policy", PAGE_CSP))
DATA_HEADERS = (*_COMMON, ("Content-Security-Policy", DATA_CSP))
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def install(app: Flask, settings: Settings) -> None:
    """Put the guards in front of every route of the app and the headers on every answer."""
    if settings.cors_origins:
        CORS(app, origins=list(settings.cors_origins), supports_credentials=False, send_wildcard=False)
    known = frozenset(split_host(name) for name in (*settings.allowed_hosts, settings.host)) - {""}

    def check() -> Response | None:
        environ = request.environ
        _check_host(environ, known)
        _check_origin(environ, settings)
        if "g4f.refusal" in environ and not is_ours(request.endpoint):
            raise environ["g4f.refusal"]  # our own routes ask first who may call them
        return Response(status=204) if _is_preflight(environ, settings) else None

    app.before_request(check)
    guarded = _protected(app.wsgi_app)
    wrapped = _behind(guarded, settings.trusted_proxies) if settings.trusted_proxies else guarded
    app.wsgi_app = wrapped  # type: ignore[method-assign, assignment]  # how Flask's documentation adds middleware


def _protected(app: WSGIApplication) -> WSGIApplication:
    """Name each request, and add the guarding headers to its answer; a header the answer has of its own stays."""

    def protected(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        request_id = environ["g4f.request_id"] = new_request_id()

        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            own = dict(headers)
            page = own.get("Content-Type", "").startswith("text/html")
            guarding = [header for header in (_PAGE_HEADERS if page else DATA_HEADERS) if header[0] not in own]
            return start_response(status, [*headers, *guarding, ("X-Request-Id", request_id)], exc_info)

        return app(environ, start)

    return protected


def _behind(app: WSGIApplication, trusted: tuple[str, ...]) -> WSGIApplication:
    """Believe what the trusted proxies say of address, scheme, host and prefix; nobody else is believed."""
    told = ProxyFix(app, x_for=1, x_proto=1, x_host=1, x_prefix=1)
    networks = tuple(ip_network(each, strict=False) for each in trusted)

    def behind(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        return (told if is_within(environ.get("REMOTE_ADDR", ""), networks) else app)(environ, start_response)

    return behind


def _check_host(environ: WSGIEnvironment, known: frozenset[str]) -> None:
    """Refuse names that are not this server's, or a web page could reach it through a name of its own."""
    if "HTTP_HOST" not in environ and environ.get("SERVER_PROTOCOL") == "HTTP/1.1":
        raise MalformedRequestError("A request of HTTP/1.1 needs a Host header.", "Host")
    name = split_host(host_of(environ))
    if name not in known and not is_loopback_name(name):
        raise MisdirectedRequestError("This server does not answer to that name; add it to allowed_hosts.", "Host")


def _check_origin(environ: WSGIEnvironment, settings: Settings) -> None:
    if environ["REQUEST_METHOD"] in _SAFE or not is_foreign(environ):
        return
    if environ.get("HTTP_ORIGIN") not in settings.cors_origins:
        raise ForbiddenError("A page of another site may not do this. One listed in cors_origins reaches what anybody may call.", "Origin")


def _is_preflight(environ: WSGIEnvironment, settings: Settings) -> bool:
    """Return whether a browser asks first, for a page that is listed; Flask-CORS adds the headers to the answer."""
    asks = environ["REQUEST_METHOD"] == "OPTIONS" and "HTTP_ACCESS_CONTROL_REQUEST_METHOD" in environ
    return asks and environ.get("HTTP_ORIGIN") in settings.cors_origins
