"""The four APIs, /health and /metrics.

Endpoints are synchronous functions, which Starlette runs in its thread pool: the usual way with a synchronous
database driver. Each takes a connection for as long as it reads, and gives it back before it answers.
"""

from __future__ import annotations

import json
from sys import intern
from typing import TYPE_CHECKING, Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.routing import Route

from . import envelope, queue
from .database import Concert, Schedule, Seat
from .envelope import RefusedError, success
from .faults import Faults
from .metrics import Metrics, Timing

if TYPE_CHECKING:
    from sqlalchemy import Engine
    from starlette.requests import Request
    from starlette.responses import Response

PAGE = 20
LONGEST_PAGE = 100
LARGEST_ID = 2**63 - 1  # SQLite's
HEALTHY = Faults()


def create_app(engine: Engine, faults: Faults = HEALTHY) -> Starlette:
    """The service on top of an opened, seeded database."""
    metrics = Metrics(engine)
    app = Starlette(
        routes=[
            Route("/concerts/", list_all_concerts if faults.unpaged else list_concerts),
            Route("/concerts/{concert_id:int}/schedules", list_schedules),
            Route("/concerts/{concert_id:int}/schedules/{schedule_id:int}/seats", list_seats),
            Route("/queues/issue", issue_token, methods=["POST"]),
            Route("/health", health),
            Route("/metrics", metrics.show),
        ],
        middleware=[Middleware(Timing, metrics=metrics)],
        exception_handlers={
            RefusedError: envelope.on_refused_as_200 if faults.errors_as_200 else envelope.on_refused,
            HTTPException: envelope.on_http_exception,
            Exception: envelope.on_error,
        },
    )
    app.state.engine = engine
    app.state.faults = faults
    return app


def database(request: Request) -> Session:
    """A session for one request; a connection is taken at its first query."""
    return Session(request.app.state.engine)


def list_concerts(request: Request) -> Response:
    """A page of concerts; `?after=` takes the `nextCursor` of the page before, null on the last one."""
    limit = whole_number(request, "limit", default=PAGE, lowest=1, highest=LONGEST_PAGE)
    after = whole_number(request, "after", default=0, lowest=0, highest=LARGEST_ID)
    # By key and not by OFFSET: page 1,000 costs what page 1 does. One row more tells whether a page follows.
    query = select(Concert).where(Concert.id > after).order_by(Concert.id).limit(limit + 1)
    with database(request) as session:
        rows = session.scalars(query).all()
    page = rows[:limit]
    return success(
        {
            "concerts": [shown(concert) for concert in page],
            "nextCursor": page[-1].id if len(rows) > limit else None,
        }
    )


def list_all_concerts(request: Request) -> Response:
    """The fault `--unpaged`: every concert there is, read and sent at once."""
    with database(request) as session:
        # Of a million concerts one answer, 0.9 GB while it is made, fits into the memory that the process may
        # have, and two do not.
        query = select(*Concert.__table__.columns).order_by(Concert.id)
        concerts = [shown(concert) for concert in session.execute(query).all()]
    return envelope.success_of_many("concerts", concerts)


def shown(concert: Any) -> dict[str, Any]:
    """A concert as the list has it."""
    return {
        "concertId": concert.id,
        "title": concert.title,
        "artist": intern(concert.artist),
        "concertStatus": intern(concert.status),
        "bookBeginAt": intern(concert.book_begin_at.isoformat()),
        "bookEndAt": intern(concert.book_end_at.isoformat()),
    }


def list_schedules(request: Request) -> Response:
    """The evenings of a concert."""
    concert_id = request.path_params["concert_id"]
    with database(request) as session:
        require_concert(session, concert_id)
        query = select(Schedule).where(Schedule.concert_id == concert_id).order_by(Schedule.performs_at)
        schedules = session.scalars(query).all()
    return success(
        {
            "schedules": [
                {
                    "scheduleId": schedule.id,
                    "hall": schedule.hall,
                    "performsAt": schedule.performs_at.isoformat(),
                }
                for schedule in schedules
            ]
        }
    )


def list_seats(request: Request) -> Response:
    """The fifty seats of an evening."""
    concert_id, schedule_id = request.path_params["concert_id"], request.path_params["schedule_id"]
    with database(request) as session:
        require_concert(session, concert_id)
        known = select(Schedule.id).where(Schedule.id == key(schedule_id), Schedule.concert_id == concert_id)
        if session.scalar(known) is None:
            raise RefusedError(404, f"Concert {concert_id} has no schedule {schedule_id}")
        seats = session.scalars(
            select(Seat).where(Seat.schedule_id == schedule_id).order_by(Seat.number)
        ).all()
    return success(
        {
            "seats": [
                {
                    "seatId": seat.id,
                    "seatNumber": seat.number,
                    "price": seat.price,
                    "seatStatus": seat.status,
                }
                for seat in seats
            ]
        }
    )


async def issue_token(request: Request) -> Response:
    """The customer's place in the queue; the token also as the header that later requests send back."""
    try:
        body: Any = json.loads(await request.body())
    except ValueError as problem:
        raise RefusedError(400, "The body is not JSON") from problem
    customer_id = body.get("customerId") if isinstance(body, dict) else None
    # `type`, not isinstance: true is an int to Python, and no customer.
    if type(customer_id) is not int or not 1 <= customer_id <= LARGEST_ID:
        raise RefusedError(422, "customerId must be a positive whole number")
    issue = queue.issue_racily if request.app.state.faults.racy_tokens else queue.issue
    place = await run_in_threadpool(issue, request.app.state.engine, customer_id)
    return success(
        {
            "customerId": customer_id,
            "token": place.token,
            "queueStatus": place.status,
            "waitingCountAhead": place.ahead,
            "waitingCountBehind": place.behind,
        },
        headers={"Authorization": f"Bearer {place.token}"},
    )


def health(request: Request) -> Response:
    """Whether the service and its database answer."""
    with database(request) as session:
        session.execute(text("SELECT 1"))
    return success({"status": "UP"})


def require_concert(session: Session, concert_id: int) -> None:
    """Refuses with 404 when there is no such concert."""
    if session.get(Concert, key(concert_id)) is None:
        raise RefusedError(404, f"There is no concert {concert_id}")


def key(number: int) -> int:
    """A number from a path as a key: one that SQLite can't hold is nobody's."""
    return number if number <= LARGEST_ID else 0


def whole_number(request: Request, name: str, *, default: int, lowest: int, highest: int) -> int:
    """A query parameter as a number: 400 when it is none, 422 when it is out of bounds."""
    given = request.query_params.get(name)
    if given is None:
        return default
    try:
        number = int(given)
    except ValueError as problem:
        raise RefusedError(400, f"{name} must be a whole number") from problem
    if not lowest <= number <= highest:
        raise RefusedError(422, f"{name} must be from {lowest} to {highest}")
    return number
