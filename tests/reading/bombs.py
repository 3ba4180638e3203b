"""Files that are small until somebody opens them."""

from __future__ import annotations

import gzip
import struct
import zlib
from collections.abc import Callable, Mapping
from functools import partial
from io import BytesIO
from typing import NamedTuple
from zipfile import ZipFile

from PIL import Image

from tests.reading import documents
from tests.reading.documents import assembled, packed, stream

ZEROS = bytes(20 << 20)
LAUGHS = (
    '<!DOCTYPE lolz [<!ENTITY a "ha ha ha ha ha ha ha ha ha ha">'
    + "".join(f'<!ENTITY {name} "{f"&{before};" * 10}">' for before, name in zip("abcdefghi", "bcdefghij", strict=True))
    + "]>"
)


class Bomb(NamedTuple):
    """Be a file, its name, and what reading it comes to."""

    name: str
    make: Callable[[], bytes]
    expected: str


def with_entry(whole: Callable[[], bytes], name: str, data: bytes | str) -> bytes:
    """Return a ZIP file with one entry put in or replaced."""
    with ZipFile(BytesIO(whole())) as archive:
        return packed({**{entry: archive.read(entry) for entry in archive.namelist()}, name: data})


def laughing(whole: Callable[[], bytes], name: str) -> bytes:
    """Return a ZIP file of whose XML entries one expands a billionfold: its first text is the entity."""
    with ZipFile(BytesIO(whole())) as archive:
        text = archive.read(name).decode()
    prolog, _, rest = text.partition("?>") if text.startswith("<?xml") else ("", "", text)
    inside = rest.replace(documents.ENGLISH, "&j;")
    assert inside != rest
    return with_entry(whole, name, (f"{prolog}?>" if prolog else "") + LAUGHS + inside)


def chunk(kind: bytes, data: bytes) -> bytes:
    """Return a chunk of a PNG file."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, *more: bytes) -> bytes:
    """Return a PNG file that says how large it is and holds hardly anything."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(more) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")


def animation(kind: str, frames: int) -> bytes:
    """Return a picture of many frames, each another than the one before."""
    first, *rest = [Image.new("RGB", (9, 9), (number % 256, number * 7 % 256, 9)) for number in range(frames)]
    out = BytesIO()
    first.save(out, kind, save_all=True, append_images=rest, duration=20)
    return out.getvalue()


def gif(width: int, height: int) -> bytes:
    """Return a GIF file of one empty frame."""
    return b"GIF89a" + struct.pack("<HH", width, height) + b"\0\0\0,\0\0\0\0" + struct.pack("<HH", width, height) + b"\0\2\2\x4c\1\0;"


def jpeg(width: int, height: int) -> bytes:
    """Return a JPEG file whose header says another size."""
    data = documents.image("JPEG", (8, 8))
    place = data.index(b"\xff\xc0") + 5
    return data[:place] + struct.pack(">HH", height, width) + data[place + 4 :]


def pdf_with(objects: Mapping[int, bytes]) -> bytes:
    """Return a PDF of one page, the objects put in or replaced."""
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 4 0 R >>"
    pages = b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>"
    return assembled({1: b"<< /Type /Catalog /Pages 2 0 R >>", 2: pages, 3: page, 4: stream(b""), **objects})


def flate(times: int, size: int) -> bytes:
    """Return a content stream that is packed several times."""
    data = b"BT ET " * (size // 6)
    for _ in range(times):
        data = zlib.compress(data, 9)
    filters = " ".join(["/FlateDecode"] * times)
    return f"<< /Length {len(data)} /Filter [{filters}] >>\nstream\n".encode() + data + b"\nendstream"


def nested(depth: int) -> bytes:
    """Return a ZIP file in a ZIP file in a ZIP file."""
    data = packed({"zeros": ZEROS})
    for level in range(depth):
        data = packed({f"{level}.zip": data})
    return data


def declaring(name: str, size: int) -> bytes:
    """Return a ZIP file that declares another unpacked size for its entry than it has."""
    data = bytearray(packed({name: b"text " * 10_000}))
    directory = data.rindex(b"PK\x01\x02")
    data[directory + 24 : directory + 28] = struct.pack("<I", size)
    return bytes(data)


def drawings() -> bytes:
    """Return an SVG that draws itself ten times at each of nine levels."""
    uses = "".join(f'<g id="g{level + 1}">{f"<use href={chr(34)}#g{level}{chr(34)}/>" * 10}</g>' for level in range(9))
    return f'<svg xmlns="http://www.w3.org/2000/svg"><g id="g0"><path d="M0 0h9v9z"/></g>{uses}<use href="#g9"/></svg>'.encode()


CELL = f'<c r="XFD1048576" t="inlineStr"><is><t>{documents.ENGLISH}</t></is></c>'
SHEET, PARTS, CONTENT = "xl/worksheets/sheet1.xml", "word/document.xml", "content.xml"
WIDE_SHEET = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    f'<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576">{CELL}</row></sheetData></worksheet>'
)
REPEATED = (
    '<office:spreadsheet><table:table table:name="a"><table:table-row table:number-rows-repeated="1048576">'
    '<table:table-cell table:number-columns-repeated="16384" office:value-type="string"><text:p>x</text:p></table:table-cell>'
    "</table:table-row></table:table></office:spreadsheet>"
)
SELF = b"<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 99999999 >>"
FORM = b"<< /Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /F 5 0 R >> >> /Length 5 >>\nstream\n/F Do\nendstream"
FORM_PAGE = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 4 0 R /Resources << /XObject << /F 5 0 R >> >> >>"

BOMBS: tuple[Bomb, ...] = (
    Bomb("zeros.zip", lambda: packed({"a.txt": ZEROS}), "bomb"),
    Bomb("many zeros.zip", lambda: packed({f"{n}.txt": bytes(1 << 20) for n in range(90)}), "bomb"),
    Bomb("declared.zip", partial(declaring, "a.txt", 200 << 20), "bomb"),
    Bomb("understated.zip", partial(declaring, "a.txt", 100), "broken"),
    Bomb("ten deep.zip", partial(nested, 10), "nested"),
    Bomb("document inside.zip", lambda: packed({"a.docx": with_entry(documents.docx, PARTS, ZEROS)}), "bomb"),
    Bomb("sixty five thousand.zip", lambda: packed({f"{n}": "" for n in range(65_536)}), "crowded"),
    Bomb("zeros.gz", lambda: gzip.compress(ZEROS), "bomb"),
    Bomb("members.gz", lambda: gzip.compress(bytes(1 << 20)) * 20, "bomb"),
    Bomb("twice.gz", lambda: gzip.compress(gzip.compress(ZEROS)), "nested"),
    Bomb("drawing.svgz", lambda: gzip.compress(b"<svg>" + b" " * (20 << 20) + b"</svg>"), "bomb"),
    Bomb("a.docx", lambda: with_entry(documents.docx, PARTS, b"<w>" + bytes(20 << 20)), "bomb"),
    Bomb("media.docx", lambda: with_entry(documents.docx, "word/media/image1.png", ZEROS), "bomb"),
    Bomb("laughs.docx", partial(laughing, documents.docx, PARTS), "broken"),
    Bomb("deep.docx", lambda: with_entry(documents.docx, PARTS, "<a>" * 300_000), "broken"),
    Bomb("slides.pptx", lambda: with_entry(documents.pptx, "ppt/slides/slide9.xml", ZEROS), "bomb"),
    Bomb("laughs.odt", partial(laughing, documents.odt, CONTENT), "broken"),
    Bomb("laughs.epub", partial(laughing, documents.epub, "OPS/b x.xhtml"), "read"),
    Bomb("a.epub", lambda: documents.epub({"OPS/b x.xhtml": " " * (20 << 20)}), "bomb"),
    Bomb("a.xlsx", lambda: documents.xlsx(extra={"xl/media/a": ZEROS}), "bomb"),
    Bomb("strings.xlsx", lambda: documents.xlsx(extra={"xl/sharedStrings.xml": b"<sst>" + b"<si><t>a</t></si>" * 2_000_000}), "bomb"),
    Bomb("wide.xlsx", lambda: documents.xlsx(extra={SHEET: WIDE_SHEET.encode()}), "crashed"),
    Bomb("laughs.xlsx", partial(laughing, documents.xlsx, SHEET), "broken"),
    Bomb("repeated.ods", lambda: documents.opendocument("spreadsheet", REPEATED), "broken"),
    Bomb("content.pdf", lambda: pdf_with({4: flate(1, 300 << 20)}), "crashed"),
    Bomb("content thrice.pdf", lambda: pdf_with({4: flate(3, 300 << 20)}), "crashed"),
    Bomb("itself.pdf", lambda: pdf_with({2: SELF}), "broken"),
    Bomb("pages.pdf", lambda: pdf_with({2: b"<< /Type /Pages /Kids [" + b"3 0 R " * 20_000 + b"] /Count 20000 >>"}), "scan"),
    Bomb("deep.pdf", lambda: pdf_with({3: b"[" * 2_000_000}), "broken"),
    Bomb("forms.pdf", lambda: pdf_with({3: FORM_PAGE, 4: stream(b"/F Do"), 5: FORM}), "scan"),
    Bomb("square.png", lambda: png(60_000, 60_000), "picture"),
    Bomb("line.png", lambda: png(16_385, 1), "picture"),
    Bomb("text.png", lambda: png(9, 9, chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(80 << 20), 9))), "broken"),
    Bomb("frames.png", partial(animation, "PNG", 101), "picture"),
    Bomb("frames.gif", partial(animation, "GIF", 101), "picture"),
    Bomb("screen.gif", partial(gif, 65_535, 65_535), "picture"),
    Bomb("square.webp", lambda: documents.image("WEBP", (16_383, 1_527), method=0, quality=0), "picture"),
    Bomb("frames.webp", partial(animation, "WEBP", 101), "picture"),
    Bomb("square.jpg", partial(jpeg, 65_000, 65_000), "picture"),
    Bomb("laughs.svg", (LAUGHS + "<svg><text>&j;</text></svg>").encode, "read"),
    Bomb("drawings.svg", drawings, "read"),
    Bomb("path.svg", lambda: b'<svg><path d="' + b"M0 0" * 1_100_000 + b'"/></svg>', "long"),
    Bomb("laughs.html", (LAUGHS + "<html><body>&j;</body></html>").encode, "read"),
    Bomb("deep.html", lambda: b"<html><body>" + b"<div>" * 200_000 + b"text", "empty"),
    Bomb("groups.rtf", lambda: b"{\\rtf1 " + b"{" * 500_000 + b"text", "read"),
    Bomb("parts.eml", lambda: b"Subject: a\nContent-Type: multipart/mixed; boundary=a\n\n--a\n" * 500, "read"),
)  # fmt: skip
