"""One typed Settings: what can be set, its default, its meaning and its bounds.

Values come from a mapping given in code, then ``G4F_*`` variables of the environment, then ``g4f.toml``, then the
defaults below; the first that names a setting wins. In the environment two underscores step into a table:
``G4F_SERVERS__OPENROUTER__BASE_URL``.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterable, Mapping
from contextlib import suppress
from difflib import get_close_matches
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from g4f.errors import ConfigError

MIB = 1024 * 1024
_NOT_SETTINGS = frozenset({"G4F_CONFIG", "G4F_SKIP_GUI_BUILD", "G4F_PROOF"})

_ORIGIN = re.compile(r"[a-z][a-z0-9-]*://[\w.-]+(:[0-9]+)?")
_PROXY = re.compile(r"(https?|socks(4a?|5h?))://[^\s/]\S*")

Bytes = Annotated[int, Meta(ge=1)]
Seconds = Annotated[float, Meta(gt=0)]


class Secret:
    """Hold a text that prints as ``***``; ``reveal`` gives it to the one place that sends it."""

    __slots__ = ("_text",)

    def __init__(self, text: str = "") -> None:
        self._text = text

    def reveal(self) -> str:
        """Return the text itself."""
        return self._text

    def __bool__(self) -> bool:
        return bool(self._text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._text == self._text

    def __hash__(self) -> int:
        return hash(self._text)

    def __repr__(self) -> str:
        return "***" if self._text else "''"


class Server(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One server with models that the administrator connected; the table's name becomes a provider's name."""

    base_url: Annotated[
        str, Meta(pattern=r"^https?://[^\s@]+$", description="Address up to and including /v1; of a gpt4free server, without a path.")
    ]
    api_key: Annotated[Secret, Meta(description="Key sent with each request; empty for none.")] = Secret()
    models: Annotated[tuple[str, ...], Meta(description="Model names; empty asks the server for its list.")] = ()
    kind: Annotated[
        Literal["openai", "g4f"], Meta(description="`openai` for any OpenAI-compatible API, `g4f` for another gpt4free server.")
    ] = "openai"
    label: Annotated[str, Meta(description="Name shown to people.")] = ""
    proxy: Annotated[Secret, Meta(description="Proxy for this server alone.")] = Secret()

    def __post_init__(self) -> None:
        _require_proxies("proxy", self.proxy)


class Settings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything that can be set; read once at start and handed down."""

    host: Annotated[str, Meta(description="Address to listen on; other than loopback needs accounts.")] = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65535, description="Port to listen on; 0 takes a free one.")] = 8080
    data_dir: Annotated[str, Meta(description="Folder of the database and everything else that is kept.")] = "data"
    database_url: Annotated[Secret, Meta(description="SQLAlchemy address of the database; empty is SQLite in the data folder.")] = Secret()
    debug: Annotated[bool, Meta(description="Write what providers do to the log, secrets cut out.")] = False
    demo: Annotated[bool, Meta(description="Show only the models of `demo_models`.")] = False
    demo_models: Annotated[tuple[str, ...], Meta(description="Models shown in demo mode; empty shows each provider's default.")] = ()
    url_prefix: Annotated[str, Meta(pattern=r"^(/[\w.~-]+)*$", description="Path under which everything is served, such as `/ai`.")] = ""
    allowed_hosts: Annotated[tuple[str, ...], Meta(description="Names this server answers to, beside loopback ones.")] = ()
    cors_origins: Annotated[
        tuple[str, ...], Meta(description="Web origins whose pages may call what anybody may call; the rest waits for keys.")
    ] = ()
    trusted_proxies: Annotated[tuple[str, ...], Meta(description="Addresses and networks whose `X-Forwarded-*` headers count.")] = ()
    default_provider: Annotated[str, Meta(description="Provider for a request that names none; empty picks one that serves the model.")] = (
        ""
    )
    default_model: Annotated[str, Meta(description="Model for a request that names none.")] = ""
    ignored_providers: Annotated[tuple[str, ...], Meta(description="Providers that are never shown or asked.")] = ()
    servers: Annotated[dict[str, Server], Meta(description="Connected servers by name; see below.")] = {}
    ollama: Annotated[bool, Meta(description="Look for Ollama on its usual port.")] = True
    proxy: Annotated[Secret, Meta(description="Proxy for every provider: http, https, socks4 or socks5 address.")] = Secret()
    proxies: Annotated[tuple[Secret, ...], Meta(description="Pool of proxies; with `use_auto_proxy` each provider call takes one.")] = ()
    use_auto_proxy: Annotated[bool, Meta(description="Take a random proxy of the pool for each provider call.")] = False
    stream_framing: Annotated[
        Literal["auto", "ndjson", "sse"],
        Meta(description="Framing when neither the request, its `Accept` nor its body tells; `auto` is `ndjson`."),
    ] = "auto"
    threads: Annotated[int, Meta(ge=1, le=256, description="Threads that run request handlers; streams need none.")] = 8
    json_limit: Annotated[Bytes, Meta(description="Largest JSON body, in bytes.")] = 4 * MIB
    conversation_limit: Annotated[Bytes, Meta(description="Largest conversation body, in bytes; media may come inside as data URIs.")] = (
        20 * MIB
    )
    share_limit: Annotated[Bytes, Meta(description="Largest chat a gpt4free page keeps, in bytes; media may be inside.")] = 20 * MIB
    memory_limit: Annotated[Bytes, Meta(description="Part of a body kept in memory; more goes to a temporary file, in bytes.")] = MIB
    body_idle_timeout: Annotated[Seconds, Meta(description="Longest silence while a body arrives, in seconds.")] = 20.0
    body_timeout: Annotated[Seconds, Meta(description="Longest time for a body, plus a second for each 256 KiB announced, in seconds.")] = (
        120.0
    )
    connect_timeout: Annotated[Seconds, Meta(description="Longest wait for a provider to accept a connection, in seconds.")] = 10.0
    first_byte_timeout: Annotated[Seconds, Meta(description="Longest wait for a provider's first byte, in seconds.")] = 300.0
    idle_timeout: Annotated[Seconds, Meta(description="Longest silence of a provider in an answer, in seconds.")] = 300.0
    total_timeout: Annotated[Seconds, Meta(description="Longest time of one provider call, in seconds.")] = 1800.0
    catalog_timeout: Annotated[Seconds, Meta(description="Longest wait for a provider's model list, in seconds.")] = 10.0
    stop_timeout: Annotated[Seconds, Meta(description="Time running answers have to end when the server is stopped, in seconds.")] = 30.0
    lease_seconds: Annotated[
        Seconds, Meta(description="Silence after which a server's answers are taken from it by others on the same PostgreSQL, in seconds.")
    ] = 15.0
    context_window: Annotated[int, Meta(ge=0, description="Tokens a model takes whose server does not say, 0 for no limit.")] = 128_000
    catalog_age: Annotated[Seconds, Meta(description="Age after which a model list is asked for again, in seconds.")] = 300.0

    def __post_init__(self) -> None:
        if not self.host.strip():
            raise ValueError("host is empty; leave it out for 127.0.0.1")
        _folder(self.data_dir)
        _require_origins(self.cors_origins)
        _require_networks(self.trusted_proxies)
        _require_proxies("proxy", self.proxy)
        _require_proxies("proxies", *self.proxies)

    @classmethod
    def load(cls, config: Settings | Mapping[str, Any] | None = None, environ: Mapping[str, str] | None = None) -> Settings:
        """Read the settings; ``config`` is a mapping in today's names or in those of 2023, or finished Settings.

        Raises ConfigError, in one line that names the key and, for an unknown one, the nearest known name.
        """
        if isinstance(config, Settings):
            return config
        given = _from_2023(config or {})
        named = _from_environment(os.environ if environ is None else environ)
        try:
            folder = _folder(given.get("data_dir") or named.get("data_dir") or "data")
            merged = _merge(_from_file(os.environ if environ is None else environ, folder), named, given)
            _refuse_unknown(merged, cls.__struct_fields__, "setting")
            for name, server in merged["servers"].items():
                _refuse_unknown(server, Server.__struct_fields__, f"setting of server {name!r}")
            return msgspec.convert(merged, cls, strict=False, dec_hook=_secret)
        except (msgspec.ValidationError, ValueError) as error:
            raise ConfigError(f"The configuration is wrong: {error}.") from None

    @property
    def data_path(self) -> Path:
        """Return the data folder as an absolute path."""
        return _folder(self.data_dir).absolute()

    @property
    def database_address(self) -> str:
        """Return the SQLAlchemy address of the database."""
        return self.database_url.reveal() or f"sqlite:///{self.data_path / 'g4f.sqlite'}"


def _secret(kind: type, value: object) -> object:
    if kind is Secret and isinstance(value, str):
        return Secret(value)
    raise TypeError("Expected a text")


def _folder(path: object) -> Path:
    if isinstance(path, str) and "\0" not in path:
        with suppress(RuntimeError):  # a home that nobody has
            return Path(path).expanduser()
    raise ValueError("data_dir should be the path of a folder")


def _require_origins(origins: tuple[str, ...]) -> None:
    for each in origins:
        if not _ORIGIN.fullmatch(each):
            raise ValueError(f"cors_origins holds {each!r}; name each origin in full, such as https://chat.example.org")


def _require_networks(networks: tuple[str, ...]) -> None:
    for each in networks:
        try:
            ip_network(each, strict=False)
        except ValueError:
            raise ValueError(f"trusted_proxies holds {each!r}, which is neither an address nor a network") from None


def _require_proxies(name: str, *proxies: Secret) -> None:
    """Raise ValueError for what is no proxy; the value may hold a password and is not repeated."""
    if not all(_PROXY.fullmatch(each.reveal()) for each in proxies if each):
        raise ValueError(f"{name} should be an address such as http://host:3128 or socks5://host:1080 (http, https, socks4, socks5)")


def _from_2023(config: Mapping[str, Any]) -> dict[str, Any]:
    """Translate ``{"site_config": {"host", "port", "debug"}, "use_auto_proxy", "url_prefix"}``; today's names pass."""
    flat = {key: value for key, value in config.items() if key != "site_config"}
    return {**flat, **_table(config.get("site_config", {}), "site_config")}


def _from_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for variable, text in environ.items():
        if not variable.startswith("G4F_") or variable in _NOT_SETTINGS:
            continue
        name, *inside = variable.removeprefix("G4F_").lower().split("__")
        if not inside:
            values[name] = _listed(Settings, name, text)
        elif len(inside) == 2 and name == "servers":
            values.setdefault(name, {}).setdefault(inside[0], {})[inside[1]] = _listed(Server, inside[1], text)
        else:
            raise ConfigError(f"{variable} is not a setting; servers are written G4F_SERVERS__NAME__BASE_URL.")
    return values


def _listed(owner: type[Struct], name: str, text: str) -> str | list[str]:
    """Return the text, or its comma separated parts where the setting holds several."""
    several = any(field.name == name and isinstance(field.default, tuple) for field in msgspec.structs.fields(owner))
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
    servers: dict[str, Any] = {}
    for source in sources:
        for name, server in _table(source.get("servers", {}), "servers").items():
            servers[name] = {**servers.get(name, {}), **_table(server, f"servers.{name}")}
    return {key: value for source in sources for key, value in source.items()} | {"servers": servers}


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
