"""What files that mean harm cost the server: its memory while the whole corpus of the tests comes in and is read.

`python -m benchmarks.corpus` prints, for each group of files, how many got the answer that is expected, and the memory.
"""

from __future__ import annotations

import sys
from itertools import groupby

from benchmarks import servers
from benchmarks.uploads import Memory
from tests.corpus import Sample, corpus, ordinary, outcomes

MOST = 16.0
"""How many MiB the server may grow by."""


def main() -> int:
    """Print a line for each group and return 1 when an answer is wrong or the memory grew too much."""
    with servers.g4f(9, ("none",), servers.G4F) as target:
        base_url = f"http://127.0.0.1:{target.port}"
        print(f"{'corpus':<12}{'files':>6}{'as expected':>13}{'memory, growth (MiB)':>24}")
        wrong = measure(base_url, target.pid, "ordinary", [*ordinary()])  # what every server has loaded is no harm
        with Memory(target.pid) as whole:
            for group, samples in groupby(corpus(), lambda sample: sample.group):
                wrong += measure(base_url, target.pid, group, [*samples])
    print(f"{'whole':<43}{whole.before:8.1f}{whole.growth:+8.1f}")
    verdicts = {"every file gets its expected answer": not wrong, f"the server grows by {MOST:g} MiB at most": whole.growth <= MOST}
    print(*(f"{'reached' if met else 'MISSED '}  {aim}" for aim, met in verdicts.items()), sep="\n")
    return int(not all(verdicts.values()))


def measure(base_url: str, pid: int, group: str, samples: list[Sample]) -> int:
    """Send a group, print its line and what is not as expected, and return how many are not."""
    with Memory(pid) as memory:
        became = outcomes(base_url, samples)
    wrong = [sample for sample in samples if became[sample.label] != sample.expected]
    print(f"{group:<12}{len(samples):>6}{len(samples) - len(wrong):>13}{memory.before:20.1f}{memory.growth:+8.1f}", flush=True)
    for sample in wrong:
        print(f"  {sample.label}: {became[sample.label]} instead of {sample.expected}")
    return len(wrong)


if __name__ == "__main__":
    sys.exit(main())
