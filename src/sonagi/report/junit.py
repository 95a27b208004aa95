"""`--out junit=FILE`: goals and checks as test cases, as every CI server reads them."""

from xml.etree import ElementTree

from sonagi.locale import text
from sonagi.model.result import Result
from sonagi.report.metrics import observed


def render(result: Result) -> str:
    """One suite: a case for each threshold and each check, and one for the run itself."""
    cases = [*_thresholds(result), *_checks(result), _run(result)]
    failures = sum(case.find("failure") is not None for case in cases)
    attributes = {
        "name": "sonagi",
        "tests": str(len(cases)),
        "failures": str(failures),
        "errors": "0",
        "skipped": "0",
        "time": f"{result.seconds:.3f}",
        "timestamp": result.started.isoformat(timespec="seconds"),
    }
    suite = ElementTree.Element("testsuite", attributes)
    suite.extend(cases)
    suites = ElementTree.Element("testsuites")
    suites.append(suite)
    ElementTree.indent(suites)
    return ElementTree.tostring(suites, encoding="unicode", xml_declaration=True) + "\n"


def _case(kind: str, name: str, seconds: float, failure: str = "") -> ElementTree.Element:
    attributes = {"classname": f"sonagi.{kind}", "name": name, "time": f"{seconds:.3f}"}
    case = ElementTree.Element("testcase", attributes)
    if failure:
        ElementTree.SubElement(case, "failure", {"message": _printable(failure)})
    return case


def _thresholds(result: Result) -> list[ElementTree.Element]:
    cases = []
    for threshold in result.thresholds:
        seen = f"{threshold.aggregation}={observed(result, threshold)}"
        told = text("report.no_data") if threshold.no_data else seen
        name = f"{threshold.name}: {threshold.source}"
        cases.append(_case("thresholds", name, 0.0, "" if threshold.ok else told))
    return cases


def _checks(result: Result) -> list[ElementTree.Element]:
    cases = []
    names = dict.fromkeys((t.get("group", ""), t["check"]) for t in result.measurements.series("checks"))
    for group, name in sorted(names):
        held, total = result.measurements.rate("checks", {"group": group, "check": name}) or (0, 0)
        failure = "" if held == total else f"{total - held} {text('report.out_of', total=total)}"
        path = " › ".join([*filter(None, group.split("::")), name])
        cases.append(_case("checks", path, 0.0, failure))
    return cases


def _run(result: Result) -> ElementTree.Element:
    """The run as a whole: met goals are not all there is to a run that broke off."""
    broken = result.exit_code not in (0, 99)
    told = [text(notice.key, **notice.values) for notice in result.notices]
    failure = "\n".join([f"exit code {result.exit_code}", *told]) if broken else ""
    return _case("run", result.script or "hit", result.seconds, failure)


def _printable(told: str) -> str:
    """Without the control characters that XML 1.0 cannot hold."""
    return "".join(letter for letter in told if letter >= " " or letter in "\t\n")
