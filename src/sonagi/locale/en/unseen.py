"""What could not be watched, and what would show it next time."""

MESSAGES = {
    "unseen.process_none": "no process for {what}",
    "unseen.process_own": "{what} is sonagi itself",
    "unseen.process_no_rights": "{name} ({pid}) belongs to somebody else: its files and sockets stay hidden; run sonagi as the same user",
    "unseen.port_none": "nobody listens on port {port}",
    "unseen.port_no_rights": "who listens on port {port} belongs to {user}: run sonagi as the same user to watch the process",
    "unseen.remote": "the server at {address} is another machine: name its metrics (--watch http://…/metrics), or watch it there",
    "unseen.target_none": "no connection to a server was seen, so nothing of it was watched: there was none, or the run was too short",
    "unseen.log_missing": "there was no log {path}",
    "unseen.log_unreadable": "the log {path} can't be read ({reason})",
    "unseen.log_sampled": "the log {path} grew faster than it can be read: parts of it were left out, and counts are estimates",
    "unseen.log_none": "{name} has no log file open: give it one (Spring: logging.file.name=app.log), or name it with --watch file:PATH",
    "unseen.metrics_refused": "{url} answered with status {status}: its metrics need a login or are switched off",
    "unseen.metrics_strange": "{url} answers with something else than metrics (“{began}”)",
    "unseen.metrics_empty": "{url} answers without any metric",
    "unseen.metrics_silent": "{url} doesn't answer ({reason})",
    "unseen.metrics_none": "the server on port {port} shows no metrics: pool and threads stay hidden. Spring: the dependencies spring-boot-starter-actuator and micrometer-registry-prometheus, and management.endpoints.web.exposure.include=prometheus",
    "unseen.probe_failed": "{name} could no longer be watched ({reason})",
}
