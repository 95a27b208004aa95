"""What could not be watched, as one string: a key of the catalogue `unseen` with values behind bars.

note("unseen.metrics_refused", url="http://localhost:8080/metrics", status=401)
# unseen.metrics_refused|url=http://localhost:8080/metrics|status=401
"""


def note(key: str, **values: object) -> str:
    """The string. A bar within a value becomes a broken one."""
    return "|".join([key, *(f"{name}={str(value).replace('|', '¦')}" for name, value in values.items())])


def parts(note: str) -> tuple[str, dict[str, str]]:
    """(key, values) of such a string, for `locale.text`."""
    key, *pairs = note.split("|")
    return key, dict(pair.split("=", 1) for pair in pairs if "=" in pair)
