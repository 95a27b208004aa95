"""/proc/PID of several kernels, and what a JVM's command line says."""

import pytest

from sonagi.probes.proc import process

STAT = (
    "27643 (python serve.py) x) S 1 27643 27643 0 -1 4194304 1892 30 0 0 412 55 7 3 20 0 12 0 118 142360576 15612 "
    "18446744073709551615 94 95 140 0 0 0 0 16781312 16386 0 0 0 17 1 0 0 0 0 0 0 0 0 0 0 0 0 0"
)
LIMITS = """\
Limit                     Soft Limit           Hard Limit           Units
Max cpu time              unlimited            unlimited            seconds
Max data size             1500000000           1500000000           bytes
Max open files            20000                20000                files
Max address space         unlimited            unlimited            bytes
"""
STATUS = "Name:\tcat\nCpus_allowed:\t3\nCpus_allowed_list:\t0-1,4,8-11\nMems_allowed_list:\t0\n"


def test_a_name_may_hold_anything() -> None:
    one = process.stat(STAT)
    assert (one.pid, one.name, one.state, one.parent) == (27643, "python serve.py) x", "S", 1)
    assert (one.ticks, one.children_ticks, one.threads, one.started, one.pages) == (467, 10, 12, 118, 15612)
    assert process.ticks(STAT) == 467


@pytest.mark.parametrize("text", ["", "12 (x) S 1", "nothing"])
def test_what_is_no_stat_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        process.stat(text)


def test_limits_are_those_there_are() -> None:
    assert process.limits(LIMITS) == {"data": 1_500_000_000, "fds": 20000}
    assert process.limits("") == {}


def test_cores_that_it_may_use() -> None:
    assert process.cores(STATUS) == 7
    assert process.cores("") is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0::/user.slice/app.service\n", {"": "/user.slice/app.service"}),
        (
            "9:name=systemd:/\n4:memory:/process_api/9fc\n2:cpu,cpuacct:/\n0::/\n",
            {"name=systemd": "/", "memory": "/process_api/9fc", "cpu": "/", "cpuacct": "/", "": "/"},
        ),
    ],
)
def test_groups_by_controller(text: str, expected: dict[str, str]) -> None:
    assert process.cgroups(text) == expected


@pytest.mark.parametrize(
    ("arguments", "limit"),
    [
        (["java", "-Xmx128m", "-jar", "app.jar"], 128 * 2**20),
        (["java", "-Xms1g", "-Xmx1G", "-Xmx2g"], 2 * 2**30),
        (["java", "-XX:MaxHeapSize=134217728"], 134217728),
        (["java", "-jar", "app.jar", "-Xmx"], None),
        (["python", "serve.py"], None),
    ],
)
def test_a_jvm_says_how_large_its_heap_may_be(arguments: list[str], limit: int | None) -> None:
    assert process.heap_limit(arguments) == limit
