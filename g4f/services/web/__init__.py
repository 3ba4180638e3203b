"""The web on behalf of people: pages read through the outbound guard, and searches whose results can be cited."""

from __future__ import annotations

from g4f.services.web.asked import SearchRequest, read_tool_calls, read_web_search, urls_in
from g4f.services.web.downloads import download
from g4f.services.web.searching import Failure, ReadDocument, Search, Web, WebPage

__all__ = [
    "Failure", "ReadDocument", "Search", "SearchRequest", "Web", "WebPage",
    "download", "read_tool_calls", "read_web_search", "urls_in",
]  # fmt: skip
