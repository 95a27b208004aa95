"""One GET with a check, closed loop or with a pause of PAUSE seconds."""

import os

from sonagi import check, http, sleep

URL = os.environ["TARGET"]
PAUSE = float(os.environ.get("PAUSE", "0"))


async def default() -> None:
    response = await http.get(URL)
    check(response, {"status is 200": lambda r: r.status_code == 200})
    if PAUSE:
        await sleep(PAUSE)
