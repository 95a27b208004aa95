"""The one shape of every answer: `{"responseStatus", "message", "data"}`, for failures too."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from starlette.requests import Request


SAME_WORDS = "The concert is unknown or not open for booking. Please try again later."


class RefusedError(Exception):
    """The request can't be served, and it is the caller who can mend that. `status` is the HTTP status."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


def success(data: Any, *, status: int = 200, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """The answer to a request that went well."""
    return JSONResponse({"responseStatus": "SUCCESS", "message": "OK", "data": data}, status, headers)


def success_of_many(name: str, rows: Sequence[Any]) -> Response:
    """The same for a list that is long, and the whole of it."""
    written = [b'{"responseStatus":"SUCCESS","message":"OK","data":{"%b":[' % name.encode()]
    for row in rows:
        written += [json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode(), b","]
    written[-1:] = [b'],"nextCursor":null}}']
    return Response(b"".join(written), media_type="application/json")


def failure(status: int, message: str, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """The answer to a request that did not; `data` is null."""
    return JSONResponse({"responseStatus": "FAIL", "message": message, "data": None}, status, headers)


async def on_refused(_request: Request, problem: Exception) -> JSONResponse:
    """Turns what the service refuses into an answer."""
    assert isinstance(problem, RefusedError)
    return failure(problem.status, problem.message)


async def on_refused_as_200(_request: Request, _problem: Exception) -> JSONResponse:
    """The fault `--errors-as-200`: 121 bytes that only who reads them takes for a failure."""
    return failure(200, SAME_WORDS)


async def on_http_exception(_request: Request, problem: Exception) -> JSONResponse:
    """Turns what the framework refuses (no such path, no such method) into an answer of our shape."""
    assert isinstance(problem, HTTPException)
    return failure(problem.status_code, problem.detail, problem.headers)


async def on_error(_request: Request, _problem: Exception) -> JSONResponse:
    """Turns a bug or an exhausted pool into a 500; the traceback goes to the log, not to the caller."""
    return failure(500, "Internal Server Error")
