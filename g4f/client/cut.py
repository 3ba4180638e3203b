"""Where an answer is cut before its provider ends it."""

from __future__ import annotations

from collections.abc import Sequence


class StopWords:
    """Cut the text of one answer before the first of some words, wherever its pieces are cut.

    What may be the beginning of a word is held back until the next piece decides.
    """

    def __init__(self, stop: str | Sequence[str] | None) -> None:
        self._words = [stop] if isinstance(stop, str) else [word for word in stop or () if word]
        self._held = ""
        self.found = False

    def feed(self, piece: str) -> str:
        """Return what of the text can be shown now."""
        if not self._words:
            return piece
        text = self._held + piece
        places = [place for word in self._words if (place := text.find(word)) >= 0]
        if places:
            self.found, self._held = True, ""
            return text[: min(places)]
        self._held = max((_beginning_of(word, text) for word in self._words), key=len)
        return text.removesuffix(self._held)

    def end(self) -> str:
        """Return what was held back to no purpose."""
        held, self._held = self._held, ""
        return held


def without_fence(text: str) -> str:
    """Return the JSON inside a Markdown fence, or the text as it is."""
    _, opened, rest = text.partition("```")
    inside, closed, _ = rest.removeprefix("json").partition("```")
    return inside.strip() if opened and closed else text


def _beginning_of(word: str, text: str) -> str:
    """Return the longest end of the text with which the word begins."""
    return next((text[-size:] for size in range(min(len(word) - 1, len(text)), 0, -1) if word.startswith(text[-size:])), "")
