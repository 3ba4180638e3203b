"""The page, its files, and the API document."""

from __future__ import annotations

from flask import Request, Response

from g4f.gui.server.api import Api
from g4f.gui.server.openapi import document
from g4f.gui.server.website import asset, index


def get_home(request: Request, chat_id: str = "") -> Response:
    """Give the page; which conversation it shows is the page's own matter."""
    return index(request)


def get_asset(request: Request, name: str) -> Response:
    """Give one file of the page."""
    return asset(request, name)


def get_openapi(api: Api) -> Response:
    """Give the API document."""
    table = getattr(type(api), "table", ())
    return Response(document(table), mimetype="application/json")
