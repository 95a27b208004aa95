"""When a line of a log was written, as far as it says so itself."""

import re
from datetime import UTC, datetime

NEAR = 5.0
"""Seconds that a line's own time may lie from its reading: what is farther off is another clock, or a line
that waited in a buffer."""
QUARTER = 900.0
"""Offsets of time zones are whole quarters of an hour."""
FARTHEST = 14 * 3600.0
HEAD = 80
"""A time stands within so many characters."""

_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec"
_ZONE = r"(?P<zone>Z|UTC|GMT|[+-]\d\d:?\d\d)?"
_CLOCK = r"(?P<hour>\d\d):(?P<minute>\d\d):(?P<second>\d\d)(?:[.,](?P<fraction>\d{1,9}))?"
_FORMS = (
    # 2024-08-22T23:11:38.365+09:00, 2024-08-22 23:11:38,365, 2024/08/22 23:11:38
    re.compile(rf"(?P<year>\d{{4}})[-/.](?P<month>\d\d)[-/.](?P<day>\d\d)[T ]{_CLOCK}\s?{_ZONE}"),
    # 22/Aug/2024:23:11:38 +0900, 22 Aug 2024 23:11:38.365
    re.compile(rf"(?P<day>\d\d)[/ ](?P<month>[A-Za-z]{{3}})[/ ](?P<year>\d{{4}})[: ]{_CLOCK}\s?{_ZONE}"),
    # Aug 22 23:11:38
    re.compile(rf"(?P<month>[A-Z][a-z]{{2}}) {{1,2}}(?P<day>\d{{1,2}}) {_CLOCK}"),
    # "time":1724335898365, "ts":1724335898.365
    re.compile(r"\"(?:time|ts|timestamp|@timestamp|t)\":\s?\"?(?P<epoch>1\d{9}(?:\.\d+|\d{3})?)\b"),
)

_KEY = re.compile(r"\"(?:@?timestamp|time|ts|t|time_local|time_iso8601|date|datetime)\":")


def claimed(line: str, year: int, within: int = HEAD) -> tuple[float, bool] | None:
    """Seconds since 1970 that a line's beginning tells, and whether it tells the zone; without, it is taken
    for UTC, and without a year for one of `year`. None where there is no time."""
    head = line[:within]
    key = _KEY.search(head) if head.startswith("{") else None
    head = head[key.start() :] if key else head
    matches = [found for form in _FORMS if (found := form.search(head))]
    if not matches:
        return None
    # A line's own time stands first; what follows may be about any other.
    parts = min(matches, key=lambda found: found.start()).groupdict()
    epoch = parts.get("epoch")
    return _moment(parts, year) if epoch is None else (_epoch(epoch), True)


def written(line: str, read_at: float) -> float:
    """When it was written, by a clock that read `read_at` when the line was read: what it says itself where
    that is near enough, in whatever time zone, else the moment of reading."""
    told = claimed(line, datetime.fromtimestamp(read_at, UTC).year)
    if told is None:
        return read_at
    moment, has_zone = told
    if not has_zone:
        offset = round((moment - read_at) / QUARTER) * QUARTER
        moment -= offset if abs(offset) <= FARTHEST else 0.0
    return moment if abs(moment - read_at) <= NEAR else read_at


def _epoch(text: str) -> float:
    return float(text) / (1000.0 if "." not in text and len(text) > 10 else 1.0)


def _moment(parts: dict[str, str | None], year: int) -> tuple[float, bool] | None:
    day, hour, minute, second = (int(str(parts[name])) for name in ("day", "hour", "minute", "second"))
    try:
        month = _month(str(parts["month"]))
        whole = datetime(int(parts.get("year") or year), month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:  # the 32nd, or the month of Foo
        return None
    zone = parts.get("zone")
    return whole.timestamp() + float(f"0.{parts['fraction'] or 0}") - _offset(zone), bool(zone)


def _month(text: str) -> int:
    return int(text) if text.isdigit() else _MONTHS.index(text.lower()) // 4 + 1


def _offset(zone: str | None) -> float:
    if not zone or zone[0] not in "+-":
        return 0.0
    seconds = int(zone[1:3]) * 3600 + int(zone[-2:]) * 60
    return -seconds if zone[0] == "-" else seconds
