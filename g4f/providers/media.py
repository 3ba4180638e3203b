"""Media that a provider may yield, and how each is written for readers of text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, quote_plus, unquote_plus

from g4f.providers.types import Response

Urls = str | Sequence[str]


def quote_url(url: str) -> str:
    """Return the URL with everything quoted that would end a Markdown link."""
    scheme, separator, rest = url.partition("://")
    return scheme + separator + quote(rest, safe="%/:=&?#+!$,;'@*~[]") if separator else quote(url, safe="%/:=&?#+!$,;'@*~,")


def quote_title(title: str | None) -> str:
    """Return the title on one line, without marks that Markdown would read."""
    return " ".join((title or "").split()).replace("[", "").replace("]", "").replace('"', "")


def format_link(url: str, title: str | None = None) -> str:
    """Return a Markdown link; without a title the address itself is shown, unquoted."""
    return f"[{quote_title(title or unquote_plus(url.split('//', 1)[-1].split('?', maxsplit=1)[0].removesuffix('/')))}]({quote_url(url)})"


def format_image(image: str, alt: str, preview: str | None = None) -> str:
    """Return a Markdown image that links to itself."""
    return f"[![{quote_title(alt)}]({quote_url(preview or image)})]({quote_url(image)})"


def format_images_markdown(images: Urls, alt: Urls, preview: Urls | None = None) -> str:
    """Return one or several images as Markdown, a line each."""
    urls = [images] if isinstance(images, str) else list(images)
    alts = [alt] * len(urls) if isinstance(alt, str) else list(alt)
    previews = [preview] * len(urls) if preview is None or isinstance(preview, str) else list(preview)
    return "\n".join(format_image(url, text, small) for url, text, small in zip(urls, alts, previews, strict=False))


@dataclass(frozen=True, slots=True)
class MediaResponse(Response):
    """Give the addresses of finished media; ``alt`` describes them."""

    urls: Urls
    alt: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)

    def get(self, key: str) -> Any:
        """Return one option, or None."""
        return self.options.get(key)

    def get_list(self) -> list[str]:
        """Return the addresses as a list, however they were given."""
        return [self.urls] if isinstance(self.urls, str) else list(self.urls)

    def get_dict(self) -> dict[str, Any]:
        """Return the addresses, the description and the options."""
        return {"urls": self.get_list(), "alt": self.alt, **self.options}


@dataclass(frozen=True, slots=True)
class ImageResponse(MediaResponse):
    """Give finished images."""

    def __str__(self) -> str:
        return format_images_markdown(self.urls, self.alt, self.options.get("preview"))


@dataclass(frozen=True, slots=True)
class ImagePreview(ImageResponse):
    """Give images that a later response replaces."""

    def __str__(self) -> str:
        return ""


@dataclass(frozen=True, slots=True)
class VideoResponse(MediaResponse):
    """Give finished videos."""

    def __str__(self) -> str:
        return "\n".join(f'<video src="{quote_url(url)}" controls></video>' for url in self.get_list())


@dataclass(frozen=True, slots=True)
class AudioResponse(Response):
    """Give finished speech or music: a data URI or an address, and what is said in it."""

    data: str
    transcript: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f'<audio controls src="{quote_url(self.data)}"></audio>' + (f"\n\n{self.transcript}" if self.transcript else "")


@dataclass(frozen=True, slots=True)
class YouTubeResponse(Response):
    """Name videos on YouTube by their ids; they are shown as links, nothing is embedded."""

    ids: tuple[str, ...]

    def __str__(self) -> str:
        return "\n".join(f"https://www.youtube.com/watch?v={quote_plus(video)}" for video in self.ids)
