"""What a file is: its content, its name and what its sender claims have to agree.

The type a file is served with comes from the tables here and from nowhere else. Whatever a browser could run is served as
plain bytes; only pictures, sound and video are ever shown inline.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import Literal, NamedTuple

from g4f.reading.signatures import HEAD, Content, content_of, holds_markup, is_page

__all__ = ["HEAD", "Format", "Kind", "Use", "is_recording", "kind_of"]

Use = Literal["document", "media", "unknown"]
Format = Literal[
    "archive", "compressed", "delimited", "docx", "epub", "image", "markdown", "message",
    "odt", "pdf", "pptx", "rtf", "sheets", "text", "webpage",
]  # fmt: skip
"""The module of ``g4f.reading.formats`` that reads a file."""

BYTES = "application/octet-stream"
_OFFICE = "application/vnd.openxmlformats-officedocument."
_ODF = "application/vnd.oasis.opendocument."


class Kind(NamedTuple):
    """Be what a file is: the type to serve it with, what it is for, whether a browser may show it, and who reads it."""

    media_type: str
    use: Use
    inline: bool = False
    format: Format | None = None


UNKNOWN = Kind(BYTES, "unknown")


class _Known(NamedTuple):
    """Be a name's ending: the contents it may stand for, and the kind it then is."""

    contents: frozenset[Content]
    kind: Kind


def _document(media_type: str, read_by: Format, *contents: Content) -> _Known:
    return _Known(frozenset(contents or ("text",)), Kind(media_type, "document", inline=False, format=read_by))


def _media(media_type: str, *contents: Content) -> _Known:
    read_by: Format | None = "image" if media_type.startswith("image/") else None
    return _Known(frozenset(contents), Kind(media_type, "media", inline=True, format=read_by))


_IMAGES = MappingProxyType(
    {
        "png": _media("image/png", "png"),
        "jpg": _media("image/jpeg", "jpeg"),
        "jpeg": _media("image/jpeg", "jpeg"),
        "gif": _media("image/gif", "gif"),
        "webp": _media("image/webp", "webp"),
    }
)
_RECORDINGS = MappingProxyType(
    {
        "wav": _media("audio/wav", "wav"),
        "mp3": _media("audio/mpeg", "mp3"),
        "flac": _media("audio/flac", "flac"),
        "opus": _media("audio/ogg", "ogg"),
        "ogg": _media("audio/ogg", "ogg"),
        "oga": _media("audio/ogg", "ogg"),
        "m4a": _media("audio/mp4", "mp4"),
        "ogv": _media("video/ogg", "ogg"),
        "mkv": _media("video/x-matroska", "matroska"),
        "webm": _media("video/webm", "matroska"),
        "mp4": _media("video/mp4", "mp4"),
        "mov": _media("video/quicktime", "mp4"),
        "avi": _media("video/x-msvideo", "avi"),
        "mpg": _media("video/mpeg", "mpeg"),
        "mpeg": _media("video/mpeg", "mpeg"),
    }
)
_DOCUMENTS = MappingProxyType(
    {
        "pdf": _document("application/pdf", "pdf", "pdf"),
        # An Office file with a password is an OLE container; its reader says so.
        "docx": _document(f"{_OFFICE}wordprocessingml.document", "docx", "zip", "ole"),
        "pptx": _document(f"{_OFFICE}presentationml.presentation", "pptx", "zip", "ole"),
        "xlsx": _document(f"{_OFFICE}spreadsheetml.sheet", "sheets", "zip", "ole"),
        "xls": _document("application/vnd.ms-excel", "sheets", "ole"),
        "ods": _document(f"{_ODF}spreadsheet", "sheets", "zip"),
        "odt": _document(f"{_ODF}text", "odt", "zip"),
        "epub": _document("application/epub+zip", "epub", "zip"),
        "zip": _document("application/zip", "archive", "zip"),
        "gz": _document("application/gzip", "compressed", "gzip"),
        "rtf": _document("application/rtf", "rtf", "rtf"),
        "csv": _document("text/csv", "delimited"),
        "tsv": _document("text/tab-separated-values", "delimited"),
        "md": _document("text/markdown", "markdown"),
        "markdown": _document("text/markdown", "markdown"),
        "eml": _document("message/rfc822", "message"),
        "json": _document("application/json", "text"),
        "yaml": _document("application/yaml", "text"),
        "yml": _document("application/yaml", "text"),
        "svgz": _document(BYTES, "compressed", "gzip"),
        **dict.fromkeys(("html", "htm", "xhtml", "xht"), _document(BYTES, "webpage")),
        # A browser runs these, or a person's machine does.
        **dict.fromkeys(
            ("svg", "xml", "xsl", "xslt", "js", "mjs", "cjs", "mht", "mhtml", "shtml", "hta", "vbs", "bat", "cmd", "ps1", "sh", "php"),
            _document(BYTES, "text"),
        ),
    }
)
_TEXT = _document("text/plain", "text").kind
_BY_ENDING: Mapping[str, _Known] = MappingProxyType({**_IMAGES, **_RECORDINGS, **_DOCUMENTS})
_BY_CONTENT: Mapping[Content, str] = MappingProxyType(
    {
        "png": "png", "jpeg": "jpg", "gif": "gif", "webp": "webp", "wav": "wav", "mp3": "mp3", "flac": "flac", "ogg": "ogg",
        "matroska": "webm", "mp4": "mp4", "avi": "avi", "mpeg": "mpg", "pdf": "pdf", "zip": "zip", "gzip": "gz", "rtf": "rtf",
    }
)  # fmt: skip
"""What a file is whose name has no ending."""
_NEUTRAL = frozenset({"", BYTES, "binary/octet-stream"})


def kind_of(head: bytes, name: str, claimed: str = "") -> Kind:
    """Return what a file is by its first ``HEAD`` bytes, its name, and the media type its sender gave it.

    Where the three do not agree it is unknown: plain bytes, never shown inline, read by nobody.
    """
    content = content_of(head)
    ending = PurePosixPath(name.replace("\\", "/")).suffix[1:].lower()
    claimed = claimed.partition(";")[0].strip().lower()
    if content is None:
        return UNKNOWN
    if content in {"png", "jpeg", "gif", "webp"} and ending in _IMAGES:
        ending = _BY_CONTENT[content]  # people often name one kind of picture as another, and no browser minds
    known = _BY_ENDING.get(ending or _BY_CONTENT.get(content, ""))
    if known is None:
        return _text(head) if content == "text" else UNKNOWN
    if content not in known.contents:
        return UNKNOWN
    return _shown(head, known.kind, claimed) if known.kind.use == "media" else known.kind


def is_recording(media_type: str) -> bool:
    """Return whether a media type is one of sound or video, in which something may be said."""
    return media_type.startswith(("audio/", "video/"))


def _text(head: bytes) -> Kind:
    """Return the kind of a text whose name says nothing."""
    return _DOCUMENTS["html"].kind if is_page(head) else _TEXT


def _shown(head: bytes, kind: Kind, claimed: str) -> Kind:
    """Return the kind of a picture or recording; sound and video share their containers, so the claim chooses between them."""
    family, claimed_family = kind.media_type.partition("/")[0], claimed.partition("/")[0]
    if holds_markup(head) or "xml" in claimed:  # a picture that is claimed to be SVG
        return UNKNOWN
    if claimed in _NEUTRAL or claimed_family == family or (claimed == "application/ogg" and "ogg" in kind.media_type):
        return kind
    if {family, claimed_family} == {"audio", "video"}:
        return kind._replace(media_type=f"audio/{kind.media_type[6:]}") if kind.media_type in {"video/webm", "video/mp4"} else kind
    return UNKNOWN
