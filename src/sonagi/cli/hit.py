"""`sonagi hit URL`: no script, one request again and again."""

from functools import partial
from pathlib import Path
from typing import Any

import click

from sonagi.cli.options import option as flag
from sonagi.cli.options import tell
from sonagi.cli.outputs import OUT, Outputs
from sonagi.cli.store import kept_in
from sonagi.locale import text

option = partial(flag, of="hit")


@click.command(help=text("cli.hit_help"), context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("url")
@option("-c", "--connections", type=int, default=50, metavar="N")
@option("-d", "-z", "--duration", metavar="10s")
@option("-n", "--requests", type=int, metavar="N")
@option("-m", "--method", metavar="GET")
@option("-H", "--header", "headers", multiple=True, metavar="NAME:VALUE")
@option("-D", "--data", metavar="TEXT|@FILE")
@option("-a", "--auth", metavar="USER:PASSWORD")
@option("-t", "--timeout", default="60s", metavar="60s")
@option("-k", "--insecure", is_flag=True)
@option("--disable-keepalive", is_flag=True)
@option("--summary-export", metavar="FILE.json")
@option("-o", "--out", multiple=True, metavar=OUT)
@option("-q", "--quiet", is_flag=True)
@option("--no-color", is_flag=True)
@option("--keep-going", is_flag=True)
@option("--store", metavar="DIR")
@option("--no-store", is_flag=True)
def command(
    url: str,
    connections: int,
    duration: str | None,
    requests: int | None,
    timeout: str,
    insecure: bool,
    disable_keepalive: bool,
    summary_export: str | None,
    out: tuple[str, ...],
    quiet: bool,
    no_color: bool,
    keep_going: bool,
    store: str | None,
    no_store: bool,
    **made: Any,
) -> int:
    """Hit a URL; the exit code is that of `sonagi run`."""
    from sonagi.cli.run import show
    from sonagi.plan.problems import PlanError
    from sonagi.report.live import Live
    from sonagi.run.hit import hit

    outputs = Outputs()
    try:
        request = _request(**made)
        outputs.open(summary_export, out)
        result = hit(
            url,
            connections=connections,
            duration=duration,
            requests=requests,
            request=request,
            options={
                "timeout": timeout,
                "insecure_skip_tls_verify": insecure,
                "no_connection_reuse": disable_keepalive,
            },
            keep_going=keep_going,
            watcher=Live(color=not no_color, quiet=quiet),
            outputs=outputs.samples,
            store=kept_in(store, no_store),
        )
    except PlanError as error:
        outputs.discard()
        return tell(error)
    show(result, color=not no_color, err=outputs.take_stdout)
    return outputs.finish(result)


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
