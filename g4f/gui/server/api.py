"""What the platform can do: the services, wired together once; no Flask here."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from contextlib import ExitStack, closing
from functools import partial
from typing import Any

from g4f import debug
from g4f.config import Settings
from g4f.db.lock import FolderLock
from g4f.db.migration import upgrade
from g4f.db.objects import Objects
from g4f.db.session import Database
from g4f.db.storage import Storage
from g4f.db.unavailable import crowded, stopping
from g4f.db.writer import Writer
from g4f.errors import ConfigError, UnavailableError
from g4f.reading.readers import Readers
from g4f.services.admission import Admission
from g4f.services.budgets import Budgets
from g4f.services.catalog import Catalog
from g4f.services.chats import Chats
from g4f.services.cleaning import Cleaning
from g4f.services.client_log import ClientLog
from g4f.services.created import Created
from g4f.services.embeddings import Embeddings
from g4f.services.estimates import Estimates
from g4f.services.files import Files
from g4f.services.grounding import Grounding
from g4f.services.media import Media
from g4f.services.metrics import Metrics
from g4f.services.passages import Passages
from g4f.services.prices import Prices
from g4f.services.readings import Readings, read_text
from g4f.services.relays import Relays
from g4f.services.runs import Runs
from g4f.services.shares import Shares
from g4f.services.sound_cache import SoundCache
from g4f.services.speech import Speech
from g4f.services.trash import Trash
from g4f.services.turns import Limits, Turns
from g4f.services.uploads import Uploads
from g4f.services.usage import Usage
from g4f.services.vectors import Vectors
from g4f.services.web import Web
from g4f.tokens.counter import Counter


class Api:
    """Hold the services of one server; nothing is opened before the first request or ``open``."""

    def __init__(self, settings: Settings | Mapping[str, Any] | None = None) -> None:
        self.settings = Settings.load(settings)
        self.metrics = Metrics()
        self.catalog = Catalog(self.settings)
        prices = Prices(self.settings.prices, self.catalog.provider)
        self.estimates = Estimates(Counter() if self.settings.count_tokens else None)
        self.relays = Relays(self._open_writer, self.metrics, prices, self.estimates)
        self.runs = Runs(self._open_storage, self.metrics, self.settings.lease_seconds, prices, self.estimates)
        self.budgets = Budgets(self.settings, self._open_storage, prices, lambda: self.runs.worker_id)
        limits = Limits(
            *(getattr(self.settings, name) for name in ("runs_at_once", "runs_at_once_in_all", "runs_a_minute", "runs_in_line"))
        )
        self.admission = Admission(Turns(limits), self.budgets)
        self.metrics.watch_streams(lambda: self.running)
        self.usage = Usage(self._open_storage, self.settings.usage_days)
        self.client_log, self.created = ClientLog(self._open_storage), Created(self._open_storage)
        self.chats = Chats(self._open_storage)
        self.chat_cache = Shares(self._open_storage)
        objects = Objects(self.settings)
        self.files = Files(self._open_storage, objects, self.settings)
        self.speech = Speech(self.settings, SoundCache(self._open_storage, objects, self.settings))
        # A key that is there for chats sends nobody's recordings away: only a server that was set up to write them down gets them.
        writer = next((name for name, server in self.settings.speech_servers.items() if server.transcription_model), None)
        listen = partial(self.speech.transcribe, transcriber=writer) if writer else None
        self.uploads = Uploads(self._open_storage, objects, self.settings, heard=listen is not None)
        self.trash = Trash(self._open_storage, self.settings)
        self.cleaning = Cleaning(self._open_storage, objects, self.settings)
        self.media = Media(self.uploads)
        embeddings = self.settings.embeddings
        self.vectors = Vectors(self._open_storage, Embeddings(embeddings), embeddings.model) if embeddings else None
        self.passages = Passages(self._open_storage, self.vectors)
        self.readings = Readings(self._open_storage, self.files, self.uploads, self.passages, Readers(), listen)
        self.web = Web(self.settings, partial(read_text, Readers()))  # who searches does not wait behind uploads
        self.grounding = Grounding(self._open_storage, self.files, self.readings, self.passages, self.web)
        self.ready = self.stopping = False
        self._opening = threading.Lock()
        self._opened = ExitStack()
        self._storage: Storage | None = None

    def open(self) -> None:
        """Take the data folder, bring the database up to date and start its writer; opening twice does nothing.

        Raises ConfigError when the folder cannot be used; nothing is written then.
        """
        if self._is_open():
            return
        with self._opening:
            if self._is_open():
                return
            with ExitStack() as opened:
                database = opened.enter_context(closing(Database(self.settings.database_address)))
                if database.path is not None:
                    opened.enter_context(FolderLock(database.path.parent))
                upgrade(database)
                if self.vectors is not None:
                    self.vectors.open(database)
                opened.callback(self._forget)
                self._storage = Storage(database, opened.enter_context(closing(Writer(database))))
                alone = database.path is not None
                self.runs.open(alone=alone)
                self.readings.open(alone=alone)
                opened.callback(self.runs.close)
                opened.callback(self.estimates.close)
                self._opened = opened.pop_all()
            self.ready = True

    def _is_open(self) -> bool:
        return self._storage is not None

    def _forget(self) -> None:
        self._storage = None

    def close(self) -> None:
        """Write out what is waiting and let go of the data folder."""
        with self._opening:
            self.ready = False
            self._opened.close()

    def stop(self) -> None:
        """Begin nothing new; what runs may go on."""
        self.ready, self.stopping = False, True

    def interrupt(self) -> None:
        """End everything that runs, and tell its readers."""
        self.runs.interrupt()
        self.relays.interrupt()

    @property
    def running(self) -> int:
        """Say how many answers are on their way."""
        return self.runs.running + self.relays.running

    def check(self) -> bool:
        """Return whether requests can be served: the server is open and its database can be read."""
        try:
            self.open()
        except ConfigError:
            return False
        storage = self._storage
        return self.ready and storage is not None and storage.database.check()

    def require_storage(self) -> None:
        """Refuse to begin what could not be recorded; raises UnavailableError."""
        if self.stopping:
            raise stopping(wait=5)
        if self._open_storage().writer.crowded:
            raise crowded()

    def flush(self) -> bool:
        """Wait until everything queued so far is written; return whether it is."""
        return self._open_writer().flush(10)

    def _open_storage(self) -> Storage:
        """Return what a request reads and writes with, opened where nobody has yet; raises UnavailableError."""
        storage = self._storage
        if storage is not None:
            return storage
        try:
            self.open()
        except ConfigError as error:
            debug.error(str(error))
            message = "The storage cannot be used, so nothing is asked; the server's log says why."
            raise UnavailableError(message, values={"reason": "storage_unusable"}) from None
        storage = self._storage
        if storage is None:  # closed again
            raise stopping()
        return storage

    def _open_writer(self) -> Writer:
        return self._open_storage().writer
