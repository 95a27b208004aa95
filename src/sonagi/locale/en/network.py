"""Findings about the network between generator and server."""

MESSAGES = {
    # N03
    "network.n03_title": "The network is full: answers arrive at {rate} and not faster, however many users wait. The server has little to do.",
    "network.n03_flat": "{rate} received, second after second",
    "network.n03_receiving": "{part} of the mean response time is an answer that is already arriving",
    "network.n03_away": "{part} of the mean response time passed outside the server, by its own clock",
    "network.n03_pressed": "from {few} to {many} users, no more bytes a second",
    "network.n03_sizes": "{large} with its large answers is slow, {small} is not",
    "network.n03_idle": "the server used {cpu}",
    "network.n03_host": "its host sent {out}",
    "network.n03_action": "Compress or page the large answers, or measure where the network is wider. Compare with two sizes of answer: rate times size stays the same while the network is the limit.",
    "network.n03_or_size": "Answers that are made slowly arrive slowly as well: alone, one user would get one no faster.",
    "network.n03_or_generator": "A generator that reads too slowly looks the same: its CPU and its own delays would be high.",
    # N06
    "network.n06_title": "{count} requests were reset before a byte of an answer came, only on connections that had served before: the server closes them while a request is on its way.",
    "network.n06_idle_title": "{count} requests met a connection that the server was closing, after {idle} of silence.",
    "network.n06_age_title": "{count} requests met a connection that the server was closing, at an age of {age}.",
    "network.n06_reused": "{reused} of {count} resets were on a connection that had served before ({requests} requests in all)",
    "network.n06_idle": "all of these connections had been idle for {idle}",
    "network.n06_age": "all of these connections were {age} old",
    "network.n06_configured": "the server closes idle connections after {timeout}",
    "network.n06_all_idle": "Users think for as long between all requests, so every idle time is alike.",
    "network.n06_action": "Let clients give up idle connections sooner than the server does, or raise the server's keep-alive timeout; send idempotent requests again.",
    "network.n06_or_restart": "A restart resets connections as well: all at one moment.",
    "network.n06_or_queue": "A full accept queue resets new connections, never those that had served before.",
}
