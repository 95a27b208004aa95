"""The pool of ten connections, and how busy it is."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from sqlalchemy import QueuePool

if TYPE_CHECKING:
    from sqlalchemy import PoolProxiedConnection

POOL_SIZE = 10
POOL_TIMEOUT = 30.0  # seconds a request waits for a connection before it fails


class WatchedPool(QueuePool):
    """SQLAlchemy's pool; it also knows how many requests wait for a connection."""

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        self._lock = threading.Lock()
        self._asking = 0

    def connect(self) -> PoolProxiedConnection:
        """A connection, as soon as one is free."""
        with self._lock:
            self._asking += 1
        try:
            return super().connect()
        finally:
            with self._lock:
                self._asking -= 1

    def waiting(self) -> int:
        """How many wait for a connection."""
        return self._asking
