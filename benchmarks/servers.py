"""Starts what takes part, each on a free port of the loopback interface: the upstream, nginx and g4f."""

from __future__ import annotations

import http.client
import json
import os
import resource
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from benchmarks.targets import Durable, G4f, LiteLlm, Nginx, Target

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
G4F = str(Path(sys.executable).with_name("g4f"))

_NGINX_CONF = """
daemon off; worker_processes 1; worker_rlimit_nofile {files}; pid {folder}/nginx.pid; error_log {folder}/error.log; {user}
events {{ worker_connections 16384; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  upstream mock {{ server 127.0.0.1:{upstream}; keepalive 512; keepalive_requests 1000000; }}
  server {{
    listen 127.0.0.1:{port} backlog=4096;
    keepalive_requests 1000000;
    location / {{
      proxy_pass http://mock; proxy_http_version 1.1; proxy_set_header Connection "";
      proxy_buffering off; proxy_read_timeout 300s;
    }}
  }}
}}
"""


_CORES = sorted(os.sched_getaffinity(0))
TARGET_CORE, LOAD_CORES = _CORES[0], frozenset(_CORES[1:])
"""Whoever is measured has a core of its own and the load and the upstream share the others, or the scheduler's moves are measured too."""


class StartError(Exception):
    """A server did not start; the message says what it printed last."""


@contextmanager
def upstream() -> Iterator[int]:
    """Run the mock upstream in a process of its own and give its port."""
    process = subprocess.Popen([sys.executable, "-m", "benchmarks.upstream"], stdout=subprocess.PIPE, text=True)
    with _ended(process):
        assert process.stdout
        yield int(process.stdout.readline())


@contextmanager
def nginx(upstream_port: int) -> Iterator[Target]:
    """Run an nginx with one worker in front of the upstream."""
    if NGINX is None:
        raise StartError("nginx is not installed, so nothing can be compared with it; on Debian: apt-get install nginx.")
    with tempfile.TemporaryDirectory(prefix="bench-nginx-") as folder:
        port = _free_port()
        files = min(16384, resource.getrlimit(resource.RLIMIT_NOFILE)[1])
        user = "user root;" if os.geteuid() == 0 else ""  # root's worker would otherwise be a user who may not enter the folder
        conf = Path(folder, "nginx.conf")
        conf.write_text(_NGINX_CONF.format(folder=folder, port=port, upstream=upstream_port, user=user, files=files))
        command = [NGINX, "-p", folder, "-c", str(conf), "-e", f"{folder}/error.log"]
        with _server(command, Path(folder), dict(os.environ), port, Nginx.version_path) as pid:
            yield Nginx(port, pid)


@contextmanager
def g4f(upstream_port: int, models: tuple[str, ...], executable: str, **settings: object) -> Iterator[Target]:
    """Run `executable` as `g4f gui` with nothing configured but the upstream and these settings."""
    with tempfile.TemporaryDirectory(prefix="bench-g4f-") as folder:
        port = _free_port()
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("G4F_", "OPENAI_"))} | {
            "G4F_PORT": str(port),
            "G4F_DATA_DIR": folder,
            "G4F_SERVERS__BENCH__BASE_URL": f"http://127.0.0.1:{upstream_port}/v1",
            "G4F_SERVERS__BENCH__MODELS": ",".join(models),
            **{f"G4F_{name.upper()}": str(value) for name, value in settings.items()},
        }
        command = [executable, "gui", "--port", str(port)]
        with _server(command, Path(folder), environment, port, G4f.version_path) as pid:
            yield G4f(port, pid)


@contextmanager
def durable(upstream_port: int, models: tuple[str, ...], executable: str) -> Iterator[Target]:
    """Run another g4f, whose answers belong to a chat."""
    with g4f(upstream_port, models, executable) as target:
        chat = post(target.port, "/backend-api/v2/chats", {})
        yield Durable(target.port, target.pid, str(chat["id"]))


@contextmanager
def litellm(upstream_port: int, models: tuple[str, ...], executable: str) -> Iterator[Target]:
    """Run `executable` as a LiteLLM proxy of one worker, without a database and without keys."""
    with tempfile.TemporaryDirectory(prefix="bench-litellm-") as folder:
        port, config = _free_port(), Path(folder, "config.json")  # JSON is YAML
        there = {"api_base": f"http://127.0.0.1:{upstream_port}/v1", "api_key": "none"}
        listed = [{"model_name": model, "litellm_params": {"model": f"openai/{model}", **there}} for model in models]
        config.write_text(json.dumps({"model_list": listed}))
        environment = {**os.environ, "LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_DANGEROUSLY_PERMIT_WEAK_OR_UNSET_MASTER_KEY": "true"}
        command = [executable, "--config", str(config), "--host", "127.0.0.1", "--port", str(port), "--num_workers", "1"]
        with _server(command, Path(folder), environment, port, LiteLlm.version_path) as pid:
            yield LiteLlm(port, pid)


@contextmanager
def _server(command: list[str], folder: Path, environment: dict[str, str], port: int, path: str) -> Iterator[int]:
    printed = folder / "printed.log"
    with printed.open("wb") as out:
        try:
            process = subprocess.Popen(command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=out, stderr=out)
            os.sched_setaffinity(process.pid, {TARGET_CORE})
        except OSError as error:
            raise StartError(f"{command[0]} cannot be started: {error}.") from error
    with _ended(process):
        if not _answers(process, port, path):
            last = printed.read_text(errors="replace")[-500:]
            raise StartError(f"{command[0]} does not answer GET {path} with 200; it printed: {last or 'nothing'}")
        time.sleep(1)  # what is still being loaded belongs to the idle memory
        yield process.pid


def _answers(process: subprocess.Popen[bytes], port: int, path: str) -> bool:
    deadline = time.monotonic() + 90  # LiteLLM takes half of that on a busy machine
    while process.poll() is None and time.monotonic() < deadline:
        try:
            return get(port, path)[0] == 200
        except OSError:
            time.sleep(0.05)
    return False


def get(port: int, path: str) -> tuple[int, bytes]:
    """Return status and body of a GET on the loopback interface."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    with closing(connection):
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read()


def post(port: int, path: str, body: dict[str, object]) -> dict[str, object]:
    """Return what is answered to a JSON object on the loopback interface."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    with closing(connection):
        connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
        answer: dict[str, object] = json.loads(connection.getresponse().read())
        return answer


@contextmanager
def _ended(process: subprocess.Popen[bytes] | subprocess.Popen[str]) -> Iterator[None]:
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
