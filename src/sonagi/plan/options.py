"""Options as a script's author writes them: k6's, in snake_case. A bare number is seconds.

    options = Options(vus=100, duration="30s", thresholds={"http_req_failed": ["rate<0.01"]})

Mistakes are told when the run is planned (PlanError): all at once, each with its path and, for a
name, the nearest valid one.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, PlainValidator

from sonagi.plan import network
from sonagi.plan.checked import Checked, Count, Natural, Seconds, within
from sonagi.plan.executors import EXECUTORS, Scenario, Stage
from sonagi.plan.profiles import parse_profile


def _scenario(value: Any) -> Any:
    if not isinstance(value, tuple(EXECUTORS)):
        raise ValueError("scenario")
    return value


def _profile(value: Any) -> Any:
    if value is not None:
        parse_profile(value)
    return value


def _http_version(value: Any) -> Any:
    """A file may have it as a number."""
    return f"{value:g}" if isinstance(value, int | float) and not isinstance(value, bool) else value


def _unread(value: Any) -> Any:
    """Conditions are read where the metrics are known: in `build`."""
    return value


Conditions = Annotated[Sequence[str] | str, PlainValidator(_unread)]


class Options(Checked):
    """What a script asks for. All times accept k6's strings or seconds."""

    scenarios: Mapping[str, Annotated[Scenario, BeforeValidator(_scenario)]] | None = None
    vus: Count | None = None
    duration: Seconds | None = None
    iterations: Count | None = None
    stages: Sequence[Stage] | None = None
    profile: Annotated[str | None, BeforeValidator(_profile)] = None
    """A shape of load by name, perhaps with its time: "smoke", "load:20m"."""
    thresholds: Mapping[str, Conditions] = {}
    summary_trend_stats: Sequence[str] | None = None
    tags: Mapping[str, str] = {}
    user_agent: str | None = None
    timeout: Seconds = 60.0
    connect_timeout: Seconds = 30.0
    max_redirects: Natural = 10
    max_body_bytes: Natural = 256 * 2**20
    discard_response_bodies: bool = False
    no_connection_reuse: bool = False
    no_cookies_reset: bool = False
    insecure_skip_tls_verify: bool = False
    extra_ca: str | None = None
    http2_connections: Annotated[int, within(1, 1000)] = 1
    http_version: Annotated[Literal["auto", "1.1", "2"], BeforeValidator(_http_version)] = "auto"
    tls_version: Literal["tls1.2", "tls1.3"] | None = None
    client_cert: str | None = None
    client_key: str | None = None
    hosts: Annotated[Mapping[str, str], BeforeValidator(network.hosts)] = {}
    block_hostnames: Sequence[str] = ()
    blacklist_ips: Annotated[Sequence[str], BeforeValidator(network.networks)] = ()
    proxy: Annotated[str | None, BeforeValidator(network.proxy)] = None
    no_proxy: Sequence[str] = ()
    local_ips: Annotated[Sequence[str], BeforeValidator(network.local_ips)] = ()
    dns_ttl: Seconds = 300.0
    dns_select: Literal["first", "random", "roundRobin"] = "random"
    dns_policy: Literal["preferIPv4", "preferIPv6", "onlyIPv4", "onlyIPv6", "any"] = "preferIPv4"
    min_iteration_duration: Seconds | None = None
    throw: bool = False
    setup_timeout: Seconds = 60.0
    teardown_timeout: Seconds = 60.0
    no_setup: bool = False
    no_teardown: bool = False
    no_thresholds: bool = False
    seed: int = 0
    execution_segment: str | None = None
    execution_segment_sequence: str | None = None
