"""What providers are made of: whole dialects, to which a plug-in adds an address and facts."""

from __future__ import annotations

from g4f.Provider.template.BackendApi import BackendApi
from g4f.Provider.template.OpenaiTemplate import OpenaiTemplate, create_custom_provider

__all__ = ["BackendApi", "OpenaiTemplate", "create_custom_provider"]
