"""The factory: settings in, a Flask app with every route out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import Flask, Request
from werkzeug.routing import MapAdapter

from g4f.config import Settings
from g4f.gui.server.backend_api import Backend_Api


class Platform(Flask):
    """Be Flask without what no row of the table needs, a twentieth of a short answer: subdomains, websockets, coroutines as views."""

    def create_url_adapter(self, request: Request | None) -> MapAdapter | None:
        """Return what matches a request to a row; the guards have a word with its Host before any row does."""
        if request is None:
            return super().create_url_adapter(request)
        environ = request.environ
        host = environ.get("HTTP_HOST") or f"{environ['SERVER_NAME']}:{environ['SERVER_PORT']}"
        path = environ["PATH_INFO"].encode("latin-1").decode(errors="replace")
        scheme, method = environ["wsgi.url_scheme"], environ["REQUEST_METHOD"]
        return MapAdapter(self.url_map, host, environ["SCRIPT_NAME"], "", scheme, path, method, environ.get("QUERY_STRING"))

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function as it is."""
        return func


def create_app(config: Settings | Mapping[str, Any] | None = None) -> Flask:
    """Return the app; ``app.extensions["g4f"]`` is its Backend_Api."""
    app = Platform(__name__, static_folder=None, template_folder=None)
    app.extensions["g4f"] = Backend_Api(app, config)
    return app
