"""Where options come from: defaults < config file < script < environment < flags, as in k6."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sonagi.plan.executors import EXECUTORS, PerVUIterations
from sonagi.plan.options import Options
from sonagi.plan.problems import Problem, unknown

# A higher layer that sets any of these takes the place of all of them (k6, Options.Apply).
WORKLOAD = ("scenarios", "duration", "iterations", "stages")
ENVIRONMENT_PREFIX = "SONAGI_"


@dataclass(frozen=True, slots=True)
class Layer:
    """Options from one place. `where` names an option as it is written there."""

    origin: str
    values: Mapping[str, Any]
    where: Callable[[str], str] = str
    problems: Sequence[Problem] = ()
    """What was wrong where it was read, told with the rest."""


@dataclass(frozen=True, slots=True)
class Merged:
    """Options of all layers, where each came from, and what was wrong with any."""

    options: Options
    origins: Mapping[str, str]
    problems: list[Problem]
    replaced: Sequence[str] = ()
    """Scenarios whose place a higher layer's workload has taken."""


def merge(layers: Sequence[Layer | Options]) -> Merged:
    """Lay each layer over those before it. An `Options` is the script's."""
    values: dict[str, Any] = {}
    origins = dict.fromkeys(Options.model_fields, "default")
    found: list[Problem] = []
    replaced: list[str] = []
    for layer in layers:
        if isinstance(layer, Options):
            given, origin = layer, "script"
            found += _mistakes(layer, str)
        else:
            found += layer.problems
            given, origin = Options(**_with_scenarios(layer, found)), layer.origin
            found += _mistakes(given, layer.where)
        mine = {name: getattr(given, name) for name in given.model_fields_set}
        # k6: `--vus` alone is as many iterations as users, where there were scenarios.
        if any(name in mine for name in WORKLOAD) or ("vus" in mine and "scenarios" in values):
            replaced += values.get("scenarios") or ()
            for name in WORKLOAD:
                values.pop(name, None)
                origins[name] = "default"
        values |= mine
        origins |= dict.fromkeys(mine, origin)
    return Merged(Options.model_construct(**values), origins, found, replaced)


def _mistakes(options: Options, where: Callable[[str], str]) -> list[Problem]:
    found = options.mistakes()
    for name, scenario in (options.scenarios or {}).items():
        found += scenario.mistakes(f"scenarios.{name}")
    return [Problem(problem.code, where(problem.where), problem.values) for problem in found]


def _with_scenarios(layer: Layer, found: list[Problem]) -> dict[str, Any]:
    """The layer's values; scenarios that are written as tables become objects."""
    values = dict(layer.values)
    scenarios = values.get("scenarios")
    if isinstance(scenarios, Mapping):
        values["scenarios"] = {
            name: _scenario(f"scenarios.{name}", table, layer, found) for name, table in scenarios.items()
        }
    return values


def _scenario(path: str, table: Any, layer: Layer, found: list[Problem]) -> Any:
    if not isinstance(table, Mapping):
        return table
    by_name = {name: kind for kind, name in EXECUTORS.items()}
    entries = {snake(str(key)): value for key, value in table.items()}
    executor = entries.pop("executor", None)
    if executor in by_name:
        return by_name[executor](**entries)
    if executor is None:
        found.append(Problem("executor_missing", layer.where(path), {"valid": ", ".join(by_name)}))
    else:
        found.append(unknown(str(executor), by_name, layer.where(f"{path}.executor"), "executor"))
    # A stand-in, so that what else is wrong comes to light too.
    return PerVUIterations()


def snake(name: str) -> str:
    """k6's camelCase as our snake_case: "gracefulStop", "noVUConnectionReuse", "startVUs"."""
    name = name.replace("VUs", "_vus").replace("VU", "_vu_").replace("TLS", "_tls_").replace("IPs", "_ips")
    letters = [f"_{letter.lower()}" if letter.isupper() else letter for letter in name]
    return "_".join(part for part in "".join(letters).split("_") if part)


def from_file(name: str, values: Mapping[str, Any]) -> Layer:
    """The options in a config file, in snake_case or as k6 writes them."""
    return Layer(
        "config", {snake(str(key)): value for key, value in values.items()}, lambda where: f"{name}: {where}"
    )


def from_environment(environ: Mapping[str, str]) -> Layer:
    """Options in variables such as SONAGI_VUS. Other SONAGI_… variables are not ours to judge."""
    values: dict[str, Any] = {}
    for variable, text in environ.items():
        name = variable.removeprefix(ENVIRONMENT_PREFIX).lower()
        if variable.startswith(ENVIRONMENT_PREFIX) and name in FROM_TEXT:
            values[name] = from_text(name, text)
    return Layer("environment", values, lambda where: f"{ENVIRONMENT_PREFIX}{where.upper()}")


def from_text(name: str, text: str) -> Any:
    """An option written as text; what cannot be read stays as it is, and is told as a mistake."""
    return FROM_TEXT[name](text)


def _whole(text: str) -> int | str:
    return int(text) if text.strip().lstrip("+-").isdigit() else text


def _switch(text: str) -> bool | str:
    return {"true": True, "1": True, "false": False, "0": False}.get(text.strip().lower(), text)


def _stages(text: str) -> list[Any]:
    return [stage(part) for part in text.split(",")]


def _list(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _pairs(text: str) -> dict[str, str] | str:
    """The pairs of "name=value,name=value"; what is none stays as it is."""
    parts = _list(text)
    if not all(part.partition("=")[0] and "=" in part for part in parts):
        return text
    return dict(part.split("=", 1) for part in parts)


def stage(text: str) -> Any:
    """k6's "30s:20" as (30 s, 20 users); what is no stage stays as it is."""
    duration, colon, target = text.strip().rpartition(":")
    return (duration, _whole(target)) if colon else text


FROM_TEXT: dict[str, Callable[[str], Any]] = {
    "vus": _whole,
    "duration": str,
    "iterations": _whole,
    "stages": _stages,
    "profile": str,
    "summary_trend_stats": _list,
    "tags": _pairs,
    "user_agent": str,
    "timeout": str,
    "connect_timeout": str,
    "max_redirects": _whole,
    "max_body_bytes": _whole,
    "discard_response_bodies": _switch,
    "no_connection_reuse": _switch,
    "no_cookies_reset": _switch,
    "insecure_skip_tls_verify": _switch,
    "extra_ca": str,
    "http_version": str,
    "http2_connections": _whole,
    "tls_version": str,
    "client_cert": str,
    "client_key": str,
    "hosts": _pairs,
    "block_hostnames": _list,
    "blacklist_ips": _list,
    "proxy": str,
    "no_proxy": _list,
    "local_ips": _list,
    "dns_ttl": str,
    "dns_select": str,
    "dns_policy": str,
    "min_iteration_duration": str,
    "throw": _switch,
    "setup_timeout": str,
    "teardown_timeout": str,
    "no_setup": _switch,
    "no_teardown": _switch,
    "no_thresholds": _switch,
    "seed": _whole,
    "execution_segment": str,
    "execution_segment_sequence": str,
}
