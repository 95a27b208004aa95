"""The command's help and usage errors."""

MESSAGES = {
    "cli.help": "Load testing in plain async Python, with numbers that are true.",
    "cli.commands": "Commands",
    "cli.run": "run a load test",
    "cli.no_command": '"{name}" is no command; there are {valid}',
    "cli.command_is_script": '"{name}" is a script; write "sonagi run {name}"',
    "cli.no_option": "there is no option {name}; `{command} --help` lists them",
    "cli.no_option_near": "there is no option {name}; did you mean {near}?",
    "cli.missing": "{name} is missing; write `{command} {name}`",
    "cli.usage": "{message} (`{command} --help` tells more)",
    "cli.run_help": "Run the load test in SCRIPT, a Python file with an async function, and show what was measured. "
    "Flags win over the script's own options.",
    "cli.run_vus": "virtual users",
    "cli.run_duration": "how long users go on, such as 30s or 1m30s",
    "cli.run_iterations": "iterations, shared among all users",
    "cli.run_env": "an environment variable for the script; may be repeated",
    "cli.run_summary_export": "write the results as JSON, in the shape of k6's handleSummary()",
    "cli.run_summary_trend_stats": "columns of times, of avg min med max count p(N)",
    "cli.run_quiet": "show nothing while running, only the summary",
    "cli.run_no_color": "no colours",
    "cli.run_workers": "0 makes the load inside this process, for a debugger; 1 (default) in one of its own",
    "cli.run_keep_going": "go on although every connection is refused",
}
