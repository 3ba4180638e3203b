"""The factory: settings in, a Flask app with every route out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import Flask, Request
from flask.sessions import NullSession, SessionInterface
from werkzeug.routing import MapAdapter
from werkzeug.wsgi import get_host

from g4f.config import Settings
from g4f.gui.server.backend_api import Backend_Api


def create_app(config: Settings | Mapping[str, Any] | None = None) -> Flask:
    """Return the app; ``app.extensions["g4f"]`` is its Backend_Api."""
    app = _App(__name__, static_folder=None, template_folder=None)
    app.extensions["g4f"] = Backend_Api(app, config)
    return app


class _NoSessions(SessionInterface):
    """Keep no sessions: who somebody is, each request says itself."""

    def open_session(self, app: Flask, request: Request) -> NullSession:
        """Return the session that holds nothing."""
        return NullSession()


class _App(Flask):
    """Be a Flask that looks once where Flask looks for what this app has not: async views, subdomains, sessions."""

    session_interface = _NoSessions()

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function as it is: no view is a coroutine."""
        return func

    def create_url_adapter(self, request: Request | None) -> MapAdapter | None:
        """Return what matches the request's path, whatever its host, which the guards check."""
        if request is None:
            return super().create_url_adapter(None)
        request.host = get_host(request.environ)  # as Flask does
        return self.url_map.bind(
            request.host, request.root_path, url_scheme=request.scheme, default_method=request.method, path_info=request.path,
            query_args=request.query_string.decode(errors="replace"),
        )  # fmt: skip
