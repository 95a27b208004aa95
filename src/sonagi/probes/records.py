"""What a log has written, cut into records: a line that begins one, and those that belong to it, such as a
traceback. Only records that may mean trouble are looked at; the rest is passed over at 3 GB/s.
"""

import re
from dataclasses import dataclass

from sonagi.probes.signatures import SIGNATURES

LONGEST_LINE = 1 << 16
LINES, BYTES = 300, 1 << 15
"""Of one record that are looked at."""
MOST = 2000
"""Records of one look that are read: of an outburst every second or tenth one tells as much."""

FIRST = 5
"""Lines by which a log's form is judged; a later one may tell too."""

WORDS = (
    *("ERROR", "WARN", "FATAL", "CRITICAL", "SEVERE", "PANIC", "crit]", "alert]", "emerg]"),
    *(
        "[error",
        " error:",
        "\nerror:",
        "=error",
        '"error',
        "[warn",
        " warning:",
        "=warn",
        '"warn',
        "=fatal",
        '"fatal',
    ),
    *("Error", "Warning", "Exception", "Traceback", '"level":4', '"level":5', '"level":6', "오류:", "경고:"),
)
"""How levels are written, in their places: a logger's name may be "uvicorn.error"."""
ANCHORS = tuple(
    dict.fromkeys(
        anchor.encode(encoding)
        for anchor in (*WORDS, *(anchor for one in SIGNATURES for anchor in one.anchors))
        for encoding in ("utf-8", "cp949")
    )
)

_PREFIX = rb"(?:\S{1,40} +\| )?[\[(<{\" ]*"  # docker compose puts the service's name before a line
_BEGINNING = re.compile(
    _PREFIX + rb"(?:\d{4}[-/.]\d\d[-/.]\d\d[T ]|\d\d[/ ]\w{3}[/ ]\d{4}|[A-Z][a-z]{2} {1,2}\d{1,2} \d\d:"
    rb"|\d\d:\d\d:\d\d|\d+:[A-Z] \d\d |\d+\.\d+s\]|[IWEF]\d{4} \d\d:|\d{10}"
    rb"|(?:level|time|ts|timestamp|@timestamp|msg|severity)\"?[=:]"
    rb"|(?:TRACE|DEBUG|INFO|NOTICE|LOG|WARN(?:ING)?|ERROR|CRITICAL|FATAL|SEVERE|PANIC)\b)"
)
_BELONGS = re.compile(rb"\s|$|Caused by|During handling|The above exception|\.\.\. |\}|\)")
_RAISED = re.compile(
    rb"[A-Za-z_][\w.$]*(?:Error|Exception|Warning|Exit|Interrupt|Timeout|Found)\b|[a-z_]\w*(?:\.\w+)+:"
)


@dataclass(frozen=True, slots=True)
class Record:
    """Text of one record and when it was read, in seconds since 1970. `weight`: how many it stands for."""

    text: str
    read_at: float
    weight: int = 1


class Records:
    """Of one log, fed as it grows."""

    def __init__(self) -> None:
        self.stamped = False
        """Whether its lines begin with a time or a level: then what doesn't belongs to the line above."""
        self._rest = b""
        self._rest_at = 0.0
        self._waited = False

    def feed(self, data: bytes, read_at: float, *, last: bool = False) -> list[Record]:
        """Records that may mean trouble. One at the very end waits for the next call, since more of it may
        come, unless it has waited once or this is the `last` one."""
        began = self._rest_at if self._rest else read_at
        data = self._rest + data
        self.stamped = self.stamped or any(map(_BEGINNING.match, data[:2000].split(b"\n")[:FIRST]))
        end = data.rfind(b"\n") + 1
        if last or (end == 0 and len(data) > LONGEST_LINE):
            end = len(data)
        spans = self._spans(data, end)
        keep = end
        if spans and spans[-1][1] >= end and not last and not self._waited:
            keep = spans.pop()[0]
        self._waited = keep < end
        # What was kept from the call before was read then.
        known = len(self._rest)
        step = -(-len(spans) // MOST)
        found = [
            Record(_text(data[start:stop]), began if start < known else read_at, step)
            for start, stop in (spans[::step] if step else ())
        ]
        self._rest, self._rest_at = data[keep:], (began if keep < known else read_at)
        return found

    def _spans(self, data: bytes, end: int) -> list[tuple[int, int]]:
        """Where records lie that hold an anchor, in order."""
        spans: list[tuple[int, int]] = []
        for place in sorted(_lines_with_anchors(data, end)):
            if spans and place < spans[-1][1]:
                continue
            start, stop = self._start(data, place), self._stop(data, place, end)
            if spans and start < spans[-1][1]:
                spans[-1] = (spans[-1][0], stop)  # a record so long that its end was not looked for
            else:
                spans.append((start, stop))
        return spans

    def _start(self, data: bytes, place: int) -> int:
        """The beginning of the record that the line at `place` belongs to."""
        for _ in range(LINES):
            if place == 0 or not self._belongs(data, place):
                break
            place = data.rfind(b"\n", 0, place - 1) + 1
        return place

    def _stop(self, data: bytes, place: int, end: int) -> int:
        """Where the next record begins."""
        for _ in range(LINES):
            following = data.find(b"\n", place, end) + 1
            if following == 0 or following >= end:
                return end
            place = following
            if not self._belongs(data, place):
                break
        return place

    def _belongs(self, data: bytes, place: int) -> bool:
        """Whether the line at `place` goes with the one above."""
        head = data[place : place + 120]
        if _BEGINNING.match(head):
            self.stamped = True
            return False
        if _BELONGS.match(head) or self.stamped:
            return True
        above = data[data.rfind(b"\n", 0, place - 1) + 1 : place]
        return above[:1] in (b" ", b"\t") and _RAISED.match(head) is not None


def _lines_with_anchors(data: bytes, end: int) -> set[int]:
    """Beginnings of lines that hold any of ANCHORS."""
    places = set()
    for anchor in ANCHORS:
        at = data.find(anchor, 0, end)
        while at >= 0:
            places.add(data.rfind(b"\n", 0, at) + 1)
            following = data.find(b"\n", at, end)
            if following < 0:
                break
            at = data.find(anchor, following, end)
    return places


def _text(data: bytes) -> str:
    """In UTF-8, else in Korea's CP949, else with a mark for what is neither; no control characters."""
    data = data[:BYTES]
    for encoding in ("utf-8", "cp949"):
        try:
            text = data.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        text = data.decode("utf-8", errors="replace")
    return text.translate(_CONTROLS).rstrip("\n")


_CONTROLS = {code: "\ufffd" for code in range(32) if chr(code) not in "\n\t\x1b"} | {13: ""}
