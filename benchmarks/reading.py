"""Reading beside markitdown: the same files, the time each takes and the share of words it finds.

Each of our files pays for a process of its own. markitdown runs in one process, and its imports (seconds) are not counted.
``make bench`` installs it where it does no harm, in ``.venv/markitdown``; ``python -m benchmarks.reading --markitdown PYTHON`` names
another.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib.util
import random
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import msgspec

from g4f.errors import UnreadableError
from g4f.reading.pieces import Section
from g4f.reading.readers import Readers
from tests.reading import documents

INSTALL = "pip install 'markitdown[pdf,docx,xlsx,pptx]'"
LONG = "long.pdf"
FASTER, LONG_SECONDS = 10.0, 2.0
PEER = """
import sys, time, json, warnings, logging
warnings.simplefilter("ignore"); logging.disable()
from markitdown import MarkItDown
reader = MarkItDown()
for path in sys.argv[1:]:
    began = time.perf_counter()
    try:
        text = reader.convert(path).text_content
    except Exception as error:
        text = ""
    print(json.dumps([time.perf_counter() - began, text]), flush=True)
"""
WORDS = (
    "revenue", "market", "contract", "delivery", "storage", "quarter", "customer", "invoice", "warehouse", "schedule", "engine",
    "bridge", "river", "window", "harbour", "signal", "выручка", "рынок", "договор", "поставка", "склад", "квартал", "покупатель",
    "счёт", "график", "двигатель", "мост", "река", "окно", "гавань", "сигнал", "отчёт", "решение", "проект",
)  # fmt: skip


class Read(NamedTuple):
    """Be how long one file took, in seconds, and its text."""

    seconds: float
    text: str


def prose(chance: random.Random, words: int) -> str:
    """Return sentences whose words carry numbers, so that each is to be found once."""
    return " ".join(f"{chance.choice(WORDS)}{chance.randrange(10_000)}" for _ in range(words)) + "."


def page(chance: random.Random) -> str:
    """Return the lines of a page."""
    return "\n".join(prose(chance, 9) for _ in range(45))


def corpus(chance: random.Random) -> Mapping[str, tuple[bytes, str]]:
    """Return files and the words each holds."""
    texts = [prose(chance, 120) for _ in range(40)]
    whole, pages = "\n".join(texts), [page(chance) for _ in range(200)]
    rows = [[f"{chance.choice(WORDS)}{number}" for _ in range(8)] for number in range(5_000)]
    cells = "\n".join(";".join(row) for row in rows)
    article = "".join(f"<h2>Part{number}</h2><p>{text}</p>" for number, text in enumerate(texts))
    chapters = {f"OPS/{name} x.xhtml": f"<html xmlns='http://www.w3.org/1999/xhtml'><body><p>{whole}</p></body></html>" for name in "ab"}
    return {
        LONG: (documents.pdf(pages, filters="/Filter /FlateDecode"), "\n".join(pages)),
        "short.pdf": (documents.pdf(pages[:2]), "\n".join(pages[:2])),
        "report.docx": (documents.docx(texts), whole),
        "deck.pptx": (documents.pptx(), f"{documents.RUSSIAN} {documents.ENGLISH} Тверь 1400"),
        "sheet.xlsx": (documents.xlsx(rows), cells),
        "table.csv": (cells.encode("cp1251"), cells),
        "page.html": (f"<html><head><title>Page</title></head><body><article>{article}</article></body></html>".encode(), whole),
        "book.epub": (documents.epub(chapters), whole),
        "data.json": (msgspec.json.encode({"texts": texts}), whole),
        "notes.md": (whole.encode(), whole),
        "letter.txt": (whole.encode("koi8-r"), whole),
        "archive.zip": (documents.packed({"a.txt": whole.encode(), "b.docx": documents.docx(texts[:5])}), whole),
    }


def words_of(text: str) -> set[str]:
    """Return the words of a text."""
    return set(re.findall(r"\w+", text.replace("\\_", "_").lower()))


def recall(text: str, expected: str) -> float:
    """Return the share of the words that a text holds."""
    wanted = words_of(expected)
    return len(wanted & words_of(text)) / len(wanted)


async def ours(paths: list[Path]) -> list[Read]:
    """Read the files one after another."""
    readers, results = Readers(), []
    for path in paths:
        began, texts = time.perf_counter(), list[str]()
        try:
            async for piece in readers.read(path, path.name):
                texts += [piece.text] if isinstance(piece, Section) else []
        except UnreadableError as error:
            print(f"{path.name}: {error}")
        results.append(Read(time.perf_counter() - began, "".join(texts)))
    return results


def theirs(python: str, paths: list[Path]) -> list[Read]:
    """Let markitdown read the files one after another."""
    done = subprocess.run([python, "-c", PEER, *map(str, paths)], capture_output=True, check=False, text=True)
    results = [Read(*msgspec.json.decode(line)) for line in done.stdout.splitlines() if line.startswith("[")]
    if len(results) != len(paths):
        sys.exit(f"{python} cannot run markitdown; {INSTALL} there.\n{done.stderr[-500:]}")
    return results


def peer(given: str | None) -> str | None:
    """Return the Python that has markitdown, or None."""
    return given or (sys.executable if importlib.util.find_spec("markitdown") else None)


def table(files: Mapping[str, tuple[bytes, str]], readings: Mapping[str, list[Read]]) -> Iterator[str]:
    """Yield the lines of the result: a file each, then the whole."""
    yield f"{'file':<12}" + "".join(f"{name:>12} s{'words':>9}" for name in readings)
    for place, (name, (_, expected)) in enumerate(files.items()):
        results = [reads[place] for reads in readings.values()]
        yield f"{name:<12}" + "".join(f"{read.seconds:>14.2f}{recall(read.text, expected):>9.1%}" for read in results)
    totals = [(sum(read.seconds for read in reads), mean_recall(files, reads)) for reads in readings.values()]
    yield f"{'total':<12}" + "".join(f"{seconds:>14.2f}{share:>9.1%}" for seconds, share in totals)


def mean_recall(files: Mapping[str, tuple[bytes, str]], reads: list[Read]) -> float:
    """Return the share of words found, each file counting the same."""
    return sum(recall(read.text, expected) for read, (_, expected) in zip(reads, files.values(), strict=True)) / len(reads)


def verdicts(files: Mapping[str, tuple[bytes, str]], readings: Mapping[str, list[Read]]) -> Iterator[tuple[str, bool]]:
    """Yield what we aim at and whether it is reached."""
    mine = readings["g4f"]
    yield f"200 pages of PDF in less than {LONG_SECONDS:g} s", mine[list(files).index(LONG)].seconds < LONG_SECONDS
    if "markitdown" in readings:
        other = readings["markitdown"]
        ratio = sum(read.seconds for read in other) / sum(read.seconds for read in mine)
        yield f"{FASTER:g} times less time in total ({ratio:.1f} times)", ratio >= FASTER
        yield "at least as many words", mean_recall(files, mine) >= mean_recall(files, other)


def main() -> int:
    """Read a set of files with both and print the figures; return 1 when an aim is missed."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.reading", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--markitdown", metavar="PYTHON", help="a Python that has markitdown (default: this one, if it has)")
    parser.add_argument("--seed", type=int, default=0, help="what the files are made from")
    chosen = parser.parse_args()
    files = corpus(random.Random(chosen.seed))
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder, name) for name in files]
        for path in paths:
            path.write_bytes(files[path.name][0])
        readings = {"g4f": asyncio.run(ours(paths))}
        if python := peer(chosen.markitdown):
            readings["markitdown"] = theirs(python, paths)
        else:
            print(f"markitdown is not measured; {INSTALL}, or name a Python that has it with --markitdown.")
    print(*table(files, readings), sep="\n")
    reached = list(verdicts(files, readings))
    print(*(f"{'reached' if met else 'MISSED '}  {aim}" for aim, met in reached), sep="\n")
    return int(not all(met for _, met in reached))


if __name__ == "__main__":
    sys.exit(main())
