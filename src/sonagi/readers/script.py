"""A load test's script, in JavaScript for k6 or in Python for Sonagi or Locust, as the facts in its text."""

from sonagi.readers import k6_script, python_script
from sonagi.readers.problem import ReadProblem
from sonagi.readers.script_facts import Script
from sonagi.readers.source import Source, decoded

LONGEST = 1 << 20
"""Bytes of a script that are looked at: those with bundled libraries are longer, and say no more."""


def read_script(source: Source) -> Script:
    """Its facts. Raises ReadProblem where it is neither."""
    text = decoded(source.whole()[:LONGEST])
    script = python_script.read(text)
    if script is None:
        script = k6_script.read(text)
    if not script.visits and not script.loads:
        raise ReadProblem("readers.no_script", path=source.name)
    return script
