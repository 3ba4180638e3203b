"""Names of hosts: which are this machine, which the server answers to."""

from __future__ import annotations

import re
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address

LONGEST = 255
"""The longest name the DNS knows; nothing longer is looked at, or the caches would hold what strangers send."""
_HOST = re.compile(r"(?:\[([0-9a-f:.]+)\]|([\w.-]+))(?::[0-9]*)?", re.ASCII | re.IGNORECASE)

Networks = tuple[IPv4Network | IPv6Network, ...]


def split_host(host: str) -> str:
    """Return the name of a ``Host`` header without its port, IPv6 brackets or final dot; empty for what is no host."""
    return _split(host) if len(host) <= LONGEST else ""


def is_loopback_name(name: str) -> bool:
    """Return whether a name or address can only mean this machine."""
    return len(name) <= LONGEST and _is_loopback(name)


def is_within(address: str, networks: Networks) -> bool:
    """Return whether one of the networks holds an address; what is no address is in none."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    return any((getattr(parsed, "ipv4_mapped", None) or parsed) in network for network in networks)


@lru_cache(maxsize=1024)
def _split(host: str) -> str:
    found = _HOST.fullmatch(host) or _HOST.fullmatch(f"[{host}]")
    return (found[1] or found[2]).lower().removesuffix(".") if found else ""


@lru_cache(maxsize=1024)
def _is_loopback(name: str) -> bool:
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        address = ip_address(name)
    except ValueError:
        return False
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback
