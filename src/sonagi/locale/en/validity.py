"""Findings about the test itself. Tone: this number can't tell that; never: you were wrong."""

MESSAGES = {
    "validity.c07_title": "The time was over before the goal: {dropped} of {goal} iterations were never started. The server dropped none of them.",
    "validity.c07_never_started": "{goal} planned − {done} done − {cut} interrupted = {dropped}, exactly the dropped ones",
    "validity.c07_counts": "{done} of {goal} iterations in {limit}",
    "validity.c07_action": "Give it {needed}, or {users} users, or ask for time instead of iterations.",
}
