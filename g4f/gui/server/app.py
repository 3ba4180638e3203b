"""The factory: settings in, a Flask app with every route out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from inspect import iscoroutinefunction
from typing import Any

from flask import Flask, Request
from flask.sessions import NullSession, SecureCookieSession, SecureCookieSessionInterface
from werkzeug.routing import MapAdapter
from werkzeug.wsgi import get_host

from g4f.config import Settings
from g4f.gui.server.backend_api import Backend_Api


def create_app(config: Settings | Mapping[str, Any] | None = None) -> Flask:
    """Return the app; ``app.extensions["g4f"]`` is its Backend_Api."""
    app = _App(__name__, static_folder=None, template_folder=None)
    app.extensions["g4f"] = Backend_Api(app, config)
    return app


class _Sessions(SecureCookieSessionInterface):
    """Be Flask's sessions, which an app without a secret key has not."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """Return the session of a request."""
        return NullSession() if app.secret_key is None else super().open_session(app, request)


class _App(Flask):
    """Be a Flask that asks itself the same thing once, and not at each request."""

    session_interface = _Sessions()

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Return a function that a WSGI worker can call."""
        return self.async_to_sync(func) if _is_async(func) else func

    def create_url_adapter(self, request: Request | None) -> MapAdapter | None:
        """Return what finds the rule for a request: every host has the same ones, and an upgrade that is asked for changes nothing."""
        if request is None:
            return super().create_url_adapter(None)
        request.trusted_hosts = self.config["TRUSTED_HOSTS"]
        request.host = get_host(request.environ, request.trusted_hosts)  # as Flask does
        return self.url_map.bind(
            request.host, request.root_path, url_scheme=request.scheme, default_method=request.method,
            path_info=request.path, query_args=request.query_string.decode(errors="replace"),
        )  # fmt: skip


_is_async = cache(iscoroutinefunction)
