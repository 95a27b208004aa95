"""Draws the plan of the first script on each page of docs/executors, with `sonagi plan --svg`. `--check` only
compares."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

PAGES = Path(__file__).resolve().parent.parent / "docs/executors"


def drawn(page: Path) -> str:
    """The picture of the first script on `page`."""
    [script, *_] = re.findall(
        r"^```python\n(.*?)^```", page.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
    )
    with tempfile.TemporaryDirectory() as folder:
        path, picture = Path(folder, "load_test.py"), Path(folder, "plan.svg")
        path.write_text(script, encoding="utf-8")
        # A log for the one that replays it: three waves of 20 s each.
        Path(folder, "access.log").write_text("".join(LINE.format(second) for second in SECONDS))
        command = [sys.executable, "-m", "sonagi", "plan", path.name, "--svg", picture.name]
        subprocess.run(command, cwd=folder, env={**os.environ, "SONAGI_LANG": "en"}, check=True)
        return picture.read_text(encoding="utf-8")


LINE = '10.0.0.1 - - [26/Nov/2026:12:00:{:02} +0900] "GET / HTTP/1.1" 200 5\n'
SECONDS = [second for second in range(60) for _ in range(5 + 3 * (second % 20))]


def main() -> int:
    """Draw all, or compare."""
    stale = 0
    for page in sorted(PAGES.glob("*.md")):
        picture = page.with_suffix(".svg")
        if page.name == "README.md":
            continue
        now = drawn(page)
        if "--check" not in sys.argv:
            picture.write_text(now, encoding="utf-8")
        elif not picture.exists() or picture.read_text(encoding="utf-8") != now:
            print(f"{picture.relative_to(PAGES.parents[1])} is not what tools/pictures.py draws; run it")
            stale = 1
    return stale


if __name__ == "__main__":
    sys.exit(main())
