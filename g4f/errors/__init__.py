"""Every error this package raises, in one tree.

G4FError
├── RefusalError                      we refuse a request before any byte of a stream
│   ├── MalformedRequestError         400  the bytes are not what the route reads
│   ├── NotSignedInError              401  nobody is signed in
│   ├── ForbiddenError                403  this caller may not do that
│   ├── NotFoundError                 404  absent, or not yours
│   ├── MethodNotAllowedError         405
│   ├── SlowRequestError              408  the body did not arrive in time
│   ├── ConflictError                 409  somebody else changed it meanwhile
│   ├── PayloadTooLargeError          413
│   ├── UnsupportedMediaTypeError     415
│   ├── MisdirectedRequestError       421  the Host header names another server
│   ├── ValidationError               422  the bytes are read, their meaning is refused
│   ├── NotOfferedError               501  a gpt4free route this server does not offer
│   ├── UnavailableError              503  starting, stopping or out of storage
│   └── StorageFullError              507  there is no room left to keep anything new
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
    StreamNotSupportedError,
    TimeoutError,
    VersionNotFoundError,
)
from g4f.errors.refusals import (
    ConflictError,
    ForbiddenError,
    MalformedRequestError,
    MethodNotAllowedError,
    MisdirectedRequestError,
    NotFoundError,
    NotOfferedError,
    NotSignedInError,
    PayloadTooLargeError,
    RefusalError,
    SlowRequestError,
    StorageFullError,
    UnavailableError,
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
    "PayloadTooLargeError",
    "PaymentRequiredError",
    "PortTakenError",
    "ProviderException",
    "ProviderNotFoundError",
    "ProviderNotWorkingError",
    "RateLimitError",
    "RefusalError",
    "ResponseError",
    "ResponseStatusError",
    "RetryNoProviderError",
    "RetryProviderError",
    "SlowRequestError",
    "StorageFullError",
    "StreamNotSupportedError",
    "TimeoutError",
    "UnavailableError",
    "UnsupportedMediaTypeError",
    "ValidationError",
    "VersionNotFoundError",
]
