"""Values as they are written, read by pydantic; what is wrong with them is remembered, not raised."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError
from pydantic_core import PydanticCustomError

from sonagi.plan import network
from sonagi.plan.duration import Duration, parse_duration
from sonagi.plan.problems import Problem, unknown


def _seconds(value: Any) -> float:
    return parse_duration(value)


def _at_least(least: int) -> BeforeValidator:
    def check(value: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or value < least:
            raise PydanticCustomError("count", "{least} or more", {"least": least})
        return value

    return BeforeValidator(check)


def within(least: int, most: int) -> BeforeValidator:
    """A whole number from `least` to `most`."""

    def check(value: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise PydanticCustomError("within", "{least} to {most}", {"least": least, "most": most})
        return value

    return BeforeValidator(check)


Seconds = Annotated[Duration, BeforeValidator(_seconds)]
Count = Annotated[int, _at_least(1)]
Natural = Annotated[int, _at_least(0)]


class Checked(BaseModel):
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
    if kind in ("count", "within"):
        return Problem(kind, where, shown | entry["ctx"])
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
