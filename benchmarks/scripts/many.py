"""Requests of many names: each worker has some two hundred series a second."""

import os

from sonagi import check, http, sleep

URL = os.environ.get("TARGET", "")


async def default(vu):
    name = f"/kind/{(vu.id + vu.iteration) % 16}"
    response = await http.get(URL, name=name)
    check(response, {"status is 200": lambda r: r.status_code == 200})
    await sleep(0.02)
