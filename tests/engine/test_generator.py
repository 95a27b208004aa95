"""What the generator says of itself each second: connections, CPU, descriptors, ports."""

import asyncio
import resource
import sys
import time

import pytest
from notes import heard
from wire import OK, forever, play, server

from sonagi import Options, http

linux = pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")


def test_connections_that_were_made_and_exchanges_that_needed_none_are_counted() -> None:
    with server(forever(OK)) as served, heard() as notes:
        play(lambda: http.get(served.url), iterations=5)
    assert (notes.total("connections", "opened"), notes.total("connections", "reused")) == (1, 4)


def test_without_reuse_each_exchange_has_its_connection() -> None:
    with server(forever(OK)) as served, heard() as notes:
        play(lambda: http.get(served.url), iterations=3, options=Options(no_connection_reuse=True))
    assert (notes.total("connections", "opened"), notes.total("connections", "reused")) == (3, 0)


def test_a_port_that_nobody_listens_on_makes_no_connection() -> None:
    with server() as served:
        pass
    with heard() as notes:
        play(lambda: http.get(served.url))
    assert notes.of("connections") == []


@linux
def test_open_sockets_are_seen_against_what_the_system_allows() -> None:
    async def hold_ten() -> None:
        await asyncio.gather(*(http.get(f"{served.url}{number}") for number in range(10)))
        await asyncio.sleep(1.1)

    with server(forever(OK)) as served, heard() as notes:
        play(hold_ten)
    most = max(notes.of("generator"), key=lambda note: note["ports"])
    assert most["ports"] == 10
    assert most["port_limit"] > 1000
    assert 10 < most["fds"] < most["fd_limit"] == resource.getrlimit(resource.RLIMIT_NOFILE)[0]


@linux
def test_the_cpu_of_user_code_is_told_apart_from_that_of_the_io_thread() -> None:
    async def burn() -> None:
        until = time.thread_time() + 0.2
        while time.thread_time() < until:
            pass

    with heard() as notes:
        play(burn)
    assert notes.total("generator", "user_cpu_ns") > 190_000_000
    assert notes.total("generator", "thread_io_ns") < 100_000_000
    assert notes.total("generator", "cpu_ns") >= notes.total("generator", "user_cpu_ns")
