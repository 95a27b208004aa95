"""Bodies that a script makes piece by piece, whatever their length."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterable
from typing import IO, TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Iterable


async def spooled(pieces: Iterable[bytes | str] | AsyncIterable[bytes | str]) -> IO[bytes]:
    """All that `pieces` gives, in a file that is open at its beginning and gone once it is closed:

        with await http.spooled(rows()) as content:
            await http.put(url, content=content)

    Pieces never sit in memory together, and their length is known when the request begins. They are made
    before it and not while it is sent: how long a script takes for them is no part of the server's time. The
    file is in Python's folder for such, which TMPDIR names.
    """
    file = tempfile.TemporaryFile()  # noqa: SIM115 (the caller closes it)
    try:
        if isinstance(pieces, AsyncIterable):
            async for piece in pieces:
                file.write(_bytes(piece))
        else:
            for piece in pieces:
                file.write(_bytes(piece))
        file.seek(0)
    except BaseException:
        file.close()
        raise
    return cast("IO[bytes]", file)


def _bytes(piece: bytes | str) -> bytes:
    return piece.encode() if isinstance(piece, str) else piece
