"""Trees of XML and HTML, and pages as blocks of text: of chapters and messages, where nothing may be left out."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree, html

from g4f.reading.encodings import encoding_of
from g4f.reading.outline import Block, table

_DECLARED = re.compile(rb"(?i)<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]+)|<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]+)")
_HIDDEN = frozenset({"head", "script", "style", "noscript", "template", "svg", "math", "iframe", "object"})
_BLOCKS = frozenset(
    {
        "address", "article", "aside", "blockquote", "body", "center", "dd", "details", "dialog", "div", "dl", "dt", "fieldset",
        "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "html", "li", "main", "nav", "ol",
        "p", "pre", "section", "summary", "table", "td", "th", "tr", "ul",
    }
)  # fmt: skip
DEEPEST = 200


def tree_of(data: bytes) -> etree._Element:
    """Return the root of an XML document; its entities are not replaced, its comments are gone. Raises lxml.etree.XMLSyntaxError."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True)
    return etree.fromstring(data, parser)


def parsed(data: bytes) -> html.HtmlElement:
    """Return the tree of a page in whatever encoding it is; an empty page has an empty tree."""
    text = _decoded(data).strip() or "<html></html>"
    parser = html.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True)
    return html.document_fromstring(text.encode("utf-8", "replace"), parser=parser, ensure_head_body=True)


def blocks(element: etree._Element) -> Iterator[Block]:
    """Yield headings, paragraphs, list items and tables in their order."""
    pending: list[str] = []
    yield from _walk(element, pending, DEEPEST)
    yield from _flush(pending)


def _walk(element: etree._Element, pending: list[str], depth: int) -> Iterator[Block]:
    name = element.tag if isinstance(element.tag, str) else ""
    if name == "table" and not element.xpath(".//table"):
        yield from _flush(pending)
        yield Block(table([[_words(cell) for cell in row.iter("td", "th")] for row in element.iter("tr")]))
    elif name in _BLOCKS:
        yield from _flush(pending)
        yield from _inside(element, pending, depth)
        yield from _flush(pending, name)
    elif name == "br":
        pending.append("\n")
    elif name and name not in _HIDDEN:
        yield from _inside(element, pending, depth)
    pending.append(element.tail or "")


def _inside(element: etree._Element, pending: list[str], depth: int) -> Iterator[Block]:
    pending.append(element.text or "")
    if depth:
        for child in element:
            yield from _walk(child, pending, depth - 1)
    else:
        pending.append(_words(element))


def _flush(pending: list[str], name: str = "") -> Iterator[Block]:
    text = "\n".join(line for line in (" ".join(line.split()) for line in "".join(pending).split("\n")) if line)
    pending.clear()
    if text:
        level = int(name[1]) if name in {"h1", "h2", "h3", "h4", "h5", "h6"} else 0
        yield Block(f"- {text}" if name == "li" else text, level)


def _words(element: etree._Element) -> str:
    return " ".join(" ".join(map(str, element.itertext())).split())


def _decoded(data: bytes) -> str:
    """Return the page's text; what it declares counts unless a mark or UTF-8 contradicts."""
    encoding = encoding_of(data)
    declared = _DECLARED.search(data[:4096])
    if declared and not encoding.startswith("utf"):
        try:
            return data.decode((declared[1] or declared[2]).decode(), "replace")
        except LookupError:  # no encoding has this name
            pass
    return data.decode(encoding, "replace")
