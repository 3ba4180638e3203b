"""A conversation of 200 chunks beside LiteLLM, whose cost is the interpreter's as ours is.

`python -m benchmarks.peers PATH` measures the `litellm` command at PATH, which `pip install "litellm[proxy]==1.106.2"` puts into an
environment of its own, nginx and g4f in turn.
"""

from __future__ import annotations

import argparse
import gc
import os
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import replace
from statistics import median

import uvloop

from benchmarks import servers
from benchmarks.bars import FULL
from benchmarks.measures import Bench, short, warm_up
from benchmarks.targets import Target

ROUNDS = 4
LITELLM_SHORT = 96  # conversations; they take it a hundred times as long
NGINX_WORTH = 1130
"""LiteLLM 1.106.2 took as much CPU as so many nginx's on the machine on which the bars were set."""
AIMS = {"g4f": 8, "durable": 12}
"""The most that a conversation should cost, in what nginx's cost there (`benchmarks.bars`)."""


async def main(executable: str) -> None:
    """Print what each target took, in ms, in nginx's and as a part of LiteLLM's."""
    os.sched_setaffinity(0, servers.LOAD_CORES)
    gc.disable()
    with ExitStack() as stack:
        upstream_port = stack.enter_context(servers.upstream())
        spent = await _rounds(upstream_port, executable)
    print(f"{'CPU of a conversation, 200 chunks':36}{'ms':>8}{'/ nginx':>10}{'LiteLLM /':>12}  aim")
    for name, values in spent.items():
        times = median(ours / nginx for ours, nginx in zip(values, spent["nginx"], strict=True))
        part = median(litellm / ours for ours, litellm in zip(values, spent["litellm"], strict=True))
        print(f"{name:36}{median(values):8.3g}{times:10,.1f}{part:12,.0f}  {_verdict(name, part)}".rstrip())


async def _rounds(upstream_port: int, executable: str) -> dict[str, list[float]]:
    """Start, measure and end one target after the other, round after round."""
    models = FULL.models()
    starting: dict[str, Callable[[], AbstractContextManager[Target]]] = {
        "nginx": lambda: servers.nginx(upstream_port),
        "g4f": lambda: servers.g4f(upstream_port, models, servers.G4F),
        "durable": lambda: servers.durable(upstream_port, models, servers.G4F),
        "litellm": lambda: servers.litellm(upstream_port, models, executable),
    }
    spent: dict[str, list[float]] = {name: [] for name in starting}
    for _ in range(ROUNDS):
        for name, server in starting.items():
            with server() as target:
                spent[name].append(await _measure(Bench(FULL, upstream_port), target))
            gc.collect()  # between measurements only
    return spent


async def _measure(bench: Bench, target: Target) -> float:
    if target.name == "litellm":
        bench = replace(bench, scale=replace(bench.scale, short=LITELLM_SHORT))
    else:
        await warm_up(target)
    await short(replace(bench, scale=replace(bench.scale, short=16)), target)
    [value] = await short(bench, target)
    assert value is not None
    return value


def _verdict(name: str, part: float) -> str:
    if name not in AIMS:
        return ""
    least = NGINX_WORTH / AIMS[name]
    return f">= {least:.0f} {'ok' if part >= least else 'MISS'}"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers", description=__doc__)
    parser.add_argument("litellm", metavar="PATH", help="the litellm command")
    uvloop.run(main(parser.parse_args().litellm))
