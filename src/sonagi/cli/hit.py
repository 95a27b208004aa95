"""`sonagi hit URL`: no script, one request again and again."""

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sonagi.cli.command import Command
from sonagi.cli.options import option as flag
from sonagi.cli.options import tell
from sonagi.cli.outputs import OUT, Outputs
from sonagi.cli.store import kept_in
from sonagi.locale import text

if TYPE_CHECKING:
    from sonagi.plan.problems import Problem

option = partial(flag, of="hit")
FLAGS = {
    "vus": "--connections",
    "iterations": "--requests",
    "duration": "--duration",
    "timeout": "--timeout",
    "http_version": "--http-version",
}
"""What the options of a plan are called here."""


@click.command(cls=Command, help=text("cli.hit_help"))
@click.argument("url")
@option("-c", "--connections", metavar="N")
@option("-d", "-z", "--duration", metavar="10s")
@option("-n", "--requests", metavar="N")
@option("-m", "--method", metavar="GET")
@option("-H", "--header", "headers", multiple=True, metavar="NAME:VALUE")
@option("-D", "--data", metavar="TEXT|@FILE")
@option("-a", "--auth", metavar="USER:PASSWORD")
@option("-t", "--timeout", default="60s", metavar="60s")
@option("--http-version", default="auto", metavar="auto|1.1|2")
@option("-k", "--insecure", is_flag=True)
@option("--disable-keepalive", is_flag=True)
@option("--summary-export", envvar="SONAGI_SUMMARY_EXPORT", metavar="FILE.json")
@option("-o", "--out", envvar="SONAGI_OUT", multiple=True, metavar=OUT)
@option("-q", "--quiet", is_flag=True)
@option("--no-color", is_flag=True)
@option("--workers", default="auto", metavar="auto|N")
@option("--keep-going", is_flag=True)
@option("--store", metavar="DIR")
@option("--no-store", is_flag=True)
@option("--watch", multiple=True, metavar="auto|none|host|pid:…|port:…|name:…|file:…|http://…")
def command(
    url: str,
    connections: str | None,
    duration: str | None,
    requests: str | None,
    timeout: str,
    http_version: str,
    insecure: bool,
    disable_keepalive: bool,
    summary_export: str | None,
    out: tuple[str, ...],
    quiet: bool,
    no_color: bool,
    workers: str,
    keep_going: bool,
    store: str | None,
    no_store: bool,
    watch: tuple[str, ...],
    **made: Any,
) -> int:
    """Hit a URL; the exit code is that of `sonagi run`."""
    from sonagi.cli.run import show
    from sonagi.plan.layers import from_text
    from sonagi.plan.problems import PlanError
    from sonagi.report.live import Live
    from sonagi.run.hit import hit

    outputs = Outputs()
    try:
        request = _request(**made)
        outputs.open(summary_export, out)
        result = hit(
            url,
            connections=from_text("vus", connections) if connections else None,
            duration=duration,
            requests=from_text("iterations", requests) if requests else None,
            request=request,
            options={
                "timeout": timeout,
                "http_version": http_version,
                "insecure_skip_tls_verify": insecure,
                "no_connection_reuse": disable_keepalive,
            },
            workers=workers,
            keep_going=keep_going,
            watcher=Live(color=not no_color, quiet=quiet),
            outputs=outputs.samples,
            store=kept_in(store, no_store),
            watch=watch or ("auto",),
        )
    except PlanError as error:
        outputs.discard()
        return tell(PlanError(_named(problem) for problem in error.problems))
    show(result, color=not no_color, err=outputs.take_stdout)
    return outputs.finish(result)


def _named(problem: "Problem") -> "Problem":
    """A problem of an option, said of the flag that it came from."""
    return replace(problem, where=FLAGS.get(problem.where, problem.where))


def _request(
    method: str | None, headers: tuple[str, ...], data: str | None, auth: str | None
) -> dict[str, Any]:
    """The flags as keywords of http.request. Raises PlanError."""
    from sonagi.plan.problems import PlanError, Problem

    found = [Problem("header", "--header", {"value": header}) for header in headers if ":" not in header]
    pairs = (header.partition(":") for header in headers)
    request: dict[str, Any] = {"headers": {name.strip(): value.strip() for name, _, value in pairs}}
    if data is not None:
        try:
            request["content"] = _content(data)
        except (OSError, UnicodeDecodeError) as error:
            found.append(Problem("unreadable", "--data", {"path": data[1:], "reason": str(error)}))
    if auth is not None:
        name, colon, password = auth.partition(":")
        if not colon:
            found.append(Problem("auth", "--auth", {}))
        request["auth"] = (name, password)
    if found:
        raise PlanError(found)
    request["method"] = (method or ("POST" if data is not None else "GET")).upper()
    return request


def _content(data: str) -> str:
    if not data.startswith("@"):
        return data
    return Path(data[1:]).read_bytes().decode()
