"""One typed Settings: what can be set, its default, its meaning and its bounds.

Values come from a mapping given in code, then ``G4F_*`` variables of the environment, then ``g4f.toml``, then the
defaults below; the first that names a setting wins. In the environment two underscores step into a table:
``G4F_SERVERS__OPENROUTER__BASE_URL``.
"""

from __future__ import annotations

from g4f.config.settings import MIB, Settings, WebSearch
from g4f.config.tables import Budget, EmbeddingServer, ModelPrice, Server, SpeechServer
from g4f.config.values import Secret

__all__ = ["MIB", "Budget", "EmbeddingServer", "ModelPrice", "Secret", "Server", "Settings", "SpeechServer", "WebSearch"]
