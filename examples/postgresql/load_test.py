"""What a database takes without a web service before it: queries by asyncpg, timed by measure().

    sonagi run examples/postgresql/load_test.py -e DATABASE=postgresql://user@localhost/shop

Each user has a connection of its own, opened once. Half of them book a seat while the others look.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import asyncpg

from sonagi import ConstantVUs, Mix, Options, measure, think

if TYPE_CHECKING:
    from sonagi import Vu

DATABASE = os.environ.get("DATABASE", "postgresql://postgres@localhost/postgres")
DURATION = os.environ.get("DURATION", "30s")

options = Options(
    scenarios={"seats": ConstantVUs(vus=20, duration=DURATION, exec=Mix({"look": 1, "book": 1}))},
    thresholds={
        "measure_duration{name:free seats}": ["p(95)<20"],
        "measure_failed": ["rate<0.01"],
    },
)


async def setup() -> None:
    """A table of our own, filled anew."""
    connection = await asyncpg.connect(DATABASE)
    await connection.execute(
        """
        DROP TABLE IF EXISTS sonagi_seat;
        CREATE TABLE sonagi_seat (id int PRIMARY KEY, customer int);
        INSERT INTO sonagi_seat SELECT n, NULL FROM generate_series(1, 500) AS n;
        """
    )
    await connection.close()


async def vu_setup(vu: Vu) -> None:
    """Once for each user."""
    vu.state["connection"] = await asyncpg.connect(DATABASE)


async def look(vu: Vu) -> None:
    """How many seats are left?"""
    with measure("free seats"):
        await connection(vu).fetchval("SELECT count(*) FROM sonagi_seat WHERE customer IS NULL")
    await think.uniform(0.05, 0.15)


async def book(vu: Vu) -> None:
    """Take one, whoever had it."""
    seat = vu.random.randint(1, 500)
    with measure("book a seat"):
        await connection(vu).execute("UPDATE sonagi_seat SET customer = $1 WHERE id = $2", vu.id, seat)
    await think.uniform(0.05, 0.15)


async def vu_teardown(vu: Vu) -> None:
    """The connection goes back."""
    await connection(vu).close()


async def teardown() -> None:
    """Nothing is left behind."""
    last = await asyncpg.connect(DATABASE)
    await last.execute("DROP TABLE sonagi_seat")
    await last.close()


def connection(vu: Vu) -> Any:
    """The user's own."""
    return vu.state["connection"]
