"""The kernel's own lines: who was killed for want of memory, and when."""

import os
import socket
from collections.abc import Iterator

import pytest

from sonagi.probes.kernel import Kernel
from sonagi.probes.probe import Seen

KILLED = (
    b"3,1201,4711500000,-;Memory cgroup out of memory: Killed process 812 (java) total-vm:94832kB, anon-rss:62880kB\n"
    b" SUBSYSTEM=memory\n"
)
USUAL = b"6,1200,4711400000,-;eth0: link becomes ready\n"


@pytest.fixture
def said() -> Iterator[tuple[socket.socket, Kernel]]:
    """Each message of the socket is one read, as each record of /dev/kmsg is."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    theirs.setblocking(False)
    probe = Kernel(os.dup(theirs.fileno()))
    with ours, theirs:
        yield ours, probe
        probe.close()


def test_a_process_that_the_kernel_killed_is_told_with_the_moment(said: tuple[socket.socket, Kernel]) -> None:
    ours, probe = said
    for record in (USUAL, KILLED):
        ours.send(record)
    seen = Seen(4712.0, 1_800_000_000.0)
    probe.look(seen)
    (line,) = seen.log
    assert (line.signature, line.source, line.first_at) == ("oom", "kernel", 4711.5)
    assert line.values == (("Memory cgroup out of memory", "812", "java", ""),)
    assert line.stamps == (1_799_999_999.5,)
    probe.look(again := Seen(4713.0, 1_800_000_001.0))
    assert again.log == []


@pytest.mark.parametrize("record", [b"", b";", b"3,1,x,-;Out of memory", b"no head at all", b"\xff\xfe,\x00"])
def test_what_is_no_record_is_passed_over(record: bytes, said: tuple[socket.socket, Kernel]) -> None:
    ours, probe = said
    ours.send(record)
    ours.send(KILLED)
    seen = Seen(4712.0, 1_800_000_000.0)
    probe.look(seen)
    assert [line.signature for line in seen.log] == ["oom"]


def test_who_may_not_read_it_sees_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sonagi.probes.kernel.DEVICE", "/nowhere/kmsg")
    probe = Kernel()
    probe.look(seen := Seen(1.0, 1.0))
    assert (seen.log, seen.unseen) == ([], [])
    probe.close()
