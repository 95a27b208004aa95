"""The flags that say what load is made, for each command that plans a run; and where else options are."""

import json
import os
import tomllib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from sonagi.locale import text

if TYPE_CHECKING:
    from sonagi.plan.problems import Problem
    from sonagi.run.api import Layers

Command = TypeVar("Command", bound=Callable[..., Any])

DNS = ("ttl", "select", "policy")
AS_TEXT = {"vus", "iterations", "max_redirects", "seed", "summary_trend_stats", "local_ips"}
"""Flags that are read as their variables in the environment are."""
CONFIG = "sonagi.toml"
"""Read from the current folder when no other is named."""


def option(*names: str, of: str = "run", **settings: Any) -> Callable[[Command], Command]:
    """A flag of the command `of`, whose help is in the catalogue under its own name."""
    key = next(name for name in names if name.startswith("--")).lstrip("-").replace("-", "_")
    return click.option(*names, help=text(f"cli.{of}_{key}"), **settings)


# One flag an option of the same name; in the order of `--help`.
LOAD: Sequence[Callable[[Any], Any]] = (
    option("-u", "--vus", metavar="N"),
    option("-d", "--duration", metavar="30s"),
    option("-i", "--iterations", metavar="N"),
    option("-s", "--stage", "stages", multiple=True, metavar="30s:20"),
    option("--profile", metavar="smoke|load|stress|spike|soak|breakpoint[:10m]"),
    option("-e", "--env", multiple=True, metavar="NAME=value"),
    option("--tag", "tags", multiple=True, metavar="name=value"),
    option("--max-redirects", metavar="N"),
    option("--user-agent", metavar="NAME"),
    option("--timeout", metavar="60s"),
    option("--http-version", metavar="auto|1.1|2"),
    option("--insecure-skip-tls-verify", is_flag=True, default=None),
    option("--extra-ca", metavar="FILE.pem"),
    option("--no-connection-reuse", is_flag=True, default=None),
    option("--discard-response-bodies", is_flag=True, default=None),
    option("--min-iteration-duration", metavar="1s"),
    option("-w", "--throw", is_flag=True, default=None),
    option("--local-ips", metavar="10.0.0.1-10.0.0.9"),
    option("--dns", metavar="ttl=5m,select=random,policy=any"),
    option("--block-hostnames", multiple=True, metavar="*.example.com"),
    option("--blacklist-ip", "blacklist_ips", multiple=True, metavar="10.0.0.0/8"),
    option("--no-setup", is_flag=True, default=None),
    option("--no-teardown", is_flag=True, default=None),
    option("--no-thresholds", is_flag=True, default=None),
    option("--summary-trend-stats", metavar="avg,p(95)"),
    option("--seed", metavar="N"),
    option("--execution-segment", metavar="0:1/4"),
    option("--execution-segment-sequence", metavar="0,1/4,1/2,1"),
    option("-c", "--config", metavar="FILE"),
)


def load_options(command: Command) -> Command:
    """Give a command all flags of LOAD."""
    for flag in reversed(LOAD):
        command = flag(command)
    return command


def layers(given: dict[str, Any]) -> "tuple[Layers, dict[str, str]]":
    """The layers of options that flags, environment and config file make, and the script's variables.
    What is wrong with them is told with all else that is wrong."""
    from sonagi.plan.layers import Layer, from_environment
    from sonagi.run.api import Layers

    flags = dict(given)
    found: list[Problem] = []
    variables = _pairs(flags.pop("env"), "--env", "env", found)
    config = _config(flags.pop("config"))
    values = _values({name: value for name, value in flags.items() if value not in (None, ())}, found)
    above = (from_environment(os.environ), Layer("flag", values, problems=found))
    return Layers(config, above), variables


def _values(written: dict[str, Any], found: "list[Problem]") -> dict[str, Any]:
    """Options as they are, of flags as they were written."""
    from sonagi.plan.layers import from_text, stage

    values = dict(written)
    if "stages" in values:
        values["stages"] = [stage(part) for given in values["stages"] for part in given.split(",")]
    if "tags" in values:
        values["tags"] = _pairs(values["tags"], "--tag", "tag", found)
    for name in AS_TEXT & values.keys():
        values[name] = from_text(name, values[name])
    if "block_hostnames" in values:
        values["block_hostnames"] = [name for given in values["block_hostnames"] for name in given.split(",")]
    return values | _dns(values.pop("dns", ""), found)


def _dns(written: str, found: "list[Problem]") -> dict[str, str]:
    """k6's "ttl=5m,select=random,policy=any" as our options."""
    from sonagi.plan.problems import unknown

    pairs = _pairs(written.split(","), "--dns", "dns", found) if written else {}
    found += [unknown(name, DNS, "--dns", "option") for name in pairs if name not in DNS]
    return {f"dns_{name}": value for name, value in pairs.items() if name in DNS}


def _config(path: str | None) -> "tuple[Any, ...]":
    """The config file that is named, or the one in the current folder."""
    from sonagi.plan.layers import Layer, from_file
    from sonagi.plan.problems import Problem

    named = path or os.environ.get("SONAGI_CONFIG")
    file = Path(named or CONFIG)
    if named is None and not file.is_file():
        return ()
    try:
        content = file.read_text(encoding="utf-8")
        values = json.loads(content) if file.suffix == ".json" else tomllib.loads(content)
    except OSError as error:
        problem = Problem("config_missing", str(file), {"reason": error.strerror})
    except ValueError as error:
        problem = Problem("config_broken", str(file), {"reason": str(error)})
    else:
        if isinstance(values, dict):
            return (from_file(file.name, values),)
        problem = Problem("mapping", str(file), {"value": "…"})
    return (Layer("config", {}, problems=[problem]),)


def _pairs(written: Sequence[str], flag: str, code: str, found: "list[Problem]") -> dict[str, str]:
    """By name, what "name=value" says; what says nothing goes to `found`."""
    from sonagi.plan.problems import Problem

    wrong = [pair for pair in written if not pair.partition("=")[0].strip() or "=" not in pair]
    found += [Problem(code, flag, {"value": pair}) for pair in wrong]
    pairs = (pair.partition("=") for pair in written if pair not in wrong)
    return {name: value for name, _, value in pairs}


def tell(error: Any) -> int:
    """Show what was wrong with a script or a plan; the exit code."""
    lines = str(error).splitlines()
    # Each problem of a plan is a line of its own, up to an empty one; what a script raised has a
    # traceback below it.
    own = [*lines, ""].index("") if error.exit_code == 104 else 1
    for at, line in enumerate(lines):
        click.echo(f"sonagi: {line}" if at < own else line, err=True)
    return int(error.exit_code)
