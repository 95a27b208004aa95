"""Findings about a run's shape over time: slow at first, growing, flat."""

MESSAGES = {
    # S22
    "shape.s22_title": "The first {until} are a cold start: answers took {first} there and {steady} later, under the same load.",
    "shape.s22_decay": "the median of a second falls from {first} to {steady} and stays",
    "shape.s22_share": "{share} of all requests fall in that time",
    "shape.s22_action": "Warm up for {until} before measuring, or report those seconds apart: they say how a restart feels, not what the server can do.",
    "shape.s22_first_title": "The first answers were a cold start: not one of {users} users got one within {quickest}, while nearly all later ones took less than {usual}.",
    "shape.s22_first": "{metric} shows requests over elapsed time; its largest value means that the quickest first answer took {quickest}",
    "shape.s22_longest": "the longest request took {longest}, and it succeeded",
    "shape.s22_first_action": "Send a few requests before measuring, and report the first ones apart: the maximum of {longest} says nothing about the rest.",
    "shape.s22_or_burst": "Users who all begin at one instant wait for each other: let them start over some seconds and see whether it stays.",
    "shape.s22_or_rare": "A rare request that does more could be what took so long: its time in the run and its address would tell.",
    # S25
    "shape.s25_leak_title": "The server leaks memory: {each} with every request that it does not give back, {hourly} an hour at this rate.",
    "shape.s25_growth_title": "The server's memory keeps growing: {risen} in {seconds}, {hourly} an hour, with no end in sight.",
    "shape.s25_slope": "its floor rose by {risen} within {seconds} (an hour's worth: {low} to {high}, 95 %)",
    "shape.s25_by_requests": "with {few} it rose by {slow}, with {many} by {fast}: it follows the requests, not the time",
    "shape.s25_not_idle": "without load it stood still, for {seconds}",
    "shape.s25_each": "that is {each} per request",
    "shape.s25_left": "at {limit} it will be at its limit, in {left}",
    "shape.s25_leak_action": "Compare two heap dumps some minutes apart under load: what has grown in number is what is kept.",
    "shape.s25_growth_action": "Run longer, stop the load for a while, and run at another rate: a leak follows the requests, a cache flattens out.",
    "shape.s25_one_rate": "Seen at one rate only: whether memory grows with requests or with time, this run can't tell.",
    "shape.s25_or_cache": "A cache that fills looks like this until it is full: then it flattens.",
    # S30
    "shape.s30_core_title": "The server does one thing at a time: one core is busy, the others are idle, and {held} requests wait for each other. It stays at {done}.",
    "shape.s30_loop_title": "The server's loop is blocked: one request at a time gets on, and {held} wait. It stays at {done}.",
    "shape.s30_one_core": "the server used {used} of {cores}",
    "shape.s30_lag": "its event loop came {lag} late",
    "shape.s30_line": "{count} log lines such as “{line}”",
    "shape.s30_queue": "{held} requests were in the server at a time",
    "shape.s30_no_more": "from {few} to {many} users: for each per cent more of them {flat} % more throughput, {linear} % more time",
    "shape.s30_action": "Find what only one may do at a time: a lock, a blocking call in an event loop, a single worker. Move it out, or run more processes; more cores alone change nothing.",
    "shape.s30_or_cpu": "With all cores busy, it would be work and not waiting: look at the CPU of each core.",
    "shape.s30_or_workers": "A full pool of workers waits without a busy core: more workers would help there.",
}
