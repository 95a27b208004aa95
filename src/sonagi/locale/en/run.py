"""What is said while a run goes on, and about how it went."""

MESSAGES = {
    "run.note": "note at {at}: {text}",
    "run.rate": "at {at}: {scenario} begins {rate} iterations each {unit} from here on, by hand",
    "run.said_noted": "noted",
    "run.said_stopping": "stopping: iterations under way may finish",
    "run.said_stopping_now": "stopping now: iterations under way are interrupted",
    "run.said_paused": "paused: no new iterations; the plan's clock goes on",
    "run.said_resumed": "resumed",
    "run.said_users": 'scenario "{scenario}": {users} users',
    "run.said_rate": "scenario {scenario!r}: {rate} iterations each {unit} from here on, until it ends",
    "run.no_control": "this run cannot be steered from outside: {reason}",
    "run.proxy": "requests go through the proxy {proxy}, named by the environment (HTTP_PROXY, HTTPS_PROXY): its time is in all numbers; NO_PROXY leaves hosts out",
    "run.replaced": "the script's own scenarios are left out ({scenarios}): flags or the environment ask for other users",
    "run.stopping": "stopping: no new iterations; those under way may finish (Ctrl-C again stops now)",
    "run.stopping_now": "stopping now",
    "run.failed": "{message}",
    "run.prepare_timeout": "a worker did not get ready within {seconds} s",
    "run.setup_timeout": "setup() took longer than {seconds} s (setup_timeout)",
    "run.teardown_timeout": "teardown() took longer than {seconds} s (teardown_timeout)",
    "run.worker_lost": "no worker process is left, and the run is not over; what was measured until then is kept",
    "run.setup_lost": "the worker that ran setup() ended; setup() is not tried again",
    "run.teardown_lost": "the worker that ran teardown() ended; teardown() is not tried again",
    "run.worker_lost_early": "a worker process ended before the load began (--on-worker-loss stop)",
    "run.worker_gone": "worker {worker} of {of} ended ({why})",
    "run.worker_gone_on": "worker {worker} of {of} ended ({why}) at {at}; the others have taken over what it had to do. What it measured until then is in the numbers, but for the last second at most",
    "run.worker_gone_stop": "worker {worker} of {of} ended ({why}) at {at}, and the run ends with it (--on-worker-loss stop)",
    "run.stood_still": "worker {worker} stood still for {seconds} s: it was stopped, or its machine was. No load came from it meanwhile; the times of the server are right",
    "run.killed": "worker {worker} of {of} did not stop in time and was killed; what it measured until then is kept",
    "run.unreachable": "every connection was refused, so the run has ended: {sample}. "
    "Is the server running? (--keep-going goes on regardless)",
    "run.threshold_abort": "{name} '{source}' is not met, and the run ends with it (abort_on_fail)",
    "run.blocked": "the script blocked its loop for {ms} ms or more at {place}: no user could go on meanwhile",
    "run.warning.series_cap": 'there were too many different names or tags; what is over is counted under "(other)", '
    "totals stay exact. Give such requests a name=… of their own",
    "run.broken_frames": "{count} frames of measurements could not be read and are missing",
    "run.output_failed": "{path}: {reason}. Samples are not written there any more; the run goes on, and its other numbers are whole",
    "run.output_slow": "{path} takes samples too slowly: some are left out there; the numbers of this summary are whole",
    "run.lines_left_out": "({count} more lines were printed; they are not shown: a thousand a second are)",
    "run.held": "paused at {at}: no new iterations; the plan's clock goes on",
    "run.resumed": "resumed at {at}",
    "run.users": "at {at}: {scenario} has {users} users from here on, by hand",
    "run.rate_slips": "{scenario}: {share} of the iterations begin late, because this machine is busy: {kept}/s of {asked}/s. "
    "What follows is suspect; give it more --workers, or do less in the script",
    "run.rate_lost": "{scenario}: this machine can't keep the rate: {kept}/s of {asked}/s. What follows is another load than "
    "was planned, and no measure of the server; give it more --workers, do less in the script, or ask for a lower rate",
    "run.users_used_up": "{scenario}: for {share} of the iterations none of {vus} users was free: {kept}/s of {asked}/s. Look "
    "first at why they take so long; then raise max_vus, or leave it out",
    "run.users_at_cap": "{scenario}: {share} of the iterations wait because all of {vus} users are busy: {kept}/s of {asked}/s. "
    "The server answers far more slowly than it is asked; a lower rate, or max_vus to allow for more",
    "run.fixed_users": "how many users there are is fixed by the plan where it has stages, or iterations for each user",
    "run.unexplained": "what this run means could not be worked out: {kind} at {place}: {message}. That is a fault of Sonagi's; the numbers are not touched by it",
}
