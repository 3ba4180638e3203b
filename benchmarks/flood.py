"""One person floods with 500 clients: how long another's answers take to begin, and whether the server answers anything else.

``python -m benchmarks.flood [--clients N]``. On one machine without accounts everybody is the same person to HTTP, so the two people
meet where people are told apart: at the admission, on a real loop, with real answers of an upstream. Over HTTP one person's 500 clients
meet a client that asks for what needs no turn.
"""

from __future__ import annotations

import argparse
import asyncio
import math
import os
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from uuid import UUID

import uvloop
from uuid_utils.compat import uuid7

from benchmarks import cpu, servers
from benchmarks.load import Connection, Exchange
from benchmarks.targets import Target
from benchmarks.transcript import paced
from g4f.completion import complete
from g4f.config import Settings
from g4f.db.migration import upgrade
from g4f.db.models import Owner
from g4f.db.session import Database
from g4f.db.storage import Storage
from g4f.db.writer import Writer
from g4f.Provider.template.OpenaiTemplate import create_custom_provider
from g4f.providers.wire import ContentChunk
from g4f.services.admission import Admission
from g4f.services.budgets import Budgets
from g4f.services.metrics import Metrics
from g4f.services.prices import Prices
from g4f.services.relays import Relays
from g4f.services.tally import Asked
from g4f.services.turns import Limits, Turns
from g4f.typing import Message

SLOW, SHORT = paced(20, 50), "short"
"""An answer of a second, and one that comes at once."""
SETTLED = 5.0
"""Seconds after which a flood has reached everything."""
LIMITS = {
    "4 at once for each": Limits(at_once=4, in_line=1000),
    "8 at once in all, in turn": Limits(in_all=8, in_line=1000),
}


class House:
    """The services that relay answers, with some limits."""

    def __init__(self, limits: Limits, writer: Writer, storage: Storage, base_url: str) -> None:
        self._admission = Admission(Turns(limits), Budgets(Settings(), lambda: storage, Prices(), uuid7))
        self._relays = Relays(lambda: writer, Metrics())
        self._provider = create_custom_provider(base_url, name="Bench", models=[SLOW, SHORT])

    async def ask(self, owner_id: UUID, model: str) -> float:
        """Read an answer and return how many milliseconds its first word took; infinite when there was none."""
        began, first = time.perf_counter(), 0.0
        asked = Asked(owner_id, "bench", model, "Bench", 8)
        answer = complete([Message(role="user", content="Please answer.")], model, self._provider)
        async for chunks in self._relays.relay(asked, self._admission.admit(asked, answer)):
            if not first and any(isinstance(chunk, ContentChunk) for chunk in chunks):
                first = (time.perf_counter() - began) * 1e3
        return first or math.inf

    async def flood(self, owner_id: UUID, model: str) -> None:
        """Ask again and again."""
        while True:
            await self.ask(owner_id, model)


async def people(house: House, owners: Sequence[UUID], clients: int, model: str, answers: int) -> list[float]:
    """Return how long the answers of the second person took to begin, asked one by one while the first one floods."""
    flooding = [asyncio.create_task(house.flood(owners[0], model)) for _ in range(clients)]
    await asyncio.sleep(SETTLED if clients else 0)
    try:
        return [await house.ask(owners[1], model) for _ in range(answers)]
    finally:
        for task in flooding:
            task.cancel()
        await asyncio.gather(*flooding, return_exceptions=True)


def meet(upstream_port: int, clients: int, answers: int) -> None:
    """Print how long another's answers take to begin."""
    with tempfile.TemporaryDirectory() as folder, closing(Database(f"sqlite:///{folder}/flood.sqlite")) as database:
        upgrade(database)
        owners = [uuid7(), uuid7()]
        with closing(Writer(database)) as writer:
            rows = [(Owner.__table__, {"id": owner_id, "name": str(owner_id)}) for owner_id in owners]
            writer.submit(rows).result(10)  # type: ignore[arg-type]  # tables of our own models are tables
            for model, what in ((SLOW, "answers of a second"), (SHORT, "answers at once")):
                unlimited = {"no limit": Limits()} if model == SLOW else {}
                for name, limits in {"nobody else asks": Limits(), **LIMITS, **unlimited}.items():
                    house = House(limits, writer, Storage(database, writer), f"http://127.0.0.1:{upstream_port}/v1")
                    many = 0 if name == "nobody else asks" else clients
                    line(f"{what}, {name}", uvloop.run(people(house, owners, many, model, answers)))
                    writer.flush(60)


async def flooded(target: Target, clients: int, model: str, answers: int) -> tuple[dict[str, list[float]], float]:
    """Return how long single requests took to be answered while so many clients ask over HTTP, by path, and the server's CPU in cores."""
    flooding = [asyncio.create_task(knock(target, model)) for _ in range(clients)]
    await asyncio.sleep(SETTLED)
    taken: dict[str, list[float]] = {target.version_path: [], target.models_path: []}
    began, began_cpu = time.monotonic(), cpu.cpu_seconds(target.pid)
    connection = await Connection.open(target.port)
    for _ in range(answers):
        for path, values in taken.items():
            exchange = connection.send(target.get(path))
            await connection.answered
            assert exchange.status == 200, exchange
            values.append((time.monotonic_ns() - exchange.sent) / 1e6)
        await asyncio.sleep(0.05)
    cores = (cpu.cpu_seconds(target.pid) - began_cpu) / (time.monotonic() - began)
    for task in flooding:
        task.cancel()
    await asyncio.gather(*flooding, return_exceptions=True)
    return taken, cores


async def knock(target: Target, model: str) -> None:
    """Ask over HTTP again and again; whoever is refused comes back after half a second, which is sooner than was asked for."""
    connection = await Connection.open(target.port)
    try:
        while True:
            exchange: Exchange = connection.send(target.chat(model))
            await connection.answered
            if exchange.status != 200:
                await asyncio.sleep(0.5)
            if exchange.error:
                connection = await Connection.open(target.port)
    finally:
        connection.transport.close()


def over_http(upstream_port: int, clients: int, answers: int) -> None:
    """Print how the server answers what needs no turn while one person's clients flood it."""
    with servers.g4f(upstream_port, (SLOW, SHORT), servers.G4F, runs_at_once=4, runs_in_line=1000) as target:
        for model, what in ((SLOW, "answers of a second"), (SHORT, "answers at once")):
            taken, cores = uvloop.run(flooded(target, clients, model, answers))
            for path, values in taken.items():
                line(f"HTTP, {what}, GET {Path(path).name}", values)
            print(f"  {f'HTTP, {what}, the server':52} {cores:.2f} cores")


def line(what: str, values: Sequence[float]) -> None:
    """Print p50 and p99 of some milliseconds."""
    ordered = sorted(values)
    p50, p99 = (ordered[min(len(ordered) - 1, int(share * len(ordered)))] for share in (0.5, 0.99))
    print(f"  {what:52} p50 {p50:8.1f} ms, p99 {p99:8.1f} ms  ({len(values)})", flush=True)


def main() -> None:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.flood", description=__doc__)
    parser.add_argument("--clients", type=int, default=500)
    parser.add_argument("--answers", type=int, default=30)
    chosen = parser.parse_args()
    with servers.upstream() as port:
        print(f"first word of another's answers while {chosen.clients} clients of one person ask, load average {os.getloadavg()[0]:.1f}")
        meet(port, chosen.clients, chosen.answers)
        over_http(port, chosen.clients, 2 * chosen.answers)


if __name__ == "__main__":
    main()
