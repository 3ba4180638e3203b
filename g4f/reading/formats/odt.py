"""ODT: headings, paragraphs, lists and tables in their order."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from lxml import etree

from g4f.reading.archives import opened, unpacked
from g4f.reading.markup import tree_of
from g4f.reading.outline import Block, outlined, table
from g4f.reading.pieces import Limits, Piece
from g4f.reading.reasons import unreadable

TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
"""https://docs.oasis-open.org/office/OpenDocument/v1.3/os/part3-schema/OpenDocument-v1.3-os-part3-schema.html"""
MANIFEST = "META-INF/manifest.xml"
MOST_SPACES = 1_000


def read(file: BinaryIO, limits: Limits) -> Iterator[Piece]:
    """Yield a section for each heading."""
    archive = opened(file, limits)
    if MANIFEST in archive.namelist() and b"encryption-data" in unpacked(archive, MANIFEST, limits).read():
        raise unreadable("encrypted")
    yield from outlined(_blocks(tree_of(unpacked(archive, "content.xml", limits).read())))


def _blocks(element: etree._Element, mark: str = "") -> Iterator[Block]:
    for child in element:
        match etree.QName(child).localname:
            case "h":
                yield Block(_words(child), int(child.get(f"{TEXT}outline-level", "1")))
            case "p":
                words = _words(child)
                yield Block(mark + words if words else "")
            case "list":
                yield from _blocks(child, "- ")
            case "table":
                yield Block(table(_rows(child)))
            case "tracked-changes" | "automatic-styles" | "font-face-decls":
                continue
            case _:
                yield from _blocks(child, mark)


def _rows(element: etree._Element) -> Iterator[list[str]]:
    for row in element.iter(f"{TABLE}table-row"):
        yield [" ".join(_words(paragraph) for paragraph in cell.iter(f"{TEXT}p", f"{TEXT}h")) for cell in row.iter(f"{TABLE}table-cell")]


def _words(element: etree._Element) -> str:
    """Return an element's text with the spaces, tabs and line ends that are elements of their own."""
    parts = [element.text or ""]
    for child in element:
        match etree.QName(child).localname:
            case "s":
                parts.append(" " * min(int(child.get(f"{TEXT}c", "1")), MOST_SPACES))
            case "tab":
                parts.append("\t")
            case "line-break":
                parts.append("\n")
            case "annotation":
                pass
            case _:
                parts.append(_words(child))
        parts.append(child.tail or "")
    return "".join(parts)
