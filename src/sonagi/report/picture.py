"""Text as a picture: for pages that show what a terminal shows."""

import io

from rich.console import Console
from rich.text import Text

WIDEST = 84
"""Columns: what is longer goes on below."""
# rich's own has a web font in it: a picture in a repository asks nobody for anything.
_SVG = """<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{ font-family: monospace; font-size: {char_height}px; line-height: {line_height}px; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}" /></clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""


def as_svg(lines: str, title: str) -> str:
    """`lines` in a terminal's window, as an SVG document; the same text gives the same picture."""
    width = min(max(len(line) for line in lines.splitlines()), WIDEST)
    console = Console(record=True, width=width, file=io.StringIO())
    console.print(Text(lines))
    return console.export_svg(title=title, code_format=_SVG, unique_id="sonagi")
