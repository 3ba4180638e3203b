"""Everything that can be set."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from g4f.config import sources
from g4f.config.tables import Budget, EmbeddingServer, ModelPrice, Server, SpeechServer
from g4f.config.values import Secret, folder_of, require_networks, require_origins, require_proxies, secret_of
from g4f.errors import ConfigError

MIB = 1024 * 1024

Bytes = Annotated[int, Meta(ge=1)]
Seconds = Annotated[float, Meta(gt=0)]
WebSearch = Literal["", "searxng", "brave", "tavily", "duckduckgo"]
"""The search engines of g4f.websearch, in the order in which they are tried."""


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
    upload_limit: Annotated[Bytes, Meta(description="Largest file, in bytes.")] = 2048 * MIB
    upload_files: Annotated[int, Meta(ge=1, description="Most files in one request.")] = 100
    upload_hours: Annotated[float, Meta(gt=0, description="Hours after which an upload that did not go on is dropped.")] = 24.0
    quota: Annotated[int, Meta(ge=0, description="Bytes that the files of one owner may take together, 0 for no limit.")] = 20 * 1024 * MIB
    trash_days: Annotated[float, Meta(ge=0, description="Days for which a deleted file can be restored.")] = 30.0
    draft_hours: Annotated[
        float, Meta(ge=1, description="Hours after which a file of a message that was never sent goes to the trash.")
    ] = 24.0
    s3_bucket: Annotated[str, Meta(description="Bucket of an S3 server that keeps the files; empty keeps them in the data folder.")] = ""
    s3_endpoint: Annotated[str, Meta(pattern=r"^(https?://\S+)?$", description="Address of the S3 server; empty is Amazon's.")] = ""
    s3_region: Annotated[str, Meta(description="Region of the bucket.")] = "us-east-1"
    s3_access_key: Annotated[Secret, Meta(description="Access key; empty takes it from where the machine has it.")] = Secret()
    s3_secret_key: Annotated[Secret, Meta(description="Secret that belongs to the access key.")] = Secret()
    s3_prefix: Annotated[str, Meta(description="What the names of all objects begin with, so that others may use the bucket too.")] = ""
    web_search: Annotated[
        WebSearch, Meta(description="Search engine for the web; empty takes the first that is set up, which DuckDuckGo never is.")
    ] = ""
    searxng_url: Annotated[
        str, Meta(pattern=r"^(https?://[^\s@]+)?$", description="Address of a SearXNG whose JSON format is on; empty reads `SEARXNG_URL`.")
    ] = ""
    brave_key: Annotated[Secret, Meta(description="Key of the Brave Search API.")] = Secret()
    tavily_key: Annotated[Secret, Meta(description="Key of the Tavily API.")] = Secret()
    web_allowed_hosts: Annotated[
        tuple[str, ...],
        Meta(description="Hosts whose web pages are read though they are not public, as in an address: `wiki.lan` or `10.0.0.5:8090`."),
    ] = ()
    embeddings: Annotated[EmbeddingServer | None, Meta(description="Server that finds passages by meaning, too; see below.")] = None
    speech_servers: Annotated[dict[str, SpeechServer], Meta(description="Servers for speech by name; see below.")] = {}
    speech_engine: Annotated[str, Meta(description="Engine that reads aloud when none is named; empty takes the first that can.")] = ""
    speech_limit: Annotated[Bytes, Meta(description="Longest text that is read aloud at once, in bytes.")] = 100_000
    speech_timeout: Annotated[Seconds, Meta(description="Longest wait for the sound of one sentence, in seconds.")] = 30.0
    speech_cache_limit: Annotated[
        int, Meta(ge=0, description="Bytes of sound kept for each owner to be heard again, 0 to keep none; it gives way to files.")
    ] = 256 * MIB
    transcription_limit: Annotated[Bytes, Meta(description="Longest recording that is written down, in bytes.")] = 25 * MIB
    prices: Annotated[dict[str, ModelPrice], Meta(description="Prices by model; see below.")] = {}
    budgets: Annotated[tuple[Budget, ...], Meta(description="Budgets; see below.")] = ()
    reserved_tokens: Annotated[
        int, Meta(ge=1, description="Tokens of an answer held back of a budget while it is written, if the request has no `max_tokens`.")
    ] = 4096
    count_tokens: Annotated[
        bool, Meta(description="Count tokens that a provider does not report by OpenAI's tables, in a process that ends when idle.")
    ] = True
    runs_at_once: Annotated[int, Meta(ge=0, description="Most answers at once for one person, 0 for no limit; others wait in line.")] = 0
    runs_at_once_in_all: Annotated[int, Meta(ge=0, description="Most answers at once for all people, 0 for no limit; they take turns.")] = 0
    runs_a_minute: Annotated[int, Meta(ge=0, description="Most answers that one person may ask for in a minute, 0 for no limit.")] = 0
    runs_in_line: Annotated[int, Meta(ge=0, description="Most answers of one person that wait in line.")] = 100
    usage_days: Annotated[
        int, Meta(ge=0, description="Days for which each answer's usage is kept, 0 for ever; the sums of a day are always kept.")
    ] = 0

    def __post_init__(self) -> None:
        if not self.host.strip():
            raise ValueError("host is empty; leave it out for 127.0.0.1")
        folder_of(self.data_dir)
        require_origins(self.cors_origins)
        require_networks(self.trusted_proxies)
        require_proxies("proxy", self.proxy)
        require_proxies("proxies", *self.proxies)

    @classmethod
    def load(cls, config: Settings | Mapping[str, Any] | None = None, environ: Mapping[str, str] | None = None) -> Settings:
        """Read the settings; ``config`` is a mapping in today's names or in those of 2023, or finished Settings.

        Raises ConfigError, in one line that names the key and, for an unknown one, the nearest known name.
        """
        if isinstance(config, Settings):
            return config
        try:
            gathered = sources.gather(cls, config or {}, os.environ if environ is None else environ)
            return msgspec.convert(gathered, cls, strict=False, dec_hook=secret_of)
        except (msgspec.ValidationError, ValueError) as error:
            raise ConfigError(f"The configuration is wrong: {error}.") from None

    @property
    def data_path(self) -> Path:
        """Return the data folder as an absolute path."""
        return folder_of(self.data_dir).absolute()

    @property
    def database_address(self) -> str:
        """Return the SQLAlchemy address of the database."""
        return self.database_url.reveal() or f"sqlite:///{self.data_path / 'g4f.sqlite'}"
