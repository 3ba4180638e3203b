"""Web search engines: one file each, found by the name of its module, knowing nothing of one another."""

from __future__ import annotations

from importlib import import_module
from typing import get_args

from g4f.config import Settings, WebSearch
from g4f.websearch.engine import Engine, Region, Result

__all__ = ["Engine", "Region", "Result", "find_engine"]


def find_engine(settings: Settings) -> Engine | None:
    """Return the engine that the settings name or, when they name none, the first that is set up; None when there is none."""
    names = [settings.web_search] if settings.web_search else [name for name in get_args(WebSearch) if name]
    return next((engine for name in names if (engine := _connect(name, settings))), None)


def _connect(name: str, settings: Settings) -> Engine | None:
    engine: Engine | None = import_module(f"{__name__}.{name}").connect(settings)
    return engine
