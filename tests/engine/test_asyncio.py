"""A user's code is an asyncio task like any other, though the core resumes it without the loop's help."""

import asyncio
import contextvars
import gc
import io
import weakref
from typing import Any

import pytest
from wire import play

import sonagi

WAITS = {
    "core": lambda: sonagi.sleep(9),
    "asyncio": lambda: asyncio.sleep(9),
    "yield": lambda: asyncio.sleep(0),
}
COLOR: contextvars.ContextVar[str] = contextvars.ContextVar("color", default="none")


def task() -> asyncio.Task[Any]:
    """The task that runs now."""
    current = asyncio.current_task()
    assert current is not None
    return current


def test_the_current_task_is_the_same_before_and_after_each_wait() -> None:
    async def ask() -> list[asyncio.Task[Any]]:
        seen = [task()]
        for wait in (sonagi.sleep(0.001), asyncio.sleep(0.001), sonagi.sleep(0.001), asyncio.sleep(0)):
            await wait
            seen.append(task())
        return seen

    [seen], _ = play(ask)
    assert len(seen) == 5
    assert len(set(seen)) == 1
    assert seen[0].done()


def test_outside_of_a_user_no_task_is_left_as_the_current_one() -> None:
    async def ask() -> asyncio.Task[Any] | None:
        seen: asyncio.Future[asyncio.Task[Any] | None] = asyncio.get_running_loop().create_future()
        await sonagi.sleep(0.001)
        asyncio.get_running_loop().call_soon(lambda: seen.set_result(asyncio.current_task()))
        return await seen

    assert play(ask)[0] == [None]


def test_a_context_variable_keeps_its_value_over_waits_of_either_kind() -> None:
    async def ask() -> list[str]:
        COLOR.set("blue")
        await sonagi.sleep(0.001)
        seen = [COLOR.get()]
        await asyncio.sleep(0.001)
        return [*seen, COLOR.get()]

    assert play(ask)[0] == [["blue", "blue"]]


def test_what_asyncio_awaits_comes_back_with_its_value_or_exception() -> None:
    async def ask() -> list[Any]:
        loop = asyncio.get_running_loop()
        future: asyncio.Future[str] = loop.create_future()
        await sonagi.sleep(0.001)
        loop.call_later(0.001, future.set_result, "value")
        seen: list[Any] = [await future, await future]
        failing: asyncio.Future[str] = loop.create_future()
        loop.call_soon(failing.set_exception, KeyError("no"))
        with pytest.raises(KeyError):
            await failing
        return [*seen, await asyncio.to_thread(lambda: "thread")]

    assert play(ask)[0] == [["value", "value", "thread"]]


def test_a_timeout_ends_waits_of_either_kind_and_the_user_goes_on() -> None:
    async def ask() -> list[str]:
        ended = []
        for name, wait in (
            ("core", sonagi.sleep(9)),
            ("asyncio", asyncio.sleep(9)),
            ("core", sonagi.sleep(9)),
        ):
            try:
                async with asyncio.timeout(0.005):
                    await wait
            except TimeoutError:
                ended.append(name)
            await sonagi.sleep(0.001)
        assert task().cancelling() == 0
        return ended

    assert play(ask)[0] == [["core", "asyncio", "core"]]


def test_a_child_that_fails_cancels_its_group_while_the_parent_waits_for_the_core() -> None:
    async def fail() -> None:
        await sonagi.sleep(0.002)
        raise ValueError("child")

    async def ask() -> str:
        told = "not cancelled"
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(fail())
                await sonagi.sleep(9)
        except* ValueError as errors:
            told = str(errors.exceptions[0])
        return told

    assert play(ask)[0] == ["child"]


@pytest.mark.parametrize("kind", WAITS)
def test_code_that_cancels_itself_is_cancelled_at_its_next_wait(kind: str) -> None:
    async def ask() -> str:
        await sonagi.sleep(0.001)
        task().cancel("enough")
        try:
            await WAITS[kind]()
        except asyncio.CancelledError as error:
            task().uncancel()
            await sonagi.sleep(0.001)
            return str(error)
        return "not cancelled"

    assert play(ask)[0] == ["enough"]


def test_code_that_cancels_itself_cancels_the_tasks_it_then_waits_for() -> None:
    async def ask() -> bool:
        await sonagi.sleep(0.001)
        child = asyncio.create_task(asyncio.sleep(9))
        task().cancel()
        try:
            await child
        except asyncio.CancelledError:
            task().uncancel()
        return child.cancelled()

    assert play(ask)[0] == [True]


def test_a_cancellation_may_be_caught_and_answered_with_more_waits() -> None:
    async def ask() -> list[str]:
        me, seen = task(), []
        asyncio.get_running_loop().call_later(0.002, me.cancel)
        try:
            await sonagi.sleep(9)
        except asyncio.CancelledError:
            seen.append("caught")
            me.uncancel()
        await sonagi.sleep(0.001)
        await asyncio.sleep(0.001)
        return [*seen, "went on"]

    assert play(ask)[0] == [["caught", "went on"]]


def test_a_cancellation_twice_before_it_is_heard_is_one() -> None:
    async def ask() -> int:
        me = task()

        def cancel_twice() -> None:
            me.cancel()
            me.cancel()

        asyncio.get_running_loop().call_later(0.002, cancel_twice)
        try:
            await sonagi.sleep(9)
        except asyncio.CancelledError:
            await sonagi.sleep(0.001)
        me.uncancel()
        left = me.uncancel()
        await sonagi.sleep(0.001)
        return left

    assert play(ask)[0] == [0]


def test_users_wake_each_other_through_asyncio() -> None:
    turns: list[int] = []
    queue: asyncio.Queue[int] = asyncio.Queue(maxsize=1)

    async def both(vu: sonagi.Vu) -> None:
        for number in range(20):
            if vu.id % 2:
                await queue.put(number)
                await sonagi.sleep(0.0001)
            else:
                turns.append(await queue.get())
                await sonagi.sleep(0.0001)

    result = sonagi.run(both, vus=2, iterations=2)
    assert not result.errors
    assert turns == list(range(20))


def test_the_stack_of_a_user_can_be_printed() -> None:
    async def waits_here() -> None:
        await sonagi.sleep(0.01)

    async def ask() -> str:
        printed = io.StringIO()
        asyncio.get_running_loop().call_later(0.001, lambda me: me.print_stack(file=printed), task())
        await waits_here()
        assert "live" in repr(task())
        return printed.getvalue()

    [printed], _ = play(ask)
    assert "life.py" in printed


def test_an_operation_may_have_more_than_one_waiter() -> None:
    async def wait(operation: Any) -> str:
        await operation
        return "resumed"

    async def ask() -> list[str]:
        pause = sonagi.sleep(0.002)
        other = asyncio.create_task(wait(pause))
        await asyncio.sleep(0)
        return [await wait(pause), await other]

    assert play(ask)[0] == [["resumed", "resumed"]]


def test_after_a_run_in_this_process_nothing_of_its_users_is_left() -> None:
    left: list[weakref.ref[Any]] = []

    async def ask(vu: sonagi.Vu) -> None:
        left.append(weakref.ref(task()))
        await sonagi.sleep(0.001)

    sonagi.run(ask, vus=3, iterations=3)
    gc.collect()
    gc.collect()
    assert [reference() for reference in left] == [None] * len(left)
