"""Reads files one after another, each as what it is, and puts together what belongs together."""

import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sonagi.model.evidence import Evidence
from sonagi.readers import document, k6_json
from sonagi.readers.detect import Form, columns_of, form_of, part_of, strange
from sonagi.readers.document import Told
from sonagi.readers.jmeter import JmeterSamples
from sonagi.readers.k6_samples import K6Samples
from sonagi.readers.locust import LocustRun
from sonagi.readers.locust_set import siblings
from sonagi.readers.logs import LogBook
from sonagi.readers.problem import ReadProblem
from sonagi.readers.script import read_script
from sonagi.readers.source import STDIN, Source

if TYPE_CHECKING:
    from sonagi.readers.script_facts import Script

Tell = Callable[[ReadProblem], None]
MOST_BAD = 0.5
"""Share of lines that may be unreadable in a file that still is what it seems to be."""


class Reading:
    """What was found so far. `tell` hears of each file that gave nothing, or not all that it should."""

    def __init__(self, tell: Tell) -> None:
        self.tell = tell
        self.runs: list[Told] = []
        self.logs: list[LogBook] = []
        self.script: Script | None = None
        self._done: set[str] = set()

    def take(self, paths: Iterable[str], expected: Form | None = None) -> None:
        """Read each of `paths`; of those `expected` to be logs or a script no run is looked for."""
        paths = list(dict.fromkeys(paths))
        for path in paths:
            if expected is None and path in self._done:
                continue
            self._done.add(path)
            try:
                self._take(path, expected, paths)
            except ReadProblem as problem:
                self.tell(problem)

    def _take(self, path: str, expected: Form | None, given: list[str]) -> None:
        source = Source(path)
        try:
            if not source.head.strip():
                raise ReadProblem("readers.packed_empty" if source.cut else "readers.empty", path=source.name)
            if (sentence := strange(source.head)) and not (
                expected is Form.LOG and sentence == "readers.seems_binary"
            ):
                raise ReadProblem(sentence, path=source.name)
            self._read(source, expected or form_of(source.head), given)
            if source.cut:
                self.tell(ReadProblem("readers.packed_cut", path=source.name))
        finally:
            source.close()

    def _read(self, source: Source, form: Form, given: list[str]) -> None:
        if form is Form.LOG:
            self.logs.append(_log(source))
        elif form is Form.SCRIPT:
            self.script = read_script(source)
        elif form is Form.TEXT:
            self._text(source)
        elif form is Form.JSON:
            self.add(_json(source))
        elif form is Form.LOCUST:
            self._locust(source, given)
        else:
            self._samples(source, form)

    def _text(self, source: Source) -> None:
        found = document.read(source.texts(), source.name)
        if not found:
            raise ReadProblem("readers.no_run", path=source.name)
        if not found[-1].whole:
            self.tell(ReadProblem("readers.half_text", path=source.name))
        self.runs += found

    def _locust(self, source: Source, given: list[str]) -> None:
        part = part_of(columns_of(source.head.partition(b"\n")[0]))
        run = LocustRun()
        run.take(part, source.lines())
        for sibling in siblings(source.path, part, given):
            other = Source(sibling)
            try:
                if (its := part_of(columns_of(other.head.partition(b"\n")[0]))) != "":
                    run.take(its, other.lines())
                    self._done.add(sibling)
            finally:
                other.close()
        if not run:
            raise ReadProblem("readers.locust_part", path=source.name)
        self.add(run.evidence(source.name))

    def _samples(self, source: Source, form: Form) -> None:
        told: K6Samples | JmeterSamples
        if form is Form.SAMPLES_JSON:
            told = K6Samples()
            for line in source.lines():
                told.json_line(line)
        elif form is Form.SAMPLES_CSV:
            told = K6Samples()
            told.csv_rows(source.lines())
        elif form is Form.JTL_CSV:
            told = JmeterSamples()
            told.csv_rows(source.lines())
        else:
            told = JmeterSamples()
            for line in source.lines():
                told.xml_line(line)
        if not told.samples.counters["http_reqs"]:
            raise ReadProblem("readers.no_samples", path=source.name)
        if told.bad:
            self.tell(ReadProblem("readers.bad_lines", path=source.name, count=told.bad))
        self.add(told.evidence(source.name))

    def add(self, evidence: Evidence) -> None:
        """A run that stands alone."""
        newer = evidence.tool == "k6" and "seconds" in evidence.seen
        self.runs.append(Told(evidence, frozenset(), newer, whole=True))

    def evidence(self) -> list[Evidence]:
        """All runs with what logs and the script say of them, in order, each with the one before it."""
        found: list[Evidence] = []
        for told in self._with_logs():
            evidence = told.evidence
            if self.script is not None:
                evidence = self.script.added_to(evidence, told.functions, told.newer)
            found.append(replace(evidence, before=found[-1] if found else None))
        return found

    def _with_logs(self) -> list[Told]:
        """Logs are of the runs in whose time they were written; of a run without a clock, if it is the only
        one."""
        runs = self.runs
        for log in self.logs:
            clocked = [told for told in runs if told.evidence.began is not None]
            if len(runs) > 1 and not clocked:
                self.tell(ReadProblem("readers.log_of_which", path=log.name))
                continue
            among = runs if len(runs) == 1 else clocked
            if not any(log.covers(told.evidence) for told in among):
                self.tell(ReadProblem("readers.log_of_other_time", path=log.name))
                continue
            runs = [
                replace(told, evidence=log.added_to(told.evidence))
                if any(told is one for one in among) and log.covers(told.evidence)
                else told
                for told in runs
            ]
        return runs


def _log(source: Source) -> LogBook:
    book = LogBook(source.name if source.path == STDIN else source.path.rpartition("/")[2])
    for chunk in source.chunks():
        book.feed(chunk)
    book.feed(b"", last=True)
    return book


def _json(source: Source) -> Evidence:
    text = source.whole()
    try:
        document: Any = json.loads(text)
    except (ValueError, RecursionError):
        raise ReadProblem("readers.half_json", path=source.name) from None
    if not k6_json.looks_like(document):
        raise ReadProblem("readers.other_json", path=source.name)
    return k6_json.read(document, source.name)
