"""What runs here, and whether it runs well."""

from __future__ import annotations

from flask import Response
from msgspec import Struct
from prometheus_client import CONTENT_TYPE_LATEST

from g4f.errors import UnavailableError
from g4f.gui.server.api import Api
from g4f.gui.server.routing import respond
from g4f.version import utils


class VersionQuery(Struct, frozen=True):
    """Let the answer be kept: the server's version changes no more often than it is started."""

    cache: bool = False


class VersionAnswer(Struct, frozen=True):
    """Name the running version; ``latest_version`` is the same, because no network is asked."""

    version: str
    latest_version: str


class Health(Struct, frozen=True):
    """Say in a word how the server is."""

    status: str


def get_version(api: Api, query: VersionQuery) -> VersionAnswer | Response:
    """Name the version that runs."""
    answer = VersionAnswer(utils.current_version, utils.latest_version)
    if not query.cache:
        return answer
    kept = respond(answer)
    kept.headers["Cache-Control"] = "public, max-age=3600"
    return kept


def get_health(api: Api) -> Health:
    """Say that the process answers."""
    return Health("ok")


def get_readiness(api: Api) -> Health:
    """Say whether requests can be served; 503 while starting, stopping or without the database."""
    if not api.check():
        raise UnavailableError("The server is starting, stopping, or without its database.", headers=[("Retry-After", "1")])
    return Health("ok")


def get_metrics(api: Api) -> Response:
    """Give the counters in Prometheus's text format."""
    return Response(api.metrics.text(), content_type=CONTENT_TYPE_LATEST)
