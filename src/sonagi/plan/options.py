"""Options as a script's author writes them: k6's, in snake_case. A bare number is seconds.

    options = Options(vus=100, duration="30s", thresholds={"http_req_failed": ["rate<0.01"]})

Mistakes are told when the run is planned (PlanError): all at once, each with its path and, for a
name, the nearest valid one.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, PlainValidator, ValidationError
from pydantic_core import PydanticCustomError

from sonagi.plan import network
from sonagi.plan.duration import Duration, parse_duration
from sonagi.plan.mix import Mix
from sonagi.plan.problems import Problem, unknown


def _seconds(value: Any) -> float:
    return parse_duration(value)


def _at_least(least: int) -> BeforeValidator:
    def check(value: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or value < least:
            raise PydanticCustomError("count", "{least} or more", {"least": least})
        return value

    return BeforeValidator(check)


def _function(value: Any) -> Any:
    if not isinstance(value, (str, Mix)) and not (callable(value) and hasattr(value, "__name__")):
        raise ValueError("exec")
    return value


def _scenario(value: Any) -> Any:
    if not isinstance(value, _Scenario):
        raise ValueError("scenario")
    return value


def _stage(value: Any) -> tuple[float, int]:
    """("30s", 20), or k6's {"duration": "30s", "target": 20}."""
    if isinstance(value, Mapping):
        if set(value) != {"duration", "target"}:
            raise ValueError("stage")
        value = (value["duration"], value["target"])
    if not isinstance(value, (tuple, list)) or len(value) != 2:
        raise ValueError("stage")
    target = value[1]
    if not isinstance(target, int) or isinstance(target, bool) or not 0 <= target <= MOST_VUS:
        raise ValueError("stage")
    return parse_duration(value[0]), target


def _unread(value: Any) -> Any:
    """Conditions are read where the metrics are known: in `build`."""
    return value


Seconds = Annotated[Duration, BeforeValidator(_seconds)]
Count = Annotated[int, _at_least(1)]
Natural = Annotated[int, _at_least(0)]
Function = Annotated[str | Callable[..., Any] | Mix, PlainValidator(_function)]
Stage = Annotated[tuple[Duration, int] | Mapping[str, Any], PlainValidator(_stage)]
Conditions = Annotated[Sequence[str] | str, PlainValidator(_unread)]


class _Checked(BaseModel):
    """Takes what it is given and remembers what was wrong with it: a plan tells all mistakes at once."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)

    def __init__(self, **values: Any) -> None:
        found: list[Problem] = []
        try:
            super().__init__(**values)
        except ValidationError as error:
            found = problems(type(self), error)
            kept = _without(values, [entry["loc"] for entry in error.errors(include_url=False)])
            needed = {name for name, entry in type(self).model_fields.items() if entry.is_required()}
            # A stand-in for what is missing: a plan with mistakes is never carried out.
            super().__init__(**kept, **{name: _STAND_INS.get(name, 1) for name in needed - kept.keys()})
        vars(self)["_mistakes"] = tuple(found)

    def mistakes(self, where: str = "") -> list[Problem]:
        """What was wrong with the arguments, each with its path below `where`."""
        found: tuple[Problem, ...] = vars(self).get("_mistakes", ())
        prefix = f"{where}." if where else ""
        return [Problem(problem.code, f"{prefix}{problem.where}", problem.values) for problem in found]


class _Scenario(_Checked):
    graceful_stop: Seconds = 30.0
    start_time: Seconds = 0.0
    """After the start of the run, or after the end of the scenario named by `start_after`."""
    start_after: str | None = None
    exec: Function | None = None
    tags: Mapping[str, str] = {}
    env: Mapping[str, str] = {}
    pacing: Seconds | None = None
    """An iteration begins this long after the one before, not sooner."""


class _Fixed(_Scenario):
    vus: Count = 1
    start: Literal["spread", "together"] = "spread"


class ConstantVUs(_Fixed):
    """`vus` users iterate for `duration`, then those under way get `graceful_stop` to finish."""

    duration: Seconds


class PerVUIterations(_Fixed):
    """Each of `vus` users makes `iterations` iterations, within `max_duration`."""

    iterations: Count = 1
    max_duration: Seconds = 600.0


class SharedIterations(_Fixed):
    """`vus` users make `iterations` iterations together, within `max_duration`."""

    iterations: Count = 1
    max_duration: Seconds = 600.0


class RampingVUs(_Scenario):
    """Users come and go along straight lines: `stages` are (duration, users at its end). A user that
    has to leave gets `graceful_ramp_down` to finish its iteration."""

    start_vus: Natural = 1
    stages: Sequence[Stage]
    graceful_ramp_down: Seconds = 30.0


Scenario = ConstantVUs | PerVUIterations | SharedIterations | RampingVUs


class Options(_Checked):
    """What a script asks for. All times accept k6's strings or seconds."""

    scenarios: Mapping[str, Annotated[Scenario, BeforeValidator(_scenario)]] | None = None
    vus: Count | None = None
    duration: Seconds | None = None
    iterations: Count | None = None
    stages: Sequence[Stage] | None = None
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


def _without(values: Mapping[str, Any], places: Sequence[tuple[int | str, ...]]) -> dict[str, Any]:
    """`values` without what is at `places`: of a mapping only its wrong entries are left out."""
    kept = dict(values)
    for name, *inside in places:
        value = kept.get(str(name))
        if inside and isinstance(value, Mapping):
            kept[str(name)] = {key: entry for key, entry in value.items() if str(key) != str(inside[0])}
        else:
            kept.pop(str(name), None)
    return kept


def problems(model: type[BaseModel], error: ValidationError) -> list[Problem]:
    """Pydantic's findings in our words."""
    return [_problem(model, entry) for entry in error.errors(include_url=False)]


def _problem(model: type[BaseModel], entry: Any) -> Problem:
    # A key of a mapping that is no string has "[key]" after it.
    path = [str(part) for part in entry["loc"] if part != "[key]"]
    where, kind, value = ".".join(path), entry["type"], entry["input"]
    shown = {"value": _shown(value)}
    if kind == "extra_forbidden":
        # Names whose nearest name of ours would lead astray.
        code = _K6.get(path[-1])
        return Problem(code, where) if code else unknown(path[-1], model.model_fields, where, "option")
    if kind == "value_error":
        return Problem(str(entry["ctx"]["error"]), where, shown)
    if kind == "missing":
        return Problem("missing", where)
    if kind == "literal_error":
        return unknown(str(value), _choices(model.model_fields[path[0]].annotation), where, "choice")
    if kind == "count":
        return Problem("count", where, shown | entry["ctx"])
    return Problem("whole" if kind.startswith("int") else _WRONG_TYPE.get(kind, "value"), where, shown)


def _choices(annotation: Any) -> list[str]:
    """The names in a Literal, also in one that may be None."""
    inside = get_args(annotation)
    return [choice for part in inside for choice in ([part] if isinstance(part, str) else _choices(part))]


def _shown(value: object) -> str:
    """`value` as Python writes it; of a long one the beginning, so that a problem stays a line."""
    written = network.without_user(repr(value))
    return written if len(written) <= LONGEST else written[: LONGEST - 1] + "…"


_STAND_INS: dict[str, Any] = {"stages": [(1, 1)]}
# About a line of a terminal.
LONGEST = 80
# Users of one scenario, as in k6.
MOST_VUS = 100_000_000
_K6 = {"executor": "option_executor", "vus": "option_vus"}
_WRONG_TYPE = {
    "string_type": "text",
    "bool_type": "switch",
    "bool_parsing": "switch",
    "dict_type": "mapping",
    "mapping_type": "mapping",
    "is_instance_of": "sequence",
    "sequence_str": "sequence",
}
