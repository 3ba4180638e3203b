"""What each format gives: its text, its pages, its headings, and the reason when there is nothing to give."""

from __future__ import annotations

from io import BytesIO
from zipfile import ZipFile

import pytest
from docx import Document
from docx.oxml.ns import nsdecls
from PIL import Image

from g4f.errors import UnreadableError
from g4f.reading.formats import read_safely, reader_of
from g4f.reading.kinds import HEAD, kind_of
from g4f.reading.pieces import Limits, Picture, Piece, Progress, Section, Skipped
from tests.reading import documents
from tests.reading.bombs import with_entry
from tests.reading.documents import DOCUMENTS, ENGLISH, HEADING, RUSSIAN, packed

HIDDEN = "<e><EncryptionMethod Algorithm='{}'/></e>"
LOCKED = (
    b"trailer\n<< /Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /Length 40 /O (" + b"o" * 32 + b") /U (" + b"u" * 32 + b") >>"
    b" /ID [(0123456789abcdef) (0123456789abcdef)]"
)
RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)


def pieces(name: str, data: bytes, limits: Limits | None = None) -> list[Piece]:
    """Read a file in this process."""
    read_by = kind_of(data[:HEAD], name).format
    assert read_by is not None
    return list(read_safely(reader_of(read_by), BytesIO(data), limits or Limits()))


def sections(name: str, data: bytes) -> list[Section]:
    """Read the sections of a file in this process."""
    return [piece for piece in pieces(name, data) if isinstance(piece, Section)]


def headings(name: str, data: bytes) -> list[str]:
    """Return the heading of each section."""
    return [section.heading for section in sections(name, data)]


def reason(name: str, data: bytes, limits: Limits | None = None) -> str:
    """Return why a file cannot be read."""
    with pytest.raises(UnreadableError) as refused:
        pieces(name, data, limits)
    return refused.value.reason


@pytest.mark.parametrize("name", [name for name in DOCUMENTS if name != "a.png"])
def test_every_format_gives_its_words_in_both_languages(name: str) -> None:
    text = "".join(section.text for section in sections(name, DOCUMENTS[name]()))
    assert RUSSIAN in text
    assert ENGLISH in text


@pytest.mark.parametrize("name", ["a.docx", "a.pptx", "a.xlsx", "a.ods", "a.odt"])
def test_a_table_becomes_markdown(name: str) -> None:
    text = "".join(section.text for section in sections(name, DOCUMENTS[name]()))
    assert "| Город | Сумма |\n| --- | --- |\n| Тверь | 1400 |\n| Псков | 2750 |\n" in text


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.docx", [HEADING, f"{HEADING} > Города"]), ("a.odt", [HEADING, f"{HEADING} > Города"]),
        ("a.html", [HEADING, f"{HEADING} > Города"]), ("a.epub", ["Первая глава", "Вторая глава"]), ("a.pdf", ["Part 1", "Part 2"]),
        ("a.pptx", [HEADING, ""]), ("a.xlsx", ["Лист"]), ("a.ods", ["Лист"]), ("a.md", [HEADING]),
    ],
)  # fmt: skip
def test_text_stands_under_its_headings(name: str, expected: list[str]) -> None:
    assert headings(name, DOCUMENTS[name]()) == expected


def test_a_pdf_tells_its_pages_and_its_progress() -> None:
    found = pieces("a.pdf", documents.pdf())
    assert [piece for piece in found if isinstance(piece, Progress)] == [Progress(1, 2), Progress(2, 2)]
    assert [piece.page for piece in found if isinstance(piece, Section)] == [1, 2]


def test_a_slide_is_a_page_and_its_notes_are_read() -> None:
    first, second = sections("a.pptx", documents.pptx())
    assert (first.page, second.page) == (1, 2)
    assert f"Notes: {ENGLISH}" in first.text


def test_pages_of_pictures_alone_are_a_scan() -> None:
    assert reason("a.pdf", documents.pdf(["", ""])) == "scan"


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.pdf", documents.pdf().replace(b"trailer\n<<", LOCKED)),
        ("a.docx", OLE),
        ("a.pptx", OLE),
        ("a.xlsx", OLE + "EncryptedPackage".encode("utf-16-le")),
        ("a.odt", documents.opendocument("text", "", {"META-INF/manifest.xml": "<a><encryption-data/></a>"})),
        ("a.epub", documents.epub({"META-INF/encryption.xml": HIDDEN.format("http://www.w3.org/2001/04/xmlenc#aes128-cbc")})),
    ],
    ids=["pdf", "docx", "pptx", "xlsx", "odt", "epub"],
)
def test_a_password_is_named_as_the_reason(name: str, data: bytes) -> None:
    assert reason(name, data) == "encrypted"


def test_an_epub_with_hidden_fonts_is_read() -> None:
    fonts = {"META-INF/encryption.xml": HIDDEN.format("http://www.idpf.org/2008/embedding")}
    assert headings("a.epub", documents.epub(fonts)) == ["Первая глава", "Вторая глава"]


def test_a_text_box_of_a_docx_is_read() -> None:
    box = "<w:r><w:txbxContent><w:p><w:r><w:t>in a box</w:t></w:r></w:p></w:txbxContent></w:r></w:p>"
    with ZipFile(BytesIO(documents.docx())) as archive:
        body = archive.read("word/document.xml").decode().replace("</w:p>", box, 1)
    assert "in a box" in "".join(section.text for section in sections("a.docx", with_entry(documents.docx, "word/document.xml", body)))


def test_a_footnote_of_a_docx_is_read() -> None:
    note = f"<w:footnotes {nsdecls('w')}><w:footnote><w:p><w:r><w:t>at the foot</w:t></w:r></w:p></w:footnote></w:footnotes>"
    with ZipFile(BytesIO(documents.docx())) as archive:
        relations = archive.read("word/_rels/document.xml.rels").decode()
    related = f'<Relationship Id="f" Type="{RELATION}" Target="footnotes.xml"/></Relationships>'
    data = with_entry(documents.docx, "word/_rels/document.xml.rels", relations.replace("</Relationships>", related))
    assert "at the foot" in "".join(section.text for section in sections("a.docx", with_entry(lambda: data, "word/footnotes.xml", note)))


def test_a_long_table_of_a_docx_is_read_whole() -> None:
    document, out = Document(), BytesIO()
    table = document.add_table(300, 3)
    for row in table.rows:
        for cell in row.cells:
            cell.text = "cell"
    document.save(out)
    (section,) = sections("a.docx", out.getvalue())
    assert section.text.count("cell") == 900


@pytest.mark.parametrize("sign", [";", ",", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251", "utf-16"])
def test_a_csv_is_read_whatever_divides_it(sign: str, encoding: str) -> None:
    rows = [("Город", "Цена, руб."), ("Тверь", "1,5"), ("Великие Луки", "2,75")]
    data = "\r\n".join(sign.join(f'"{cell}"' if sign in cell else cell for cell in row) for row in rows).encode(encoding)
    (section,) = sections("a.csv", data)
    assert section.text.splitlines()[2:] == ["| Тверь | 1,5 |", "| Великие Луки | 2,75 |"]


def test_a_page_is_read_without_its_navigation_and_scripts() -> None:
    text = "".join(section.text for section in sections("a.html", documents.html("windows-1251")))
    assert RUSSIAN in text
    assert not [word for word in ("Контакты", "secret", "hidden") if word in text]


def test_a_page_is_read_in_the_encoding_it_declares() -> None:
    page = "<html><head><meta charset='windows-1250'></head><body><p>Můj dům</p></body></html>"
    assert "Můj dům" in "".join(section.text for section in sections("a.html", page.encode("cp1250")))


def test_a_page_of_hardly_any_article_is_read_whole() -> None:
    data = b"<html><body><nav><a href=/>Home</a></nav><div>12</div><select><option>Tver</option></select></body></html>"
    assert "Home" in "".join(section.text for section in sections("a.html", data))


def test_a_number_sign_in_code_is_no_heading() -> None:
    text = "# A\n\n```sh\n# not one\n```\n## B ##\ntext\n# C\n"
    assert headings("a.md", text.encode()) == ["A", "A > B", "C"]
    assert "".join(section.text for section in sections("a.md", text.encode())) == text


def test_a_message_names_its_attachments_and_reads_them() -> None:
    found = pieces("a.eml", documents.eml())
    assert isinstance(found[0], Section)
    assert "From: Анна <anna@example.org>" in found[0].text
    assert "Attachments: города.csv, noise.bin" in found[0].text
    assert Section("| Псков | 2750 |\n| --- | --- |\n", heading="города.csv") in found
    assert Skipped("noise.bin", "unsupported") in found


def test_a_message_of_html_alone_is_read() -> None:
    assert RUSSIAN in "".join(section.text for section in sections("a.eml", documents.eml(html_only=True)))


def test_an_archive_names_the_entry_of_each_text_and_what_it_leaves_out() -> None:
    found = pieces("a.zip", documents.archive())
    assert [piece.heading for piece in found if isinstance(piece, Section)] == [
        "a/заметка.txt", "b/table.csv", f"report.docx > {HEADING}", f"report.docx > {HEADING} > Города",
    ]  # fmt: skip
    assert [piece for piece in found if isinstance(piece, Skipped)] == [Skipped("noise.bin", "unsupported")]


@pytest.mark.parametrize(("limit", "expected"), [({"entries": 1}, "crowded"), ({"unpacked": 1_999_999}, "bomb"), ({"ratio": 1}, "bomb")])
def test_an_archive_is_read_up_to_its_limits_exactly(limit: dict[str, int], expected: str) -> None:
    data = packed({"a.txt": "ab" * 500_000, "b.txt": "cd" * 500_000})
    assert reason("a.zip", data, Limits(**{"ratio": 10_000, **limit})) == expected
    assert pieces("a.zip", data, Limits(entries=2, unpacked=2_000_000, ratio=10_000))


@pytest.mark.parametrize(("limit", "expected"), [({"pixels": 539_999}, "picture"), ({"side": 899}, "picture")])
def test_a_picture_is_read_up_to_its_limits_exactly(limit: dict[str, int], expected: str) -> None:
    assert reason("a.png", documents.image(), Limits(**limit)) == expected
    assert pieces("a.png", documents.image(), Limits(pixels=540_000, side=900))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP"])
def test_a_thumbnail_is_400_pixels_long(kind: str) -> None:
    (picture,) = pieces(f"a.{kind.lower()}", documents.image(kind))
    assert isinstance(picture, Picture)
    assert (picture.width, picture.height) == (900, 600)
    with Image.open(BytesIO(picture.thumbnail)) as thumbnail:
        assert (thumbnail.format, thumbnail.size) == ("WEBP", (400, 267))


def test_a_turned_photograph_is_shown_upright_without_its_metadata() -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "where it was taken"
    (picture,) = pieces("a.jpg", documents.image("JPEG", exif=exif))
    assert isinstance(picture, Picture)
    assert (picture.width, picture.height) == (600, 900)
    with Image.open(BytesIO(picture.thumbnail)) as thumbnail:
        assert thumbnail.size == (267, 400)
        assert (dict(thumbnail.getexif()), b"where it was" in picture.thumbnail) == ({}, False)


def test_what_is_transparent_becomes_white() -> None:
    (picture,) = pieces("a.png", documents.image(mode="RGBA", color=(0, 0, 0, 0)))
    assert isinstance(picture, Picture)
    with Image.open(BytesIO(picture.thumbnail)) as thumbnail:
        assert thumbnail.mode == "RGB"
        assert thumbnail.getpixel((9, 9)) == (255, 255, 255)


def test_names_from_inside_are_shown_without_what_hides_or_turns_text() -> None:
    found = pieces("a.zip", packed({"in\u202evoice\x07.txt": "text", "b" * 500 + ".txt": "text"}))
    assert [piece.heading for piece in found if not isinstance(piece, Progress | Picture | Skipped)] == ["invoice.txt", "b" * 100]
