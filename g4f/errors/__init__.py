"""Every error this package raises, in one tree.

G4FError
├── RefusalError                      we refuse a request before any byte of a stream
│   ├── MalformedRequestError         400  the bytes are not what the route reads
│   ├── NotSignedInError              401  nobody is signed in
│   ├── BudgetSpentError              402  a budget is spent until its next period
│   ├── ForbiddenError                403  this caller may not do that
│   ├── NotFoundError                 404  absent, or not yours
│   ├── MethodNotAllowedError         405
│   ├── SlowRequestError              408  the body did not arrive in time
│   ├── ConflictError                 409  somebody else changed it meanwhile
│   ├── OtherVersionError             412  a client speaks another version of a protocol
│   ├── PayloadTooLargeError          413
│   ├── UnsupportedMediaTypeError     415
│   ├── RangeError                    416  a range of bytes lies outside of the content
│   ├── MisdirectedRequestError       421  the Host header names another server
│   ├── ValidationError               422  the bytes are read, their meaning is refused
│   ├── UnreadableError               422  nothing can be read from a file
│   ├── TooManyRunsError              429  more answers at once, or a minute, than are allowed
│   ├── NotOfferedError               501  a gpt4free route this server does not offer
│   ├── UnavailableError              503  starting, stopping or out of storage
│   └── StorageFullError              507  there is no room left to keep anything new
├── ConfigError                       the program cannot start as it is set up (exit code 78)
│   └── PortTakenError                the address is in use (exit code 1)
├── ProviderNotFoundError             404
├── ProviderNotWorkingError           502
├── StreamNotSupportedError           502
├── ModelNotFoundError                404
├── ModelNotAllowedError              502
├── RetryProviderError                502  every provider of a list failed
├── RetryNoProviderError              502  a list held no provider to ask
├── VersionNotFoundError              500
├── MissingRequirementsError          501
│   └── NestAsyncioError              501
├── MissingAuthError                  502  a provider wants a key, or refused the one it got
├── PaymentRequiredError              502
├── NoMediaResponseError              502
├── ConversationLimitError            502
├── NoValidHarFileError               502
├── TimeoutError                      504
├── ProviderException                 502
├── WebSearchError                    502  the web, or a page of it, could not be read
├── SpeechError                       502  a text was not read aloud; names the engine to offer instead
│   └── SpeechTimeoutError            504
└── ResponseError                     502  a provider's answer cannot be used
    ├── ConnectionFailedError         502  no answer: refused, reset, unknown host, TLS
    └── ResponseStatusError           502
        ├── CloudflareError           502
        ├── BadRequestError           502
        └── RateLimitError            502

``status`` is the HTTP status on routes that do not stream; what a provider does wrong is 502 or 504 there, never our
401, 403 or 429. ``retryable`` decides, once and for all callers, whether another attempt can help.
"""

from __future__ import annotations

from g4f.errors.failures import (
    BadRequestError,
    CloudflareError,
    ConnectionFailedError,
    ConversationLimitError,
    MissingAuthError,
    MissingRequirementsError,
    ModelNotAllowedError,
    ModelNotFoundError,
    NestAsyncioError,
    NoMediaResponseError,
    NoValidHarFileError,
    PaymentRequiredError,
    ProviderException,
    ProviderNotFoundError,
    ProviderNotWorkingError,
    RateLimitError,
    ResponseError,
    ResponseStatusError,
    RetryNoProviderError,
    RetryProviderError,
    SpeechError,
    SpeechTimeoutError,
    StreamNotSupportedError,
    TimeoutError,
    VersionNotFoundError,
    WebSearchError,
)
from g4f.errors.refusals import (
    BudgetSpentError,
    ConflictError,
    ForbiddenError,
    MalformedRequestError,
    MethodNotAllowedError,
    MisdirectedRequestError,
    NotFoundError,
    NotOfferedError,
    NotSignedInError,
    OtherVersionError,
    PayloadTooLargeError,
    RangeError,
    RefusalError,
    SlowRequestError,
    StorageFullError,
    TooManyRunsError,
    UnavailableError,
    UnreadableError,
    UnsupportedMediaTypeError,
    ValidationError,
)
from g4f.errors.root import (
    ConfigError,
    G4FError,
    PortTakenError,
)

__all__ = [
    "BadRequestError",
    "BudgetSpentError",
    "CloudflareError",
    "ConfigError",
    "ConflictError",
    "ConnectionFailedError",
    "ConversationLimitError",
    "ForbiddenError",
    "G4FError",
    "MalformedRequestError",
    "MethodNotAllowedError",
    "MisdirectedRequestError",
    "MissingAuthError",
    "MissingRequirementsError",
    "ModelNotAllowedError",
    "ModelNotFoundError",
    "NestAsyncioError",
    "NoMediaResponseError",
    "NoValidHarFileError",
    "NotFoundError",
    "NotOfferedError",
    "NotSignedInError",
    "OtherVersionError",
    "PayloadTooLargeError",
    "PaymentRequiredError",
    "PortTakenError",
    "ProviderException",
    "ProviderNotFoundError",
    "ProviderNotWorkingError",
    "RangeError",
    "RateLimitError",
    "RefusalError",
    "ResponseError",
    "ResponseStatusError",
    "RetryNoProviderError",
    "RetryProviderError",
    "SlowRequestError",
    "SpeechError",
    "SpeechTimeoutError",
    "StorageFullError",
    "StreamNotSupportedError",
    "TimeoutError",
    "TooManyRunsError",
    "UnavailableError",
    "UnreadableError",
    "UnsupportedMediaTypeError",
    "ValidationError",
    "VersionNotFoundError",
    "WebSearchError",
]
