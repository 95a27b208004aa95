"""Several runs told together."""

MESSAGES = {
    "story.load": "load",
    "story.visits": "visits",
    "story.answered": "answered",
    "story.p50": "p50",
    "story.p95": "p95",
    "story.p99": "p99",
    "story.rate": "per s",
    "story.cpu": "cpu",
    "story.memory": "memory",
    "story.pool": "pool",
    "story.measurement": "MEASUREMENT  {verdict}",
    "story.generator": "generator {cpu}, its own delay p99 {lag}",
    "story.doubted": "not to be taken as they are: {runs}",
    "story.proof": "the same load, {run}: {ok:,} of {requests:,} → {ok_after:,} of {requests_after:,} answered, p95 {p95}",
    "story.more": "{count} more in sonagi explain",
}
