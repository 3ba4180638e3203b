"""Runs the bars: targets in turn, round after round, and prints the medians beside what we aim at."""

from __future__ import annotations

import argparse
import dataclasses
import gc
import json
import os
import platform
import resource
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import uvloop

from benchmarks import servers
from benchmarks.answers import WrongAnswerError
from benchmarks.bars import BARS, FULL, QUICK, Bar
from benchmarks.figures import Result, Value, table
from benchmarks.measures import Bench, Scale, warm_up
from benchmarks.targets import Target


def options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one short round, under a minute; for a first look, not for publishing")
    parser.add_argument(
        "--only", metavar="NAME", action="append", choices=[bar.name for bar in BARS], help="measure this bar (may be repeated)"
    )
    parser.add_argument("--json", metavar="FILE", type=Path, help="write every round's values to FILE")
    parser.add_argument(
        "--g4f", metavar="PATH", default=servers.G4F, help="the g4f command to measure (default: the one beside this Python)"
    )
    return parser.parse_args()


def fitting(scale: Scale) -> Scale:
    """Return the scale with as many streams as open files are allowed for."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    most = (hard - 500) // 2  # a server holds two sockets a stream
    if most < scale.streams:
        print(f"Only {hard} open files are allowed, so {most} streams instead of {scale.streams}; `ulimit -Hn` shows and sets the limit.")
    return dataclasses.replace(scale, streams=min(scale.streams, most))


async def start(stack: ExitStack, upstream_port: int, scale: Scale, executable: str, wanted: set[str]) -> list[Target]:
    """Start and warm up every wanted target there is; say which are missing and why."""
    targets: list[Target] = []
    starting = {
        "nginx": servers.nginx(upstream_port),
        "g4f": servers.g4f(upstream_port, scale.models(), executable),
        "durable": servers.durable(upstream_port, scale.models(), executable),
    }
    for name, server in starting.items():
        if name not in wanted:
            continue
        try:
            target = stack.enter_context(server)
            await warm_up(target)
            targets.append(target)
        except (servers.StartError, WrongAnswerError) as error:
            print(f"{name} is not measured. {error}")
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))  # for the load; servers started with the shell's limit, as for a user
    return targets


async def measure(bench: Bench, bar: Bar, target: Target) -> tuple[Value, ...]:
    """Measure one bar of one target; a wrong answer, or a target that has gone, makes its values void."""
    began = time.monotonic()
    try:
        values = await bar.measure(bench, target)
    except (WrongAnswerError, OSError) as error:
        print(f"{target.name}, {bar.name}: void. {error}", flush=True)
        values = (None,) * len(bar.figures)
    gc.collect()  # between measurements only
    print(f"  {bar.name} {target.name}: {time.monotonic() - began:.0f} s", file=sys.stderr)
    return values


async def run(bench: Bench, bars: Sequence[Bar], targets: Sequence[Target]) -> list[Result]:
    """Measure all bars in rounds and return their figures."""
    taking_part = {bar: [target for target in targets if target.name in ("nginx", bar.ours)] for bar in bars}
    results = {
        bar: [Result(bar.name, figure, bar.ours, {target.name: [] for target in taking_part[bar]}) for figure in bar.figures]
        for bar in bars
    }
    gc.disable()
    for turn in range(bench.scale.rounds):
        print(f"round {turn + 1} of {bench.scale.rounds}", file=sys.stderr)
        for bar in bars:
            for target in taking_part[bar] if turn == 0 or not bar.once else ():
                values = await measure(bench, bar, target)
                for result, value in zip(results[bar], values, strict=True):
                    result.rounds[target.name].append(value)
    return [result for bar in bars for result in results[bar]]


def machine() -> str:
    """Describe where the figures were taken."""
    load = " ".join(f"{average:.1f}" for average in os.getloadavg())
    return f"{os.cpu_count()} cores, {platform.system()} {platform.release()}, Python {platform.python_version()}, load average {load}"


async def main() -> int:
    """Run the bars and return the exit status: 1 when a figure is void or a target of ours was not measured."""
    chosen = options()
    scale = fitting(QUICK if chosen.quick else FULL)
    bars = [bar for bar in BARS if not chosen.only or bar.name in chosen.only]
    began = f"{machine()}, {scale.rounds} round{'s' * (scale.rounds > 1)}"
    with ExitStack() as stack:
        if servers.LOAD_CORES:
            os.sched_setaffinity(0, servers.LOAD_CORES)
        upstream_port = stack.enter_context(servers.upstream())
        targets = await start(stack, upstream_port, scale, chosen.g4f, {"nginx", *(bar.ours for bar in bars)})
        results = await run(Bench(scale, upstream_port), bars, targets)
    print(began, *table(results), sep="\n")
    if chosen.json:
        whole = {"machine": began, "scale": dataclasses.asdict(scale), "figures": [one.as_dict() for one in results]}
        chosen.json.write_text(json.dumps(whole, indent=1))
    return int(any(one.verdict() == "void" or one.value(one.ours) is None for one in results))


if __name__ == "__main__":
    sys.exit(uvloop.run(main()))
