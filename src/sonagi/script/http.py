"""HTTP requests, with httpx's keywords and k6's numbers.

    response = await http.get("http://localhost:8000/concerts/")
    response.status_code, response.json(), response.timings.waiting

A request is lazy: nothing is sent until it is awaited. A failed request is a result, not an
exception: `status_code` is 0 and `error` says why. `raise_on_error=True` asks for exceptions.
Each virtual user keeps its own connections and cookies.
"""

from dataclasses import dataclass

from sonagi._core import (
    HTTPError,
    HTTPStatusError,
    RequestError,
    Response,
    Timings,
    delete,
    get,
    head,
    options,
    patch,
    post,
    put,
    request,
)
from sonagi.script.client import Client, batch, retry
from sonagi.script.spool import spooled
from sonagi.script.stream import ServerSentEvent, StreamedResponse, stream

__all__ = [
    "Bearer",
    "Client",
    "Digest",
    "HTTPError",
    "HTTPStatusError",
    "RequestError",
    "Response",
    "ServerSentEvent",
    "StreamedResponse",
    "Timings",
    "batch",
    "delete",
    "get",
    "head",
    "options",
    "patch",
    "post",
    "put",
    "request",
    "retry",
    "spooled",
    "stream",
]


@dataclass(frozen=True, slots=True)
class Digest:
    """`auth=http.Digest(user, password)`: answers a server's challenge (RFC 7616: MD5, SHA-256, and their
    `-sess` forms). The challenge is an exchange of its own, expected, and in `response.history`; a user's
    next requests to that server carry an answer from the start."""

    user: str
    password: str

    @property
    def credentials(self) -> tuple[str, str]:
        """What the core answers with."""
        return self.user, self.password


@dataclass(frozen=True, slots=True)
class Bearer:
    """`auth=http.Bearer(token)`: the Authorization header of RFC 6750."""

    token: str

    @property
    def header(self) -> str:
        """The value of the Authorization header."""
        return f"Bearer {self.token}"
