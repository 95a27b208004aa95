"""`sonagi new`: write a load test."""

import sys
from pathlib import Path
from urllib.parse import urlsplit

import click

from sonagi.cli.command import Command
from sonagi.cli.options import option
from sonagi.locale import text


@click.command(cls=Command, help=text("cli.new_help"))
@click.argument("file", default="load_test.py")
@option("--url", metavar="URL", of="new")
@option("--from", "origin", nargs=2, metavar="curl|openapi|har SOURCE", of="new")
@option("--force", is_flag=True, of="new")
def command(file: str, url: str | None, origin: tuple[str, str] | None, force: bool) -> int:
    """Write the script; 104 when that cannot be done."""
    from sonagi.author.calls import AuthorError

    target = Path(file)
    try:
        if target.exists() and not force:
            raise AuthorError(text("author.exists", path=file))
        script, told = _written(target.name, url, origin)
        target.write_text(script, encoding="utf-8")
    except AuthorError as error:
        click.echo(f"sonagi: {error}", err=True)
        return error.exit_code
    except OSError as error:
        click.echo(f"sonagi: {text('author.unwritable', path=file, problem=error.strerror)}", err=True)
        return 104
    for line in told:
        click.echo(line)
    click.echo(text("author.written", path=file))
    return 0


def _written(file: str, url: str | None, origin: tuple[str, str] | None) -> tuple[str, list[str]]:
    """The script, and what else is to be said about it. Raises AuthorError."""
    from sonagi.author import curl, har, openapi
    from sonagi.author.calls import AuthorError, hide_secrets
    from sonagi.author.correlate import correlate
    from sonagi.author.first import FIRST
    from sonagi.author.render import journey, operations

    if origin is None:
        parts = urlsplit(url or "http://localhost:8000/")
        if parts.scheme not in ("http", "https") or not parts.netloc:
            raise AuthorError(text("author.url", url=url))
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        return FIRST.format(file=file, base=f"{parts.scheme}://{parts.netloc}", path=path), []
    kind, source = origin
    if url is not None:
        raise AuthorError(text("author.url_and_from"))
    if kind == "curl":
        call = curl.read(_text(source) if source == "-" else source)
        secrets = hide_secrets([call])
        return journey([call], text("author.from_curl"), secrets, file), _secrets(secrets)
    if kind == "openapi":
        calls, title = openapi.read(_text(source))
        secrets = hide_secrets(calls)
        title = text("author.from_openapi", title=title.replace('"""', "'''"))
        return operations(calls, title, secrets, file), _secrets(secrets)
    if kind == "har":
        exchanges, left_out = har.read(_bytes(source))
        variables = correlate(exchanges)
        calls = [exchange.call for exchange in exchanges]
        secrets = hide_secrets(calls)
        told = [text("author.har_told", calls=len(calls), left_out=left_out, variables=variables)]
        return journey(calls, text("author.from_har"), secrets, file), told + _secrets(secrets)
    raise AuthorError(text("author.kind", kind=kind))


def _secrets(names: list[str]) -> list[str]:
    return [text("author.secrets", names=", ".join(names))] if names else []


def _bytes(source: str) -> bytes:
    from sonagi.author.calls import AuthorError

    try:
        return sys.stdin.buffer.read() if source == "-" else Path(source).read_bytes()
    except OSError as error:
        raise AuthorError(text("author.unreadable", path=source, problem=error.strerror)) from None


def _text(source: str) -> str:
    return _bytes(source).decode("utf-8", "replace")
