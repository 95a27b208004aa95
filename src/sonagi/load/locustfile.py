"""A locustfile that is given to `sonagi run`: what it holds, and how that is written here."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from sonagi.locale import text


@dataclass(frozen=True, slots=True)
class LocustUser:
    """A user class: its tasks with their weights, and its wait_time as it is written."""

    name: str
    tasks: tuple[tuple[str, int], ...]
    wait: str


def locust_users(source: str) -> list[LocustUser] | None:
    """The user classes of a locustfile; None for a script that does not import Locust. Raises SyntaxError."""
    tree = ast.parse(source)
    if not any(_imports_locust(node) for node in ast.walk(tree)):
        return None
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    found = (LocustUser(node.name, tuple(_tasks(node)), _wait(node)) for node in classes)
    return [user for user in found if user.tasks]


def told(path: str, users: list[LocustUser]) -> str:
    """What to say instead of running it: the same test in our words."""
    lines = [text("script.locust", path=path)]
    for user in users:
        tasks = ", ".join(f"{name} x{weight}" for name, weight in user.tasks)
        lines.append(text("script.locust_user", name=user.name, tasks=tasks))
    names = dict(task for user in users for task in user.tasks)
    lines += ["", "    from sonagi import Mix, Options, ConstantVUs, http, think", ""]
    lines += ['    api = http.Client("http://localhost:8000")', ""]
    think = _think(next((user.wait for user in users if user.wait), ""))
    for name in names:
        lines += [f"    async def {name}(vu):", '        await api.get("/")', f"        {think}", ""]
    mix = ", ".join(f"{name}: {weight}" for name, weight in names.items())
    scenario = f'ConstantVUs(vus=10, duration="1m", exec=Mix({{{mix}}}))'
    lines.append(f'    options = Options(scenarios={{"users": {scenario}}})')
    return "\n".join(lines)


def _imports_locust(node: ast.AST) -> bool:
    if isinstance(node, ast.Import):
        return any(alias.name.split(".")[0] == "locust" for alias in node.names)
    return isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "locust"


def _tasks(node: ast.ClassDef) -> Iterator[tuple[str, int]]:
    for function in node.body:
        if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
            for decorator in function.decorator_list:
                if isinstance(decorator, ast.Name) and decorator.id == "task":
                    yield function.name, 1
                elif isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "task":
                    weight = decorator.args[0] if decorator.args else None
                    known = isinstance(weight, ast.Constant) and isinstance(weight.value, int)
                    yield function.name, int(ast.literal_eval(weight)) if known and weight is not None else 1


def _wait(node: ast.ClassDef) -> str:
    for statement in node.body:
        if isinstance(statement, ast.Assign) and any(
            ast.unparse(t) == "wait_time" for t in statement.targets
        ):
            return ast.unparse(statement.value)
    return ""


def _think(wait: str) -> str:
    """Locust's wait_time as a think time of ours."""
    inside = wait[wait.find("(") + 1 : -1]
    if wait.startswith("between("):
        return f"await think.uniform({inside})"
    if wait.startswith("constant("):
        return f"await think.constant({inside})"
    return "await think.uniform(1, 3)"
