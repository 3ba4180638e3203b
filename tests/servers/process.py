"""The program itself in a process of its own, which can be killed, frozen and started again."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import requests

from tests.databases import database_url
from tests.stores import store_settings


class Process:
    """Run ``g4f gui`` on a data folder, always on the same port; ``settings`` become G4F_ variables."""

    def __init__(self, data: Path, *, database: str | None = None, **settings: str) -> None:
        self.port = free_port()
        self.base_url = f"http://127.0.0.1:{self.port}"
        self.address = database or database_url(data)
        self._log = data / f"printed-{self.port}.log"
        kept_in = {"data_dir": str(data), "database_url": self.address, **store_settings(data)}
        own = {**kept_in, "port": str(self.port), "ollama": "false", "count_tokens": "false"}
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("G4F_", "OPENAI_"))}
        self._environ = kept | {f"G4F_{name.upper()}": value for name, value in (own | settings).items()}
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        if self._process is not None:
            self.send(signal.SIGCONT)
            self._process.terminate()
            self._process.wait(20)

    def start(self) -> float:
        """Start the program and return after how many seconds it answered."""
        began = time.monotonic()
        with self._log.open("ab") as log:
            self._process = subprocess.Popen([sys.executable, "-m", "g4f", "gui"], env=self._environ, stdout=log, stderr=log)
        while not self.ready():
            assert self._process.poll() is None, self.printed()
            assert time.monotonic() < began + 30, self.printed()
            time.sleep(0.01)
        return time.monotonic() - began

    def ready(self) -> bool:
        """Ask whether it can serve."""
        try:
            return requests.get(f"{self.base_url}/readyz", timeout=5).status_code == 200
        except requests.ConnectionError:
            return False

    def kill(self) -> None:
        """End it as a power cut does."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def send(self, number: signal.Signals) -> None:
        """Send it a signal."""
        assert self._process is not None
        if self._process.poll() is None:
            self._process.send_signal(number)

    def wait(self, seconds: float) -> int:
        """Wait for its end and return its exit code."""
        assert self._process is not None
        return self._process.wait(seconds)

    def printed(self) -> str:
        """Return what it printed since the first start."""
        return self._log.read_text(errors="replace")


def free_port() -> int:
    """Return a free port below those that the system gives to others, until the program takes it."""
    while True:
        port = 20_000 + secrets.randbelow(10_000)
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
