"""XLSX, XLS and ODS: each sheet as a table."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import BinaryIO

from python_calamine import CalamineWorkbook, PasswordError

from g4f.reading.archives import OLE, opened
from g4f.reading.outline import table
from g4f.reading.pieces import Limits, Piece, Progress, Section
from g4f.reading.reasons import shown, unreadable

OLE_DIRECTORY = 64 * 1024
"""Bytes within which small containers list their streams."""
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
"""The stream of a workbook with a password; https://learn.microsoft.com/en-us/openspecs/office_file_formats/ms-offcrypto/"""
Cell = float | str | bool | time | date | datetime | timedelta


def read(file: BinaryIO, limits: Limits) -> Iterator[Piece]:
    """Yield a section for each sheet, headed by its name; a sheet is a page."""
    start = file.read(OLE_DIRECTORY)
    if ENCRYPTED in start:
        raise unreadable("encrypted")
    if not start.startswith(OLE):
        opened(file, limits)
    file.seek(0)
    try:
        book = CalamineWorkbook.from_filelike(file)
    except PasswordError as error:
        raise unreadable("encrypted") from error
    for number, name in enumerate(book.sheet_names, 1):
        yield Progress(number, len(book.sheet_names))
        rows = book.get_sheet_by_name(name).to_python()
        yield Section(table([_shown(cell) for cell in row] for row in rows) + "\n", number, shown(name))


def _shown(cell: Cell) -> str:
    match cell:
        case float() if cell.is_integer():
            return str(int(cell))
        case datetime() if cell.time() == time():
            return cell.date().isoformat()
        case datetime() | date() | time():
            return cell.isoformat()
        case _:
            return str(cell)
