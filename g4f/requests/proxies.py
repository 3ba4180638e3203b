"""Which proxy a request goes through."""

from __future__ import annotations

from collections.abc import Mapping


def pick_proxy(proxies: Mapping[str, str] | str | None, scheme: str = "https") -> str | None:
    """Return the proxy for addresses of a scheme: that of ``all``, else of ``https``, else, for http addresses only, of ``http``."""
    if proxies is None or isinstance(proxies, str):
        return proxies or None
    names = ("all", "https", "http") if scheme == "http" else ("all", "https")
    return next((proxies[name] for name in names if proxies.get(name)), None)
