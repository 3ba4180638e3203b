"""What a file is taken for: content, name and claim together."""

from __future__ import annotations

import itertools

import pytest

from g4f.reading.kinds import HEAD, kind_of
from tests.reading.documents import DOCUMENTS, html, image, packed

EBML = b"\x1a\x45\xdf\xa3\x93\x42\x82"
MEDIA = {
    "png": image(), "jpg": image("JPEG"), "jpeg": image("JPEG"), "gif": image("GIF"), "webp": image("WEBP"),
    "wav": b"RIFF\x24\0\0\0WAVEfmt " + bytes(50), "mp3": b"ID3\x04" + bytes(50), "flac": b"fLaC" + bytes(50),
    "opus": b"OggS\0\2" + bytes(22) + b"\1\x13OpusHead", "ogg": b"OggS\0\2" + bytes(22) + b"\1\x1e\1vorbis",
    "m4a": b"\0\0\0\x20ftypM4A " + bytes(50), "mkv": EBML + b"\x88matroska", "webm": EBML + b"\x84webm",
    "mp4": b"\0\0\0\x20ftypisom" + bytes(50), "mov": b"\0\0\0\x14ftypqt  " + bytes(50), "avi": b"RIFF\x24\0\0\0AVI LIST" + bytes(50),
    "ogv": b"OggS\0\2" + bytes(22) + b"\1\x2a\x80theora", "mpg": b"\0\0\1\xba" + bytes(50), "mpeg": b"\0\0\1\xb3" + bytes(50),
}  # fmt: skip
ACTIVE_TYPES = {
    "text/html", "application/xhtml+xml", "image/svg+xml", "text/xml", "application/xml", "text/javascript", "application/javascript",
    "application/x-shockwave-flash", "text/xsl", "multipart/related", "message/rfc822",
}  # fmt: skip
ACTIVE_NAMES = [
    "html", "htm", "xhtml", "xht", "shtml", "svg", "svgz", "xml", "xsl", "xslt", "js", "mjs", "mht", "mhtml", "hta", "swf", "php", "vbs",
    "bat", "html.", "HTML", "png.html", "jpg.svg", "x.htm%20",
]  # fmt: skip
MARKUP = [
    b"<script>alert(1)</script>", b"<!DOCTYPE html><html onload=alert(1)>", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
    b"<?xml version='1.0'?><a/>", b"\xef\xbb\xbf  <HTML><body>", b"<iframe src='javascript:alert(1)'></iframe>",
    "<html><script>alert(1)</script></html>".encode("utf-16"), b"<!-- a --><html>",
]  # fmt: skip


@pytest.mark.parametrize("ending", MEDIA)
def test_media_of_gpt4free_clients_are_media_and_shown(ending: str) -> None:
    kind = kind_of(MEDIA[ending][:HEAD], f"name.{ending}", "application/octet-stream")
    assert (kind.use, kind.inline) == ("media", True)
    assert kind.media_type.partition("/")[0] in {"image", "audio", "video"}
    assert (kind.format == "image") == kind.media_type.startswith("image/")


@pytest.mark.parametrize("name", [name for name in DOCUMENTS if name != "a.png"])
def test_documents_are_read_and_never_shown_inline(name: str) -> None:
    kind = kind_of(DOCUMENTS[name]()[:HEAD], name)
    assert (kind.use, kind.inline) == ("document", False)
    assert kind.format is not None


@pytest.mark.parametrize(("markup", "ending"), list(itertools.product(MARKUP, [*ACTIVE_NAMES, "txt", "png", "wav", "", "csv"])))
def test_markup_is_neither_shown_nor_served_as_what_a_browser_runs(markup: bytes, ending: str) -> None:
    for claimed in ("", "image/png", "text/html", "image/svg+xml", "audio/wav"):
        kind = kind_of(markup, f"a.{ending}", claimed)
        assert not kind.inline
        assert kind.media_type not in ACTIVE_TYPES - {"message/rfc822"}


@pytest.mark.parametrize(("ending", "markup"), list(itertools.product(["png", "gif", "wav", "mp3", "jpg", "mp4"], MARKUP[:3])))
def test_a_polyglot_is_unknown_whatever_it_is_called(ending: str, markup: bytes) -> None:
    for name, claimed in itertools.product((f"a.{ending}", "a.html", "a.svg", "a", "a.js"), ("", "text/html", "image/png", "audio/wav")):
        assert kind_of(MEDIA[ending][:60] + markup, name, claimed)[:3] == ("application/octet-stream", "unknown", False)


@pytest.mark.parametrize(
    ("ending", "name", "claimed"),
    [
        ("png", "a.html", ""), ("png", "a.svg", ""), ("png", "a.wav", ""), ("wav", "a.png", ""), ("png", "a.pdf", ""),
        ("mp4", "a.docx", ""),
        ("png", "a.png", "text/html"), ("png", "a.png", "image/svg+xml"), ("wav", "a.wav", "text/html"), ("gif", "a.js", "text/javascript"),
    ],
)  # fmt: skip
def test_what_does_not_agree_is_unknown(ending: str, name: str, claimed: str) -> None:
    assert kind_of(MEDIA[ending], name, claimed)[:3] == ("application/octet-stream", "unknown", False)


@pytest.mark.parametrize(
    ("name", "claimed", "expected"),
    [
        ("a.jpg", "image/jpeg", "image/png"), ("a", "", "image/png"), ("blob", "image/png", "image/png"),
        ("a.PNG", "IMAGE/PNG", "image/png"),
        ("a.png", "image/png; x=y", "image/png"), ("C:\\b.x\\a.png", "", "image/png"),
    ],
)  # fmt: skip
def test_a_picture_is_served_as_what_it_is(name: str, claimed: str, expected: str) -> None:
    assert kind_of(image()[:HEAD], name, claimed) == (expected, "media", True, "image")


@pytest.mark.parametrize(
    ("ending", "claimed", "expected"),
    [
        ("webm", "audio/webm", "audio/webm"), ("webm", "video/webm", "video/webm"), ("mp4", "audio/mp4", "audio/mp4"),
        ("ogg", "video/ogg", "audio/ogg"), ("ogg", "application/ogg", "audio/ogg"),
    ],
)  # fmt: skip
def test_the_claim_tells_sound_from_video(ending: str, claimed: str, expected: str) -> None:
    assert kind_of(MEDIA[ending], f"a.{ending}", claimed).media_type == expected


@pytest.mark.parametrize(
    ("name", "read_by"),
    [
        ("a.py", "text"), ("Makefile", "text"), (".env", "text"), ("a.ts", "text"), ("a.json", "text"), ("a.yml", "text"),
        ("a.ini", "text"),
        ("a.svg", "text"), ("a.xml", "text"), ("a.md", "markdown"), ("a.csv", "delimited"), ("a.html", "webpage"), ("a.eml", "message"),
    ],
)  # fmt: skip
def test_a_text_is_read_by_its_name(name: str, read_by: str) -> None:
    assert kind_of(b"key: value\n", name, "video/mp2t" if name == "a.ts" else "").format == read_by


@pytest.mark.parametrize("encoding", ["utf-8", "cp1251", "koi8-r", "cp866", "utf-16", "utf-16-le"])
def test_russian_text_is_text(encoding: str) -> None:
    assert kind_of("Привет, мир! Это текст.".encode(encoding), "a.txt").format == "text"


@pytest.mark.parametrize(
    "data", [bytes(range(256)), b"\x7fELF\2\1\1" + bytes(60), b"MZ\x90\0\3\0\0\0", packed({"a": "b"}), b"\xca\xfe\xba\xbe" + bytes(9)]
)
def test_a_program_is_unknown(data: bytes) -> None:
    assert kind_of(data, "a.exe") == ("application/octet-stream", "unknown", False, None)


@pytest.mark.parametrize(
    ("data", "name"), [(b"%PDF-1.7", "a.html"), (html(), "a.pdf"), (html(), "a.docx"), (packed({"a": "b"}), "a.pdf"), (b"text", "a.png")]
)
def test_a_document_with_anothers_name_is_unknown(data: bytes, name: str) -> None:
    assert kind_of(data, name).use == "unknown"


def test_a_name_without_ending_leaves_it_to_the_content() -> None:
    assert kind_of(html(), "page").format == "webpage"
    assert kind_of(b"%PDF-1.7", "paper").format == "pdf"
    assert kind_of(b"", "nothing").format == "text"
