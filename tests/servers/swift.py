"""An S3 server of one's own: OpenStack Swift with its s3api, from PyPI, in a virtual environment of its own.

It is installed once, inside this environment's folder. https://docs.openstack.org/swift/latest/middleware.html#aws-s3-api
"""

from __future__ import annotations

import fcntl
import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import venv
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import obstore
import requests
from obstore.store import S3Store

if TYPE_CHECKING:
    from obstore.store import S3Config

PACKAGE = "swift>=2.38,<3"
INSTALLED = Path(sys.prefix) / "swift"
SECONDS = 60
_RINGS = """
import sys
from swift.common.ring import RingBuilder
folder, *ports = sys.argv[1:]
for name, port in zip(("account", "container", "object"), ports):
    builder = RingBuilder(4, 1, 0)
    builder.add_dev(dict(id=0, region=0, zone=0, ip="127.0.0.1", port=int(port), device="d", weight=1, replication_ip="127.0.0.1",
                         replication_port=int(port), meta=""))
    builder.rebalance()
    builder.get_ring().save(f"{folder}/{name}.ring.gz")
"""
_PROXY = (
    """
[DEFAULT]
bind_ip = 127.0.0.1
bind_port = {port}
swift_dir = {folder}
user = {runs_as}
workers = 1
[pipeline:main]
pipeline = catch_errors cache s3api tempauth copy slo dlo symlink versioned_writes proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
# There is one of each server, and it may be slow on a busy machine: it is waited for, and not left alone for a minute after errors.
conn_timeout = 30
node_timeout = 60
error_suppression_limit = 1000000
[filter:tempauth]
use = egg:swift#tempauth
user_{account}_{user} = {secret} .admin
[filter:s3api]
use = egg:swift#s3api
"""
    + "".join(
        f"[filter:{name}]\nuse = egg:swift#{name.removeprefix('-')}\n"
        for name in ("catch_errors", "copy", "slo", "dlo", "symlink", "versioned_writes")
    )
    + "[filter:cache]\nuse = egg:swift#memcache\nmemcache_servers = 127.0.0.1:9\n"
)
_STORE = """
[DEFAULT]
bind_ip = 127.0.0.1
bind_port = {port}
swift_dir = {folder}
user = {runs_as}
devices = {folder}
mount_check = false
workers = 1
[pipeline:main]
pipeline = {name}-server
[app:{name}-server]
use = egg:swift#{name}
conn_timeout = 30
node_timeout = 60
"""


class Swift:
    """Serve S3 on a free port of 127.0.0.1 as long as the ``with`` block lasts; ``settings`` are what reaches it."""

    account, user, secret, bucket = "test", "tester", "testing", "files"

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="g4f-swift-"))
        self._processes: list[subprocess.Popen[bytes]] = []
        self.port, *self._stores = _free_ports(4)

    @property
    def settings(self) -> dict[str, Any]:
        """Return the settings under which files are kept here."""
        access_key = f"{self.account}:{self.user}"
        endpoint = f"http://127.0.0.1:{self.port}"
        return {"s3_endpoint": endpoint, "s3_bucket": self.bucket, "s3_access_key": access_key, "s3_secret_key": self.secret}

    def __enter__(self) -> Self:
        try:
            _install()
            self._start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    def stop(self) -> None:
        """End its servers and delete what they kept."""
        for process in self._processes:
            process.terminate()
        for process in self._processes:
            process.wait(SECONDS)
        shutil.rmtree(self._folder)

    def log(self) -> str:
        """Return what its servers printed."""
        return (self._folder / "log").read_text(errors="replace")

    def _start(self) -> None:
        (self._folder / "d").mkdir()
        (self._folder / "swift.conf").write_text(
            "[swift-hash]\nswift_hash_path_suffix = s\nswift_hash_path_prefix = p\n[storage-policy:0]\nname = one\ndefault = yes\n"
        )
        self._run("-c", _RINGS, str(self._folder), *map(str, self._stores)).wait(SECONDS)
        runs_as = pwd.getpwuid(os.geteuid()).pw_name
        for name, port in zip(("account", "container", "object"), self._stores, strict=True):
            self._serve(name, _STORE.format(name=name, port=port, folder=self._folder, runs_as=runs_as))
        keys = {"account": self.account, "user": self.user, "secret": self.secret}
        self._serve("proxy", _PROXY.format(port=self.port, folder=self._folder, runs_as=runs_as, **keys))
        self._make_bucket()

    def _serve(self, name: str, configuration: str) -> None:
        path = self._folder / f"{name}.conf"
        path.write_text(configuration)
        self._processes.append(self._run(str(INSTALLED / "bin" / f"swift-{name}-server"), str(path), "-v"))

    def _run(self, *words: str) -> subprocess.Popen[bytes]:
        environ = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        with (self._folder / "log").open("ab") as log:
            return subprocess.Popen([str(INSTALLED / "bin" / "python"), *words], env=environ, stdout=log, stderr=log)

    def _make_bucket(self) -> None:
        """Make the bucket, once everything answers."""
        config: S3Config = {"access_key_id": f"{self.account}:{self.user}", "secret_access_key": self.secret, "region": "us-east-1"}
        store = S3Store(self.bucket, endpoint=f"http://127.0.0.1:{self.port}", config=config, client_options={"allow_http": True})
        address, deadline = obstore.sign(store, "PUT", "", timedelta(minutes=5)), time.monotonic() + SECONDS
        while not _done(address):
            assert time.monotonic() < deadline, self.log()
            time.sleep(0.1)


def _done(address: str) -> bool:
    try:
        return requests.put(address, timeout=10).ok
    except requests.ConnectionError:
        return False


def _install() -> None:
    """Install Swift unless it is; of several processes one does it and the others wait."""
    INSTALLED.parent.mkdir(exist_ok=True)
    with INSTALLED.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (INSTALLED / "installed").exists():
            venv.create(INSTALLED, clear=True, with_pip=True)
            pip = [str(INSTALLED / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "--quiet", "install", PACKAGE]
            subprocess.run(pip, check=True, timeout=600)
            (INSTALLED / "installed").touch()


def _free_ports(count: int) -> list[int]:
    listeners = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [listener.getsockname()[1] for listener in listeners]
    for listener in listeners:
        listener.close()
    return ports
