"""Mistakes in options and flags."""

MESSAGES = {
    "plan.duration": '{value} is not a duration; write "30s", "1m30s" or a number of seconds',
    "plan.duration_unit": '{value} has no unit; write "30s" or "500ms", or the number 30 for 30 seconds',
    "plan.duration_negative": "{value} is negative; a duration is 0 or more",
    "plan.option": 'there is no option "{name}"; there are {valid}',
    "plan.option_near": 'there is no option "{name}"; did you mean "{near}"?',
    "plan.value": "{value} cannot be used: {reason}",
    "plan.missing": "is needed and was not given",
    "plan.count": "{value} is not a whole number of {least} or more",
    "plan.trend_stat": '"{name}" is no statistic; there are avg, min, med, max, count and p(N) with N from 0 to 100',
    "plan.threshold": '{source!r} is no condition; write for example "p(95)<500", "rate<0.01" or "count>100"',
    "plan.threshold_tags": "{key!r}: tags are written as metric{{tag:value}}, for example http_reqs{{status:200}}",
    "plan.threshold_metric": 'there is no metric "{name}"; there are {valid}',
    "plan.threshold_metric_near": 'there is no metric "{name}"; did you mean "{near}"?',
    "plan.threshold_aggregation": "{source!r}: a {kind} has no {aggregation}; it has {valid}",
    "plan.shortcut_and_scenarios": "cannot be given together with scenarios; set it inside of them",
    "plan.no_scenarios": "is empty; give at least one scenario, or leave it out",
    "plan.scenario_name": '"{name}" is no name for a scenario; use letters, digits, "-" and "_"',
    "plan.no_time": "is 0, so nothing could run; give a duration above 0",
    "plan.fewer_iterations": "{iterations} iterations cannot be shared among {vus} users; ask for at least {vus}",
    "plan.function": 'there is no async function "{name}"; there are {valid}',
    "plan.function_near": 'there is no async function "{name}"; did you mean "{near}"?',
    "plan.not_async": '"{name}" is not async; write "async def {name}(vu):"',
    "plan.many_functions": 'more than one function could be meant: {names}; say which with exec="…", '
    'or call one of them "default"',
    "plan.no_function": 'has no function to run; write "async def default(vu):"',
    "plan.descriptors": "{vus} users need {need} open files and the system allows {have}; "
    "run `ulimit -n {need}` (or raise the hard limit) first",
    "plan.unwritable": "{path} cannot be written: {reason}",
    "plan.env": '"{value}" is no variable; write NAME=value',
}
