"""The factory: settings in, a Flask app with every route out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Flask

from g4f.config import Settings
from g4f.gui.server.backend_api import Backend_Api


def create_app(config: Settings | Mapping[str, Any] | None = None) -> Flask:
    """Return the app; ``app.extensions["g4f"]`` is its Backend_Api."""
    app = Flask(__name__, static_folder=None, template_folder=None)
    app.extensions["g4f"] = Backend_Api(app, config)
    return app
