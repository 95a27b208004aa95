"""Writes docs/reference.md: every option, metric, error code and exit code. `--check` only compares.

What can be read from the code is; what it means is said here, and a name without a sentence is an error.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sonagi.model.metrics import BUILTIN
from sonagi.plan.executors import EXECUTORS
from sonagi.plan.options import Options

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "docs/reference.md"

OPTIONS = {
    "scenarios": "name → scenario; instead of vus, duration, iterations and stages",
    "vus": "users; with stages the number to start with",
    "duration": "how long users go on",
    "iterations": "iterations that all users share",
    "stages": "(duration, users at its end), one after another",
    "profile": "users or rate as smoke, load, stress, spike, soak or breakpoint bring them on; load:20m",
    "thresholds": "metric → conditions, see the guide",
    "summary_trend_stats": "columns of times: avg, min, med, max, count, p(N)",
    "tags": "tags of everything that is measured",
    "user_agent": "the User-Agent header",
    "timeout": "for a whole request, with its redirects",
    "connect_timeout": "for making a connection, with DNS and TLS",
    "max_redirects": "redirects to follow at most",
    "max_body_bytes": "longer bodies fail, also when they only grow so by being unpacked",
    "discard_response_bodies": "read bodies and drop them",
    "no_connection_reuse": "a new connection for each request",
    "no_cookies_reset": "keep cookies over iterations",
    "insecure_skip_tls_verify": "take any certificate",
    "extra_ca": "a PEM file of certificates to trust besides the system's",
    "http2_connections": "connections of HTTP/2 that a user may have to one server, used in turns",
    "http_version": "auto (HTTP/2 over TLS if the server can), 1.1, or 2, which needs no TLS",
    "tls_version": "only this one: tls1.2 or tls1.3",
    "client_cert": "PEM file of the client's own certificate",
    "client_key": "PEM file of its key",
    "hosts": "name, perhaps with a port or a leading * → address, perhaps with a port, or unix:/path",
    "block_hostnames": "names that nobody may ask, perhaps with a leading *",
    "blacklist_ips": "ranges of addresses that nobody may connect to",
    "proxy": "a proxy's URL, http://host:port; without it HTTP_PROXY and HTTPS_PROXY count",
    "no_proxy": "hosts that are reached directly, as in NO_PROXY",
    "local_ips": "addresses, ranges and networks to connect from, taken in turns by users",
    "dns_ttl": "how long a looked-up address holds; 0 asks for each connection",
    "dns_select": "which of a name's addresses: first, random, roundRobin",
    "dns_policy": "preferIPv4, preferIPv6, onlyIPv4, onlyIPv6, any",
    "min_iteration_duration": "a rest after iterations that were shorter, in scenarios without pacing",
    "throw": "a request that fails raises, unless it has raise_on_error=False",
    "setup_timeout": "for setup()",
    "teardown_timeout": "for teardown()",
    "no_setup": "leave out setup()",
    "no_teardown": "leave out teardown()",
    "no_thresholds": "leave out the thresholds",
    "seed": "start of all random numbers",
    "execution_segment": "this machine's share of the load: 25%, 1/3, 1/4:1/2",
    "execution_segment_sequence": "where the shares of all machines begin and end: 0,1/4,1/2,1",
}
SCENARIO = {
    "vus": "users",
    "duration": "how long they go on",
    "iterations": "how many iterations: each user's, or shared",
    "max_duration": "after this time no iteration begins",
    "start_vus": "users at the start",
    "stages": "(duration, users or rate at its end), one after another",
    "graceful_ramp_down": "how long a user that has to leave may finish its iteration",
    "graceful_stop": "how long iterations may finish at the end",
    "start_time": "after the start of the run, or after the end of start_after",
    "start_after": "the name of a scenario that has to end first",
    "exec": "the function, its name, or a Mix of several",
    "tags": "tags of what this scenario measures",
    "env": "variables of its users: vu.env",
    "pacing": "the time from the beginning of an iteration to that of the next",
    "shape": "instead of stages: how much there is, as a function of the seconds since the start",
    "rate": "iterations that begin in a time_unit",
    "start_rate": "iterations in a time_unit at the start",
    "time_unit": "what a rate counts in",
    "arrivals": "uniform, as k6, or poisson: at random times, in the same number",
    "pre_allocated_vus": "users that are there from the start",
    "max_vus": "users at most; a start that finds none free is dropped. Without both: as many as it takes",
    "sessions": "each arrival is a user of its own, with its own id, connections and cookies",
    "log": "an access log's path",
    "speed": "how many times as fast as in the log",
    "start": "spread over the first second (or a tenth of the time), or together",
}
METRICS = {
    "http_reqs": "requests that ended, each attempt and each redirect",
    "http_reqs_retried": "requests sent again: their connection had been closed, or the server had not begun",
    "http_reqs_interrupted": "requests cut off before they ended; in no other metric",
    "iterations": "iterations that ran to their end",
    "dropped_iterations": "iterations that were asked for and not begun",
    "data_sent": "bytes sent, with heads and TLS",
    "data_received": "bytes received, with heads and TLS",
    "http_req_failed": "no answer, or a status of 400 or more",
    "ws_sessions": "WebSockets that were opened, or were to be",
    "ws_session_failed": "those that did not open, or did not end by a farewell",
    "ws_connecting": "from the request for a WebSocket to the answer",
    "ws_session_duration": "from that answer to the end",
    "ws_msgs_sent": "messages sent",
    "ws_msgs_received": "messages received",
    "ws_ping": "from a ping to its pong",
    "sse_events": "Server-Sent Events that the script has read",
    "measure_failed": "blocks of measure() that raised or said that they failed",
    "checks": "conditions of check() that held",
    "vus": "active users",
    "vus_max": "users there are",
    "http_req_intended_duration": "open model: from when the request was due to its last byte; a dropped "
    "iteration counts as a request that took as long as nobody was free",
    "http_req_blocked": "before the first byte was sent: DNS, connecting, TLS",
    "http_req_looking_up": "DNS",
    "http_req_connecting": "TCP",
    "http_req_tls_handshaking": "TLS",
    "http_req_sending": "first to last byte sent",
    "http_req_waiting": "last byte sent to first byte received",
    "http_req_receiving": "first to last byte received",
    "http_req_duration": "sending + waiting + receiving",
    "http_req_total": "blocked + duration",
    "iteration_duration": "an iteration, pauses and all",
    "iteration_lateness": "open model: how long after it was due an iteration began; waited_for: why",
    "iterations_late": "open model: iterations that began more than 10 ms late",
    "dropped_iteration_wait": "open model: how long nobody was free from when a dropped iteration was due",
    "group_duration": "a `with group(…)`",
    "measure_duration": "a `with measure(…)`",
    "generator_lag": "the generator's own delay, before sending (phase:taken) and after receiving (resumed)",
}
CODES = {
    "GENERIC": "what no other code fits",
    "INVALID_URL": "the URL cannot be used",
    "TIMEOUT": "the request took longer than its timeout",
    "DNS": "the name could not be looked up",
    "NO_SUCH_HOST": "there is no such name",
    "BLOCKED_ADDRESS": "the address is in blacklist_ips",
    "BLOCKED_NAME": "the name is in block_hostnames",
    "TCP": "the connection failed",
    "BROKEN_PIPE": "the server had closed the connection while we sent",
    "TCP_ERRNO": "the connection failed with an error of the system's",
    "DIAL": "no connection could be made",
    "DIAL_TIMEOUT": "connecting took longer than its timeout",
    "REFUSED": "nobody listens there",
    "DIAL_ERRNO": "no connection could be made, with an error of the system's",
    "RESET": "the server reset the connection",
    "TLS": "TLS failed",
    "TLS_HEADER": "the answer to TLS was no TLS",
    "TLS_UNKNOWN_AUTHORITY": "the certificate is signed by nobody we trust",
    "TLS_HOSTNAME": "the certificate is for another name",
    "HTTP2": "HTTP/2 failed in a way that none of the codes below tells",
    "HTTP2_GOAWAY": "the server closed the connection (GOAWAY): 1611 and HTTP/2's error number, to 1624",
    "HTTP2_FAREWELL": "it did so again and again, and nothing was wrong (NO_ERROR)",
    "HTTP2_STREAM": "the stream was reset, or its answer broke the rules: 1631 and the error number, to 1644",
    "HTTP2_CONNECTION": "the server broke HTTP/2's rules, or floods us: 1651 and the error number, to 1664",
    "DECOMPRESSION": "the body could not be unpacked",
}
EXITS = {
    0: "all went well",
    99: "a threshold was not met",
    100: "setup() took too long",
    101: "teardown() took too long",
    104: "the options, the plan or the command line are wrong",
    105: "Ctrl-C",
    107: "an exception while the script was loaded, or in setup() or teardown()",
    108: "the target refused every connection",
    255: "anything else, such as a file that is not there",
}


def written() -> str:
    """The whole page."""
    return "\n".join(_page()) + "\n"


def _page() -> Iterator[str]:
    yield "# Reference\n\nWritten by `tools/reference.py`; change it there. Times of options are strings like"
    yield '"1m30s" or numbers of seconds; in metrics they are milliseconds.\n'
    yield from _table("Options", ["option", "default", "meaning"], _fields(Options, OPTIONS))
    yield "`SONAGI_VUS` and its kin set all but scenarios and thresholds from the environment: lists with"
    yield "commas, mappings as `name=value,name=value`. `sonagi.toml` sets all of them from a file.\n"
    for kind, name in EXECUTORS.items():
        yield from _table(
            f"`{kind.__name__}` (`{name}`)", ["field", "default", "meaning"], _fields(kind, SCENARIO)
        )
    rows = [[f"`{m.name}`", m.kind.value, m.contains, METRICS[m.name]] for m in BUILTIN.values()]
    yield from _table("Metrics", ["metric", "kind", "contains", "meaning"], rows)
    yield from _table(
        "Error codes", ["code", "meaning"], [[str(code), CODES[name]] for name, code in codes().items()]
    )
    yield "1000 + a status of 400 or more is that status: 1404, 1503.\n"
    yield from _table("Exit codes", ["code", "meaning"], [[str(code), why] for code, why in EXITS.items()])


def codes() -> Mapping[str, int]:
    """The error codes of the core."""
    source = (ROOT / "core/src/net/failure.rs").read_text(encoding="utf-8")
    return {name: int(code) for name, code in re.findall(r"pub const ([A-Z0-9_]+): u16 = (\d+);", source)}


def _fields(model: Any, meanings: Mapping[str, str]) -> list[list[str]]:
    rows = []
    for name, field in model.model_fields.items():
        default = "needed" if field.is_required() else "" if field.default is None else f"`{field.default!r}`"
        rows.append([f"`{name}`", default, meanings[name]])
    return rows


def _table(title: str, head: list[str], rows: list[list[str]]) -> Iterator[str]:
    yield f"## {title}\n"
    for row in [head, ["---"] * len(head), *rows]:
        yield f"| {' | '.join(row)} |"
    yield ""


def main() -> int:
    """Write the page, or compare it."""
    if "--check" in sys.argv:
        if TARGET.read_text(encoding="utf-8") == written():
            return 0
        print(f"{TARGET.relative_to(ROOT)} is not what tools/reference.py writes; run it")
        return 1
    TARGET.write_text(written(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
