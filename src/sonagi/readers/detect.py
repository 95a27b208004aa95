"""What a file is, by how it begins; its name says nothing."""

import csv
import json
import re
from enum import Enum

from sonagi.readers.csv_rows import delimiter_of
from sonagi.readers.jmeter import CSV_HEAD as JTL_HEAD
from sonagi.readers.jmeter import XML_HEAD
from sonagi.readers.k6_samples import CSV_HEAD as SAMPLES_HEAD
from sonagi.readers.locust import PARTS
from sonagi.readers.logs import is_log_line
from sonagi.readers.source import decoded


class Form(Enum):
    """Kinds of files that are read."""

    TEXT = "text"
    JSON = "json"
    SAMPLES_JSON = "samples_json"
    SAMPLES_CSV = "samples_csv"
    LOCUST = "locust"
    JTL_CSV = "jtl_csv"
    JTL_XML = "jtl_xml"
    LOG = "log"
    SCRIPT = "script"


_MAGIC = (
    (b"SQLite format 3\0", "readers.seems_sqlite"),
    (b"PK\x03\x04", "readers.seems_zip"),
    (b"%PDF-", "readers.seems_pdf"),
    (b"\x89PNG", "readers.seems_picture"),
    (b"\xff\xd8\xff", "readers.seems_picture"),
    (b"\x28\xb5\x2f\xfd", "readers.seems_packed"),
    (b"BZh", "readers.seems_packed"),
    (b"\xfd7zXZ", "readers.seems_packed"),
)
_PAGE = re.compile(rb"^\s*(?:<!doctype html|<html)", re.IGNORECASE)
_SAMPLE = re.compile(rb'^\s*\{"(?:type|metric)":"', re.MULTILINE)
_K6 = re.compile(
    r"^\s*(?:execution: (?:local|cloud)|scenarios: \(|running \(\d|█ (?:THRESHOLDS|TOTAL)"
    r"|[✓✗]?\s*http_req\w*\.{2,})",
    re.MULTILINE,
)
_JAVASCRIPT = re.compile(
    r"^\s*import\b.{0,200}?\bfrom\s+['\"]k6(?:/[\w/]+)?['\"]|\brequire\(['\"]k6\b", re.MULTILINE
)
_PYTHON = re.compile(r"^(?:from|import)\s+(?:sonagi|locust)\b", re.MULTILINE)
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\r\x1b\f\b"))
MOST_CONTROLS = 0.02
"""Share of control characters above which a file is no text."""
LOOKED_AT = 200
"""Lines by which a log is told from a write-up that quotes one."""


def strange(head: bytes) -> str:
    """The sentence about what is no text at all; "" for what may be."""
    for magic, sentence in _MAGIC:
        if head.startswith(magic):
            return sentence
    if _PAGE.match(head):
        return "readers.seems_page"
    controls = len(head) - len(head.translate(None, _CONTROLS))
    return "readers.seems_binary" if controls > MOST_CONTROLS * len(head) else ""


def form_of(head: bytes) -> Form:
    """The form of a file that begins with `head`; TEXT for what may hold runs, or nothing."""
    first = head.lstrip().partition(b"\n")[0].rstrip(b"\r")
    if head.lstrip()[:1] == b"{":
        return Form.SAMPLES_JSON if _is_sample(first) or _SAMPLE.match(head) else Form.JSON
    if first[:1] == b"[" and _is_json(head):
        return Form.JSON
    if XML_HEAD.search(head[:2000]):
        return Form.JTL_XML
    columns = columns_of(first)
    if columns[: len(SAMPLES_HEAD)] == SAMPLES_HEAD:
        return Form.SAMPLES_CSV
    if set(JTL_HEAD) <= set(columns):
        return Form.JTL_CSV
    if part_of(columns):
        return Form.LOCUST
    text = decoded(head)
    if _K6.search(text):
        return Form.TEXT
    if _JAVASCRIPT.search(text) or (_PYTHON.search(text) and "```" not in text):
        return Form.TEXT if text.lstrip().startswith("#") and "```" in text else Form.SCRIPT
    return Form.LOG if _is_log(text) else Form.TEXT


def columns_of(first: bytes) -> tuple[str, ...]:
    """Names of a CSV's columns."""
    try:
        row = next(csv.reader([decoded(first[:8000])], delimiter=delimiter_of(first[:8000])), [])
    except csv.Error:
        return ()
    return tuple(name.strip() for name in row)


def part_of(columns: tuple[str, ...]) -> str:
    """Which file of Locust's set has these columns; "" for none."""
    return next((part for part, head in PARTS.items() if columns[: len(head)] == head), "")


def _is_sample(first: bytes) -> bool:
    try:
        told = json.loads(first)
    except (ValueError, RecursionError):
        return False
    return isinstance(told, dict) and told.get("type") in ("Metric", "Point")


def _is_json(head: bytes) -> bool:
    """A list of objects, or of lists; a log may begin with a bracket too."""
    return head.lstrip()[1:].lstrip()[:1] in (b"{", b"[", b'"', b"]")


def _is_log(text: str) -> bool:
    lines = [line for line in text.split("\n")[:LOOKED_AT] if line.strip()]
    return 2 * sum(map(is_log_line, lines)) >= len(lines) > 0
