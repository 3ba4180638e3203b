"""Counters of one server, in Prometheus's terms."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

_SECONDS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)


class Metrics:
    """Count requests, streams, attempts and tokens; names and labels never hold what people wrote."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter("g4f_requests", "Requests by route and status.", ("method", "route", "status"), registry=self.registry)
        self._requests: dict[tuple[str, int], Counter] = {}  # looking a counter up by its labels takes longer than counting
        self.streams = Gauge("g4f_streams", "Answers on their way now.", registry=self.registry)
        self.attempts = Counter("g4f_attempts", "Provider calls by how they ended.", ("provider", "outcome"), registry=self.registry)
        self.first_token = Histogram(
            "g4f_first_token_seconds", "Wait for the first token.", ("provider",), buckets=_SECONDS, registry=self.registry
        )

    def count_request(self, endpoint: str, status: int) -> None:
        """Count an answer; ``endpoint`` is the method and the pattern of the row that gave it, empty where none matched."""
        counter = self._requests.get((endpoint, status))
        if counter is None:
            method, _, route = endpoint.partition(" ")
            counter = self._requests[endpoint, status] = self.requests.labels(method, route, status)
        counter.inc()

    def count(self, provider: str, outcome: str, started_at: int, first_token_at: int | None) -> None:
        """Count a finished attempt; times are milliseconds."""
        self.attempts.labels(provider, outcome).inc()
        if first_token_at is not None:
            self.first_token.labels(provider).observe((first_token_at - started_at) / 1000)

    def text(self) -> bytes:
        """Return everything in Prometheus's text format."""
        return generate_latest(self.registry)
