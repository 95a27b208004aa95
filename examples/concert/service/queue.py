"""The queue in front of the sale: one token a customer; the first of them are let in, the rest wait."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, insert, select, text, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from .database import QueueToken

if TYPE_CHECKING:
    from sqlalchemy import Engine

CAPACITY = 50  # customers who may buy at the same time


@dataclass(frozen=True)
class Place:
    """Where a customer stands: `ahead` and `behind` count those who wait before and after."""

    token: str
    status: str
    ahead: int
    behind: int


def issue(engine: Engine, customer_id: int) -> Place:
    """The customer's place in the queue, at its end if there was none yet."""
    place = find(engine, customer_id)
    if place is None:
        append(engine, customer_id)
        place = find(engine, customer_id)
    assert place is not None  # tokens are never deleted
    return place


def issue_racily(engine: Engine, customer_id: int) -> Place:
    """The fault `--racy-tokens`: between looking and inserting another request may do the same. Whoever has
    two tokens can't be found again: SQLAlchemy raises MultipleResultsFound."""
    with Session(engine) as session:
        query = select(QueueToken).where(QueueToken.customer_id == customer_id)
        if session.scalars(query).one_or_none() is None:
            session.rollback()
            token = secrets.token_urlsafe(24)
            session.execute(insert(QueueToken).values(customer_id=customer_id, token=token, status="WAITING"))
            session.commit()
    place = find(engine, customer_id)
    assert place is not None
    return place


def find(engine: Engine, customer_id: int) -> Place | None:
    """The customer's place, or None."""
    with Session(engine) as session:
        token = session.scalar(select(QueueToken).where(QueueToken.customer_id == customer_id))
        if token is None:
            return None
        waiting = select(func.count()).where(QueueToken.status == "WAITING")
        return Place(
            token.token,
            token.status,
            ahead=session.scalar(waiting.where(QueueToken.id < token.id)) or 0,
            behind=session.scalar(waiting.where(QueueToken.id > token.id)) or 0,
        )


def append(engine: Engine, customer_id: int) -> None:
    """Gives the customer a token; nothing happens when another request was faster."""
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(1)"))
        # The insert comes first: it takes SQLite's write lock, so that nobody else counts in the meantime.
        dialect = postgresql if engine.dialect.name == "postgresql" else sqlite
        connection.execute(
            dialect.insert(QueueToken)
            .values(customer_id=customer_id, token=secrets.token_urlsafe(24), status="WAITING")
            .on_conflict_do_nothing(index_elements=["customer_id"])
        )
        active = connection.scalar(select(func.count()).where(QueueToken.status == "ACTIVE")) or 0
        if active < CAPACITY:
            connection.execute(
                update(QueueToken).where(QueueToken.customer_id == customer_id).values(status="ACTIVE")
            )
