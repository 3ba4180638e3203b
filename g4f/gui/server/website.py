"""The built page, served from this package; nothing is ever fetched from elsewhere."""

from __future__ import annotations

import mimetypes
import re
from contextlib import suppress
from importlib.resources import files
from pathlib import Path

from flask import Request, Response, url_for

from g4f.errors import NotFoundError

LOCALES = ("en", "ru")
THEMES = ("light", "dark")
_ENCODINGS = (("br", ".br"), ("gzip", ".gz"))
_WEB_TYPES = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
    ".webmanifest": "application/manifest+json",
}
_OF_A_LOCALE = re.compile(r'\s*<link\b[^>]*\bdata-locale="(\w+)"[^>]*>')
_NOT_BUILT = (
    "<!doctype html><meta charset=utf-8><title>g4f</title><h1>The page is not built</h1>"
    "<p>The API works. Install with <code>pip install .</code>, or run <code>npm ci &amp;&amp; npm run build</code> in g4f/gui/client."
)


def index(request: Request) -> Response:
    """Give the page in the language and colours the browser asks for, so that nothing flashes."""
    path = _dist() / "index.html"
    if not path.is_file():
        return Response(_NOT_BUILT, 200, mimetype="text/html")
    page = _address(path.read_text(encoding="utf-8"), url_for("GET /").rstrip("/"))
    page = _speak(page, _locale(request)).replace('data-theme="auto"', f'data-theme="{_theme(request)}"', 1)
    return Response(page, 200, {"Cache-Control": "no-cache", "Vary": "Accept-Language, Cookie"}, mimetype="text/html")


def asset(request: Request, name: str) -> Response:
    """Give one built file, compressed if the browser takes it; names carry a hash of the content, so it never changes."""
    path = _find(name)
    headers = {"Cache-Control": "public, max-age=31536000, immutable" if "assets/" in name else "no-cache", "Vary": "Accept-Encoding"}
    for encoding, suffix in _ENCODINGS:
        packed = path.with_name(path.name + suffix)
        if request.accept_encodings.quality(encoding) > 0 and packed.is_file():
            return Response(packed.read_bytes(), 200, {**headers, "Content-Encoding": encoding}, mimetype=_type(path))
    return Response(path.read_bytes(), 200, headers, mimetype=_type(path))


def _address(page: str, prefix: str) -> str:
    """Name the files of the page, and the path under which everything is served, as the browser must ask for them.

    ``prefix`` is percent-encoded.
    """
    page = page.replace('="/dist/', f'="{prefix}/dist/')
    return page.replace('data-prefix=""', f'data-prefix="{prefix}"', 1)


def _speak(page: str, locale: str) -> str:
    """Name the language, and leave out what only pages in other languages need."""
    page = _OF_A_LOCALE.sub(lambda link: link[0] if link[1] == locale else "", page)
    return page.replace('lang="en"', f'lang="{locale}"', 1)


def _dist() -> Path:
    return Path(str(files("g4f.gui").joinpath("client", "dist")))


def _find(name: str) -> Path:
    """Return a file of the built page; names that lead elsewhere, or that no file can have, lead nowhere."""
    root = _dist()
    with suppress(OSError, ValueError):
        path = (root / name).resolve()
        if path.is_relative_to(root) and path.is_file() and not path.name.startswith("."):
            return path
    raise NotFoundError("There is no such file.")


def _type(path: Path) -> str:
    return _WEB_TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"


def _locale(request: Request) -> str:
    chosen = request.cookies.get("lang")
    return chosen if chosen in LOCALES else request.accept_languages.best_match(LOCALES, "en")


def _theme(request: Request) -> str:
    chosen = request.cookies.get("theme")
    return chosen if chosen in THEMES else "auto"
