"""Loading a user's script: what it holds, and what is wrong with it."""

import importlib.util
import inspect
import linecache
import sys
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

from sonagi.load.awaits import forgotten_awaits
from sonagi.load.locustfile import locust_users, told
from sonagi.locale import text
from sonagi.plan.options import Options
from sonagi.script import metrics

LIFECYCLE = ("setup", "teardown", "vu_setup", "vu_teardown")


class ScriptProblem(Exception):
    """A script that cannot be loaded. `exit_code` is k6's: 107 for an exception or a syntax error
    in it, 255 for a file that cannot be read."""

    def __init__(self, message: str, exit_code: int = 107) -> None:
        super().__init__(message)
        self.exit_code = exit_code


@dataclass(frozen=True)
class LoadedScript:
    """A script, loaded: its functions by name and what it declares."""

    path: str
    functions: Mapping[str, Callable[..., Any]]
    """Public `async def` functions that can be a scenario's."""
    plain_functions: tuple[str, ...] = ()
    """Public functions that are not async, named when one of them was meant."""
    options: Options | None = None
    metrics: Mapping[str, str] = field(default_factory=dict)
    """Custom metrics: name → kind."""
    setup: Callable[..., Any] | None = None
    teardown: Callable[..., Any] | None = None
    vu_setup: Callable[..., Any] | None = None
    """Called by each user before its first iteration."""
    vu_teardown: Callable[..., Any] | None = None


def load(path: str) -> LoadedScript:
    """Run the script at `path` once and look at what it defines. Raises ScriptProblem."""
    source = _read(path)
    metrics.declared.clear()
    _look_for_forgotten_awaits(path, source)
    users = locust_users(source)
    if users:
        raise ScriptProblem(told(path, users), 104)
    return _describe(path, _execute(path, source))


def from_function(function: Callable[..., Any], options: Options | None = None) -> LoadedScript:
    """A script that is one function of this process."""
    if not inspect.iscoroutinefunction(function):
        raise ScriptProblem(text("script.not_async", name=getattr(function, "__name__", repr(function))), 104)
    path = inspect.getsourcefile(function) or "<function>"
    own = [value for value in function.__globals__.values() if isinstance(value, metrics.Metric)]
    kinds = {metric.name: metric.kind for metric in [*metrics.declared.values(), *own]}
    return LoadedScript(path, {function.__name__: function}, options=options, metrics=kinds)


def _read(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ScriptProblem(_missing(path), 255) from None
    except IsADirectoryError:
        raise ScriptProblem(text("script.is_directory", path=path), 255) from None
    except UnicodeDecodeError as error:
        raise ScriptProblem(text("script.not_text", path=path, reason=error.reason), 255) from None
    except OSError as error:
        raise ScriptProblem(text("script.unreadable", path=path, reason=error.strerror), 255) from None


def _missing(path: str) -> str:
    import difflib

    folder = Path(path).parent
    names = [entry.name for entry in folder.glob("*.py")] if folder.is_dir() else []
    near = difflib.get_close_matches(Path(path).name, names, n=1)
    if near:
        return text("script.missing_near", path=path, near=str(folder / near[0]))
    return text("script.missing", path=path)


def _look_for_forgotten_awaits(path: str, source: str) -> None:
    try:
        found = forgotten_awaits(source)
    except SyntaxError as error:
        raise ScriptProblem(_syntax(path, error)) from None
    if found:
        lines = [text("script.forgotten_await", path=path, line=line, name=name) for line, name in found]
        raise ScriptProblem("\n".join(lines), 104)


def _syntax(path: str, error: SyntaxError) -> str:
    line = (error.text or "").rstrip("\n")
    shown = line.lstrip()
    column = max((error.offset or 1) - 1 - (len(line) - len(shown)), 0)
    return text(
        "script.syntax",
        path=path,
        line=error.lineno or 0,
        reason=error.msg,
        code=shown,
        caret=" " * column + "^",
    )


def _execute(path: str, source: str) -> ModuleType:
    name = Path(path).stem.replace("-", "_")
    if name in sys.modules or name in sys.stdlib_module_names:
        name = f"sonagi_script_{name}"
    spec = importlib.util.spec_from_loader(name, loader=None, origin=path)
    if spec is None:
        raise ScriptProblem(text("script.missing", path=path), 255)
    module = importlib.util.module_from_spec(spec)
    module.__file__ = path
    sys.modules[name] = module
    folder = str(Path(path).resolve().parent)
    if folder not in sys.path:
        sys.path.insert(0, folder)
    try:
        exec(compile(source, path, "exec"), module.__dict__)
    except Exception as error:
        del sys.modules[name]
        raise _raised(path, error) from None
    return module


def _raised(path: str, error: Exception) -> ScriptProblem:
    from sonagi.plan.problems import PlanError

    if isinstance(error, PlanError):
        raise error
    place, trace = place_of(error, path), script_traceback(error, path)
    return ScriptProblem(
        text("script.raised", place=place, kind=type(error).__name__, message=str(error), trace=trace)
    )


def script_traceback(error: BaseException, path: str) -> str:
    """The traceback of `error` from the script on: how we came to call it is no help to its author."""
    trace = error.__traceback__
    while trace is not None and trace.tb_frame.f_code.co_filename != path:
        trace = trace.tb_next
    lines = traceback.format_exception(type(error), error, trace or error.__traceback__, chain=False)
    return "".join(lines).rstrip()


def place_of(error: BaseException, path: str) -> str:
    """Where in the script `error` came from: "load_test.py:12 in browse"."""
    frames = traceback.extract_tb(error.__traceback__)
    inside = [frame for frame in frames if frame.filename == path] or list(frames)
    if not inside:
        return path
    last = inside[-1]
    where = f"{Path(last.filename).name}:{last.lineno}"
    return where if last.name == "<module>" else f"{where} in {last.name}"


def _describe(path: str, module: ModuleType) -> LoadedScript:
    # A script may be changed while it runs: a traceback shows the lines that were loaded.
    linecache.checkcache(path)
    own = {
        name: value
        for name, value in vars(module).items()
        if inspect.isfunction(value) and value.__module__ == module.__name__
    }
    public = {
        name: value for name, value in own.items() if not name.startswith("_") and name not in LIFECYCLE
    }
    options = getattr(module, "options", None)
    if options is not None and not isinstance(options, Options):
        raise ScriptProblem(text("script.options_type", path=path, kind=type(options).__name__), 104)
    return LoadedScript(
        path=path,
        functions={name: value for name, value in public.items() if inspect.iscoroutinefunction(value)},
        plain_functions=tuple(
            name for name, value in public.items() if not inspect.iscoroutinefunction(value)
        ),
        options=options,
        metrics={name: metric.kind for name, metric in metrics.declared.items()},
        setup=own.get("setup"),
        teardown=own.get("teardown"),
        vu_setup=own.get("vu_setup"),
        vu_teardown=own.get("vu_teardown"),
    )
