"""HTML: what a person would read on the page, or all of its text where that finds nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from g4f.reading.formats.markdown import sections
from g4f.reading.markup import blocks, parsed
from g4f.reading.outline import Block, outlined
from g4f.reading.pieces import Limits, Piece

ENOUGH = 0.3
"""The share of a page's text that its readable part holds at least; with less, something was missed."""


def read(file: BinaryIO, limits: Limits) -> Iterator[Piece]:
    """Yield a section for each heading."""
    from trafilatura import extract  # noqa: PLC0415 - it tries a socket while it is imported

    tree = parsed(file.read())
    everything = list(blocks(tree))
    title = " ".join((tree.findtext(".//title") or "").split())
    readable = extract(tree, output_format="markdown", favor_recall=True, include_comments=True, include_tables=True) or ""
    if len(readable) >= ENOUGH * sum(len(block.text) for block in everything):
        yield from sections(readable if not title or title in readable else f"# {title}\n\n{readable}")
    else:
        yield from outlined([*([Block(title, 1)] if title else []), *everything])
