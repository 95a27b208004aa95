"""Every alternative of every signature finds the line it was written for, by an anchor that the line holds."""

import re

import pytest

from sonagi.probes.signatures import SIGNATURES, match, template

LINES = [
    ("hikari", "2026-11-25T20:20:45.837Z ERROR 8914 --- [exec-2] o.h.e.jdbc.spi.SqlExceptionHelper : HikariPool-1 - Connection is not available, request timed out after 124005ms (total=10, active=10, idle=0, waiting=1)", ("HikariPool-1", "124005", "10", "10", "0", "1")),
    ("hikari", "java.sql.SQLTransientConnectionException: HikariPool-1 - Connection is not available, request timed out after 1004ms", ("HikariPool-1", "1004", "", "", "", "")),
    ("hikari-clock", "HikariPool-1 - Thread starvation or clock leap detected (housekeeper delta=1m56s526ms).", ("HikariPool-1", "1m56s526ms")),
    ("hikari-leak", "Connection leak detection triggered for conn12 on thread http-nio-80-exec-1, stack trace follows", ("conn12", "http-nio-80-exec-1,")),
    ("hikari-leak", "java.lang.Exception: Apparent connection leak detected", ("", "")),
    ("sqlalchemy", "sqlalchemy.exc.TimeoutError: QueuePool limit of size 10 overflow 0 reached, connection timed out, timeout 30.00 (Background on this error at: https://sqlalche.me/e/20/3o7r)", ("10", "0", "30.00")),
    ("psycopg", "psycopg_pool.PoolTimeout: couldn't get a connection after 30.00 sec", ("30.00",)),
    ("node-pool", "KnexTimeoutError: Knex: Timeout acquiring a connection. The pool is probably full.", ()),
    ("node-pool", "Error: timeout exceeded when trying to connect", ()),
    ("node-pool", "Timed out fetching a new connection from the connection pool. More info: https://pris.ly/d", ()),
    ("jvm", "java.lang.OutOfMemoryError: Java heap space", ("Java heap space",)),
    ("jvm", "java.lang.OutOfMemoryError: unable to create native thread: possibly out of memory", ("unable to create native thread",)),
    ("jvm-gc", "[2.345s][info][gc] GC(12) Pause Young (Normal) (G1 Evacuation Pause) 52M->12M(128M) 3.456ms", ("Young", "52", "12", "128", "3.456")),
    ("jvm-gc", "[9.1s][info][gc] GC(40) Pause Full (G1 Compaction Pause) 127M->126M(128M) 250.1ms", ("Full", "127", "126", "128", "250.1")),
    ("jvm-gc", "[1.2s][info][gc] GC(3) To-space exhausted", ("",) * 5),
    ("jvm-gc", "[1.2s][info][gc] GC(3) Pause Young (Evacuation Failure)", ("",) * 5),
    ("jvm-gc", "[10.5s][info][gc] Allocation Stall (http-nio-80-exec-7) 120.3ms", ("",) * 5),
    ("python-memory", "MemoryError", ()),
    ("python-memory", "OSError: [Errno 12] Cannot allocate memory", ()),
    ("python-memory", "terminate called after throwing an instance of 'std::bad_alloc'", ()),
    ("oom", "Memory cgroup out of memory: Killed process 4711 (python3) total-vm:94832kB, anon-rss:62880kB, file-rss:5512kB, shmem-rss:0kB, UID:0 pgtables:216kB oom_score_adj:0", ("Memory cgroup out of memory", "4711", "python3", "")),
    ("oom", "Out of memory: Kill process 23741 (java) score 891 or sacrifice child", ("Out of memory", "23741", "java", "")),
    ("oom", "oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,task=python3,pid=4711,uid=0", ("", "", "", "CONSTRAINT_MEMCG")),
    ("rlimit", "mmap: python (6636): VmData 250212352 exceed data ulimit 250000000. Update limits or use boot option ignore_rlimit_data.", ("250212352", "250000000")),
    ("spring-lock", "org.springframework.dao.CannotAcquireLockException: could not execute statement", ()),
    ("spring-lock", "jakarta.persistence.PessimisticLockException: could not extract ResultSet", ()),
    ("spring-lock", "org.springframework.dao.DeadlockLoserDataAccessException: could not execute", ()),
    ("spring-lock", "org.hibernate.exception.LockAcquisitionException: could not execute statement", ()),
    ("spring-lock", "org.springframework.orm.ObjectOptimisticLockingFailureException: OptimisticLockException", ()),
    ("spring-unique", "IncorrectResultSizeDataAccessException: query did not return a unique result: 2", ("",)),
    ("spring-unique", "jakarta.persistence.NonUniqueResultException: two", ("",)),
    ("spring-unique", "query did not return a unique result: 2", ("2",)),
    ("spring", "Unable to acquire JDBC Connection [n/a]", ()),
    ("spring", "CannotCreateTransactionException: Could not open JPA EntityManager for transaction", ()),
    ("spring", "CannotGetJdbcConnectionException: Failed to obtain JDBC Connection", ()),
    ("spring", "org.hibernate.exception.JDBCConnectionException: x", ()),
    ("spring", "TransactionTimedOutException: Transaction timed out: deadline was Mon", ()),
    ("spring", "jakarta.persistence.QueryTimeoutException: x", ()),
    ("spring-page", "HHH90003004: firstResult/maxResults specified with collection fetch; applying in memory", ()),
    ("cb", "io.github.resilience4j.circuitbreaker.CallNotPermittedException: no", ("",)),
    ("cb", "CircuitBreaker 'payments' is OPEN and does not permit further calls", ("payments",)),
    ("cb", "RequestNotPermitted: RateLimiter 'api' does not permit further calls", ("",)),
    ("cb", "BulkheadFullException: Bulkhead 'x' is full", ("",)),
    ("tomcat", "java.util.concurrent.RejectedExecutionException: The executor's work queue is full", ()),
    ("tomcat", "o.a.tomcat.util.net.Acceptor : Socket accept failed", ()),
    ("tomcat", "org.apache.catalina.connector.ClientAbortException: java.io.IOException: Broken pipe", ()),
    ("tomcat", "org.springframework.web.context.request.async.AsyncRequestTimeoutException", ()),
    ("sqlalchemy-unique", "sqlalchemy.exc.MultipleResultsFound: Multiple rows were found when one or none was required", ()),
    ("sqlalchemy-unique", "Multiple rows were found when exactly one was required", ()),
    ("gunicorn", "[2026-11-25 20:20:50 +0000] [12] [CRITICAL] WORKER TIMEOUT (pid:31)", ("31",)),
    ("gunicorn", "[2026-11-25 20:20:51 +0000] [12] [ERROR] Worker (pid:31) was sent SIGKILL! Perhaps out of memory?", ("",)),
    ("uvicorn", "WARNING:  Exceeded concurrency limit.", ()),
    ("uvicorn", "WARNING:  Maximum request limit of 1000 exceeded. Terminating process.", ()),
    ("uvicorn", "socket.accept() out of system resource", ()),
    ("asyncio", "Executing <Task pending name='Task-3' coro=<f() running at x.py:3>> took 1.205 seconds", ("1.205",)),
    ("node", "FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory", ()),
    ("node", "Error: accept EMFILE", ()),
    ("node", "Error: read ECONNRESET", ()),
    ("node", "Error: connect EADDRNOTAVAIL 10.0.0.1:5432", ()),
    ("node", "MaxListenersExceededWarning: Possible EventEmitter memory leak detected.", ()),
    ("go", "http: Accept error: accept tcp [::]:8080: accept4: too many open files; retrying in 5ms", ("",)),
    ("go", "rpc error: code = DeadlineExceeded desc = context deadline exceeded", ("",)),
    ("go", "dial tcp 10.0.0.1:5432: connect: connection refused", ("connect: connection refused",)),
    ("go", "fatal error: runtime: out of memory", ("",)),
    ("php-fpm", "WARNING: [pool www] server reached pm.max_children setting (5), consider raising it", ("5",)),
    ("mysql-lock", "Lock wait timeout exceeded; try restarting transaction", ()),
    ("mysql-lock", "Deadlock found when trying to get lock; try restarting transaction", ()),
    ("mysql-slow", "# Query_time: 2.000321  Lock_time: 0.000012 Rows_sent: 1  Rows_examined: 1000016", ("2.000321", "0.000012", "1", "1000016")),
    ("mysql-io", "[Note] InnoDB: page_cleaner: 1000ms intended loop took 4713ms. The settings might not be optimal.", ("4713",)),
    ("mysql-io", "The table 'tmp' is full", ("",)),
    ("mysql", 'Data source rejected establishment of connection,  message from server: "Too many connections"', ()),
    ("mysql", "com.mysql.cj.jdbc.exceptions.CommunicationsException: Communications link failure", ()),
    ("mysql", "MySQL server has gone away", ()),
    ("mysql", "Lost connection to MySQL server during query", ()),
    ("mysql", "[Note] Aborted connection 8 to db: 'x' user: 'y' (Got timeout reading communication packets)", ()),
    ("pg-lock", "LOG:  process 4711 still waiting for ShareLock on transaction 738 after 1000.072 ms", ("ShareLock", "1000.072")),
    ("pg-lock", "ERROR:  deadlock detected", ("", "")),
    ("pg-checkpoint", "LOG:  checkpoints are occurring too frequently (9 seconds apart)", ("", "")),
    ("pg-checkpoint", "LOG:  checkpoint complete: wrote 93 buffers (0.6%); write=1.5 s, sync=0.01 s, total=1.6 s; sync files=20, longest=0.004 s", ("0.004", "")),
    ("pg-checkpoint", 'LOG:  temporary file: path "base/pgsql_tmp/pgsql_tmp4711.0", size 14000000', ("", "14000000")),
    ("pg-crash", "LOG:  server process (PID 4711) was terminated by signal 9: Killed", ("9",)),
    ("pg-crash", "FATAL:  the database system is in recovery mode", ("",)),
    ("pg-crash", 'ERROR:  could not extend file "base/5/16384": No space left on device', ("",)),
    ("pg", "FATAL:  sorry, too many clients already", ("", "")),
    ("pg", "FATAL:  remaining connection slots are reserved for non-replication superuser connections", ("", "")),
    ("pg", "ERROR:  canceling statement due to statement timeout", ("statement", "")),
    ("pg", "LOG:  duration: 1203.456 ms  statement: SELECT 1", ("", "1203.456")),
    ("slow-query", "WARN slow query: 1203 ms SELECT * FROM seats", ("1203", "ms")),
    ("slow-query", "SLOW QUERY", ("", "")),
    ("redis", "(error) OOM command not allowed when used memory > 'maxmemory'.", ()),
    ("redis", "ERR max number of clients reached", ()),
    ("redis", "MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist", ()),
    ("redis", "Asynchronous AOF fsync is taking too long (disk is busy?)", ()),
    ("redis", "io.lettuce.core.RedisCommandTimeoutException: Command timed out after 1 minute(s)", ()),
    ("redis", "JedisConnectionException: Could not get a resource from the pool", ()),
    ("nginx-limit", '2026/11/25 20:20:50 [error] 7#7: *1 limiting requests, excess: 0.840 by zone "api", client: 127.0.0.1', ("0.840", "api")),
    ("nginx-limit", '[error] 7#7: *1 limiting connections by zone "addr"', ("", "")),
    ("nginx-conn", "[error] 7#7: *1 connect() failed (111: Connection refused) while connecting to upstream", ("111",)),
    ("nginx-conn", "[crit] 7#7: accept4() failed (24: Too many open files)", ("",)),
    ("nginx-conn", "[crit] 7#7: accept() failed (24: Too many open files)", ("",)),
    ("nginx", "[alert] 7#7: 512 worker_connections are not enough", ("",)),
    ("nginx", "[error] 7#7: *1 upstream timed out (110: Connection timed out) while reading response header", ("110",)),
    ("nginx", "[error] 7#7: *1 upstream prematurely closed connection while reading response header", ("",)),
    ("nginx", "[error] 7#7: *1 no live upstreams while connecting to upstream", ("",)),
    ("nginx", "[warn] 7#7: *1 an upstream response is buffered to a temporary file", ("",)),
    ("haproxy", 'haproxy[14389]: 10.0.1.2:33317 [06/Feb/2009:12:14:14.655] http-in static/srv1 10/0/-1/-1/5002 503 209 - - sC-- 1/1/1/1/3 0/0 "GET / HTTP/1.1"', ("10", "0", "-1", "-1", "5002", "503", "sC")),
    ("haproxy", "haproxy[9]: backend app has no server available!", ("",) * 7),
    ("haproxy", "haproxy[9]: Server app/s1 is DOWN, reason: Layer4 connection problem", ("",) * 7),
    ("syn", "TCP: request_sock_TCP: Possible SYN flooding on port 8080. Sending cookies.", ()),
    ("conntrack", "nf_conntrack: nf_conntrack: table full, dropping packet", ()),
    ("conntrack", "TCP: out of memory -- consider tuning tcp_mem", ()),
    ("conntrack", "TCP: too many orphaned sockets", ()),
    ("emfile", "OSError: [Errno 24] Too many open files", ("",)),
    ("emfile", "accept tcp: too many open files", ("",)),
    ("emfile", "VFS: file-max limit 65536 reached", ("65536",)),
    ("enospc", "OSError: [Errno 28] No space left on device", ()),
    ("segv", "python[4711]: segfault at 0 ip 00007f7e sp 00007ffd error 4 in libc.so.6", ()),
    ("segv", "#  SIGSEGV (0xb) at pc=0x00007f, pid=1, tid=2", ()),
    ("segv", "Segmentation fault (core dumped)", ()),
    ("hung", "INFO: task jbd2/sda1-8:242 blocked for more than 120 seconds.", ()),
    ("hung", "CPU3: Package temperature above threshold, cpu clock throttled", ()),
    ("hung", "watchdog: BUG: soft lockup - CPU#1 stuck for 22s!", ()),
    ("io", "blk_update_request: I/O error, dev sda, sector 1234", ()),
    ("dns", "lookup db: no such host", ()),
    ("dns", "[Errno -3] Temporary failure in name resolution", ()),
    ("dns", "getaddrinfo EAI_AGAIN db", ()),
    ("dns", "java.net.UnknownHostException: db", ()),
    ("tls", "x509: certificate has expired or is not yet valid", ()),
    ("tls", "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self-signed certificate", ()),
    ("tls", "net/http: TLS handshake timeout", ()),
    ("timeout", "java.net.SocketTimeoutException: connect timed out", ()),
    ("timeout", "java.io.IOException: Read timed out", ()),
    ("timeout", "httpx.ReadTimeout", ()),
    ("timeout", "httpx.ConnectTimeout", ()),
    ("timeout", "Error: connect ETIMEDOUT 10.0.0.1:443", ()),
    ("reset", "ConnectionResetError: [Errno 104] Connection reset by peer", ()),
    ("reset", "java.io.IOException: Broken pipe", ()),
]  # fmt: skip


@pytest.mark.parametrize(("name", "line", "groups"), LINES, ids=[line[:60] for _, line, _ in LINES])
def test_a_line_bears_its_signature(name: str, line: str, groups: tuple[str, ...]) -> None:
    assert match(line) == (name, groups)


def test_every_signature_has_a_line_and_every_anchor_is_in_one() -> None:
    lines = {name: [line for other, line, _ in LINES if other == name] for name, _, _ in LINES}
    for signature in SIGNATURES:
        assert signature.name in lines
        if signature.name != "slow-query":  # its anchors are spellings
            for anchor in signature.anchors:
                assert any(anchor in line for line in lines[signature.name]), anchor


@pytest.mark.parametrize(
    "line",
    [
        "2026-11-25 20:20:50,453 INFO [MainThread] uvicorn.error: Started server process [9069]",
        '127.0.0.1 - - [22/Aug/2024:23:11:38 +0900] "GET /limiting HTTP/1.1" 200 12',
        'haproxy[14389]: 10.0.1.2:33317 [06/Feb/2009:12:14:14.655] http-in static/srv1 10/0/30/69/109 200 2750 - - ---- 1/1/1/1/0 0/0 "GET / HTTP/1.1"',
        "song duration: 12 minutes",
        "task took no time: Executing nothing",
        "",
    ],
)
def test_an_ordinary_line_bears_none(line: str) -> None:
    assert match(line) is None


@pytest.mark.parametrize(
    ("lines", "common"),
    [
        (["user 17 not found", "user 4711 not found"], "user <*> not found"),
        (["took 1.5ms", "took 12.75ms"], "took <*>ms"),
        (["cannot open '/a/b.txt'", "cannot open 'c'"], "cannot open <*>"),
        (['cannot open "a b"'], "cannot open <*>"),
        (["couldn't find it, can't go on"], "couldn't find it, can't go on"),
        (["job 8d3f6a52-0a4b-4b52-9d0f-0a5e8c5a7c11 failed"], "job <*> failed"),
        (["at 0x7f8a12 and com.x.Seat@1b2c3d4e"], "at <*> and com.x.Seat<*>"),
        (["digest deadbeef01 differs"], "digest <*> differs"),
        (["read /var/lib/app/data.bin"], "read <*>"),
        (["GET https://shop.example/items?id=4 failed", "GET http://127.0.0.1:80/ failed"], "GET <*> failed"),
        (["2026-11-25T20:20:50.453Z ERROR x", "2024-08-22 23:11:38,001 ERROR x"], "<*> ERROR x"),
        (["10.0.0.1:5432 refused"], "<*> refused"),
        (["\x1b[31mERROR\x1b[0m no"], "ERROR no"),
        (["좌석 17번을 찾을 수 없습니다"], "좌석 <*>번을 찾을 수 없습니다"),
    ],
)  # fmt: skip
def test_what_varies_is_left_out_of_a_template(lines: list[str], common: str) -> None:
    assert {template(line) for line in lines} == {common}


def test_a_template_is_no_longer_than_a_line_of_text() -> None:
    assert len(template("x " * 5000)) == 300


def test_names_are_words_and_patterns_have_no_named_groups() -> None:
    for signature in SIGNATURES:
        assert re.fullmatch(r"[a-z-]+", signature.name)
        assert not re.compile(signature.pattern).groupindex
