"""The web face of the platform."""

from __future__ import annotations

from typing import Any

from flask import Flask

from g4f.gui.server.app import create_app
from g4f.gui.server.hosting import serve


def get_gui_app(demo: bool = False, timeout: float | None = None, stream_timeout: float | None = None) -> Flask:
    """Return the Flask app; the times are limits in seconds for a provider's first byte and for its silence.

    Programs of gpt4free read what they gave back from the app: ``app.demo``, ``app.timeout``, ``app.stream_timeout``.
    """
    given: dict[str, Any] = {"demo": demo, "first_byte_timeout": timeout, "idle_timeout": stream_timeout}
    app = create_app({name: value for name, value in given.items() if value})
    vars(app).update(demo=demo, timeout=timeout, stream_timeout=stream_timeout)
    return app


def run_gui(host: str = "127.0.0.1", port: int = 8080, debug: bool = False) -> None:
    """Serve the page and the API until the process is told to stop; raises ConfigError where it cannot."""
    app = create_app({"host": host, "port": port, "debug": debug})
    serve(app, app.extensions["g4f"])
