"""What requests are called: their name tag, or their path without the ids in it."""

import re
from urllib.parse import urlsplit

LONGEST = 200
_ID = re.compile(
    r"/(?:\d+|[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}|[0-9a-fA-F]{16,})(?=/|$)"
)


def grouped(name: str) -> str:
    """A URL's path with `{id}` where numbers, UUIDs and long hex stand, as Sonagi names its own requests;
    what is no URL stays as it is. The query is left out: it may hold secrets."""
    if "://" not in name and not name.startswith("/"):
        return name[:LONGEST]
    try:
        path = urlsplit(name).path
    except ValueError:  # brackets that are no address
        path = name.partition("?")[0]
    return _ID.sub("/{id}", path or "/")[:LONGEST]
