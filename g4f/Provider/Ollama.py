"""Models on this machine."""

from __future__ import annotations

import os
from urllib.parse import urlsplit

from g4f.Provider.template.OpenaiTemplate import OpenaiTemplate


class Ollama(OpenaiTemplate):
    """Ask Ollama on its usual port, or where ``OLLAMA_HOST`` says.

    https://docs.ollama.com/api/openai-compatibility
    """

    url = "https://ollama.com"
    label = "Ollama"
    base_url = "http://127.0.0.1:11434/v1"
    active_by_default = True

    @classmethod
    def _own_base_url(cls) -> str:
        """Read ``OLLAMA_HOST`` as Ollama does: an address, a host, a port, or both; one to listen on is asked on loopback."""
        named = os.environ.get("OLLAMA_HOST", "").strip()
        if not named:
            return cls.base_url
        parts = urlsplit(named if "://" in named else f"http://{named}")
        host = {None: "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(parts.hostname, parts.hostname)  # noqa: S104  replaced, not bound
        return f"{parts.scheme}://{host}:{parts.port or 11434}/v1"
