"""What a Python script's text gives away, for Sonagi or Locust: sleeps and values drawn at random."""

import ast
from collections.abc import Iterator, Mapping

from sonagi.readers.script_facts import Script, Visit

_REQUESTS = frozenset({"get", "post", "put", "patch", "delete", "head", "options", "request"})
MOST_KEYS = 10**12

_Function = ast.FunctionDef | ast.AsyncFunctionDef


def read(text: str) -> Script | None:
    """A script's facts; None for what isn't Python."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    constants = dict(_constants(tree))
    waits = [
        wait for node in ast.walk(tree) if isinstance(node, ast.ClassDef) for wait in _waits(node, constants)
    ]
    functions = {node.name: node for node in ast.walk(tree) if isinstance(node, _Function)}
    if not functions:
        return None
    visits = {name: _visit(node, functions, constants, waits) for name, node in functions.items()}
    made = {name: visit for name, visit in visits.items() if visit.requests}
    return Script(made, runs=tuple(name for name in made if not name.startswith("_")))


def _constants(tree: ast.Module) -> Iterator[tuple[str, float]]:
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            number = _number(node.value, {})
            if number is not None:
                yield node.targets[0].id, number


def _waits(user: ast.ClassDef, constants: Mapping[str, float]) -> Iterator[float | None]:
    """Locust's `wait_time = constant(1)`; None for a time that isn't always the same."""
    for node in user.body:
        if not isinstance(node, ast.Assign) or not isinstance(node.targets[0], ast.Name):
            continue
        if node.targets[0].id == "wait_time":
            call = node.value
            known = isinstance(call, ast.Call) and _name(call.func) == "constant" and call.args
            yield _number(call.args[0], constants) if isinstance(call, ast.Call) and known else None


def _visit(
    function: _Function,
    functions: Mapping[str, _Function],
    constants: Mapping[str, float],
    waits: list[float | None],
) -> Visit:
    nodes = list(_with_callees(function, functions))
    calls = [node for node in nodes if isinstance(node, ast.Call)]
    sleeps = [_number(call.args[0], constants) for call in calls if _name(call.func) == "sleep" and call.args]
    slept = [*sleeps, *(waits if len(waits) == 1 else ())]
    known = [seconds for seconds in slept if seconds is not None]
    requests = sum(_is_request(call) for call in calls)
    think = sum(known) if slept and len(known) == len(slept) and len(waits) < 2 else None
    return Visit(think, tuple(sorted(dict(_keys(nodes, constants)).items())), requests)


def _with_callees(function: _Function, functions: Mapping[str, _Function]) -> Iterator[ast.AST]:
    """Nodes of a function and of all functions of the script that it calls by name."""
    seen, waiting = set[str](), [function]
    while waiting:
        one = waiting.pop()
        if one.name in seen:
            continue
        seen.add(one.name)
        for node in ast.walk(one):
            yield node
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in functions:
                waiting.append(functions[node.func.id])


def _is_request(call: ast.Call) -> bool:
    """`http.get(…)`, `self.client.get(…)`."""
    function = call.func
    if not isinstance(function, ast.Attribute) or function.attr not in _REQUESTS:
        return False
    return _name(function.value) in ("http", "client", "session")


def _keys(nodes: list[ast.AST], constants: Mapping[str, float]) -> Iterator[tuple[str, int]]:
    for node in nodes:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            count = _drawn(node.value, constants)
            if count is not None and 2 <= count <= MOST_KEYS:
                yield node.targets[0].id, int(count)


def _drawn(value: ast.expr, constants: Mapping[str, float]) -> float | None:
    """How many different values random.randint(1, 1000) and randrange(1000) have."""
    if not isinstance(value, ast.Call) or not value.args:
        return None
    bounds = [_number(argument, constants) for argument in value.args]
    known = [bound for bound in bounds if bound is not None]
    name = _name(value.func)
    if len(known) != len(bounds):
        return None
    if name == "randint" and len(known) == 2:
        return known[1] - known[0] + 1
    if name == "randrange" and len(known) <= 2:
        return known[-1] - (known[0] if len(known) == 2 else 0)
    return None


def _number(node: ast.expr, constants: Mapping[str, float]) -> float | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, (int, float)) and abs(node.value) < 1e15:
        return float(node.value)
    return constants.get(node.id) if isinstance(node, ast.Name) else None


def _name(node: ast.expr) -> str:
    """The last part of a dotted name."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""
