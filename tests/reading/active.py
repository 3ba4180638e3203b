"""Files that would run something, were they ever shown as a page: as what each may be served, if it is taken at all."""

from __future__ import annotations

import gzip
import struct
import zlib
from typing import NamedTuple

from tests.reading.bombs import chunk, gif, pdf_with, png
from tests.reading.documents import image, packed

BYTES, PLAIN, REFUSED = "application/octet-stream", "text/plain", ""
OFFICE = "application/vnd.openxmlformats-officedocument."
CALL = "alert(document.domain)"
SCRIPT = f"<script>{CALL}</script>"
PAGE = f"<!doctype html><html><body onload={CALL}>{SCRIPT}</body></html>"
SVG = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">{}</svg>'
XML = '<?xml version="1.0"?>'
XHTML = f'<html xmlns="http://www.w3.org/1999/xhtml"><body>{SCRIPT}</body></html>'
MAIL = "Subject: a\nMIME-Version: 1.0\nContent-Type: {}; boundary=a\n\n--a\nContent-Type: text/html\n\n" + PAGE + "\n--a--\n"
STYLESHEET = f'<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"><xsl:template match="/">{XHTML}'
ENTITY = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
DRAWING = SVG.format(SCRIPT)


class Active(NamedTuple):
    """Be a file, its name, its type when it is served, none when it is refused, and the type its sender claims."""

    name: str
    data: bytes | str
    served: str
    claimed: str = ""

    @property
    def content(self) -> bytes:
        """Return its bytes."""
        return self.data if isinstance(self.data, bytes) else self.data.encode()


def pdf(action: str) -> bytes:
    """Return a PDF that does something when it is opened."""
    return pdf_with({1: f"<< /Type /Catalog /Pages 2 0 R /OpenAction << {action} >> >>".encode()})


def recording(inside: str) -> bytes:
    """Return a WAV file with a text among its chunks."""
    data = b"WAVELIST" + struct.pack("<I", len(inside)) + inside.encode()
    return b"RIFF" + struct.pack("<I", len(data)) + data


def noted(note: str) -> bytes:
    """Return a JPEG file with a comment."""
    data = image("JPEG", (9, 9))
    return data[:2] + b"\xff\xfe" + struct.pack(">H", len(note) + 2) + note.encode() + data[2:]


ACTIVE: tuple[Active, ...] = (
    # Pages, whatever they are called and however they are written.
    Active("page.html", PAGE, BYTES, "text/html"),
    Active("page.htm", SCRIPT, BYTES, "text/html"),
    Active("page.HTML", PAGE, BYTES),
    Active("page.html.", PAGE, BYTES),
    Active("page.shtml", f'<!--#exec cmd="id" -->{PAGE}', BYTES),
    Active("page.xhtml", XML + XHTML, BYTES, "application/xhtml+xml"),
    Active("page.xht", XHTML, BYTES),
    Active("page", PAGE, BYTES),
    Active("page.txt", PAGE, BYTES, "text/html"),
    Active("page.unheard-of", PAGE, BYTES),
    Active("bom.html", "\ufeff" + PAGE, BYTES),
    Active("bom.txt", "\ufeff" + SCRIPT, PLAIN),
    Active("wide.html", PAGE.encode("utf-16"), BYTES),
    Active("wide, no mark.html", PAGE.encode("utf-16-be"), BYTES),
    Active("wide.txt", PAGE.encode("utf-16"), PLAIN),
    Active("seven bits.html", "+ADw-script+AD4-alert(1)+ADw-/script+AD4-", BYTES, "text/html; charset=utf-7"),
    Active("escapes.html", f"<p>\x1b$B</p>{SCRIPT}", BYTES, "text/html; charset=iso-2022-jp"),
    Active("later.txt", "text " * 2000 + PAGE, PLAIN),
    Active("comment.txt", f"<!-- {'a' * 600} -->{SCRIPT}", PLAIN),
    Active("frame.html", "<iframe srcdoc='&lt;script&gt;alert(1)&lt;/script&gt;'></iframe>", BYTES),
    Active("refresh.html", "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>", BYTES),
    Active("image.html", "<img src=x onerror=alert(1)>", BYTES),
    Active("notes.md", f"# A\n\n{SCRIPT}\n[a](javascript:alert(1))", "text/markdown"),
    Active("data.json", f'{{"a": "{PAGE}"}}', "application/json"),
    Active("book.ipynb", f'{{"cells": [{{"outputs": [{{"data": {{"text/html": "{SCRIPT}"}}}}]}}]}}', PLAIN),
    Active("table.csv", f'=HYPERLINK("javascript:alert(1)"),{SCRIPT}', "text/csv"),
    # XML of all kinds.
    Active("drawing.svg", DRAWING, BYTES, "image/svg+xml"),
    Active("events.svg", SVG.format('<animate onbegin="alert(1)" attributeName="x" dur="1s"/>'), BYTES),
    Active("foreign.svg", SVG.format(f"<foreignObject>{XHTML}</foreignObject>"), BYTES),
    Active("uses.svg", SVG.format('<use href="data:image/svg+xml,%3Csvg onload=alert(1)%3E"/>'), BYTES),
    Active("entity.svg", XML + ENTITY + SVG.format("<text>&x;</text>"), BYTES),
    Active("packed.svgz", gzip.compress(DRAWING.encode()), BYTES),
    Active("drawing.txt", DRAWING, PLAIN, "image/svg+xml"),
    Active("feed.xml", f'{XML}<?xml-stylesheet href="x.xsl"?><feed/>', BYTES, "text/xml"),
    Active("page.xml", XML + XHTML, BYTES, "application/xml"),
    Active("feed.rss", f"{XML}<rss><channel><description>{SCRIPT}</description></channel></rss>", PLAIN, "application/rss+xml"),
    Active("sheet.xsl", XML + STYLESHEET, BYTES, "text/xsl"),
    Active("sheet.xslt", XML + STYLESHEET, BYTES),
    Active("formula.mml", '<math xmlns="http://www.w3.org/1998/Math/MathML" href="javascript:alert(1)"><mi>a</mi></math>', PLAIN),
    Active("window.xul", f'{XML}<window xmlns="http://www.mozilla.org/keymaster"><script>{CALL}</script></window>', PLAIN),
    # Scripts and what a person's machine runs.
    Active("code.js", CALL, BYTES, "text/javascript"),
    Active("code.mjs", f"export default {CALL}", BYTES, "application/javascript"),
    Active("style.css", "body { background: url(//example.org) }", PLAIN, "text/css"),
    Active("part.htc", f"<public:component><script>{CALL}</script></public:component>", PLAIN, "text/x-component"),
    Active("program.hta", f"<hta:application/>{SCRIPT}", BYTES, "application/hta"),
    Active("saved.mht", MAIL.format("multipart/related"), BYTES, "multipart/related"),
    Active("saved.mhtml", MAIL.format("multipart/related"), BYTES),
    Active("letter.eml", MAIL.format("multipart/alternative"), "message/rfc822", "message/rfc822"),
    Active("site.php", f"<?php system('id') ?>{PAGE}", BYTES),
    Active("code.vbs", 'MsgBox "a"', BYTES),
    Active("code.bat", "@echo off", BYTES),
    Active("link.url", "[InternetShortcut]\nURL=javascript:alert(1)\n", PLAIN),
    Active("film.swf", b"FWS\x0a" + bytes(60), REFUSED, "application/x-shockwave-flash"),
    Active("code.wasm", b"\0asm\1\0\0\0" + bytes(60), REFUSED, "application/wasm"),
    Active("applet.jar", packed({"A.class": b"\xca\xfe\xba\xbe"}), REFUSED),
    # Documents that carry something.
    Active("script.pdf", pdf(f"/S /JavaScript /JS ({CALL})"), "application/pdf", "application/pdf"),
    Active("address.pdf", pdf("/S /URI /URI (javascript:alert(1))"), "application/pdf"),
    Active("launch.pdf", pdf("/S /Launch /F (cmd.exe)"), "application/pdf"),
    Active("page.pdf", PAGE, REFUSED, "application/pdf"),
    Active("paper.html", pdf(f"/S /JavaScript /JS ({CALL})"), REFUSED),
    Active("both.pdf", f"%PDF-1.7\n{PAGE}", "application/pdf"),
    Active("macro.docx", packed({"word/vbaProject.bin": SCRIPT, "word/document.xml": XHTML}), f"{OFFICE}wordprocessingml.document"),
    Active("pages.zip", packed({"index.html": PAGE, "a.svg": DRAWING}), "application/zip"),
    Active("object.rtf", r"{\rtf1 {\object\objocx{\*\objdata 0105}}" + SCRIPT + "}", "application/rtf", "text/html"),
    # Pictures and recordings that are something else, too.
    Active("code.gif", gif(9, 9).replace(b"!", b"/") + f"*/=1;{CALL}".encode(), "image/gif", "image/gif"),
    Active("gif.js", b"GIF89a/*" + gif(9, 9) + f"*/=1;{CALL}".encode(), REFUSED, "text/javascript"),
    Active("page.gif", b"GIF89a" + PAGE.encode(), REFUSED, "image/gif"),
    Active("gif.html", gif(9, 9) + PAGE.encode(), REFUSED, "text/html"),
    Active("written.png", png(9, 9, chunk(b"tEXt", b"a\0" + PAGE.encode())), REFUSED, "image/png"),
    Active("written small.png", png(9, 9, chunk(b"zTXt", b"a\0\0" + zlib.compress(PAGE.encode()))), "image/png", "image/png"),
    Active("page behind.png", image() + bytes(4096) + PAGE.encode(), "image/png", "image/png"),
    Active("drawing.png", DRAWING, REFUSED, "image/png"),
    Active("picture.png", image(), REFUSED, "image/svg+xml"),
    Active("page.html.png", PAGE, REFUSED, "image/png"),
    Active("picture.svg", image(), REFUSED, "image/svg+xml"),
    Active("noted.jpg", noted(PAGE), REFUSED, "image/jpeg"),
    Active("archive.jpg", noted("a") + packed({"index.html": PAGE}), "image/jpeg", "image/jpeg"),
    Active("page.wav", recording(PAGE), REFUSED, "audio/wav"),
    Active("code.wav", recording(f"*/=1;{CALL}"), "audio/wav", "audio/wav"),
    Active("page.mp4", b"\0\0\0\x20ftypisom" + PAGE.encode(), REFUSED, "video/mp4"),
    Active("code.bmp", f"BM/*{'a' * 60}*/=1;{CALL}", PLAIN, "image/bmp"),
)
