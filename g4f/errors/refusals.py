"""What we refuse: requests that are not begun."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from g4f.errors.root import G4FError


class RefusalError(G4FError):
    """Refuse a request before anything of it is done; ``param`` names the part that is wrong."""

    status = 400
    code = "bad_request"

    def __init__(
        self, message: str, param: str | None = None, headers: Sequence[tuple[str, str]] = (), values: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(message, values=values)
        self.param = param
        self.headers = tuple(headers)


class MalformedRequestError(RefusalError):
    """Say that the bytes of a request are not what the route reads."""


class NotSignedInError(RefusalError):
    """Say that a route needs somebody signed in."""

    status, code = 401, "not_signed_in"


class BudgetSpentError(RefusalError):
    """Say which budget is spent, and when it begins anew."""

    status, code = 402, "budget_spent"


class ForbiddenError(RefusalError):
    """Say that this caller may not do that."""

    status, code = 403, "forbidden"


class NotFoundError(RefusalError):
    """Say that a thing is absent or belongs to somebody else; the two look the same."""

    status, code = 404, "not_found"


class MethodNotAllowedError(RefusalError):
    """Say that a path knows other methods."""

    status, code = 405, "method_not_allowed"


class SlowRequestError(RefusalError):
    """Say that the body of a request did not arrive in time."""

    status, code = 408, "request_timeout"


class ConflictError(RefusalError):
    """Say that what a change was made from is no longer what is kept."""

    status, code = 409, "conflict"


class OtherVersionError(RefusalError):
    """Say that a client speaks another version of a protocol."""

    status, code = 412, "other_version"


class PayloadTooLargeError(RefusalError):
    """Say that a request is larger than its route reads."""

    status, code = 413, "payload_too_large"


class UnsupportedMediaTypeError(RefusalError):
    """Say that a route reads another content type."""

    status, code = 415, "unsupported_media_type"


class RangeError(RefusalError):
    """Say that a range of bytes lies outside of the content."""

    status, code = 416, "range_outside"


class MisdirectedRequestError(RefusalError):
    """Say that the Host header names a server this one is not."""

    status, code = 421, "wrong_host"


class ValidationError(RefusalError):
    """Say that a request was read and its meaning is refused."""

    status, code = 422, "invalid_value"


class UnreadableError(RefusalError):
    """Say why nothing can be read from a file; ``reason`` is the same in one word, for programs."""

    status, code = 422, "unreadable_file"

    def __init__(self, message: str, reason: str = "broken", values: Mapping[str, Any] | None = None) -> None:
        super().__init__(message, values={"reason": reason, **(values or {})})
        self.reason = reason


class TooManyRunsError(RefusalError):
    """Say which limit of answers is reached, and when to come again."""

    status, code = 429, "too_many_runs"


class NotOfferedError(RefusalError):
    """Say that a gpt4free route exists elsewhere and is not offered here."""

    status, code = 501, "not_offered"


class UnavailableError(RefusalError):
    """Say that the server cannot take the request now; it may a little later."""

    status, code = 503, "unavailable"


class StorageFullError(RefusalError):
    """Say that there is no room left to keep anything new."""

    status, code = 507, "storage_full"
