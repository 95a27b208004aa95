"""How long an iteration takes at least, as far as a look at its source tells.

Only pauses of a fixed length that every iteration makes are counted: `await sleep(1)` in the function's
own body, in a `with` block, or in a call of a helper of the same module. What is in a branch, a loop or a
`try` may not happen, so nothing is assumed of it.
"""

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterable
from typing import Any

SLEEPS = ("sleep", "think.constant")


def least_seconds(function: Callable[..., Any]) -> float:
    """The pauses that each call of `function` makes, in seconds; 0 when its source cannot be read."""
    return _least(function, set())


def _least(function: Callable[..., Any], seen: set[object]) -> float:
    if function in seen:
        return 0.0
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (OSError, TypeError, SyntaxError):
        return 0.0
    body = next((node.body for node in tree.body if isinstance(node, ast.AsyncFunctionDef)), [])
    return _of_body(body, getattr(function, "__globals__", {}), seen | {function})


def _of_body(body: Iterable[ast.stmt], names: dict[str, Any], seen: set[object]) -> float:
    total = 0.0
    for statement in body:
        if isinstance(statement, (ast.With, ast.AsyncWith)):
            total += _of_body(statement.body, names, seen)
        elif isinstance(statement, (ast.Expr, ast.Assign, ast.AnnAssign, ast.Return)):
            value = statement.value
            if isinstance(value, ast.Await) and isinstance(value.value, ast.Call):
                total += _of_call(value.value, names, seen)
            if isinstance(statement, ast.Return):
                break
        elif isinstance(statement, ast.Raise):
            break
    return total


def _of_call(call: ast.Call, names: dict[str, Any], seen: set[object]) -> float:
    called = ast.unparse(call.func)
    if called.removeprefix("sonagi.").removeprefix("asyncio.") in SLEEPS and len(call.args) == 1:
        seconds = call.args[0]
        if isinstance(seconds, ast.Constant) and isinstance(seconds.value, (int, float)):
            return float(seconds.value)
        return _constant(seconds, names)
    helper = names.get(called)
    return _least(helper, seen) if inspect.iscoroutinefunction(helper) else 0.0


def _constant(node: ast.expr, names: dict[str, Any]) -> float:
    """A name of the module that holds a number."""
    value = names.get(node.id) if isinstance(node, ast.Name) else None
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else 0.0
