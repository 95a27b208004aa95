"""What a person waits for: a page in a real browser, by Playwright, timed by measure().

    sonagi run examples/browser/load_test.py -e TARGET=http://localhost:8000/ -e CHROMIUM=/usr/bin/chromium

All users share one browser; each has a context of its own, as private windows do. A browser costs a hundred
times what a request costs: a few users of this, beside a scenario that makes the load by HTTP, show what
people feel meanwhile.
"""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING, Any

from playwright.async_api import async_playwright

from sonagi import ConstantVUs, Options, Trend, check, measure, think

if TYPE_CHECKING:
    from sonagi import Vu

TARGET = os.environ.get("TARGET", "http://localhost:8000/")
CHROMIUM = os.environ.get("CHROMIUM")
"""Where the browser is; without it the one that `playwright install chromium` has put in place."""
DURATION = os.environ.get("DURATION", "30s")

options = Options(
    scenarios={"people": ConstantVUs(vus=2, duration=DURATION, exec="visit")},
    thresholds={"measure_duration{name:open the page}": ["p(95)<3000"], "checks": ["rate>0.99"]},
)
first_paint = Trend("first_contentful_paint", is_time=True)
shared: dict[str, Any] = {}
starting = asyncio.Lock()
FIRST_PAINT = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime"


async def vu_setup(vu: Vu) -> None:
    """Once for each user: a context and a page. The first of them starts the browser."""
    async with starting:
        if "browser" not in shared:
            shared["playwright"] = await async_playwright().start()
            # Without a sandbox only because containers seldom have what it needs; the pages are our own.
            launch = shared["playwright"].chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
            shared["browser"] = await launch
    context = await shared["browser"].new_context()
    vu.state["page"] = await context.new_page()


async def visit(vu: Vu) -> None:
    """Open the page as somebody does who comes for the first time today, and read it."""
    page: Any = vu.state["page"]
    with measure("open the page"):
        response = await page.goto(TARGET, wait_until="load")
    check(response, {"status is 200": response is not None and response.status == 200})
    painted = await page.evaluate(FIRST_PAINT)
    if painted is not None:
        first_paint.add(painted)
    await think.uniform(0.5, 1.5)


async def vu_teardown(vu: Vu) -> None:
    """The user's window closes; the last one closes the browser."""
    page: Any = vu.state["page"]
    await page.context.close()
    if not shared["browser"].contexts:
        await shared["browser"].close()
        await shared["playwright"].stop()
