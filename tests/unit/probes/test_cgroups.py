"""Control groups of both versions, and where they lie."""

from pathlib import Path

import pytest

from sonagi.probes import cgroup
from sonagi.probes.cgroup import Cgroup
from sonagi.probes.proc import cgroups, host

V1 = """\
31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
32 31 0:29 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu
35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory
41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw
"""  # a mixed system
V2 = "30 23 0:26 / /sys/fs/cgroup rw,nosuid,nodev shared:4 - cgroup2 cgroup2 rw,nsdelegate\n"
DOCKER_V1 = "600 590 0:29 /docker/4f5c /sys/fs/cgroup/cpu,cpuacct ro,nosuid master:11 - cgroup cgroup rw,cpu,cpuacct\n"
BLANK = "30 23 0:26 / /mnt/a\\040b rw - cgroup2 cgroup2 rw\n"
V2_CPU_STAT = """\
usage_usec 922573911
user_usec 767536602
system_usec 155037308
nr_periods 1200
nr_throttled 300
throttled_usec 45012345
nr_bursts 0
burst_usec 0
"""
V2_EVENTS = "low 0\nhigh 0\nmax 4183\noom 3\noom_kill 2\noom_group_kill 0\n"
V1_OOM_CONTROL = "oom_kill_disable 0\nunder_oom 0\noom_kill 2\n"
V1_OOM_CONTROL_OLD = "oom_kill_disable 0\nunder_oom 0\n"  # before Linux 4.13


@pytest.mark.parametrize(
    ("mountinfo", "groups", "controller", "expected"),
    [
        (V1, {"cpu": "/", "memory": "/a/b", "": "/"}, "memory", ["memory/a/b", "memory/a", "memory"]),
        (V1, {"cpu": "/", "memory": "/a/b", "": "/"}, "cpu", ["cpu"]),
        (V2, {"": "/user.slice/app.service"}, "cpu", ["user.slice/app.service", "user.slice", ""]),
        (DOCKER_V1, {"cpu": "/docker/4f5c/inner"}, "cpu", ["cpu,cpuacct/inner", "cpu,cpuacct"]),
        (V2, {"": "/../../elsewhere"}, "cpu", []),
        ("", {"": "/x"}, "cpu", []),
    ],
)
def test_a_process_has_a_folder_and_those_around_it(
    mountinfo: str, groups: dict[str, str], controller: str, expected: list[str]
) -> None:
    found = cgroups.folders(cgroups.mounts(mountinfo), groups, controller)
    assert found == [f"/sys/fs/cgroup/{folder}".rstrip("/") for folder in expected]


def test_a_mount_point_may_have_blanks() -> None:
    assert cgroups.mounts(BLANK)[0].point == "/mnt/a b"


@pytest.mark.parametrize(
    ("text", "period", "expected"),
    [
        ("max 100000\n", "", None),
        ("150000 100000\n", "", 1.5),
        ("-1\n", "100000\n", None),
        ("20000\n", "100000\n", 0.2),
        ("", "", None),
    ],
)
def test_a_quota_is_in_cores(text: str, period: str, expected: float | None) -> None:
    assert cgroups.quota(text, period) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("max\n", None), ("9223372036854771712\n", None), ("268435456\n", 268435456), ("", None)],
)
def test_a_limit_of_memory(text: str, expected: int | None) -> None:
    assert cgroups.memory_limit(text) == expected


def test_throttling_is_a_share_of_the_periods() -> None:
    now = host.counters(V2_CPU_STAT)
    assert cgroups.throttled({"nr_periods": 1190, "nr_throttled": 295}, now) == 0.5
    assert cgroups.throttled(now, now) is None


def test_cache_that_can_go_is_not_memory_in_use() -> None:
    assert cgroups.working_set(1000, {"inactive_file": 300}) == 700
    assert cgroups.working_set(1000, {"total_inactive_file": 400, "inactive_file": 300}) == 600
    assert cgroups.working_set(100, {"inactive_file": 300}) == 0


def files(folder: Path, **texts: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / name.replace("__", ".")).write_text(text)


def proc(root: Path, mountinfo: str, groups: str) -> Cgroup:
    files(root / "self", mountinfo=mountinfo)
    files(root / "7", cgroup=groups)
    return Cgroup(7, root)


def test_the_tightest_group_of_version_2_counts(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    files(tree / "app/worker", cpu__max="max 100000\n", memory__max="max\n", memory__events=V2_EVENTS)
    files(
        tree / "app",
        cpu__max="20000 100000\n",
        cpu__stat=V2_CPU_STAT,
        memory__max="268435456\n",
        memory__current="200000000\n",
        memory__stat="anon 100\ninactive_file 50000000\n",
        memory__events=V2_EVENTS,
    )
    group = proc(tmp_path, f"30 23 0:26 / {tree} rw - cgroup2 cgroup2 rw\n", "0::/app/worker\n")
    assert group.look() == {
        "cgroup.cpu_limit": 0.2,
        "cgroup.memory_limit": 268435456.0,
        "cgroup.memory": 150000000.0,
        "cgroup.oom_kills": 0.0,
    }
    (tree / "app/cpu.stat").write_text("nr_periods 1210\nnr_throttled 309\n")
    (tree / "app/memory.events").write_text(V2_EVENTS.replace("oom_kill 2", "oom_kill 3"))
    later = group.look()
    assert later["cgroup.throttled"] == 0.9
    assert later["cgroup.oom_kills"] == 1.0


def test_version_1_has_other_names(tmp_path: Path) -> None:
    cpu, memory = tmp_path / "cpu", tmp_path / "memory"
    files(cpu / "x", cpu__cfs_quota_us="-1\n", cpu__cfs_period_us="100000\n")
    files(cpu, cpu__cfs_quota_us="50000\n", cpu__cfs_period_us="100000\n", cpu__stat="nr_periods 0\n")
    files(
        memory / "x",
        memory__limit_in_bytes="67108864\n",
        memory__usage_in_bytes="60000000\n",
        memory__oom_control=V1_OOM_CONTROL,
    )
    mounts = f"1 0 0:1 / {cpu} rw - cgroup cgroup rw,cpu\n2 0 0:2 / {memory} rw - cgroup cgroup rw,memory\n"
    group = proc(tmp_path, mounts, "3:memory:/x\n2:cpu:/x\n0::/\n")
    assert group.look() == {
        "cgroup.cpu_limit": 0.5,
        "cgroup.memory_limit": 67108864.0,
        "cgroup.memory": 60000000.0,
        "cgroup.oom_kills": 0.0,
    }


def test_kills_are_known_after_the_group_is_gone(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    files(tree / "app", memory__max="1000000\n", memory__events="oom_kill 0\n")
    group = proc(tmp_path, f"30 23 0:26 / {tree} rw - cgroup2 cgroup2 rw\n", "0::/app\n")
    group.look()
    (tree / "app/memory.events").write_text("oom_kill 1\n")
    group.look()
    for path in (tree / "app").iterdir():
        path.unlink()
    assert group.look() == {"cgroup.oom_kills": 1.0}


def test_a_kernel_that_does_not_count_kills_says_nothing() -> None:
    assert "oom_kill" not in host.counters(V1_OOM_CONTROL_OLD)


def test_without_limits_there_is_nothing_to_say(tmp_path: Path) -> None:
    group = proc(tmp_path, "", "0::/\n")
    assert group.look() == {}
    assert cgroup._read(tmp_path / "missing") == ""
