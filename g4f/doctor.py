"""The checks of ``g4f doctor``: what a server needs, looked at and left as it is."""

from __future__ import annotations

import asyncio
import os
import platform
import shutil
import sys
from collections.abc import Iterator
from contextlib import closing
from importlib.resources import files
from pathlib import Path
from typing import Literal, NamedTuple

from g4f.config import MIB, Settings
from g4f.db.migration import current, pending
from g4f.db.session import Database
from g4f.debug import redact
from g4f.errors import ConfigError, G4FError
from g4f.requests import StreamSession, Timeouts
from g4f.services.catalog import Catalog
from g4f.version import __version__, conflict

OLDEST_PYTHON = (3, 11)
ROOM = 1024 * MIB
"""Free bytes under which a disk is nearly full."""
TIMEOUTS = Timeouts(connect=2, first_byte=2, idle=2, total=2)
"""The time that a provider's server has to answer; whatever it says then, it is there."""


class Finding(NamedTuple):
    """One line of what was found; only a failure keeps the platform from starting."""

    mark: Literal["ok", "warning", "failure"]
    text: str


def examine() -> Iterator[Finding]:
    """Yield what is found, check by check; what needs settings is left out when they cannot be read."""
    yield _python()
    yield Finding("failure", said) if (said := conflict()) else Finding("ok", f"g4f-platform {__version__}, alone under its import name")
    yield _page()
    try:
        settings = Settings.load()
        catalog = Catalog(settings)
    except ConfigError as error:
        yield Finding("failure", str(error))
        return
    yield Finding("ok", "settings can be read")
    yield from _folder(settings.data_path)
    yield _database(settings.database_address)
    yield from asyncio.run(_servers(settings, catalog))


def _python() -> Finding:
    oldest = ".".join(map(str, OLDEST_PYTHON))
    enough = sys.version_info >= OLDEST_PYTHON
    return Finding("ok" if enough else "failure", f"Python {platform.python_version()}{'' if enough else f'; {oldest} is the oldest'}")


def _page() -> Finding:
    if files("g4f").joinpath("gui", "client", "dist", "index.html").is_file():
        return Finding("ok", "the page is built")
    return Finding("warning", "the page is not built, so there is only the API; install again with: pip install .")


def _folder(folder: Path) -> Iterator[Finding]:
    """Look at the data folder, or at the nearest one that there is, for it will be made."""
    nearest = next(path for path in (folder, *folder.parents) if path.exists())
    if not nearest.is_dir() or not os.access(nearest, os.R_OK | os.W_OK | os.X_OK):
        yield Finding("failure", f"the data folder {folder} cannot be written to; correct its permissions or set G4F_DATA_DIR")
    else:
        yield Finding("ok", f"the data folder {folder} {'can be written to' if nearest == folder else 'will be made'}")
    free = shutil.disk_usage(nearest).free
    yield Finding("ok" if free >= ROOM else "warning", f"{free // MIB:,} MiB are free on the disk of the data folder")


def _database(address: str) -> Finding:
    try:
        with closing(Database(address)) as database:
            if database.path and not database.path.exists():
                return Finding("ok", f"the database {database} will be made")
            waiting = pending(database)
            state = f"the next start brings it to {waiting[-1]}" if waiting else "up to date"
            return Finding("ok", f"the database {database} is at migration {current(database) or 'none'}: {state}")
    except ConfigError as error:
        return Finding("failure", str(error))


async def _servers(settings: Settings, catalog: Catalog) -> list[Finding]:
    """Ask the connected servers, and those there is a key for, all at once."""
    names = [name for name in catalog.models() if name in settings.servers or _has_key(catalog, name)]
    return await asyncio.gather(*(_server(catalog, name) for name in names))


async def _server(catalog: Catalog, name: str) -> Finding:
    provider = catalog.provider(name)
    try:
        address = provider.get_base_url() if hasattr(provider, "get_base_url") else provider.url
        async with StreamSession(proxy=catalog.proxy(provider), timeouts=TIMEOUTS) as session, session.get(address):
            return Finding("ok", f"{name} answers")
    except G4FError as error:
        return Finding("warning", redact(f"{name} does not answer: {error}"))


def _has_key(catalog: Catalog, name: str) -> bool:
    key = getattr(catalog.provider(name), "get_api_key", None)
    return key is not None and bool(key())
