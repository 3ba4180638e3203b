"""PDF: the text of each page, under the outline's headings."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import BinaryIO

from pypdfium2 import PdfDocument, PdfiumError  # type: ignore[import-untyped]  # it publishes no types
from pypdfium2.raw import FPDF_ERR_PASSWORD  # type: ignore[import-untyped]  # the same

from g4f.reading.outline import Outline
from g4f.reading.pieces import Limits, Piece, Progress, Section
from g4f.reading.reasons import unreadable

BOOKMARKS = 10_000
_HYPHEN = re.compile("[\x02\ufffe]\r?\n?")
"""What PDFium writes for a word's hyphen at the end of a line."""


def read(file: BinaryIO, limits: Limits) -> Iterator[Piece]:
    """Yield the pages; raises UnreadableError for a password, and for pages that are all pictures."""
    try:
        document = PdfDocument(file)
    except PdfiumError as error:
        raise unreadable("encrypted" if error.err_code == FPDF_ERR_PASSWORD else "broken") from error
    headings, pages, heading, found = _headings(document), len(document), "", False
    for number in range(1, pages + 1):
        yield Progress(number, pages)
        heading = headings.get(number, heading)
        text = _text(document, number - 1)
        found = found or bool(text.strip())
        yield Section(text, number, heading)
    if not found:
        raise unreadable("scan" if pages else "empty")


def _text(document: PdfDocument, index: int) -> str:
    page = document[index]
    content = page.get_textpage()
    text: str = content.get_text_range()
    content.close()
    page.close()
    return _HYPHEN.sub("", text).replace("\r\n", "\n") + "\n"


def _headings(document: PdfDocument) -> Mapping[int, str]:
    """Return the heading each page begins with, by the first bookmark that leads there."""
    outline, headings = Outline(), dict[int, str]()
    for bookmark in islice(document.get_toc(), BOOKMARKS):
        outline.enter(bookmark.level + 1, bookmark.get_title())
        target = bookmark.get_dest()
        if target is not None and (index := target.get_index()) is not None:
            headings.setdefault(index + 1, outline.path)
    return headings
