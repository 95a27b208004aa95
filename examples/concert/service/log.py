"""The service's log, in the format that most Python services have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

LINE = "%(asctime)s %(levelname)s [%(threadName)s] %(name)s: %(message)s"


def settings(path: Path | None) -> dict[str, Any]:
    """For `logging.config.dictConfig`: to the file at `path`, or warnings and worse to standard error."""
    handler: dict[str, Any] = {"formatter": "line", "class": "logging.StreamHandler"}
    if path is not None:
        handler = {"formatter": "line", "class": "logging.FileHandler", "filename": path, "encoding": "utf-8"}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"format": LINE}},
        "handlers": {"out": handler},
        "root": {"handlers": ["out"], "level": "INFO" if path else "WARNING"},
    }
