"""Tables, and the engine: on SQLite or on PostgreSQL."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - SQLAlchemy reads the annotations below
from typing import TYPE_CHECKING, Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, create_engine, event, make_url, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from .pool import POOL_SIZE, POOL_TIMEOUT, WatchedPool

if TYPE_CHECKING:
    from sqlalchemy import Engine


class Base(DeclarativeBase):
    """What all tables share."""


class Concert(Base):
    """Something to go to. `status` is AVAILABLE or CLOSED."""

    __tablename__ = "concert"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(100))
    artist: Mapped[str] = mapped_column(String(100))
    status: Mapped[str] = mapped_column(String(20))
    book_begin_at: Mapped[datetime]
    book_end_at: Mapped[datetime]


class Schedule(Base):
    """One evening of a concert."""

    __tablename__ = "schedule"

    id: Mapped[int] = mapped_column(primary_key=True)
    concert_id: Mapped[int] = mapped_column(ForeignKey("concert.id"), index=True)
    hall: Mapped[str] = mapped_column(String(100))
    performs_at: Mapped[datetime]


class Seat(Base):
    """One seat on one evening. `price` is in won; `status` is AVAILABLE or RESERVED."""

    __tablename__ = "seat"
    __table_args__ = (UniqueConstraint("schedule_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    schedule_id: Mapped[int] = mapped_column(ForeignKey("schedule.id"))
    number: Mapped[int]
    price: Mapped[int]
    status: Mapped[str] = mapped_column(String(20))


class QueueToken(Base):
    """A customer's place in the queue: the lower the id, the earlier. `status` is ACTIVE or WAITING."""

    __tablename__ = "queue_token"
    __table_args__ = (Index("queue_token_by_status", "status", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(index=True)
    token: Mapped[str] = mapped_column(String(64), unique=True)
    status: Mapped[str] = mapped_column(String(20))


UNIQUE_CUSTOMER = "CREATE UNIQUE INDEX IF NOT EXISTS one_token_each ON queue_token (customer_id)"


def open_engine(url: str, *, racy_tokens: bool = False) -> Engine:
    """An engine on the database at `url` (sqlite:///FILE or postgresql://…), its tables made where they were
    missing. `racy_tokens` leaves out the key that keeps a customer from having two."""
    parsed = make_url(url)
    if parsed.drivername == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
    engine = create_engine(
        parsed, poolclass=WatchedPool, pool_size=POOL_SIZE, max_overflow=0, pool_timeout=POOL_TIMEOUT
    )
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", prepare_sqlite)
    Base.metadata.create_all(engine)
    with engine.begin() as connection:
        connection.execute(text("DROP INDEX IF EXISTS one_token_each" if racy_tokens else UNIQUE_CUSTOMER))
    return engine


def prepare_sqlite(connection: Any, _record: Any) -> None:
    """Settings of a new connection to SQLite."""
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")  # readers don't wait for the writer
    cursor.execute("PRAGMA synchronous = NORMAL")
    cursor.execute("PRAGMA busy_timeout = 5000")  # ms a writer waits for another
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()
