"""One request, as both wires send it."""

from __future__ import annotations

import base64
import re
import ssl as tls
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, TypedDict

import msgspec
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from g4f.debug import redact
from g4f.errors import ResponseError, ValidationError
from g4f.requests.guard import parse_url
from g4f.requests.timeouts import DEFAULT_TIMEOUTS, Timeouts
from g4f.version import __version__

Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
Tls = tls.SSLContext | bool | None
"""None and True verify certificates, False does not, a context decides itself."""

_FORBIDDEN = re.compile(r"[\r\n\0]")
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_CREDENTIALS = re.compile(r"(?i)auth|cookie|key|token|secret")
_PORTABLE = frozenset({"accept", "accept-encoding", "accept-language", "range", "user-agent"})
"""The only headers that follow a redirect to another origin."""
_OURS = frozenset({"connection", "content-length", "host", "transfer-encoding"})
"""Headers that only the wire can know."""


@dataclass(frozen=True)
class Request:
    """A request whose address was parsed and whose headers were checked."""

    method: Method
    url: URL
    headers: CIMultiDictProxy[str]
    body: bytes
    ssl: Tls
    public_only: bool
    timeouts: Timeouts

    @property
    def host(self) -> str:
        """Return the name for messages: host and, where it is not the usual one, port."""
        return self.url.host_port_subcomponent or ""

    def redirected(self, status: int, location: str | None) -> Request | None:
        """Return the request that a redirect asks for, or None when the answer is to be read as it is.

        Only GET follows; another origin gets none of the credentials.
        """
        if self.method != "GET" or status not in (301, 302, 303, 307, 308) or location is None:
            return None
        try:
            url = parse_url(str(self.url.join(URL(location))), public_only=self.public_only)
        except ValueError as error:
            raise ResponseError(f"{self.host} redirects to something that is not an address.") from error
        if url.origin() == self.url.origin():
            return replace(self, url=url)
        kept = CIMultiDict((name, value) for name, value in self.headers.items() if name.lower() in _PORTABLE)
        return replace(self, url=url, headers=CIMultiDictProxy(kept))

    def redact(self, text: str) -> str:
        """Return the text without the credentials of this request, should the other side have repeated them."""
        for name, value in self.headers.items():
            if _CREDENTIALS.search(name):
                for secret in filter(None, (value, value.rpartition(" ")[2])):
                    text = text.replace(secret, "***")
        return redact(text)


class Options(TypedDict, total=False):
    """What one request may add to its session: ``json`` is encoded, ``data`` is sent as it is, ``params`` join the query."""

    headers: Mapping[str, str]
    params: Mapping[str, str | int | float]
    json: Any
    data: bytes
    ssl: Tls


def make_request(
    method: Method, url: str, options: Options, *, public_only: bool = False, timeouts: Timeouts = DEFAULT_TIMEOUTS
) -> Request:
    """Check and complete what a caller gave; raises ForbiddenError for the address and ValidationError for headers."""
    parsed = parse_url(url, public_only=public_only)
    if params := options.get("params"):
        parsed = parsed.update_query(params)
    complete = CIMultiDict({"Accept": "*/*", "User-Agent": f"g4f/{__version__}"})
    body = options.get("data", b"")
    if (json := options.get("json")) is not None:
        body = msgspec.json.encode(json)
        complete["Content-Type"] = "application/json"
    if parsed.user is not None:
        complete["Authorization"] = _basic(parsed.user, parsed.password or "")
        parsed = parsed.with_user(None)
    complete.update((name, value) for name, value in options.get("headers", {}).items() if name.lower() not in _OURS)
    complete["Accept-Encoding"] = "identity"  # a stream is read as it comes, and nothing can grow by being unpacked
    _check_headers(complete)
    ssl = options.get("ssl")
    return Request(method, parsed, CIMultiDictProxy(complete), body, None if ssl is True else ssl, public_only, timeouts)


def _basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def _check_headers(headers: Mapping[str, str]) -> None:
    for name, value in headers.items():
        if not _TOKEN.fullmatch(name) or _FORBIDDEN.search(value):
            raise ValidationError("A header must not hold line breaks. Check keys and names for stray characters.")
        try:
            value.encode("latin-1")
        except UnicodeEncodeError as error:
            raise ValidationError(f"The header {name} holds characters that cannot be sent. Check keys for stray characters.") from error
