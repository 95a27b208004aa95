"""What Prometheus may ask: requests, the pool, and the process itself.

Names of the pool's are those of OpenTelemetry's conventions for database clients.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, Histogram, ProcessCollector
from prometheus_client import generate_latest as written
from starlette.responses import Response

from .pool import POOL_SIZE, WatchedPool

if TYPE_CHECKING:
    from sqlalchemy import Engine
    from starlette.requests import Request
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Metrics:
    """A registry of its own for each app, so that two in one process don't add up."""

    def __init__(self, engine: Engine) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self.requests = Histogram(
            "http_server_requests_seconds",
            "Time from a request's head to its answer.",
            ["method", "status"],
            buckets=BUCKETS,
            registry=self.registry,
        )
        pool = engine.pool
        assert isinstance(pool, WatchedPool)
        used = self._gauge("db_client_connection_count", "Connections in use.")
        used.set_function(pool.checkedout)
        waiting = self._gauge("db_client_connection_pending_requests", "Requests that wait for a connection.")
        waiting.set_function(pool.waiting)
        self._gauge("db_client_connection_max", "Connections that the pool may have.").set(POOL_SIZE)

    def _gauge(self, name: str, what: str) -> Gauge:
        return Gauge(name, what, registry=self.registry)

    async def show(self, _request: Request) -> Response:
        """`GET /metrics`, answered by the loop: in the pool of threads it would wait behind what it is to
        show."""
        return Response(written(self.registry), media_type=CONTENT_TYPE_LATEST)


class Timing:
    """Middleware that times every request, also one that ends in an exception."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app = app
        self.metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began = time.perf_counter()
        status = 500

        async def watch(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, watch)
        finally:
            seconds = time.perf_counter() - began
            self.metrics.requests.labels(scope["method"], str(status)).observe(seconds)
