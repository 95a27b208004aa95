"""A first test, to change."""

FIRST = '''"""A first load test.

    sonagi run {file}

Ten users for half a minute: each asks, looks whether the answer is good, and thinks for a second or two.
"""

from sonagi import ConstantVUs, Options, check, http, think

api = http.Client("{base}")

options = Options(
    scenarios={{"browse": ConstantVUs(vus=10, duration="30s")}},
    thresholds={{
        "http_req_failed": ["rate<0.01"],  # less than 1 % of all requests fail
        "http_req_duration": ["p(95)<500"],  # 95 % are answered within 500 ms
    }},
)


async def browse() -> None:
    response = await api.get("{path}")
    check(response, {{"status is 200": lambda r: r.status_code == 200}})
    await think.uniform(1, 2)
'''
