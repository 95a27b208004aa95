"""A full disk is told by the system's error; one that nobody felt is not."""

from cases import healthy
from stories import line

from sonagi.diagnose.rules.server.s15_disk_full import look

FULL = 'could not extend file "base/16384/2619": No space left on device'

CASE = healthy(failed=700, log=(line(FULL, 700, at=41.0),))
COUNTER = healthy(log=(line(FULL, 2),))


def test_its_onset_is_the_first_write_that_failed() -> None:
    finding = look(CASE)
    assert finding is not None
    assert finding.onset == 41.0
    assert finding.confidence >= 0.9
