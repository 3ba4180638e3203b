"""What fails: providers, their answers, and what they need."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from g4f.errors.root import G4FError


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

    def __init__(self, message: str, upstream_status: int = 0, values: Mapping[str, Any] | None = None) -> None:
        super().__init__(message, values=values)
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

    def __init__(
        self, message: str, upstream_status: int = 429, retry_after: float | None = None, values: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(message, upstream_status, values)
        self.retry_after = retry_after


class WebSearchError(G4FError):
    """Say why the web was not searched, or why one of its pages could not be read."""

    status, code = 502, "web_search_failed"


class SpeechError(G4FError):
    """Say why a text was not read aloud, or a recording not written down; ``next`` names the engine to offer instead.

    ``next`` is ``browser`` for the browser's own voice, and empty where nothing else can help.
    """

    status, code = 502, "speech_failed"

    def __init__(self, message: str, next: str = "", values: Mapping[str, Any] | None = None) -> None:  # noqa: A002  as the answer has it
        super().__init__(message, values=values)
        self.next = next


class SpeechTimeoutError(SpeechError):
    """Say which limit ran out while an engine was awaited, and its seconds."""

    status, code = 504, "speech_timeout"
