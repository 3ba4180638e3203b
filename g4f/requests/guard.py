"""The outbound guard: which addresses a request that came from outside may reach.

It looks at the addresses that are connected to, never at names alone, so neither an odd spelling nor a name that
changes its address gets past it.
"""

from __future__ import annotations

import asyncio
import ipaddress
import re
import socket
from typing import Any

from yarl import URL

from g4f.errors import ForbiddenError
from g4f.requests import failures

AddrInfo = tuple[socket.AddressFamily, socket.SocketKind, int, str, tuple[Any, ...]]
"""What ``getaddrinfo`` returns for one address."""

_UNICAST = ipaddress.IPv6Network("2000::/3")
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_DENIED = tuple(
    map(
        ipaddress.ip_network,
        (
            "168.63.129.16/32",  # Azure's host service: a global address that only the own machine sees
            "192.0.0.0/24",
            "192.88.99.0/24",  # 6to4 relays
            "3fff::/20",  # documentation; not yet in the tables of Python 3.11
        ),
    )
)


def is_public(address: str) -> bool:
    """Say whether an IP address is reachable for everybody, and so may be reached on behalf of anybody.

    IPv4 addresses inside IPv6 ones (mapped, 6to4, NAT64) count as themselves; Teredo never counts as public.
    """
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF) if ip in _NAT64 else None)
        if inner is not None:
            return is_public(str(inner))
        if ip not in _UNICAST:
            return False
    return ip.is_global and not ip.is_multicast and not any(ip in network for network in _DENIED)


def parse_url(url: str, *, public_only: bool = False) -> URL:
    """Parse an http or https address, or raise ForbiddenError; ``public_only`` refuses the spellings that parsers disagree about."""
    try:
        parsed = URL(url)
    except ValueError as error:
        raise ForbiddenError(f"This is not an address: {error}") from error
    if parsed.scheme not in ("http", "https") or not parsed.raw_host:
        raise ForbiddenError("Only addresses that begin with http:// or https:// and name a host can be asked.")
    if public_only and (re.search(r"[\x00-\x20\x7f\\]", url) or parsed.user is not None or parsed.password is not None):
        raise ForbiddenError("An address given in a request must not hold a user name, a password, spaces or backslashes.")
    return parsed


async def resolve(host: str, port: int, *, public_only: bool) -> list[AddrInfo]:
    """Return the addresses of a host; with ``public_only`` raise ForbiddenError when any of them is not public."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError) as error:
        raise failures.unknown(host) from error
    # One private address among public ones is refused too: which of them is connected to would be left to chance.
    if public_only and not all(is_public(str(address[0])) for *_, address in found):
        message = f"{host} is not a public address. Name a host that everybody can reach."
        raise ForbiddenError(message, values={"reason": "not_public", "host": host})
    return found  # type: ignore[return-value]  # typeshed widens the address to the tuples of other families


async def check_public_url(url: str) -> None:
    """Resolve an address and raise ForbiddenError unless all of it is public.

    For addresses that are fetched by somebody else, such as a proxy; StreamSession checks by itself.
    """
    parsed = parse_url(url, public_only=True)
    await resolve(parsed.raw_host or "", parsed.port or 0, public_only=True)
