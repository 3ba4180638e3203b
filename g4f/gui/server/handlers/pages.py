"""The page, its files, and the API document."""

from __future__ import annotations

from typing import Protocol

from flask import Request, Response

from g4f.gui.server.website import asset, index


class Documented(Protocol):
    """Be an Api that has a document of its routes."""

    @property
    def document(self) -> bytes:
        """Return the document as JSON."""
        ...


def get_home(request: Request, chat_id: str = "") -> Response:
    """Give the page; which conversation it shows is the page's own matter."""
    return index(request)


def get_asset(request: Request, name: str) -> Response:
    """Give one file of the page."""
    return asset(request, name)


def get_openapi(api: Documented) -> Response:
    """Give the API document."""
    return Response(api.document, mimetype="application/json")
