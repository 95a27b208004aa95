"""A diagnosis for programs: `sonagi explain --format json`, and part of `--summary-export`.

Ids, roles and units are English in every language; sentences are in the user's. `SCHEMA` describes it.
"""

from typing import Any

from sonagi.model.finding import Diagnosis, Finding, Role, Said, Verdict
from sonagi.model.quantity import Quantity
from sonagi.report.said import say


def as_dict(diagnosis: Diagnosis) -> dict[str, Any]:
    """JSON types only, in the shape of `SCHEMA`."""
    return {
        "findings": [_finding(finding) for finding in diagnosis.findings],
        "measurement": {"verdict": str(diagnosis.verdict), "reasons": list(diagnosis.reasons)},
        "undecided": list(diagnosis.undecided),
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "cause": finding.cause,
        "role": str(finding.role),
        "confidence": round(finding.confidence, 3),
        "scope": {"request": finding.scope, "onset": finding.onset},
        "title": say(finding.title),
        "evidence": [
            {
                "text": say(proof.said),
                "source": proof.source,
                "at": proof.at,
                "values": _values(proof.said),
            }
            for proof in finding.evidence
        ],
        "against": [say(said) for said in finding.against],
        "alternatives": [{"cause": rival.cause, "check": say(rival.check)} for rival in finding.rivals],
        "action": say(finding.action),
        "explains": list(finding.explains),
        "voids": list(finding.voids),
    }


def _values(said: Said) -> dict[str, dict[str, Any]]:
    """The numbers of a sentence, with their units and how they came about."""
    return {
        name: {"value": value.value, "unit": value.unit, "how": value.how}
        for name, value in said.values.items()
        if isinstance(value, Quantity)
    }


def _list(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


_TEXT = {"type": "string"}
_SECONDS = {"type": ["number", "null"], "description": "seconds after load began"}
_CAUSE = {"type": "string", "pattern": "^[CSN][0-9]{2}$", "description": "an id of docs/causes.md"}
_QUANTITY = _object({"value": {"type": "number"}, "unit": _TEXT, "how": _TEXT})
SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "What sonagi explain found",
    **_object(
        {
            "findings": _list(
                _object(
                    {
                        "cause": _CAUSE,
                        "role": {"enum": [str(role) for role in Role]},
                        "confidence": {"type": "number", "minimum": 0, "maximum": 1},
                        "scope": _object({"request": _TEXT, "onset": _SECONDS}),
                        "title": _TEXT,
                        "evidence": _list(
                            _object(
                                {
                                    "text": _TEXT,
                                    "source": _TEXT,
                                    "at": _SECONDS,
                                    "values": {"type": "object", "additionalProperties": _QUANTITY},
                                }
                            )
                        ),
                        "against": _list(_TEXT),
                        "alternatives": _list(_object({"cause": _CAUSE, "check": _TEXT})),
                        "action": _TEXT,
                        "explains": _list(_CAUSE),
                        "voids": _list(_TEXT),
                    }
                )
            ),
            "measurement": _object(
                {"verdict": {"enum": [str(verdict) for verdict in Verdict]}, "reasons": _list(_CAUSE)}
            ),
            "undecided": _list(_CAUSE),
        }
    ),
}
SCHEMA["properties"]["source"] = {"type": "string", "description": "the run; not in --summary-export"}
