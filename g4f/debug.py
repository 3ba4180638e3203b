"""The log of this package; secrets are cut out of every line before it is written."""

from __future__ import annotations

import logging as _logging
import re
import sys
import traceback as _traceback

logging: bool = False
"""Set to True to see what providers do, as gpt4free programs do; ``enable_logging`` is the same."""

DEBUG, WARNING = _logging.DEBUG, _logging.WARNING

_LOGGER = _logging.getLogger("g4f")
_NAMED = r"(?i)((?:{names})(?:[\"']\s*,|[\"']?\s*[:=])\s*(?:b(?=[\"']))?)(?:([\"'])(?:(?!\2)[^\\\n]|\\.)*\2?|{bare})"
"""A name, and its value in quotes or bare."""
_SECRETS = (
    # A bare header goes on to the end of its line.
    (re.compile(_NAMED.format(names="authorization|cookies?", bare=r"[^\r\n\"'][^\r\n]*")), r"\1\2***\2"),
    (
        re.compile(_NAMED.format(names="api[-_]?key|password|passwd|secret|token", bare=r"\{[^}\n]*\}?|[^\s\"'&;}\])]*[^\s\"'&;}\]),]")),
        r"\1\2***\2",
    ),
    (re.compile(r"(?i)([?&](?:key|sig|signature|auth)=)[^\s&#\"']+"), r"\1***"),
    (re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]{4,}"), r"\1 ***"),
    (re.compile(r"\b(sk|gsk|hf|xai|pplx|r8|ghp|nvapi)[-_][\w-]{8,}"), r"\1-***"),
    (re.compile(r"\bAIza[\w-]{8,}"), "AIza***"),
    # A password may hold slashes, so with a colon everything up to the last @ is one.
    (re.compile(r"(?<=://)(?:[^\s/@:\"'<>]*:[^\s\"'<>]{0,512}|[^\s/@]{1,512})@"), "***@"),
)


def redact(text: str) -> str:
    """Return the text with keys, tokens, passwords and the user part of URLs replaced by ``***``."""
    for pattern, replacement in _SECRETS:
        text = pattern.sub(replacement, text)
    return text


class RedactingFormatter(_logging.Formatter):
    """Cut secrets out of log lines and their tracebacks, whoever wrote them."""

    def format(self, record: _logging.LogRecord) -> str:
        """Return the redacted text of a record."""
        return redact(super().format(record))


def enable_logging(level: int = _logging.DEBUG) -> None:
    """Write our log from this level on, and the warnings of all libraries, to standard error."""
    root = _logging.getLogger()
    handler = _logging.StreamHandler(sys.stderr)
    handler.setFormatter(RedactingFormatter("%(asctime)s %(levelname)s %(message)s"))
    root.handlers[:] = [*(each for each in root.handlers if not isinstance(each.formatter, RedactingFormatter)), handler]
    _LOGGER.setLevel(level)


def log(*parts: object) -> None:
    """Write one line for people who look for a fault; nothing happens unless logging is on."""
    if logging and not _LOGGER.isEnabledFor(_logging.DEBUG):
        enable_logging()
    if _LOGGER.isEnabledFor(_logging.DEBUG):
        _LOGGER.debug(redact(" ".join(map(str, parts))))


def error(*parts: object) -> None:
    """Write one line about something that went wrong."""
    _LOGGER.error(redact(" ".join(map(str, parts))))


def failed(what: str, cause: BaseException) -> None:
    """Write what failed with the traceback of its cause, secrets cut out."""
    _LOGGER.error(redact(f"{what}:\n{''.join(_traceback.format_exception(cause))}"))
