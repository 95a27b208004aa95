"""Options as a script's author writes them: k6's, in snake_case. A bare number is seconds.

    options = Options(vus=100, duration="30s", thresholds={"http_req_failed": ["rate<0.01"]})

Mistakes are told when the run is planned (PlanError): all at once, each with its path and, for a
name, the nearest valid one.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from sonagi.plan.duration import Duration, parse_duration
from sonagi.plan.problems import Problem, unknown


def _seconds(value: Any) -> float:
    return parse_duration(value)


Seconds = Annotated[Duration, BeforeValidator(_seconds)]
Count = Annotated[int, Field(strict=True, ge=1)]


class _Checked(BaseModel):
    """Takes what it is given and remembers what was wrong with it: a plan tells all mistakes at once."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)

    def __init__(self, **values: Any) -> None:
        found: list[Problem] = []
        try:
            super().__init__(**values)
        except ValidationError as error:
            found = problems(type(self), error)
            wrong = {str(entry["loc"][0]) for entry in error.errors(include_url=False)}
            kept = {name: value for name, value in values.items() if name not in wrong}
            needed = {name for name, entry in type(self).model_fields.items() if entry.is_required()}
            # A stand-in for what is missing: a plan with mistakes is never carried out.
            super().__init__(**kept, **dict.fromkeys(needed - kept.keys(), 1))
        vars(self)["_mistakes"] = tuple(found)

    def mistakes(self, where: str = "") -> list[Problem]:
        """What was wrong with the arguments, each with its path below `where`."""
        found: tuple[Problem, ...] = vars(self).get("_mistakes", ())
        prefix = f"{where}." if where else ""
        return [Problem(problem.code, f"{prefix}{problem.where}", problem.values) for problem in found]


class _Scenario(_Checked):
    vus: Count = 1
    graceful_stop: Seconds = 30.0
    start_time: Seconds = 0.0
    exec: str | Callable[..., Any] | None = None
    tags: Mapping[str, str] = {}
    start: Literal["spread", "together"] = "spread"


class ConstantVUs(_Scenario):
    """`vus` users iterate for `duration`, then those under way get `graceful_stop` to finish."""

    duration: Seconds


class PerVUIterations(_Scenario):
    """Each of `vus` users makes `iterations` iterations, within `max_duration`."""

    iterations: Count = 1
    max_duration: Seconds = 600.0


class SharedIterations(_Scenario):
    """`vus` users make `iterations` iterations together, within `max_duration`."""

    iterations: Count = 1
    max_duration: Seconds = 600.0


Scenario = ConstantVUs | PerVUIterations | SharedIterations


class Options(_Checked):
    """What a script asks for. All times accept k6's strings or seconds."""

    scenarios: Mapping[str, ConstantVUs | PerVUIterations | SharedIterations] | None = None
    vus: Count | None = None
    duration: Seconds | None = None
    iterations: Count | None = None
    thresholds: Mapping[str, Sequence[str] | str] = {}
    summary_trend_stats: Sequence[str] | None = None
    tags: Mapping[str, str] = {}
    user_agent: str | None = None
    timeout: Seconds = 60.0
    connect_timeout: Seconds = 30.0
    max_redirects: Annotated[int, Field(strict=True, ge=0)] = 10
    max_body_bytes: Annotated[int, Field(strict=True, ge=0)] = 256 * 2**20
    discard_response_bodies: bool = False
    no_connection_reuse: bool = False
    no_cookies_reset: bool = False
    insecure_skip_tls_verify: bool = False
    extra_ca: str | None = None
    setup_timeout: Seconds = 60.0
    teardown_timeout: Seconds = 60.0
    seed: int = 0


def problems(model: type[BaseModel], error: ValidationError) -> list[Problem]:
    """Pydantic's findings in our words."""
    return [_problem(model, entry) for entry in error.errors(include_url=False)]


def _problem(model: type[BaseModel], entry: Any) -> Problem:
    # A union's branch is part of pydantic's path, and none of the user's.
    path = [str(part) for part in entry["loc"] if part not in _BRANCHES]
    where, kind, value = ".".join(path), entry["type"], entry["input"]
    if kind == "extra_forbidden":
        return unknown(path[-1], model.model_fields, where, "option")
    if kind == "value_error":
        code = str(entry["ctx"]["error"])
        return Problem(code if code in _CODES else "value", where, {"value": repr(value), "reason": code})
    if kind == "missing":
        return Problem("missing", where)
    if kind.startswith("int") or kind == "greater_than_equal":
        least = entry.get("ctx", {}).get("ge", 0)
        return Problem("count", where, {"value": repr(value), "least": least})
    return Problem("value", where, {"value": repr(value), "reason": entry["msg"]})


_CODES = ("duration", "duration_unit", "duration_negative")
_BRANCHES = ("ConstantVUs", "PerVUIterations", "SharedIterations", "function-before")
