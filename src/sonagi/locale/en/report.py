"""The summary and what is shown while a run goes on."""

MESSAGES = {
    "report.thresholds": "THRESHOLDS",
    "report.totals": "TOTAL RESULTS",
    "report.by_name": "REQUESTS BY NAME",
    "report.measured": "MEASURED BLOCKS",
    "report.failures": "FAILED REQUESTS",
    "report.errors": "EXCEPTIONS IN THE SCRIPT",
    "report.no_data": "no data: nothing was measured, so this goal is not met",
    "report.budget": "error budget used: {share}",
    "report.worst_window": "in the worst window",
    "report.out_of": "out of {total}",
    "report.times": "{count} times",
    "report.column_count": "count",
    "report.column_failed": "failed",
    "report.column_p50": "p(50)",
    "report.column_p95": "p(95)",
    "report.column_p99": "p(99)",
    "report.lag": "{taken} before sending, {resumed} after receiving",
    "report.stamps_kernel": "stamped by the kernel",
    "report.stamps_thread": "stamped by the I/O thread",
    "report.measurement": "measurement: {stamps} · generator {cpu} of a core, {rss} · own delay, not in the times "
    "above (p99): {lag}",
    "report.iterations": "{full} iterations complete, {interrupted} interrupted, in {seconds} s",
    "report.script": "script: {script}",
    "report.scenario_constant_vus": "{vus} users for {duration} (gracefulStop: {grace})",
    "report.scenario_per_vu_iterations": "{iterations} iterations for each of {vus} users (maxDuration: {duration}, "
    "gracefulStop: {grace})",
    "report.scenario_shared_iterations": "{iterations} iterations shared among {vus} users (maxDuration: {duration}, "
    "gracefulStop: {grace})",
    "report.scenario_ramping_vus": "up to {vus} users over {duration} in {stages} stages (gracefulStop: {grace})",
    "report.scenario": "SCENARIO: {name}",
    "report.planned": "{script}: {duration}, at most {vus} users at once",
    "report.planned_scenario": "  * {name} runs {functions} from {start} on",
    "report.planned_after": "  * {name} runs {functions} after {after}, from {start} on at the latest",
    "report.planned_unlimited": "iterations have no pause of a fixed length: how many there will be depends on the server",
    "report.planned_most": "each iteration takes {each} or more, so at most {most} are possible",
    "report.planned_enough": "{goal} iterations asked for; each takes {each} or more, so up to {most} are possible",
    "report.planned_too_many": "{goal} iterations asked for, but at most {most} are possible: each takes {each} or more. "
    "It would take {need}, or {vus} users",
    "report.progress": "{iterations} iterations",
    "report.status": "{vus} users · {iterations} iterations · {rate} requests/s · p95 {p95} · failed {failed}",
}
