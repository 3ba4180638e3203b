"""Whole documents of every format, made here; each holds the text it is given."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping, Sequence
from email.message import EmailMessage
from io import BytesIO
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

from docx import Document
from PIL import Image
from pptx import Presentation
from pptx.util import Inches

RUSSIAN = "Выручка за третий квартал выросла на двенадцать процентов, расходы снизились вдвое."
ENGLISH = "Revenue grew by twelve percent while the costs were cut in half."
ROWS = (("Город", "Сумма"), ("Тверь", "1400"), ("Псков", "2750"))
HEADING = "Итоги Results"


def packed(entries: Mapping[str, str | bytes], method: int = ZIP_DEFLATED) -> bytes:
    """Return a ZIP file."""
    out = BytesIO()
    with ZipFile(out, "w", method) as archive:
        for name, data in entries.items():
            archive.writestr(name, data, ZIP_STORED if name == "mimetype" else None)
    return out.getvalue()


def pdf(pages: Sequence[str] = (RUSSIAN, ENGLISH), extra: str = "", filters: str = "") -> bytes:
    """Return a PDF with a line break for each newline of a page, and an outline that leads to each page."""
    kids = " ".join(f"{10 + 3 * number} 0 R" for number in range(len(pages)))
    cmap = b"1 begincodespacerange <0000> <FFFF> endcodespacerange 1 beginbfrange <0000> <FFFF> <0000> endbfrange"
    objects: dict[int, bytes] = {
        1: f"<< /Type /Catalog /Pages 2 0 R /Outlines 7 0 R {extra} >>".encode(),
        2: f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        3: b"<< /Type /Font /Subtype /Type0 /BaseFont /Plain /Encoding /Identity-H /DescendantFonts [4 0 R] /ToUnicode 5 0 R >>",
        4: b"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /Plain /DW 500 /FontDescriptor 6 0 R "
        b"/CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> >>",
        5: stream(cmap),
        6: b"<< /Type /FontDescriptor /FontName /Plain /Flags 4 /ItalicAngle 0 /Ascent 800 /Descent -200 /CapHeight 700 /StemV 80 >>",
        7: f"<< /Type /Outlines /First 12 0 R /Last {9 + 3 * len(pages)} 0 R /Count {len(pages)} >>".encode(),
    }
    for number, text in enumerate(pages):
        page, begin = 10 + 3 * number, number == 0
        lines = " T* ".join(f"<{line.encode('utf-16-be').hex()}> Tj" for line in text.split("\n"))
        after = f"/Next {page + 5} 0 R" if number + 1 < len(pages) else ""
        objects[page] = (
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {page + 1} 0 R /Resources << /Font << /F1 3 0 R >> >> >>"
        ).encode()
        objects[page + 1] = stream(f"BT /F1 10 Tf 12 TL 40 800 Td {lines} ET".encode(), filters)
        objects[page + 2] = (
            f"<< /Title (Part {number + 1}) /Parent 7 0 R {after} {'' if begin else f'/Prev {page - 1} 0 R'} /Dest [{page} 0 R /Fit] >>"
        ).encode()
    return assembled(objects)


def stream(data: bytes, filters: str = "") -> bytes:
    """Return a PDF stream object's body."""
    data = zlib.compress(data) if filters else data
    return f"<< /Length {len(data)} {filters} >>\nstream\n".encode() + data + b"\nendstream"


def assembled(objects: Mapping[int, bytes], trailer: str = "") -> bytes:
    """Return a PDF file of numbered objects."""
    out, places = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"), dict[int, int]()
    for number, body in objects.items():
        places[number] = len(out)
        out += f"{number} 0 obj\n".encode() + body + b"\nendobj\n"
    table = b"".join(f"{number} 1\n{place:010} 00000 n \n".encode() for number, place in sorted(places.items()))
    start = len(out)
    out += b"xref\n0 1\n0000000000 65535 f \n" + table
    return bytes(out) + f"trailer\n<< /Root 1 0 R /Size {max(objects) + 1} {trailer} >>\nstartxref\n{start}\n%%EOF\n".encode()


def docx(paragraphs: Sequence[str] = (RUSSIAN, ENGLISH)) -> bytes:
    """Return a DOCX file with a heading, paragraphs, a list item and a table."""
    document, out = Document(), BytesIO()
    document.add_heading(HEADING, 1)
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    document.add_heading("Города", 2)
    document.add_paragraph("Первый пункт", style="List Bullet")
    table = document.add_table(0, 2)
    for row in ROWS:
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.text = text
    document.save(out)
    return out.getvalue()


def pptx() -> bytes:
    """Return a PPTX file of two slides: one with a title and notes, one with a table."""
    deck, out = Presentation(), BytesIO()
    first = deck.slides.add_slide(deck.slide_layouts[1])
    first.shapes.title.text_frame.text = HEADING
    first.placeholders[1].text_frame.text = RUSSIAN
    first.notes_slide.notes_text_frame.text = ENGLISH
    second = deck.slides.add_slide(deck.slide_layouts[6])
    table = second.shapes.add_table(len(ROWS), 2, Inches(1), Inches(1), Inches(6), Inches(2)).table
    for row, texts in enumerate(ROWS):
        for column, text in enumerate(texts):
            table.cell(row, column).text = text
    deck.save(out)
    return out.getvalue()


def xlsx(rows: Sequence[Sequence[str]] = (*ROWS, (RUSSIAN, ENGLISH)), sheet: str = "Лист", extra: Mapping[str, bytes] = {}) -> bytes:
    """Return an XLSX file; texts of digits become numbers."""
    cells = "".join(f"<row>{''.join(_cell(text) for text in row)}</row>" for row in rows)
    main, office = "http://schemas.openxmlformats.org/spreadsheetml/2006/main", "http://schemas.openxmlformats.org/officeDocument/2006"
    types = "http://schemas.openxmlformats.org/package/2006/content-types"
    relations = "http://schemas.openxmlformats.org/package/2006/relationships"
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    return packed(
        {
            "[Content_Types].xml": f'<Types xmlns="{types}"><Default Extension="rels" ContentType="application/xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>'
            f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{kind}.worksheet+xml"/></Types>',
            "_rels/.rels": f'<Relationships xmlns="{relations}"><Relationship Id="a" Type="{office}/relationships/officeDocument" '
            'Target="xl/workbook.xml"/></Relationships>',
            "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}/relationships"><sheets>'
            f'<sheet name="{escape(sheet)}" sheetId="1" r:id="a"/></sheets></workbook>',
            "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{relations}"><Relationship Id="a" '
            f'Type="{office}/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
            "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>{cells}</sheetData></worksheet>',
            **extra,
        }
    )


def _cell(text: str) -> str:
    return f"<c><v>{text}</v></c>" if text.isdigit() else f'<c t="inlineStr"><is><t>{escape(text)}</t></is></c>'


def opendocument(kind: str, body: str, extra: Mapping[str, str] = {}) -> bytes:
    """Return an ODF file of a kind: ``text`` or ``spreadsheet``."""
    names = " ".join(f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "text", "table"))
    content = f'<office:document-content {names} office:version="1.3"><office:body>{body}</office:body></office:document-content>'
    media_type = f"application/vnd.oasis.opendocument.{kind}"
    listed = f'<file-entry full-path="/" media-type="{media_type}"/>'
    manifest = f'<manifest xmlns="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">{listed}</manifest>'
    return packed({"mimetype": media_type, "META-INF/manifest.xml": manifest, "content.xml": content, **extra})


def odt() -> bytes:
    """Return an ODT file with a heading, paragraphs, a list and a table."""
    rows = "".join(
        "<table:table-row>"
        + "".join(f"<table:table-cell><text:p>{cell}</text:p></table:table-cell>" for cell in row)
        + "</table:table-row>"
        for row in ROWS
    )
    return opendocument(
        "text",
        f'<office:text><text:h text:outline-level="1">{HEADING}</text:h><text:p>{RUSSIAN}</text:p>'
        f'<text:h text:outline-level="2">Города</text:h><text:list><text:list-item><text:p>{ENGLISH}</text:p></text:list-item></text:list>'
        f"<text:p>a<text:s text:c='3'/>b<text:tab/>c</text:p><table:table>{rows}</table:table></office:text>",
    )


def ods() -> bytes:
    """Return an ODS file."""
    rows = "".join(
        "<table:table-row>"
        + "".join(f'<table:table-cell office:value-type="string"><text:p>{cell}</text:p></table:table-cell>' for cell in row)
        + "</table:table-row>"
        for row in (*ROWS, (RUSSIAN, ENGLISH))
    )
    return opendocument("spreadsheet", f'<office:spreadsheet><table:table table:name="Лист">{rows}</table:table></office:spreadsheet>')


def epub(extra: Mapping[str, str] = {}) -> bytes:
    """Return an EPUB whose second chapter is stored before the first."""
    page = "<html xmlns='http://www.w3.org/1999/xhtml'><head><title>no</title></head><body><h1>{}</h1><p>{}</p></body></html>"
    items = "".join(f"<item id='{name}' href='{name}%20x.xhtml' media-type='application/xhtml+xml'/>" for name in "ba")
    return packed(
        {
            "mimetype": "application/epub+zip",
            "META-INF/container.xml": "<container xmlns='urn:oasis:names:tc:opendocument:xmlns:container'><rootfiles>"
            "<rootfile full-path='OPS/book.opf' media-type='application/oebps-package+xml'/></rootfiles></container>",
            "OPS/b x.xhtml": page.format("Вторая глава", ENGLISH),
            "OPS/a x.xhtml": page.format("Первая глава", RUSSIAN),
            "OPS/book.opf": f"<package xmlns='http://www.idpf.org/2007/opf'><manifest>{items}</manifest>"
            "<spine><itemref idref='a'/><itemref idref='b'/></spine></package>",
            **extra,
        }
    )


def html(encoding: str = "utf-8") -> bytes:
    """Return a page with navigation, a script and an article."""
    return (
        f"<!doctype html><html><head><meta charset='{encoding}'><title>{HEADING}</title>"
        "<script>var secret = 'hidden';</script></head><body>"
        f"<nav><a href='/'>Главная</a> <a href='/x'>Контакты</a></nav><article><h1>{HEADING}</h1><p>{RUSSIAN} {RUSSIAN}</p>"
        f"<h2>Города</h2><p>{ENGLISH} {ENGLISH}</p></article><footer>Все права защищены</footer></body></html>"
    ).encode(encoding)


def rtf() -> bytes:
    """Return an RTF file in the Windows encoding of Russian."""
    words = "".join(f"\\'{byte:02x}" if byte > 127 else chr(byte) for byte in RUSSIAN.encode("cp1251"))
    wide = "".join(f"\\u{ord(letter)}?" for letter in "Тверь")
    return f"{{\\rtf1\\ansi\\ansicpg1251\\deff0{{\\fonttbl{{\\f0\\fcharset204 Arial;}}}}\\f0 {words}\\par {ENGLISH}\\par {wide}}}".encode()


def eml(html_only: bool = False) -> bytes:
    """Return a message in Russian with a text and an unreadable file attached."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "Анна <anna@example.org>", "boris@example.org", HEADING
    if html_only:
        message.set_content(html().decode(), subtype="html")
    else:
        message.set_content(f"{RUSSIAN}\n{ENGLISH}\n", charset="koi8-r")
    message.add_attachment("Псков;2750".encode("cp1251"), maintype="text", subtype="csv", filename="города.csv")
    message.add_attachment(b"\0\1\2\3" * 9, maintype="application", subtype="octet-stream", filename="noise.bin")
    return message.as_bytes()


def image(
    kind: str = "PNG", size: tuple[int, int] = (900, 600), mode: str = "RGB", color: object = (200, 30, 30), **options: object
) -> bytes:
    """Return a picture of one colour."""
    out = BytesIO()
    Image.new(mode, size, color).save(out, kind, **options)  # type: ignore[arg-type]  # a colour is what the mode says
    return out.getvalue()


def archive() -> bytes:
    """Return a ZIP of documents, one of them unreadable."""
    return packed(
        {"a/заметка.txt": RUSSIAN.encode("cp1251"), "b/table.csv": "a,b\n1,2\n", "report.docx": docx(), "noise.bin": b"\0\1\2" * 50}
    )


DOCUMENTS: Mapping[str, Callable[[], bytes]] = {
    "a.pdf": pdf, "a.docx": docx, "a.pptx": pptx, "a.xlsx": xlsx, "a.ods": ods, "a.odt": odt, "a.epub": epub, "a.html": html,
    "a.rtf": rtf, "a.eml": eml, "a.zip": archive, "a.png": image,
    "a.md": f"# {HEADING}\n\n{RUSSIAN}\n\n{ENGLISH}\n".encode,
    "a.csv": lambda: f"Город;Сумма\n{RUSSIAN};1\n{ENGLISH};2\n".encode("cp1251"),
    "a.txt": lambda: f"{RUSSIAN}\n{ENGLISH}\n".encode("koi8-r"),
}  # fmt: skip
