"""How each bar is measured: one function measures one target once and returns its values in the order of the bar's figures."""

from __future__ import annotations

import asyncio
import os
import statistics
import tempfile
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from benchmarks import cpu
from benchmarks.answers import Times, WrongAnswerError, check, check_texts, percentiles, times
from benchmarks.load import Connection, converse, deaf
from benchmarks.servers import get
from benchmarks.transcript import LONG, SHORT, paced, pieces, tagged
from benchmarks.upstream import MODELS, State

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from benchmarks.figures import Value
    from benchmarks.load import Exchange
    from benchmarks.targets import Target

MB, KB, MIB = 1e6, 1e3, 2**20
FLOWING = paced(1000, 40)
LOW_LOAD = paced(20, 50)
MANY = paced(100, 50)
DEAF_READERS = 8
PATIENCE = 10.0  # seconds for the upstream to notice something


@dataclass(frozen=True)
class Scale:
    """How much is measured."""

    rounds: int
    paced_tokens: int  # of each of 200 streams, 40 ms apart
    short: int  # conversations of 200 chunks
    long: int  # conversations of 2,000 chunks
    latency_turns: int  # conversations of 20 tokens one after another, on each of 10 connections
    streams: int
    ramp: float  # seconds over which these start
    stream_tokens: int  # one a second
    gets: int  # requests on each of 16 connections
    drops: int
    flood_seconds: float

    def models(self) -> tuple[str, ...]:
        """Return the names of all models that will be asked for."""
        return *MODELS, FLOWING, LOW_LOAD, MANY, paced(self.paced_tokens, 40), paced(self.stream_tokens, 1000)


@dataclass(frozen=True)
class Bench:
    """What a bar may use besides its target."""

    scale: Scale
    upstream_port: int

    async def upstream(self) -> State:
        """Return what the upstream has seen until now."""
        _, body = await asyncio.to_thread(get, self.upstream_port, "/bench/state")
        return msgspec.json.decode(body, type=State)

    async def until(self, met: Callable[[State], bool]) -> bool:
        """Wait until the upstream has seen what `met` asks for; return False when it has not in `PATIENCE` seconds."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if met(await self.upstream()):
                return True
            await asyncio.sleep(0.05)
        return False


async def idle(_bench: Bench, target: Target) -> tuple[Value, ...]:
    """Measure the memory of the server a second after its first answer."""
    return (target.idle_bytes / MB,)


async def streams(bench: Bench, target: Target) -> tuple[Value, ...]:
    """Measure many slow streams at once: how many failed, how late tokens are, and memory while all are open."""
    scale = bench.scale
    before = cpu.pss_bytes(target.pid)
    request = target.chat(paced(scale.stream_tokens, 1000))
    load = asyncio.create_task(converse(target.port, request, connections=scale.streams, spread=scale.ramp))
    await asyncio.sleep(scale.ramp + 1)
    live = (await bench.upstream()).open
    grown = await asyncio.to_thread(cpu.pss_bytes, target.pid) - before
    right, wrong = _told_apart(target, await load, scale.stream_tokens)
    if wrong:
        print(f"{target.name}: {len(wrong)} of {scale.streams} streams failed, the first: {wrong[0]}")
        return float(len(wrong)), live, None, None, None, None, None
    return 0, live, *percentiles(right), grown / max(live, 1) / KB


def _told_apart(target: Target, exchanges: list[Exchange], tokens: int) -> tuple[list[Times], list[WrongAnswerError]]:
    right: list[Times] = []
    wrong: list[WrongAnswerError] = []
    for exchange in exchanges:
        try:
            right.append(times(target, exchange, tokens))
        except WrongAnswerError as error:
            wrong.append(error)
    return right, wrong


async def daily(bench: Bench, target: Target) -> tuple[Value, ...]:
    """Measure the CPU of a token while 200 streams bring 25 a second each, and how late tokens are: the cost of a common day."""
    tokens = bench.scale.paced_tokens
    spent, exchanges = await _spent(target, converse(target.port, target.chat(paced(tokens, 40)), connections=200, spread=1))
    right = [times(target, exchange, tokens) for exchange in exchanges]
    return spent / (200 * tokens) * 1e6, percentiles(right)[3]


async def short(bench: Bench, target: Target) -> tuple[Value, ...]:
    """Measure the CPU of a conversation whose 200 chunks all come at once."""
    return await _burst(target, "short", SHORT, bench.scale.short)


async def long(bench: Bench, target: Target) -> tuple[Value, ...]:
    """Measure the CPU of a conversation whose 2,000 chunks all come at once."""
    return await _burst(target, "long", LONG, bench.scale.long)


async def _burst(target: Target, model: str, chunks: int, count: int) -> tuple[Value, ...]:
    spent, exchanges = await _spent(target, converse(target.port, target.chat(model), connections=16, each=count // 16))
    check_texts(target, exchanges, "".join(pieces(chunks)))
    return (spent / len(exchanges) * 1e3,)


async def latency(bench: Bench, target: Target) -> tuple[Value, ...]:
    """Measure how late tokens are when there is little to do: 10 streams, a token each 50 ms."""
    exchanges = await converse(target.port, target.chat(LOW_LOAD), connections=10, each=bench.scale.latency_turns, spread=1)
    return percentiles([times(target, exchange, 20) for exchange in exchanges])


async def fsyncs(bench: Bench, target: Target) -> tuple[Value, ...]:
    """Measure what `latency` does, and how long the disk takes to keep a page: an answer's first token waits for two of those."""
    measured = await latency(bench, target)
    sync = await asyncio.to_thread(_fsync_ms)
    first = measured[0]
    return *measured, sync, None if first is None else first - 2 * sync


def _fsync_ms() -> float:
    with tempfile.TemporaryFile() as file:
        taken = []
        for _ in range(200):
            file.write(bytes(4096))
            file.flush()
            began = time.perf_counter()
            os.fsync(file.fileno())
            taken.append((time.perf_counter() - began) * 1e3)
    return statistics.median(taken)


async def many(bench: Bench, target: Target) -> tuple[Value, ...]:
    """Measure how late the slowest twentieth of tokens is with 300 streams at 20 a second, and the memory of each stream."""
    before = cpu.pss_bytes(target.pid)
    load = asyncio.create_task(converse(target.port, target.chat(MANY), connections=300, spread=1))
    await asyncio.sleep(3)
    grown = await asyncio.to_thread(cpu.pss_bytes, target.pid) - before
    delays = sorted(delay for exchange in await load for delay in times(target, exchange, 100).delays)
    return delays[int(0.95 * len(delays))], grown / 300 / KB


async def models(bench: Bench, target: Target) -> tuple[Value, ...]:
    """Measure the CPU of GET models on keep-alive connections; nginx relays the upstream's list."""
    return await _gets(bench, target, target.models_path)


async def version(bench: Bench, target: Target) -> tuple[Value, ...]:
    """Measure the CPU of GET version on keep-alive connections; nginx relays the upstream's list of models."""
    return await _gets(bench, target, target.version_path)


async def _gets(bench: Bench, target: Target, path: str) -> tuple[Value, ...]:
    spent, exchanges = await _spent(target, converse(target.port, target.get(path), connections=16, each=bench.scale.gets))
    for exchange in exchanges:
        check(exchange)
        if not exchange.body or exchange.body != exchanges[0].body:
            raise WrongAnswerError(f"GET {path} answers {exchange.body[:200]!r} after {exchanges[0].body[:200]!r}")
    return (spent / len(exchanges) * 1e6,)


async def drops(bench: Bench, target: Target) -> tuple[Value, ...]:
    """Measure how soon the upstream's call ends when a client leaves: while tokens flow, after the first one, before the first one.

    The value is the slowest of all; `PATIENCE` means that some call did not end at all.
    """
    return await _drop(bench, target, FLOWING), await _drop(bench, target, "silent"), await _drop(bench, target, "mute")


async def _drop(bench: Bench, target: Target, model: str) -> float:
    tags = [f"{model}-{time.monotonic_ns()}-{number}" for number in range(bench.scale.drops)]
    connections = {tag: await Connection.open(target.port) for tag in tags}
    for tag, connection in connections.items():
        connection.send(target.chat(model, tagged(tag)))
    reached = await bench.until(lambda seen: seen.tags.issuperset(tags))
    await asyncio.sleep(0.3)  # first tokens are through
    left_us: dict[str, int] = {}
    for tag, connection in connections.items():
        left_us[tag] = connection.leave()
        await asyncio.sleep(0.01)
    if not reached:
        raise WrongAnswerError(f"not all of {len(tags)} calls reached the upstream's model {model}")
    if not await bench.until(lambda seen: seen.left.keys() >= left_us.keys()):
        return PATIENCE * 1e3
    left_upstream = (await bench.upstream()).left
    return max(left_upstream[tag] - left_us[tag] for tag in tags) / 1e6


async def deaf_readers(bench: Bench, target: Target) -> tuple[Value, ...]:
    """Measure what readers that never read from a flood cost each, and make sure that others are still served."""
    before, flooded = cpu.pss_bytes(target.pid), (await bench.upstream()).flooded
    unread = [deaf(target.port, target.chat("flood")) for _ in range(DEAF_READERS)]
    await asyncio.sleep(bench.scale.flood_seconds)
    grown, pulled = cpu.pss_bytes(target.pid) - before, (await bench.upstream()).flooded - flooded
    others = await converse(target.port, target.chat("short"), connections=4)
    for connection in unread:
        connection.close()
    check_texts(target, others, "".join(pieces(SHORT)))
    return grown / DEAF_READERS / MIB, pulled / DEAF_READERS / MIB


async def warm_up(target: Target) -> None:
    """Let the target make its connections and load what it loads late."""
    for model, chunks in (("short", SHORT), ("long", LONG)):
        check_texts(target, await converse(target.port, target.chat(model), connections=16), "".join(pieces(chunks)))


async def _spent(target: Target, load: Awaitable[list[Exchange]]) -> tuple[float, list[Exchange]]:
    before = cpu.cpu_seconds(target.pid)
    exchanges = await load
    await asyncio.sleep(0.3)  # what is written behind the answers counts too
    return cpu.cpu_seconds(target.pid) - before, exchanges
