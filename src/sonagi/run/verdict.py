"""How a run ends: why, and with which exit code. The codes are k6's."""

EXIT_SETUP_TIMEOUT, EXIT_TEARDOWN_TIMEOUT, EXIT_SIGNAL = 100, 101, 105
EXIT_THRESHOLDS, EXIT_ABORTED, EXIT_OTHER = 99, 108, 255


class Failed(Exception):
    """The run cannot go on. What was measured until then is kept."""

    def __init__(self, message: str, exit_code: int) -> None:
        super().__init__(message)
        self.exit_code = exit_code


class Verdict:
    """What ended a run: whatever came first counts."""

    def __init__(self) -> None:
        self.stopped_by = "finished"
        self.exit_code = 0

    def ends(self, by: str, exit_code: int) -> None:
        """Something ends the run."""
        if self.exit_code == 0:
            self.stopped_by, self.exit_code = by, exit_code
