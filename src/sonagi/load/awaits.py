"""Forgotten `await`: found by looking at the source, before anything runs."""

import ast

LAZY = frozenset(
    [
        "http.get",
        "http.head",
        "http.options",
        "http.delete",
        "http.post",
        "http.put",
        "http.patch",
        "http.request",
    ]
    + ["sleep", "sonagi.sleep", "asyncio.sleep"]
)


def forgotten_awaits(source: str) -> list[tuple[int, str]]:
    """Calls whose result is thrown away although it must be awaited: (line, name called).

    Only a call that stands alone as a statement is certain: one that is kept may be awaited later,
    or given to `gather`. Raises SyntaxError.
    """
    tree = ast.parse(source)
    own = {node.name for node in ast.walk(tree) if isinstance(node, ast.AsyncFunctionDef)}
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            name = _dotted(node.value.func)
            if name in LAZY or name in own:
                found.append((node.lineno, name))
    return sorted(found)


def _dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value)}.{node.attr}"
    return ""
