"""What the network's own errors mean, in sentences."""

from __future__ import annotations

import ssl

from g4f.errors import ConnectionFailedError, ResponseError


def unreachable(host: str, error: OSError) -> ConnectionFailedError:
    """Translate the error of a connection that did not come about."""
    match error:
        case ssl.SSLCertVerificationError():
            return ConnectionFailedError(
                f"The certificate of {host} cannot be trusted: {error.verify_message}.",
                values={"reason": "untrusted", "host": host, "detail": error.verify_message},
            )
        case ssl.SSLError():
            detail = error.reason or "handshake failed"
            return ConnectionFailedError(
                f"{host} does not speak TLS as expected ({detail}). Check the address.",
                values={"reason": "no_tls", "host": host, "detail": detail},
            )
        case ConnectionRefusedError():
            return ConnectionFailedError(
                f"{host} refuses connections. Is the server running there?", values={"reason": "refused", "host": host}
            )
        case _:
            detail = error.strerror or type(error).__name__
            return ConnectionFailedError(
                f"No connection to {host}: {detail}.", values={"reason": "no_connection", "host": host, "detail": detail}
            )


def unknown(host: str) -> ConnectionFailedError:
    """Say that a name stands for no address."""
    return ConnectionFailedError(
        f"The host {host} is unknown. Check the spelling of the address.", values={"reason": "unknown_host", "host": host}
    )


def through_proxy(host: str) -> ConnectionFailedError:
    """Say that a proxy did not come through to a host."""
    return ConnectionFailedError(
        f"The proxy did not connect to {host}. Check its address and its password.", values={"reason": "proxy", "host": host}
    )


def unanswered(host: str) -> ConnectionFailedError:
    """Say that a connection ended before an answer began."""
    return ConnectionFailedError(f"{host} closed the connection without an answer.", values={"reason": "unanswered", "host": host})


def cut(host: str) -> ResponseError:
    """Say that an answer ended before its end."""
    return ResponseError(f"{host} broke off in the middle of its answer.", values={"reason": "cut", "host": host})


def unreadable(host: str, detail: object) -> ResponseError:
    """Say that an answer is not HTTP as it should be."""
    return ResponseError(
        f"{host} does not answer in HTTP as it should: {detail}.", values={"reason": "no_http", "host": host, "detail": str(detail)}
    )
