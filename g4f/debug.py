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
_SECRETS = (
    (re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]{4,}"), r"\1 ***"),
    (re.compile(r"""(?i)(["']?(?:api[-_]?key|authorization|cookie|password|secret|token)["']?\s*[:=]\s*["']?)[^\s"',;&}]+"""), r"\1***"),
    (re.compile(r"\b(sk|gsk|hf|xai|pplx)[-_][\w-]{8,}"), r"\1-***"),
    (re.compile(r"(?i)\b([a-z][a-z0-9+.-]*://)[^\s/@]+@"), r"\1***@"),
)


def redact(text: str) -> str:
    """Return the text with keys, tokens, passwords and the user part of URLs replaced by ``***``."""
    for pattern, replacement in _SECRETS:
        text = pattern.sub(replacement, text)
    return text


class RedactingFilter(_logging.Filter):
    """Cut secrets out of log records, whoever wrote them."""

    def filter(self, record: _logging.LogRecord) -> bool:
        """Replace the record's message by its redacted form and keep the record."""
        record.msg, record.args = redact(record.getMessage()), None
        return True


def enable_logging(level: int = _logging.DEBUG) -> None:
    """Write the log to standard error from this level on."""
    handler = _logging.StreamHandler(sys.stderr)
    handler.setFormatter(_logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    handler.addFilter(RedactingFilter())
    _LOGGER.handlers[:] = [handler]
    _LOGGER.setLevel(level)
    _LOGGER.propagate = False


def log(*parts: object) -> None:
    """Write one line for people who look for a fault; nothing happens unless logging is on."""
    if logging and not _LOGGER.handlers:
        enable_logging()
    if _LOGGER.isEnabledFor(_logging.DEBUG):
        _LOGGER.debug(redact(" ".join(map(str, parts))))


def error(*parts: object) -> None:
    """Write one line about something that went wrong."""
    _LOGGER.error(redact(" ".join(map(str, parts))))


def failed(what: str, cause: BaseException) -> None:
    """Write what failed with the traceback of its cause, secrets cut out."""
    _LOGGER.error(redact(f"{what}:\n{''.join(_traceback.format_exception(cause))}"))
