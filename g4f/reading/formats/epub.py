"""EPUB: the chapters in the order in which the book is read."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import BinaryIO
from urllib.parse import unquote
from zipfile import ZipFile

from g4f.reading.archives import opened, unpacked
from g4f.reading.markup import blocks, parsed, tree_of
from g4f.reading.outline import outlined
from g4f.reading.pieces import Limits, Piece, Progress
from g4f.reading.reasons import unreadable

CONTAINER, ENCRYPTION = "META-INF/container.xml", "META-INF/encryption.xml"
"""https://www.w3.org/TR/epub-33/#sec-container-metainf"""
PAGES = ("application/xhtml+xml", "text/html")
FONTS = (b"http://www.idpf.org/2008/embedding", b"http://ns.adobe.com/pdf/enc#RC")
"""Ways to hide fonts, which leave the text readable."""


def read(file: BinaryIO, limits: Limits) -> Iterator[Piece]:
    """Yield the sections of each chapter."""
    book = opened(file, limits)
    _refuse_encrypted(book, limits)
    chapters = list(_chapters(book, limits))
    for number, chapter in enumerate(chapters, 1):
        yield Progress(number, len(chapters))
        yield from outlined(blocks(parsed(unpacked(book, chapter, limits).read())))


def _chapters(book: ZipFile, limits: Limits) -> Iterator[str]:
    """Yield the names of the entries that hold the chapters."""
    root = tree_of(unpacked(book, CONTAINER, limits).read()).find(".//{*}rootfile")
    package = "" if root is None else root.get("full-path", "")
    tree, names = tree_of(unpacked(book, package, limits).read()), set(book.namelist())
    manifest = {item.get("id"): item for item in tree.iterfind("{*}manifest/{*}item")}
    for reference in tree.iterfind("{*}spine/{*}itemref"):
        item = manifest.get(reference.get("idref", ""))
        if item is not None and item.get("media-type") in PAGES:
            name = posixpath.normpath(posixpath.join(posixpath.dirname(package), unquote(item.get("href", "").partition("#")[0])))
            if name in names:
                yield name


def _refuse_encrypted(book: ZipFile, limits: Limits) -> None:
    if ENCRYPTION in book.namelist():
        methods = unpacked(book, ENCRYPTION, limits).read().split(b"EncryptionMethod")[1:]
        if any(not any(font in method for font in FONTS) for method in methods if b"Algorithm" in method[:200]):
            raise unreadable("encrypted")
