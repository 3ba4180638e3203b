"""The bars: a row says how it is measured, what its values are called and what we aim at."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from benchmarks import measures
from benchmarks.figures import Aim, Figure, Value
from benchmarks.measures import Bench, Scale
from benchmarks.targets import Target

FULL = Scale(
    rounds=3,
    paced_tokens=200,
    short=4800,
    long=480,
    latency_turns=6,
    streams=5000,
    ramp=10,
    stream_tokens=20,
    gets=1000,
    drops=20,
    flood_seconds=4,
)
QUICK = Scale(
    rounds=1,
    paced_tokens=50,
    short=1280,
    long=160,
    latency_turns=2,
    streams=2000,
    ramp=3,
    stream_tokens=6,
    gets=320,
    drops=10,
    flood_seconds=2,
)


@dataclass(frozen=True)
class Bar:
    """A measurement and its figures."""

    name: str
    measure: Callable[[Bench, Target], Awaitable[tuple[Value, ...]]]
    figures: tuple[Figure, ...]
    once: bool = False  # in the first round only
    ours: str = "g4f"  # the target that is measured beside nginx


# Memory first: growth would hide in what a busier hour has left free.
BARS = (
    Bar("idle", measures.idle, (Figure("memory, idle", "MB", Aim(120)),), once=True),
    Bar(
        "deaf",
        measures.deaf_readers,
        (Figure("reader that never reads: growth", "MiB", Aim(1)), Figure("  pulled from upstream", "MiB")),
        once=True,
    ),
    Bar(
        "streams",
        measures.streams,
        (
            Figure("streams at 1 token/s, all at once: wrong or unfinished", "", Aim(0)),
            Figure("  open at once", ""),
            Figure("  first token p50", "ms"),
            Figure("  first token p99", "ms"),
            Figure("  added token delay p50", "ms"),
            Figure("  added token delay p99", "ms"),
            Figure("  memory of each", "KB", Aim(30)),
        ),
        once=True,
    ),
    Bar(
        "paced",
        measures.daily,
        (Figure("CPU of a token, 200 streams at 25 tokens/s", "us", Aim(2.6, times_nginx=True)), Figure("  added token delay p99", "ms")),
    ),
    Bar("short", measures.short, (Figure("CPU of a conversation, 200 chunks", "ms", Aim(8, times_nginx=True)),)),
    Bar("long", measures.long, (Figure("CPU of a conversation, 2,000 chunks", "ms", Aim(6, times_nginx=True)),)),
    Bar(
        "latency",
        measures.latency,
        (
            Figure("10 streams at 20 tokens/s: first token p50", "ms", Aim(2, times_nginx=True)),
            Figure("  first token p99", "ms"),
            Figure("  added token delay p50", "ms"),
            Figure("  added token delay p99", "ms"),
        ),
    ),
    Bar("models", measures.models, (Figure("CPU of GET models", "us", Aim(10, times_nginx=True)),)),
    Bar("version", measures.version, (Figure("CPU of GET version", "us", Aim(10, times_nginx=True)),)),
    Bar(
        "drop",
        measures.drops,
        (
            Figure("client leaves: last upstream abort, tokens flowing", "ms", Aim(50)),
            Figure("  silent after the first token", "ms", Aim(50)),
            Figure("  silent before the answer", "ms", Aim(50)),
        ),
    ),
    Bar(
        "durable-paced",
        measures.daily,
        (
            Figure("durable: CPU of a token, 200 streams at 25 tokens/s", "us", Aim(4, times_nginx=True)),
            Figure("  added token delay p99", "ms", Aim(60)),
        ),
        ours="durable",
    ),
    Bar(
        "durable-short",
        measures.short,
        (Figure("durable: CPU of a conversation, 200 chunks", "ms", Aim(12, times_nginx=True)),),
        ours="durable",
    ),
    Bar(
        "durable-long",
        measures.long,
        (Figure("durable: CPU of a conversation, 2,000 chunks", "ms", Aim(8, times_nginx=True)),),
        ours="durable",
    ),
    Bar(
        "durable-latency",
        measures.fsyncs,
        (
            Figure("durable: 10 streams at 20 tokens/s: first token p50", "ms"),
            Figure("  first token p99", "ms"),
            Figure("  added token delay p50", "ms"),
            Figure("  added token delay p99", "ms"),
            Figure("  fsync of a page, median", "ms"),
            Figure("  first token p50 less two fsyncs", "ms", Aim(5)),
        ),
        ours="durable",
    ),
    Bar(
        "durable-many",
        measures.many,
        (Figure("durable: 300 streams at 20 tokens/s: added delay p95", "ms", Aim(60)), Figure("  memory of each", "KB", Aim(40))),
        once=True,
        ours="durable",
    ),
)
