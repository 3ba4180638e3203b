"""Which voice reads a sentence: the one that was asked for, or one of its language."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

from g4f.errors import ValidationError
from g4f.services.language import language_of
from g4f.speech import Voice


class Casting:
    """Choose among an engine's voices; raises ValidationError for a voice or a language that is not there.

    With neither given each sentence gets a voice of the language it is in.
    """

    def __init__(self, voices: Sequence[Voice], voice: str = "", language: str = "") -> None:
        self._voices = voices
        self._language = "en"
        self._fixed: Voice | None = None
        if voice:
            self._fixed = _named(voices, voice)
        elif language:
            self._fixed = _speaking(voices, language)
            if self._fixed is None:
                known = ", ".join(sorted({each.language for each in voices}))
                raise ValidationError(f"This engine has no voice for the language {language[:32]!r}; it has {known}.", "language")

    def voice_for(self, text: str) -> Voice:
        """Return the voice for a sentence; one without letters is read in the language of the one before."""
        if self._fixed is not None:
            return self._fixed
        self._language = language_of(text, self._language)
        return _speaking(self._voices, self._language) or self._voices[0]


def _named(voices: Sequence[Voice], name: str) -> Voice:
    known = {word.lower(): voice for voice in reversed(voices) for word in (voice.label, voice.id)}
    if name.lower() in known:
        return known[name.lower()]
    near = get_close_matches(name.lower(), known, 1, 0.4) or list(known)[-1:]
    raise ValidationError(f"This engine has no voice {name[:64]!r}. Did you mean {known[near[0]].id!r}?", "voice")


def _speaking(voices: Sequence[Voice], language: str) -> Voice | None:
    """Return the first voice for a language tag: for exactly this one, else for its language, else for any."""
    tag = language.lower().replace("_", "-")
    main = tag.partition("-")[0]
    exact = (voice for voice in voices if voice.language.lower() == tag)
    akin = (voice for voice in voices if voice.language.lower().partition("-")[0] == main)
    return next(exact, None) or next(akin, None) or next((voice for voice in voices if not voice.language), None)
