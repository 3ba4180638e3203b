"""Routes of gpt4free that this server answers without offering what is behind them; each says why."""

from __future__ import annotations

from msgspec import Struct

from g4f.errors import NotOfferedError
from g4f.gui.server.api import Api


class ToolList(Struct, frozen=True):
    """List tools that pages may call on the server; there are none."""

    protocol: str
    status: str
    tools: list[str]


def upload_cookies(api: Api) -> None:
    """Refuse browser cookies and recordings."""
    raise NotOfferedError("Cookies and recorded browser sessions are not taken: they are somebody's sign-in at another site. Use a key.")


def sign_in(api: Api, provider: str) -> None:
    """Refuse to sign in at another site."""
    raise NotOfferedError("Signing in at other sites is not offered. Use a key.")


def get_public_key(api: Api) -> None:
    """Refuse the challenge of gpt4free's demo mode."""
    raise NotOfferedError("The challenge of gpt4free's demo mode protects nothing and is not used here.")


def relay(api: Api, address: str) -> None:
    """Refuse to fetch another site for a page."""
    raise NotOfferedError("This server does not fetch other sites on behalf of pages.")


def get_tools(api: Api) -> ToolList:
    """List the tools that pages may call on the server: none."""
    return ToolList("WebMCP/1.0", "ok", [])


def call_tool(api: Api) -> None:
    """Refuse to run tools on the server."""
    raise NotOfferedError("Tools that run code or write files on the server are not offered.")


def get_local_plugins(api: Api) -> list[str]:
    """List gpt4free's local plug-ins: none."""
    return []
