"""Fills an empty database, always with the same rows."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING

from sqlalchemy import insert, select, text

from .database import Concert, Schedule, Seat

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from sqlalchemy import Engine

CONCERTS = 200
SEATED = 1000  # so many concerts at most have evenings and seats
SCHEDULES_EACH = 5
SEATS_EACH = 50

# Rows by the database itself, as copies of those there are: a million in two seconds.
MANY = text("""
    INSERT INTO concert (id, title, artist, status, book_begin_at, book_end_at)
    WITH RECURSIVE numbers (n) AS (
        SELECT CAST(:first AS BIGINT) WHERE :first <= :last
        UNION ALL SELECT n + 1 FROM numbers WHERE n < :last
    )
    SELECT n, known.title || ' ' || n, known.artist, known.status, known.book_begin_at, known.book_end_at
    FROM numbers JOIN concert AS known ON known.id = n % :known + 1
""")

SEASONS = ("봄날의", "한여름", "가을밤", "첫눈 오는", "Midnight", "Sunday")
KINDS = ("소나기", "재즈", "교향곡", "버스킹", "Serenade", "Overture")
ARTISTS = ("김하늘", "박서준 트리오", "이바다", "최은하 밴드", "The Umbrellas", "Cloudburst")
HALLS = ("블루스퀘어", "예술의전당", "올림픽홀", "롤링홀")
OPENING = datetime(2026, 12, 1, 19, 0)  # noqa: DTZ001 - local time of the hall, as printed on a ticket


def seed(engine: Engine, concerts: int = CONCERTS) -> None:
    """Adds `concerts` concerts, the first SEATED with schedules and seats, unless there are any."""
    with engine.begin() as connection:
        if connection.scalar(select(Concert.id).limit(1)) is not None:
            return
        if concerts > 0:
            seated = min(concerts, SEATED)
            connection.execute(insert(Concert), list(concert_rows(seated)))
            connection.execute(insert(Schedule), list(schedule_rows(seated)))
            seats = seat_rows(seated * SCHEDULES_EACH)
            while some := list(islice(seats, 10_000)):
                connection.execute(insert(Seat), some)
            connection.execute(MANY, {"first": seated + 1, "last": concerts, "known": seated})


def concert_rows(count: int) -> Iterator[dict[str, Any]]:
    """Concerts 1 to `count`."""
    chance = random.Random(1)
    for number in range(1, count + 1):
        yield {
            "id": number,
            "title": f"{chance.choice(SEASONS)} {chance.choice(KINDS)} {number}",
            "artist": chance.choice(ARTISTS),
            "status": "AVAILABLE",
            "book_begin_at": OPENING - timedelta(days=60),
            "book_end_at": OPENING + timedelta(days=number % 90),
        }


def schedule_rows(concerts: int) -> Iterator[dict[str, Any]]:
    """Five evenings for each concert; those of concert n are 5n-4 to 5n."""
    for index in range(concerts * SCHEDULES_EACH):
        concert, evening = divmod(index, SCHEDULES_EACH)
        yield {
            "id": index + 1,
            "concert_id": concert + 1,
            "hall": HALLS[concert % len(HALLS)],
            "performs_at": OPENING + timedelta(days=concert % 90 + evening),
        }


def seat_rows(schedules: int) -> Iterator[dict[str, Any]]:
    """Fifty seats for each evening, the front rows dearer, some of them gone."""
    chance = random.Random(2)
    for index in range(schedules * SEATS_EACH):
        schedule, seat = divmod(index, SEATS_EACH)
        yield {
            "id": index + 1,
            "schedule_id": schedule + 1,
            "number": seat + 1,
            "price": 150_000 if seat < 10 else 110_000 if seat < 30 else 77_000,
            "status": "RESERVED" if chance.random() < 0.3 else "AVAILABLE",
        }
