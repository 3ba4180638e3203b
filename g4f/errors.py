"""Every error this package raises, in one tree.

G4FError
├── RefusalError                      we refuse a request before any byte of a stream
│   ├── MalformedRequestError         400  the bytes are not what the route reads
│   ├── NotSignedInError              401  nobody is signed in
│   ├── ForbiddenError                403  this caller may not do that
│   ├── NotFoundError                 404  absent, or not yours
│   ├── MethodNotAllowedError         405
│   ├── SlowRequestError              408  the body did not arrive in time
│   ├── PayloadTooLargeError          413
│   ├── UnsupportedMediaTypeError     415
│   ├── MisdirectedRequestError       421  the Host header names another server
│   ├── ValidationError               422  the bytes are read, their meaning is refused
│   ├── NotOfferedError               501  a gpt4free route this server does not offer
│   └── UnavailableError              503  starting, stopping or out of storage
├── ConfigError                       the program cannot start as it is set up (exit code 78)
│   └── PortTakenError                the address is in use (exit code 1)
├── ProviderNotFoundError             404
├── ProviderNotWorkingError
├── StreamNotSupportedError
├── ModelNotFoundError                404
├── ModelNotAllowedError
├── RetryProviderError                every provider of a list failed
├── RetryNoProviderError              a list held no provider to ask
├── VersionNotFoundError
├── MissingRequirementsError
│   └── NestAsyncioError
├── MissingAuthError                  a provider wants a key, or refused the one it got
├── PaymentRequiredError
├── NoMediaResponseError
├── ConversationLimitError
├── NoValidHarFileError
├── TimeoutError                      504
├── ProviderException
└── ResponseError                     502  a provider's answer cannot be used
    ├── ConnectionFailedError         no answer: refused, reset, unknown host, TLS
    └── ResponseStatusError
        ├── CloudflareError
        ├── BadRequestError
        └── RateLimitError

``status`` is the HTTP status on routes that do not stream; what a provider does wrong is 502 or 504 there, never
our 401, 403 or 429. ``code`` comes from the closed list of this file. ``retryable`` decides, once and for all
callers, whether another attempt can help.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar


class G4FError(Exception):
    """Be the root of every error this package raises."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal_error"
    retryable: ClassVar[bool] = False


class RefusalError(G4FError):
    """Refuse a request before anything of it is done; ``param`` names the part that is wrong."""

    status = 400
    code = "bad_request"

    def __init__(self, message: str, param: str | None = None, headers: Sequence[tuple[str, str]] = ()) -> None:
        super().__init__(message)
        self.param = param
        self.headers = tuple(headers)


class MalformedRequestError(RefusalError):
    """Say that the bytes of a request are not what the route reads."""


class NotSignedInError(RefusalError):
    """Say that a route needs somebody signed in."""

    status, code = 401, "not_signed_in"


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


class PayloadTooLargeError(RefusalError):
    """Say that a request is larger than its route reads."""

    status, code = 413, "payload_too_large"


class UnsupportedMediaTypeError(RefusalError):
    """Say that a route reads another content type."""

    status, code = 415, "unsupported_media_type"


class MisdirectedRequestError(RefusalError):
    """Say that the Host header names a server this one is not."""

    status, code = 421, "wrong_host"


class ValidationError(RefusalError):
    """Say that a request was read and its meaning is refused."""

    status, code = 422, "invalid_value"


class NotOfferedError(RefusalError):
    """Say that a gpt4free route exists elsewhere and is not offered here."""

    status, code = 501, "not_offered"


class UnavailableError(RefusalError):
    """Say that the server cannot take the request now; it may a little later."""

    status, code = 503, "unavailable"


class ConfigError(G4FError):
    """Say in one line why the program cannot start as it is set up."""

    code = "bad_config"
    exit_code: ClassVar[int] = 78


class PortTakenError(ConfigError):
    """Say that another program listens on the address."""

    exit_code = 1


class ProviderNotFoundError(G4FError):
    """Say that no provider has this name."""

    status, code = 404, "provider_not_found"


class ProviderNotWorkingError(G4FError):
    """Say that a provider is switched off."""

    status, code = 502, "provider_not_working"


class StreamNotSupportedError(G4FError):
    """Say that a provider answers in one piece only."""

    status, code = 502, "stream_not_supported"


class ModelNotFoundError(G4FError):
    """Say that no provider serves this model."""

    status, code = 404, "model_not_found"


class ModelNotAllowedError(G4FError):
    """Say that a provider does not let this key use the model."""

    status, code = 502, "model_not_allowed"


class RetryProviderError(G4FError):
    """Say that every provider of a list failed, with each one's reason."""

    status, code = 502, "all_providers_failed"


class RetryNoProviderError(G4FError):
    """Say that a list held no provider to ask."""

    status, code = 502, "no_provider"


class VersionNotFoundError(G4FError):
    """Say that the running version is unknown."""


class MissingRequirementsError(G4FError):
    """Say which package to install for an optional feature."""

    status, code = 501, "missing_requirements"


class NestAsyncioError(MissingRequirementsError):
    """Say that a sync call was made where an event loop runs already."""


class MissingAuthError(G4FError):
    """Say that a provider wants a key, or refused the one it got."""

    status, code = 502, "provider_auth"


class PaymentRequiredError(G4FError):
    """Say that a provider wants to be paid first."""

    status, code = 502, "provider_payment"


class NoMediaResponseError(G4FError):
    """Say that a provider answered without the media that was asked for."""

    status, code = 502, "no_media"


class ConversationLimitError(G4FError):
    """Say that a provider takes no further message in this conversation."""

    status, code = 502, "conversation_limit"


class NoValidHarFileError(G4FError):
    """Say that no recorded browser session fits a provider."""

    status, code = 502, "no_har_file"


class TimeoutError(G4FError):  # noqa: A001  the contract's name
    """Say which time limit of a provider call ran out, and its seconds."""

    status, code, retryable = 504, "provider_timeout", True


class ProviderException(G4FError):
    """Carry a provider's own words about what went wrong."""

    status, code = 502, "provider_error"


class ResponseError(G4FError):
    """Say that a provider's answer cannot be used."""

    status, code, retryable = 502, "provider_response", True


class ConnectionFailedError(ResponseError):
    """Say that no answer came: connection refused or reset, unknown host, TLS failure."""

    code = "provider_unreachable"


class ResponseStatusError(ResponseError):
    """Say with which HTTP status a provider refused; ``upstream_status`` is that number."""

    code = "provider_status"

    def __init__(self, message: str, upstream_status: int = 0) -> None:
        super().__init__(message)
        self.upstream_status = upstream_status


class CloudflareError(ResponseStatusError):
    """Say that a provider's front door showed a challenge page."""

    code = "provider_challenge"


class BadRequestError(ResponseStatusError):
    """Say that a provider does not accept what it was sent; asking again would not help."""

    code, retryable = "provider_bad_request", False


class RateLimitError(ResponseStatusError):
    """Say that a provider wants a pause; ``retry_after`` is its length in seconds when the provider named one."""

    code = "provider_rate_limit"

    def __init__(self, message: str, upstream_status: int = 429, retry_after: float | None = None) -> None:
        super().__init__(message, upstream_status)
        self.retry_after = retry_after
