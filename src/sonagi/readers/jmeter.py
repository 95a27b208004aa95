"""JMeter's results (JTL): one sample a line, as CSV with a head or as XML, read as a stream."""

import html
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from math import inf

from sonagi.model.evidence import Evidence
from sonagi.model.traffic import FailureKind
from sonagi.readers import failing
from sonagi.readers.clock import Clock
from sonagi.readers.csv_rows import table
from sonagi.readers.names import grouped
from sonagi.readers.numbers import finite
from sonagi.readers.samples import Exchange, Samples
from sonagi.readers.source import decoded

CSV_HEAD = ("timeStamp", "elapsed", "label")
XML_HEAD = re.compile(rb"<testResults\b")
_SAMPLE = re.compile(rb"<(?:httpSample|sample)\s([^<>]{1,8000})>")
_ATTRIBUTE = re.compile(r'(\w+)="([^"]*)"')
_NAMES = {
    "ts": "timeStamp",
    "t": "elapsed",
    "lb": "label",
    "rc": "responseCode",
    "rm": "responseMessage",
    "s": "success",
    "by": "bytes",
    "sby": "sentBytes",
    "na": "allThreads",
    "lt": "Latency",
    "ct": "Connect",
}
"""XML's attributes by the names that CSV has for them."""
LONGEST = 86_400_000.0
"""ms beyond which a number is no time that a request took."""


class JmeterSamples:
    """Samples of one run. `bad` counts lines that are none.

    A Transaction Controller writes a sample of its own beside those of its requests, or, as it may be set, in
    their place."""

    def __init__(self) -> None:
        self.requests = Samples()
        self.transactions = Samples()
        self.points = 0
        self.bad = 0
        self._clock = Clock()

    def csv_rows(self, lines: Iterable[bytes]) -> None:
        """All lines of a CSV, its head first."""
        columns, found = table(lines)
        for row in found:
            if row:
                self._take(dict(zip(columns, row, strict=False)))

    def xml_line(self, line: bytes) -> None:
        """A line of an XML file: JMeter begins a sample on one of its own."""
        for sample in _SAMPLE.finditer(line):
            found = _ATTRIBUTE.findall(decoded(sample[1]))
            self._take({_NAMES.get(name, name): html.unescape(value) for name, value in found})

    def _take(self, row: Mapping[str, str]) -> None:
        began, elapsed = self._clock(row.get("timeStamp", "")), finite(row.get("elapsed"), LONGEST)
        if began is None or elapsed is None:
            self.bad += 1
            return
        self.points += 1
        # `elapsed` has the time of connecting in it, which k6's durations have not.
        connecting = min(finite(row.get("Connect")) or 0.0, elapsed)
        exchange, at = _exchange(row), began + elapsed / 1000
        samples = self.transactions if _is_transaction(row) else self.requests
        samples.seconds.began(began)
        samples.named(row.get("label", ""))
        samples.answered(at, exchange)
        samples.took(at, exchange, elapsed - connecting)
        if "Connect" in row:
            samples.seconds.seen.add("load.connects")
            samples.connected(at, connecting)
        if (latency := finite(row.get("Latency"), LONGEST)) is not None:
            # Without a byte of an answer it is 0.
            waited = max(latency - connecting, 0.0) if latency else elapsed - connecting
            samples.trend("http_req_waiting", waited)
            samples.trend("http_req_receiving", max(elapsed - connecting - waited, 0.0))
        if (users := finite(row.get("allThreads"))) is not None:
            samples.users(at, users)
        _sizes(samples, row, at, exchange)

    @property
    def samples(self) -> Samples:
        """The requests', or the transactions' where nothing else was kept."""
        return self.requests if self.requests.counters["http_reqs"] else self.transactions

    def evidence(self, source: str) -> Evidence:
        """The run. JMeter's requests have no timeout unless one was set: those that it ended show it."""
        told = self.samples.evidence(source, "jmeter", timeout=inf, connect_timeout=inf)
        return replace(
            told,
            timeout=_limit(told, FailureKind.TIMEOUT),
            connect_timeout=_limit(told, FailureKind.CONNECT_TIMEOUT),
        )


def _is_transaction(row: Mapping[str, str]) -> bool:
    return row.get("responseMessage", "").startswith("Number of samples in transaction")


def _sizes(samples: Samples, row: Mapping[str, str], at: float, exchange: Exchange) -> None:
    second = samples.seconds.at(at)
    if (received := finite(row.get("bytes"))) is not None:
        samples.seconds.seen.add("load.received")
        samples.counters["data_received"] += round(received)
        second.received += received
        if exchange.status:
            samples.sized(exchange, received)
    if (sent := finite(row.get("sentBytes"))) is not None:
        samples.seconds.seen.add("load.sent")
        samples.counters["data_sent"] += round(sent)
        second.sent += sent


def _limit(told: Evidence, kind: FailureKind) -> float:
    """Seconds that the longest of these failures took; infinite without one."""
    longest = [one.duration.max.value for one in told.failures if one.kind is kind and one.duration.max]
    return max(longest, default=inf) / 1000


def _exchange(row: Mapping[str, str]) -> Exchange:
    label, code = row.get("label", ""), row.get("responseCode", "")
    method, _, rest = label.partition(" ")
    if method not in ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"):
        method, rest = "", label
    status = int(code) if code.isascii() and code.isdigit() and len(code) == 3 else 0
    if row.get("success", "true").lower() == "true":
        return Exchange(method, grouped(rest), None, status)
    message = row.get("responseMessage", "")
    if status >= 400:
        return Exchange(method, grouped(rest), FailureKind.STATUS, status, text=message)
    if status:  # an assertion did not hold of an answer that came
        return Exchange(method, grouped(rest), FailureKind.OTHER, status, text=row.get("failureMessage", ""))
    text = f"{code} {message}".replace("Non HTTP response code: ", "").replace(
        "Non HTTP response message: ", ""
    )
    return Exchange(method, grouped(rest), failing.of_text(text), text=failing.plainly(text))
