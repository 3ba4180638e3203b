"""Where settings come from: a mapping, the environment, a file; and their merging."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from msgspec import Struct, structs

from g4f.config.tables import EmbeddingServer, Server, SpeechServer
from g4f.config.values import folder_of
from g4f.errors import ConfigError

_NOT_SETTINGS = frozenset({"G4F_CONFIG", "G4F_SKIP_GUI_BUILD", "G4F_PROOF"})
_NAMED: dict[str, type[Struct]] = {"servers": Server, "speech_servers": SpeechServer}
"""The settings that are tables by name, and what each of these holds."""
_SINGLE: dict[str, type[Struct]] = {"embeddings": EmbeddingServer}
"""The settings that are one table."""


def gather(kind: type[Struct], config: Mapping[str, Any], environ: Mapping[str, str]) -> dict[str, Any]:
    """Return what is set of the settings of this kind; a mapping goes before the environment, and that before the file.

    Raises ConfigError and ValueError for what cannot be meant.
    """
    given, named = _from_2023(config), _from_environment(kind, environ)
    folder = folder_of(given.get("data_dir") or named.get("data_dir") or "data")
    merged = _merge(_from_file(environ, folder), named, given)
    _refuse_unknown(merged, kind.__struct_fields__, "setting")
    for table, entry in _NAMED.items():
        for name, server in merged[table].items():
            _refuse_unknown(server, entry.__struct_fields__, f"setting of server {name!r}")
    return merged


def _from_2023(config: Mapping[str, Any]) -> dict[str, Any]:
    """Translate ``{"site_config": {"host", "port", "debug"}, "use_auto_proxy", "url_prefix"}``; today's names pass."""
    flat = {key: value for key, value in config.items() if key != "site_config"}
    return {**flat, **_table(config.get("site_config", {}), "site_config")}


def _from_environment(kind: type[Struct], environ: Mapping[str, str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for variable, text in environ.items():
        if not variable.startswith("G4F_") or variable in _NOT_SETTINGS:
            continue
        name, *inside = variable.removeprefix("G4F_").lower().split("__")
        if not inside:
            values[name] = _listed(kind, name, text)
        elif len(inside) == 1 and name in _SINGLE:
            values.setdefault(name, {})[inside[0]] = _listed(_SINGLE[name], inside[0], text)
        elif len(inside) == 2 and name in _NAMED:
            values.setdefault(name, {}).setdefault(inside[0], {})[inside[1]] = _listed(_NAMED[name], inside[1], text)
        else:
            raise ConfigError(f"{variable} is not a setting; servers are written G4F_SERVERS__NAME__BASE_URL.")
    return values


def _listed(owner: type[Struct], name: str, text: str) -> str | list[str]:
    """Return the text, or its comma separated parts where the setting holds several."""
    several = any(field.name == name and isinstance(field.default, tuple) for field in structs.fields(owner))
    return [part.strip() for part in text.split(",") if part.strip()] if several else text


def _from_file(environ: Mapping[str, str], folder: Path) -> dict[str, Any]:
    named = environ.get("G4F_CONFIG")
    for path in [Path(named)] if named else [Path("g4f.toml"), folder / "g4f.toml"]:
        try:
            return tomllib.loads(path.read_text(encoding="utf-8"))
        except (FileNotFoundError, NotADirectoryError):
            if named:
                raise ConfigError(f"G4F_CONFIG names {named}, and there is no such file.") from None
        except (OSError, ValueError) as error:  # among them: not UTF-8, not TOML, a NUL in the name
            raise ConfigError(f"{path.name} cannot be read: {error}.") from None
    return {}


def _merge(*sources: dict[str, Any]) -> dict[str, Any]:
    """Join the sources, later ones first; each server's table is joined key by key."""
    joined: dict[str, dict[str, Any]] = {table: {} for table in _NAMED}
    for source in sources:
        for table, servers in joined.items():
            for name, server in _table(source.get(table, {}), table).items():
                servers[name] = {**servers.get(name, {}), **_table(server, f"{table}.{name}")}
    return {key: value for source in sources for key, value in source.items()} | joined


def _table(value: object, name: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise ConfigError(f"{name} should be a table of names and values.")
    return value


def _refuse_unknown(values: Mapping[str, Any], known: Iterable[str], what: str) -> None:
    for key in values:
        if key not in (names := list(known)):
            nearest = get_close_matches(str(key), names, 1, 0.5)
            raise ConfigError(
                f"There is no {what} named {key!r}." + (f" Did you mean {nearest[0]!r}?" if nearest else " docs/config.md lists them.")
            )
