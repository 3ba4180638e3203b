"""Counters of one server, in Prometheus's terms."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from g4f.services.attempt import Attempt

_SECONDS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)


class Metrics:
    """Count requests, streams, attempts and tokens; names and labels never hold what people wrote."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter("g4f_requests", "Requests by route and status.", ("method", "route", "status"), registry=self.registry)
        self._streams = Gauge("g4f_streams", "Answers on their way now.", registry=self.registry)
        self.attempts = Counter("g4f_attempts", "Provider calls by how they ended.", ("provider", "outcome"), registry=self.registry)
        self.first_token = Histogram(
            "g4f_first_token_seconds", "Wait for the first token.", ("provider",), buckets=_SECONDS, registry=self.registry
        )

        # Looking one up by its labels takes longer than counting.
        self._request, self._attempt, self._first_token = cache(self._labelled), cache(self.attempts.labels), cache(self.first_token.labels)

    def watch_streams(self, running: Callable[[], int]) -> None:
        """Say where to ask how many answers are on their way."""
        self._streams.set_function(running)

    def count_request(self, endpoint: str, status: int) -> None:
        """Count an answer; ``endpoint`` is the method and the pattern of the row that gave it, empty where none matched."""
        self._request(endpoint, status).inc()

    def _labelled(self, endpoint: str, status: int) -> Counter:
        method, _, route = endpoint.partition(" ")
        return self.requests.labels(method, route, status)

    def count_attempts(self, attempts: Iterable[Attempt]) -> None:
        """Count finished attempts."""
        for attempt in attempts:
            self._attempt(attempt.provider, attempt.outcome).inc()
            if attempt.first_token_at is not None:
                self._first_token(attempt.provider).observe((attempt.first_token_at - attempt.started_at) / 1000)

    def text(self) -> bytes:
        """Return everything in Prometheus's text format."""
        return generate_latest(self.registry)
