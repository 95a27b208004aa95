"""Open files: one per connection and some to spare."""

import resource

SPARE = 256


def allow_descriptors(users: int) -> None:
    """Raise this process's limit of open files to what `users` need, as far as the system allows: also those
    of a worker that is gone may come here."""
    need = users + SPARE
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < need:
        allowed = need if hard == resource.RLIM_INFINITY else min(need, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(allowed, soft), hard))
