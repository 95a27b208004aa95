"""The server under test: `python service.py --port 0 --log FILE --spec JSON`.

Every path of the spec is answered by one of the behaviours below, in Starlette's thread pool as most Python services
are. What it does wrong it does for real: it hashes, waits for a database, keeps what it should let go.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import logging
import random
import socket
import threading
import time
from typing import TYPE_CHECKING, Any

import uvicorn
from sqlalchemy import create_engine, text
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request

LOG = logging.getLogger("service")
KEPT: list[bytes] = []
WAITING: set[int] = set()
"""Threads that wait for a connection."""


def answer(spec: dict[str, Any], **more: Any) -> Response:
    """A list of as many items as the spec says."""
    items = [{"id": at, "title": f"Item number {at}"} for at in range(spec.get("items", 10))]
    return JSONResponse({"responseStatus": "SUCCESS", "data": {"items": items, **more}})


def plain(spec: dict[str, Any], request: Request) -> Response:
    """Some time, then an answer; now and then a warning, and one request in many takes longer."""
    chance = random.random()
    time.sleep(0.3 if chance < spec.get("outliers", 0) else spec["ms"] / 1000)
    if chance > 1 - spec.get("noise", 0):
        LOG.warning("Slow consumer on channel %d, dropping heartbeat", random.randrange(1000))
    return answer(spec)


def hashing(spec: dict[str, Any], request: Request) -> Response:
    """Processor time."""
    until = time.thread_time() + spec["cpu_ms"] / 1000
    block = random.randbytes(16384)
    while time.thread_time() < until:
        block = hashlib.sha256(block).digest() * 512
    return answer(spec, digest=block[:8].hex())


def querying(spec: dict[str, Any], request: Request) -> Response:
    """A customer's orders; without an index the database reads the whole table."""
    customer = random.randrange(spec["customers"])
    WAITING.add(threading.get_ident())
    try:
        connecting = request.app.state.engine.connect()
    except PoolTimeout as error:
        LOG.error("%s", error)
        return JSONResponse({"responseStatus": "FAIL", "message": "Internal Server Error"}, 500)
    finally:
        WAITING.discard(threading.get_ident())
    with connecting as connection:
        rows = connection.execute(
            text(f"SELECT id, amount FROM {spec['table']} WHERE customer = :customer LIMIT 20"),
            {"customer": customer},
        ).all()
    return answer(spec, orders=[[row.id, float(row.amount)] for row in rows])


def leaking(spec: dict[str, Any], request: Request) -> Response:
    """Keeps some bytes of each request for ever."""
    KEPT.append(random.randbytes(spec["bytes"]))
    time.sleep(spec["ms"] / 1000)
    return answer(spec)


def refusing(spec: dict[str, Any], request: Request) -> Response:
    """Most ids do not exist, which is told with status 200."""
    if int(request.path_params["id"]) % spec["of"] >= spec["known"]:
        body = {
            "responseStatus": "FAIL",
            "message": "The item does not exist or is not for sale",
            "data": None,
        }
        return JSONResponse(body)
    return answer(spec)


BEHAVIOURS: dict[str, Callable[[dict[str, Any], Request], Response]] = {
    behaviour.__name__: behaviour for behaviour in (plain, hashing, querying, leaking, refusing)
}


def route(path: str, spec: dict[str, Any]) -> Route:
    """One path of the spec."""
    behaviour = BEHAVIOURS[spec["does"]]

    def endpoint(request: Request) -> Response:
        return behaviour(spec, request)

    return Route(path, endpoint)


async def metrics(request: Request) -> Response:
    """The pool, as Prometheus asks for it; answered by the loop, since all threads may be waiting."""
    engine = request.app.state.engine
    lines = (
        []
        if engine is None
        else [
            f"db_client_connection_count {engine.pool.checkedout()}",
            f"db_client_connection_max {engine.pool.size()}",
            f"db_client_connection_pending_requests {len(WAITING)}",
        ]
    )
    return Response("\n".join(lines) + "\n", media_type="text/plain; version=0.0.4")


def main() -> None:
    """Listen, say where, serve until a signal."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--log", required=True)
    parser.add_argument("--spec", type=json.loads, required=True)
    asked = parser.parse_args()
    spec = asked.spec
    logging.basicConfig(
        filename=asked.log,
        level=logging.INFO,
        format="%(asctime)s %(levelname)s [%(threadName)s] %(name)s: %(message)s",
    )
    app = Starlette(
        routes=[*(route(path, one) for path, one in spec["routes"].items()), Route("/metrics", metrics)]
    )
    database = spec.get("database")
    app.state.engine = database and create_engine(
        database, pool_size=spec["pool"], max_overflow=0, pool_timeout=spec.get("pool_timeout", 2)
    )
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((spec.get("host", "127.0.0.1"), spec.get("port", 0)))
    listener.listen(spec.get("backlog", 2048))
    print(listener.getsockname()[1], flush=True)
    config = uvicorn.Config(app, access_log=False, log_config=None, timeout_keep_alive=60)
    uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main()
