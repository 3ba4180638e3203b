"""A request of an ASGI server as the environment of WSGI."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

from g4f.gui.server.incoming import Scope

_OLD_NAMES = frozenset({b"x_api_base", b"x_api_key", b"x_ignored", b"x_secret"})
"""What old gpt4free clients spell with underscores; any other such name is dropped, as WSGI servers do."""
_CONSTANT: Mapping[str, Any] = {
    "wsgi.version": (1, 0),
    "wsgi.multithread": True,
    "wsgi.multiprocess": False,
    "wsgi.run_once": False,
    "wsgi.input_terminated": True,
    "g4f.bridge": True,
}


def _key(name: bytes) -> str:
    key = name.decode("latin-1").upper().replace("-", "_")
    return key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"


_USUAL_KEYS = {
    name: _key(name)
    for name in (
        b"accept", b"accept-encoding", b"accept-language", b"authorization", b"cache-control", b"connection", b"content-length",
        b"content-type", b"cookie", b"host", b"origin", b"pragma", b"priority", b"referer", b"sec-ch-ua", b"sec-ch-ua-mobile",
        b"sec-ch-ua-platform", b"sec-fetch-dest", b"sec-fetch-mode", b"sec-fetch-site", b"user-agent", b"x-api-key",
    )
}  # fmt: skip
"""What most headers are called in the environment; finding a name costs a fifth of making it."""


def environ_of(scope: Scope) -> dict[str, Any]:
    """Return the WSGI environment of a request, without ``wsgi.input``."""
    server, client = scope.get("server") or ("127.0.0.1", 0), scope.get("client") or ("", 0)
    root = scope.get("root_path", "")
    environ: dict[str, Any] = {
        **_CONSTANT,
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": root.encode().decode("latin-1"),
        "PATH_INFO": scope["path"].removeprefix(root).encode().decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_NAME": server[0],
        "SERVER_PORT": str(server[1]),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "REMOTE_ADDR": client[0],
        "REMOTE_PORT": str(client[1]),
        "wsgi.url_scheme": scope.get("scheme", "http"),
        "wsgi.errors": sys.stderr,
    }
    for name, value in scope["headers"]:
        if b"_" not in name:
            key = _USUAL_KEYS.get(name) or _key(name)
            environ[key] = f"{environ[key]},{value.decode('latin-1')}" if key in environ else value.decode("latin-1")
    for name, value in scope["headers"]:
        if name in _OLD_NAMES:
            environ.setdefault(_key(name), value.decode("latin-1"))
    return environ
