"""Thinking, told apart from the answer: in fields of its own, or inside the text between ``<think>`` and ``</think>``."""

from __future__ import annotations

from enum import Enum, auto

from g4f.providers.response import Reasoning, Response

OPEN, CLOSE = "<think>", "</think>"
BEGIN = Reasoning(status="🤔 Is thinking...", is_thinking=OPEN)
END = Reasoning(status="", is_thinking=CLOSE)

Pieces = list[str | Response]


class Stage(Enum):
    """Say where in an answer we are."""

    START = auto()
    """Nothing shown yet; a tag may come, and only here."""
    IN_TAGS = auto()
    IN_FIELD = auto()
    ANSWER = auto()


class Thinking:
    """Follow one answer; what may be the beginning of a tag is held back until more of it has come."""

    def __init__(self) -> None:
        self.stage = Stage.START
        self._held = ""

    def token(self, token: str) -> Pieces:
        """Take a piece that the server itself calls thinking."""
        begin: Pieces = [] if self.stage is Stage.IN_FIELD else [*self.end(), BEGIN]
        self.stage = Stage.IN_FIELD
        return [*begin, Reasoning(token=token)]

    def text(self, text: str) -> Pieces:
        """Take a piece of text."""
        match self.stage:
            case Stage.START:
                return self._start(self._held + text)
            case Stage.IN_TAGS:
                return self._in_tags(self._held + text)
            case Stage.IN_FIELD:
                return [*self.end(), text]
            case Stage.ANSWER:
                return [text]

    def end(self) -> Pieces:
        """Give what was held back, and close thinking that is open."""
        held, self._held = self._held, ""
        stage, self.stage = self.stage, Stage.ANSWER
        match stage:
            case Stage.IN_TAGS:
                return [Reasoning(token=held), END] if held else [END]
            case Stage.IN_FIELD:
                return [END]
            case _:
                return [held] if held else []

    def _start(self, text: str) -> Pieces:
        bare = text.lstrip()
        if bare.startswith(OPEN):
            self.stage, self._held = Stage.IN_TAGS, ""
            return [BEGIN, *self._in_tags(bare.removeprefix(OPEN))]
        if OPEN.startswith(bare):
            self._held = text
            return []
        self.stage, self._held = Stage.ANSWER, ""
        return [text]

    def _in_tags(self, text: str) -> Pieces:
        token, closed, answer = text.partition(CLOSE)
        if closed:
            self._held = token
            return [*self.end(), answer] if answer else self.end()
        self._held = _beginning_of_close(text)
        token = text.removesuffix(self._held)
        return [Reasoning(token=token)] if token else []


def _beginning_of_close(text: str) -> str:
    """Return the longest end of the text with which the closing tag begins."""
    return next((text[-size:] for size in range(len(CLOSE) - 1, 0, -1) if CLOSE.startswith(text[-size:])), "")
