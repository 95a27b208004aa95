"""A process that belongs to somebody else is watched as far as the kernel allows, and that is said."""

import multiprocessing
import os
import time
from typing import Any

from sonagi.model.unseen import parts
from sonagi.probes.asked import Asked
from sonagi.probes.probe import Seen
from sonagi.probes.process import Process

NOBODY = 65534


def look_as_nobody(told: Any) -> None:
    if os.getuid() == 0:
        os.setuid(NOBODY)
    probe = Process(Asked("pid", "1"))
    looks = [Seen(time.monotonic() + second, time.time()) for second in (0.0, 1.0)]
    for seen in looks:
        probe.look(seen)
    probe.close()
    told.send((looks[1].signals, [note for seen in looks for note in seen.unseen]))


def test_memory_and_cpu_of_a_foreign_process_are_seen_and_what_is_not_is_said_once() -> None:
    """Process 1 is root's; the look is taken by nobody."""
    ours, theirs = multiprocessing.Pipe()
    child = multiprocessing.get_context("fork").Process(target=look_as_nobody, args=(theirs,))
    child.start()
    assert ours.poll(10), "the child said nothing"
    signals, unseen = ours.recv()
    child.join()
    assert signals["process.alive"] == 1.0
    assert signals["process.rss"] > 0
    assert [parts(note)[0] for note in unseen] == ["unseen.process_no_rights"]
    assert parts(unseen[0])[1]["pid"] == "1"
