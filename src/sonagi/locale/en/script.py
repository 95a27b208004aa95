"""Problems of a script."""

MESSAGES = {
    "script.locust": "{path} is a locustfile. Sonagi runs plain async functions; this is where its users go:",
    "script.locust_user": "  {name} becomes one scenario of the functions {tasks}; self.client becomes http.Client, on_start vu_setup",
    "script.missing": "{path}: there is no such file",
    "script.missing_near": "{path}: there is no such file; did you mean {near}?",
    "script.is_directory": "{path} is a folder; name the script in it",
    "script.not_text": "{path} is not UTF-8 text ({reason}); a script is a Python file",
    "script.unreadable": "{path} cannot be read: {reason}",
    "script.syntax": "{path}:{line}: {reason}\n    {code}\n    {caret}",
    "script.forgotten_await": '{path}:{line}: {name}(…) is not awaited, so it would do nothing; write "await {name}(…)"',
    "script.raised": "{place}: {kind}: {message}\n\n{trace}",
    "script.options_type": "{path}: options is a {kind}; write options = Options(…)",
    "script.not_async": '"{name}" is not async; write "async def {name}(vu):"',
}
