"""The table of signatures: (name, pattern, anchors), the more specific first. Groups catch what rules need.

Texts are those of the programs' own sources and manuals; one line of each is in the tests.
"""

KNOWN: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    # Pools of connections to a database.
    (
        "hikari",
        r"(\S+) - Connection is not available, request timed out after (\d+)ms"
        r"(?: \(total=(\d+), active=(\d+), idle=(\d+), waiting=(\d+)\))?",
        ("Connection is not available",),
    ),
    (
        "hikari-clock",
        r"(\S+) - Thread starvation or clock leap detected \(housekeeper delta=([^)]+)\)",
        ("Thread starvation or clock leap",),
    ),
    (
        "hikari-leak",
        r"Connection leak detection triggered for (\S+) on thread (\S+)|Apparent connection leak detected",
        ("onnection leak det",),
    ),
    (
        "sqlalchemy",
        r"QueuePool limit of size (\d+) overflow (\d+) reached, connection timed out, timeout ([\d.]+)",
        ("QueuePool limit",),
    ),
    ("psycopg", r"couldn't get a connection after ([\d.]+) sec", ("couldn't get a connection",)),
    (
        "node-pool",
        r"Timeout acquiring a connection|timeout exceeded when trying to connect"
        r"|Timed out fetching a new connection from the connection pool",
        ("Timeout acquiring", "timeout exceeded when", "Timed out fetching"),
    ),
    # Memory.
    (
        "jvm",
        r"OutOfMemoryError: (Java heap space|GC overhead limit exceeded|Metaspace|Direct buffer memory"
        r"|[Uu]nable to create (?:new )?native thread|Requested array size)",
        ("OutOfMemoryError",),
    ),
    (
        "jvm-gc",
        r"\[gc[^\]]*\].*Pause (Young|Full|Remark|Cleanup).*?(\d+)M->(\d+)M\((\d+)M\) ([\d.]+)ms"
        r"|To-space exhausted|Evacuation Failure|Allocation Stall",
        ("Pause ", "To-space exhausted", "Evacuation Failure", "Allocation Stall"),
    ),
    (
        "python-memory",
        r"\bMemoryError\b|Cannot allocate memory|std::bad_alloc",
        ("MemoryError", "Cannot allocate memory", "bad_alloc"),
    ),
    (
        "oom",
        r"(Memory cgroup out of memory|Out of memory): Kill(?:ed)? process (\d+) \(([^)]+)\)"
        r"|oom-kill:constraint=(CONSTRAINT_\w+)",
        ("ut of memory", "oom-kill:"),
    ),
    ("rlimit", r"VmData (\d+) exceed data ulimit (\d+)", ("exceed data ulimit",)),
    # Java.
    (
        "spring-lock",
        r"CannotAcquireLockException|PessimisticLock\w*Exception|DeadlockLoser\w+|LockAcquisitionException"
        r"|OptimisticLock\w*Exception",
        ("CannotAcquireLock", "PessimisticLock", "DeadlockLoser", "LockAcquisition", "OptimisticLock"),
    ),
    (
        "spring-unique",
        r"IncorrectResultSizeDataAccessException|NonUniqueResultException"
        r"|did not return a unique result: (\d+)",
        ("IncorrectResultSize", "NonUniqueResult", "unique result"),
    ),
    (
        "spring",
        r"Unable to acquire JDBC Connection|CannotCreateTransactionException|CannotGetJdbcConnectionException"
        r"|JDBCConnectionException|TransactionTimedOut|QueryTimeoutException",
        ("Unable to acquire", "CannotCreateTransaction", "JdbcConnection", "JDBCConnection")
        + ("TransactionTimedOut", "QueryTimeout"),
    ),
    ("spring-page", r"HHH(?:90003004|000104).*firstResult/maxResults", ("firstResult/maxResults",)),
    (
        "cb",
        r"CallNotPermittedException|CircuitBreaker '([^']+)' is OPEN|RequestNotPermitted|BulkheadFullEx",
        ("CallNotPermitted", "is OPEN", "RequestNotPermitted", "BulkheadFull"),
    ),
    (
        "tomcat",
        r"RejectedExecutionException|Socket accept failed|ClientAbortException.*Broken pipe"
        r"|AsyncRequestTimeoutException",
        ("RejectedExecution", "Socket accept failed", "ClientAbort", "AsyncRequestTimeout"),
    ),
    # Python, Node, Go, PHP.
    (
        "sqlalchemy-unique",
        r"MultipleResultsFound|Multiple rows were found when",
        ("MultipleResultsFound", "Multiple rows were found"),
    ),
    (
        "gunicorn",
        r"WORKER TIMEOUT \(pid:(\d+)\)|was sent SIG\w+!(?: Perhaps out of memory\?)?",
        ("WORKER TIMEOUT", "was sent SIG"),
    ),
    (
        "uvicorn",
        r"Exceeded concurrency limit|Maximum request limit of \d+ exceeded"
        r"|socket\.accept\(\) out of system resource",
        ("Exceeded concurrency", "Maximum request limit", "out of system resource"),
    ),
    ("asyncio", r"Executing .* took ([\d.]+) seconds", ("Executing ",)),
    (
        "node",
        r"JavaScript heap out of memory|EMFILE|ECONNRESET|EADDRNOTAVAIL|MaxListenersExceededWarning",
        ("JavaScript heap", "EMFILE", "ECONNRESET", "EADDRNOTAVAIL", "MaxListenersExceeded"),
    ),
    (
        "go",
        r"http: Accept error: .*too many open files|context deadline exceeded"
        r"|dial tcp .*: (i/o timeout|connect: connection refused|connect: cannot assign requested address)"
        r"|fatal error: .*out of memory",
        ("http: Accept error", "context deadline exceeded", "dial tcp", "fatal error: "),
    ),
    ("php-fpm", r"server reached (?:pm\.)?max_children setting \((\d+)\)", ("max_children",)),
    # Databases and caches.
    (
        "mysql-lock",
        r"Lock wait timeout exceeded|Deadlock found when trying to get lock",
        ("Lock wait timeout", "Deadlock found"),
    ),
    (
        "mysql-slow",
        r"# Query_time: ([\d.]+)\s+Lock_time: ([\d.]+)\s+Rows_sent: (\d+)\s+Rows_examined: (\d+)",
        ("# Query_time",),
    ),
    (
        "mysql-io",
        r"page_cleaner: 1000ms intended loop took (\d+)ms|The table '.*' is full",
        ("page_cleaner", "The table '"),
    ),
    (
        "mysql",
        r"Too many connections|Communications link failure|server has gone away"
        r"|Lost connection to MySQL server|Aborted connection \d+",
        ("Too many connections", "Communications link", "has gone away", "Lost connection to MySQL")
        + ("Aborted connection",),
    ),
    (
        "pg-lock",
        r"process \d+ still waiting for (\w+) on .* after ([\d.]+) ms|deadlock detected",
        ("still waiting for", "deadlock detected"),
    ),
    (
        "pg-checkpoint",
        r"checkpoints are occurring too frequently|checkpoint complete: .*longest=([\d.]+)"
        r"|temporary file: path .*size (\d+)",
        ("checkpoints are occurring", "checkpoint complete", "temporary file: path"),
    ),
    (
        "pg-crash",
        r"server process \(PID \d+\) was terminated by signal (\d+)|in recovery mode|could not extend file",
        ("was terminated by signal", "in recovery mode", "could not extend file"),
    ),
    (
        "pg",
        r"sorry, too many clients already|remaining connection slots are reserved"
        r"|canceling statement due to (statement|lock) timeout"
        r"|duration: ([\d.]+) ms(?:$|\s+(?:statement|execute|parse|bind|plan)\b)",
        ("too many clients", "remaining connection slots", "canceling statement", "duration: "),
    ),
    (
        "slow-query",
        r"(?i:\bslow[ _-]?query\b)(?:\D{0,40}?([\d.]+) ?(ms|milliseconds|s\b|sec))?",
        ("low query", "low_query", "low-query", "lowQuery", "LOW QUERY", "low Query", "lowquery"),
    ),
    (
        "redis",
        r"OOM command not allowed|max number of clients reached|MISCONF|AOF fsync is taking too long"
        r"|RedisCommandTimeoutException|Could not get a resource from the pool",
        ("OOM command", "max number of clients", "MISCONF", "AOF fsync", "RedisCommandTimeout")
        + ("Could not get a resource",),
    ),
    # Proxies.
    (
        "nginx-limit",
        r"limiting requests, excess: ([\d.]+) by zone \"(\w+)\"|limiting connections by zone",
        ("limiting requests", "limiting connections"),
    ),
    (
        "nginx-conn",
        r"connect\(\).* failed \((11|99|104|110|111):|accept4?\(\) failed \(24: Too many open files\)",
        ("connect()", "accept() failed", "accept4() failed"),
    ),
    (
        "nginx",
        r"worker_connections are not enough|upstream timed out \((\d+):|upstream prematurely closed"
        r"|no live upstreams|buffered to a temporary file",
        ("worker_connections", "upstream timed out", "upstream prematurely", "no live upstreams")
        + ("buffered to a temporary",),
    ),
    (
        "haproxy",
        # Only sessions that did not end well: the first of the four letters is a dash when all went well.
        r"\s(-?\d+)/(-?\d+)/(-?\d+)/(-?\d+)/\+?(\d+) (\d{3}|-1) .* ([CSPLRIDUKcs][RQCHDLT-])[NIDVEOUM-]{2}\s"
        r"|has no server available|is DOWN, reason",
        ("haproxy", "has no server available", "is DOWN, reason"),
    ),
    # The system's own.
    ("syn", r"Possible SYN flooding on port", ("Possible SYN flooding",)),
    (
        "conntrack",
        r"nf_conntrack: .*table full, dropping packet|TCP: out of memory|too many orphaned sockets",
        ("nf_conntrack", "TCP: out of memory", "too many orphaned"),
    ),
    (
        "emfile",
        r"Too many open files|too many open files|file-max limit (\d+) reached",
        ("oo many open files", "file-max limit"),
    ),
    ("enospc", r"No space left on device", ("No space left on device",)),
    ("segv", r"segfault at|SIGSEGV|Segmentation fault", ("segfault at", "SIGSEGV", "Segmentation fault")),
    (
        "hung",
        r"blocked for more than \d+ seconds|cpu clock throttled|soft lockup",
        ("blocked for more than", "clock throttled", "soft lockup"),
    ),
    ("io", r"I/O error, dev", ("I/O error, dev",)),
    (
        "dns",
        r"no such host|Temporary failure in name resolution|EAI_AGAIN|UnknownHostException",
        ("no such host", "Temporary failure in name", "EAI_AGAIN", "UnknownHost"),
    ),
    (
        "tls",
        r"certificate (?:has expired|verify failed)|handshake (?:timeout|failure|timed out)",
        ("certificate has expired", "certificate verify failed", "handshake "),
    ),
    (
        "timeout",
        r"SocketTimeoutException|Read timed out|ReadTimeout\b|ConnectTimeout\b|ETIMEDOUT",
        ("SocketTimeout", "Read timed out", "ReadTimeout", "ConnectTimeout", "ETIMEDOUT"),
    ),
    ("reset", r"Connection reset by peer|Broken pipe", ("Connection reset by peer", "Broken pipe")),
)
