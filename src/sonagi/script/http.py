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
from sonagi.script.stream import ServerSentEvent, StreamedResponse, stream

__all__ = [
    "Bearer",
    "Client",
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
    "stream",
]


@dataclass(frozen=True, slots=True)
class Bearer:
    """`auth=http.Bearer(token)`: the Authorization header of RFC 6750."""

    token: str

    @property
    def header(self) -> str:
        """The value of the Authorization header."""
        return f"Bearer {self.token}"
