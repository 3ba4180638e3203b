"""DOCX: paragraphs, lists and tables in their order, under their headings; then footnotes and endnotes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import BinaryIO

from docx import Document
from docx.document import Document as OpenDocument
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml.ns import qn
from docx.table import Table
from docx.text.paragraph import Paragraph
from lxml import etree

from g4f.reading.archives import opened
from g4f.reading.markup import tree_of
from g4f.reading.outline import Block, outlined, table
from g4f.reading.pieces import Limits, Piece

_HEADING = re.compile(r"(?i)(?:heading|заголовок)\s*([1-9])")
_BOX = etree.XPath(
    ".//w:txbxContent[not(ancestor::mc:Fallback)]//w:p",
    namespaces={"w": qn("w:p")[1:].partition("}")[0], "mc": "http://schemas.openxmlformats.org/markup-compatibility/2006"},
)


def read(file: BinaryIO, limits: Limits) -> Iterator[Piece]:
    """Yield a section for each heading."""
    opened(file, limits)
    document = Document(file)
    yield from outlined(_blocks(document))
    yield from outlined(_notes(document))


def _blocks(document: OpenDocument) -> Iterator[Block]:
    levels = _levels(document)
    for part in document.iter_inner_content():
        match part:
            case Table():
                yield Block(table([[cell.text for cell in row.cells] for row in part.rows]))
            case Paragraph():
                yield from _paragraph(part, levels)


def _paragraph(paragraph: Paragraph, levels: Mapping[str, int]) -> Iterator[Block]:
    style, text = paragraph._p.style or "", paragraph.text  # noqa: SLF001 - the library goes through all styles for each paragraph
    level = levels.get(style, 0)
    listed = not level and (style.startswith("List") or paragraph._p.xpath("boolean(w:pPr/w:numPr)"))  # noqa: SLF001 - the same
    yield Block(f"- {text}" if listed and text.strip() else text, level if text.strip() else 0)
    for inner in _BOX(paragraph._p):  # noqa: SLF001 - text boxes, which the library does not show
        yield Block(Paragraph(inner, paragraph._parent).text)  # noqa: SLF001 - the same


def _levels(document: OpenDocument) -> Mapping[str, int]:
    """Return the heading level of each style that has one, by the style's id."""
    found = ((style.style_id, _HEADING.fullmatch(style.name or "")) for style in document.styles)
    levels = {style_id: int(match[1]) for style_id, match in found if match}
    return levels | {style.style_id: 1 for style in document.styles if style.name == "Title"}


def _notes(document: OpenDocument) -> Iterator[Block]:
    for related in document.part.rels.values():
        if related.reltype in (RELATIONSHIP_TYPE.FOOTNOTES, RELATIONSHIP_TYPE.ENDNOTES) and not related.is_external:
            root = tree_of(related.target_part.blob)
            for paragraph in root.iter(qn("w:p")):
                yield Block("".join(text.text or "" for text in paragraph.iter(qn("w:t"))))
