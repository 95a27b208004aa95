"""Checks that only load, script, run and store import `sonagi._core`.

import-linter holds the other borders, but its graph has Python files only, and the core is a compiled module.
Imports inside functions and under TYPE_CHECKING count too.
"""

from __future__ import annotations

import ast
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = Path(__file__).resolve().parent.parent / "src" / "sonagi"
MAY = {"load", "run", "script", "store"}


def core_imports(tree: ast.AST) -> Iterator[int]:
    """The lines that import the core."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            # Relative imports name the core just the same: `from .. import _core`, `from .._core import x`.
            names = [f"{node.module or 'sonagi'}.{alias.name}" for alias in node.names]
        else:
            continue
        if any("_core" in name.split(".") for name in names):
            yield node.lineno


def main() -> int:
    """Prints every breach as file:line; the exit code is 1 when there is one."""
    breaches = [
        f"{path.relative_to(PACKAGE.parent.parent)}:{line}"
        for path in sorted(PACKAGE.rglob("*.py"))
        if path.relative_to(PACKAGE).parts[0] not in MAY
        for line in core_imports(ast.parse(path.read_text(encoding="utf-8"), str(path)))
    ]
    for breach in breaches:
        print(f"{breach}: only {', '.join(sorted(MAY))} may import sonagi._core")
    return 1 if breaches else 0


if __name__ == "__main__":
    sys.exit(main())
