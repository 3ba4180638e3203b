"""What the network's own errors mean, in sentences."""

from __future__ import annotations

import ssl

from g4f.errors import ConnectionFailedError, ResponseError


def unreachable(host: str, error: OSError) -> ConnectionFailedError:
    """Translate the error of a connection that did not come about."""
    match error:
        case ssl.SSLCertVerificationError():
            return ConnectionFailedError(f"The certificate of {host} cannot be trusted: {error.verify_message}.")
        case ssl.SSLError():
            return ConnectionFailedError(
                f"{host} does not speak TLS as expected ({error.reason or 'handshake failed'}). Check the address."
            )
        case ConnectionRefusedError():
            return ConnectionFailedError(f"{host} refuses connections. Is the server running there?")
        case _:
            return ConnectionFailedError(f"No connection to {host}: {error.strerror or type(error).__name__}.")


def unanswered(host: str) -> ConnectionFailedError:
    """Say that a connection ended before an answer began."""
    return ConnectionFailedError(f"{host} closed the connection without an answer.")


def cut(host: str) -> ResponseError:
    """Say that an answer ended before its end."""
    return ResponseError(f"{host} broke off in the middle of its answer.")


def unreadable(host: str, detail: object) -> ResponseError:
    """Say that an answer is not HTTP as it should be."""
    return ResponseError(f"{host} does not answer in HTTP as it should: {detail}.")
