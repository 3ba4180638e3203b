"""Who is asking: the one place that decides it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from msgspec import Struct

from g4f.db.models import LOCAL_OWNER
from g4f.gui.server.hosts import is_loopback_name, split_host

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

FORWARDING = frozenset(("HTTP_FORWARDED", "HTTP_VIA", "HTTP_X_REAL_IP", "HTTP_X_CLIENT_IP", "HTTP_CF_CONNECTING_IP", "HTTP_TRUE_CLIENT_IP"))
"""The headers, beside ``X-Forwarded-*``, that say a request was forwarded."""


class Principal(Struct, frozen=True):
    """Be somebody signed in; ``admin`` may see and set what belongs to the server."""

    owner_id: UUID
    name: str
    admin: bool = False


LOCAL = Principal(LOCAL_OWNER, "local", admin=True)
"""The person at the machine: no account exists, and the request never left it."""


def principal_of(environ: WSGIEnvironment) -> Principal | None:
    """Return who sends a request, or None.

    The person at the machine needs no login: when the peer and the Host are loopback, nothing says that the request
    was forwarded, and no page of another origin sends it. Headers such as ``x-user`` never grant anything.
    """
    if not is_loopback_name(environ.get("REMOTE_ADDR", "")) or not is_loopback_name(split_host(host_of(environ))):
        return None
    return None if _is_forwarded(environ) or is_foreign(environ) else LOCAL


def host_of(environ: WSGIEnvironment) -> str:
    """Return the Host a request names, with its port; without the header it is the address that was connected to."""
    host: str = environ["HTTP_HOST"] if "HTTP_HOST" in environ else environ["SERVER_NAME"]
    return host


def is_foreign(environ: WSGIEnvironment) -> bool:
    """Return whether a page of another origin sends the request; following a link from one is not foreign."""
    site = environ.get("HTTP_SEC_FETCH_SITE")
    if site is not None:
        followed_link = environ["REQUEST_METHOD"] in ("GET", "HEAD") and environ.get("HTTP_SEC_FETCH_MODE") == "navigate"
        return site not in ("same-origin", "none") and not followed_link
    origin = environ.get("HTTP_ORIGIN")
    return origin is not None and origin.partition("://")[2] != host_of(environ)


def _is_forwarded(environ: WSGIEnvironment) -> bool:
    # Each request comes by here: looking once through the joined names costs a fraction of asking each name.
    return not FORWARDING.isdisjoint(environ) or "HTTP_X_FORWARDED" in " ".join(environ)
