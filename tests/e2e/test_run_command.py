"""`sonagi run`, the installed command, end to end."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

SONAGI = [sys.executable, "-m", "sonagi"]


class Hello(BaseHTTPRequestHandler):
    """Says hello, and nothing else."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "5")
        self.end_headers()
        self.wfile.write(b"hello")

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hello)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


def write(tmp_path: Path, body: str, options: str = "") -> str:
    path = tmp_path / "test.py"
    path.write_text(
        "import os, time\nfrom sonagi import Options, check, group, http, sleep\n"
        f"URL = os.environ.get('TARGET', '')\n{options}\nasync def default(vu):\n"
        + "\n".join(f"    {line}" for line in body.splitlines())
    )
    return str(path)


def sonagi(*arguments: str, url: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "TARGET": url, **environment}
    return subprocess.run(
        [*SONAGI, *arguments], capture_output=True, text=True, env=env, timeout=60, check=False
    )


GET = "r = await http.get(URL)\ncheck(r, {'is hello': lambda r: r.text == 'hello'})"


@pytest.mark.parametrize("workers", ["0", "1"])
def test_a_run_counts_what_it_did_with_and_without_a_worker_process(
    tmp_path: Path, url: str, workers: str
) -> None:
    path, export = write(tmp_path, GET), tmp_path / "out.json"
    flags = ["--vus", "3", "--iterations", "30", "--workers", workers, "--summary-export", str(export)]
    done = sonagi("run", path, *flags, url=url)
    assert done.returncode == 0, done.stderr
    assert "checks_succeeded...: 100.00% 30 out of 30" in done.stdout
    metrics = json.loads(export.read_text())["metrics"]
    assert metrics["http_reqs"]["values"]["count"] == 30
    assert metrics["iterations"]["values"]["count"] == 30
    assert metrics["data_received"]["values"]["count"] > 30 * 5


def test_outputs_and_the_summary_s_mode_may_come_from_the_environment(tmp_path: Path, url: str) -> None:
    export, lines = tmp_path / "out.json", tmp_path / "samples.csv"
    given = {
        "SONAGI_SUMMARY_EXPORT": str(export),
        "SONAGI_OUT": f"csv={lines}",
        "SONAGI_SUMMARY_MODE": "full",
    }
    done = sonagi("run", write(tmp_path, GET), "-i", "1", url=url, **given)
    assert done.returncode == 0, done.stderr
    assert "http_req_waiting" in done.stdout
    assert json.loads(export.read_text())["metrics"]["iterations"]["values"]["count"] == 1
    assert lines.read_text().startswith("metric_name,")


def test_scenarios_that_flags_take_the_place_of_are_named(tmp_path: Path, url: str) -> None:
    own = "from sonagi import ConstantVUs\noptions = Options(scenarios={'shop': ConstantVUs(duration='9m')})"
    done = sonagi("run", write(tmp_path, GET, own), "-u", "2", url=url)
    assert "2 iterations complete" in done.stdout
    assert "the script's own scenarios are left out (shop)" in done.stderr
    assert "the script's own scenarios are left out (shop)" in done.stdout


def test_certificates_that_cannot_be_used_are_told_before_the_first_request(tmp_path: Path) -> None:
    (tmp_path / "empty.pem").write_text("nothing\n")
    own = f"options = Options(client_cert='{tmp_path}/empty.pem', client_key='{tmp_path}/none.pem', vus=0)"
    path = write(tmp_path, GET, own)
    done = sonagi("run", path, "--extra-ca", f"{tmp_path}/empty.pem")
    assert done.returncode == 104
    told = done.stderr.replace(f"{tmp_path}/", "").splitlines()
    assert told == [
        "sonagi: vus: 0 is not a whole number of 1 or more",
        "sonagi: extra_ca: empty.pem cannot be used: there is no CERTIFICATE in it",
        "sonagi: client_cert: empty.pem cannot be used: there is no CERTIFICATE in it",
        "sonagi: client_key: none.pem cannot be used: No such file or directory",
    ]


def test_all_that_is_wrong_with_flags_files_outputs_and_script_is_told_at_once(tmp_path: Path) -> None:
    path = write(tmp_path, "pass", "options = Options(vus=0, thresholds={'http_reqs': ['count>']})")
    wrong = ["-i", "many", "--dns", "ttl=soon,foo=1", "--tag", "t", "-e", "e", "-c", "none.toml", "-o", "foo"]
    done = sonagi("run", path, *wrong)
    assert done.returncode == 104
    places = [line.split(": ")[1] for line in done.stderr.splitlines()]
    assert sorted(places) == sorted(
        [
            "none.toml",
            "vus",
            "--env",
            "--tag",
            "--dns",
            "iterations",
            "dns_ttl",
            "thresholds.http_reqs",
            "--out",
        ]
    )


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["run", "a.py", "b.py"], '"b.py": 필요 없는 인자입니다'),
        (["run", "a.py", "-u"], "-u: 값이 빠졌거나"),
        (["run", "a.py", "--workers", "3x"], '--workers: "3x": 워커 수가 아닙니다'),
        (["run", "a.py", "--summary-mode", "all"], '--summary-mode: "all" 값은 없습니다'),
        (["completion", "csh"], "쓸 수 있는 값: bash, zsh, fish"),
    ],
)
def test_what_is_wrong_with_a_command_line_is_said_in_korean_too(arguments: list[str], told: str) -> None:
    done = sonagi(*arguments, SONAGI_LANG="ko")
    assert done.returncode == 104
    assert told in done.stderr


@pytest.mark.parametrize("arguments", [[], ["run"], ["hit"], ["plan"]])
def test_help_is_in_korean_but_for_names(arguments: list[str]) -> None:
    shown = sonagi(*arguments, "--help", SONAGI_LANG="ko").stdout
    assert "사용법: " in shown and "옵션:" in shown and "이 도움말을 보여 줌" in shown
    assert "Usage" not in shown and "Show" not in shown


def test_thresholds_that_are_missed_exit_with_99(tmp_path: Path, url: str) -> None:
    options = "options = Options(iterations=2, thresholds={'http_reqs': ['count>5'], 'checks': ['rate>0']})"
    done = sonagi("run", write(tmp_path, "await http.get(URL)", options), url=url)
    assert done.returncode == 99
    assert "✗ 'count>5' count=2" in done.stdout
    assert "✗ 'rate>0' no data" in done.stdout


def test_setup_and_teardown_share_data_and_groups_are_tags(tmp_path: Path, url: str) -> None:
    options = (
        "def setup():\n    return {'n': 7}\n"
        "async def teardown(data):\n    await http.get(URL, name='teardown %d' % data['n'])\n"
    )
    body = "with group('inside'):\n    await http.get(URL, name=f'n is {vu.data[\"n\"]}')"
    export = tmp_path / "out.json"
    done = sonagi("run", write(tmp_path, body, options), "--summary-export", str(export), url=url)
    assert done.returncode == 0, done.stderr
    assert "GET n is 7" in done.stdout
    assert "GET teardown 7" in done.stdout
    data = json.loads(export.read_text())
    assert data["setup_data"] == {"n": 7}
    assert [group["name"] for group in data["root_group"]["groups"]] == ["inside"]


def test_of_a_flood_of_lines_some_are_shown_and_the_others_counted(tmp_path: Path) -> None:
    body = "for number in range(20_000):\n    print('line', number)\nprint('x' * 2_000_000)"
    done = sonagi("run", write(tmp_path, body), "-i", "1")
    assert done.returncode == 0, done.stderr
    shown = [line for line in done.stderr.splitlines() if line.startswith("line ")]
    left_out = sum(map(int, re.findall(r"\((\d+) more lines were printed", done.stderr)))
    assert shown[0] == "line 0" and len(shown) >= 1000
    # The last line is longer than what is read at once, and may be counted more than once.
    assert 20_001 <= len(shown) + left_out <= 20_003


def test_what_a_script_prints_and_what_it_raises_is_shown_once(tmp_path: Path) -> None:
    done = sonagi("run", write(tmp_path, "print('user', vu.id)\nraise KeyError('seat')"), "--iterations", "5")
    assert done.returncode == 0
    assert done.stderr.count("user 1") == 5
    assert done.stdout.count("test.py:7 in default: KeyError: 'seat' (5 times)") == 1


def test_a_variable_reaches_the_script(tmp_path: Path) -> None:
    done = sonagi("run", write(tmp_path, "print(os.environ['NAME'])"), "-e", "NAME=소나기")
    assert "소나기" in done.stderr


def test_korean_when_the_user_speaks_it(tmp_path: Path) -> None:
    done = sonagi("run", str(tmp_path / "none.py"), SONAGI_LANG="ko")
    assert "그런 파일이 없습니다" in done.stderr
    assert done.returncode == 255


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["run"], 104, "SCRIPT is missing"),
        (["run", "t.py", "--vuss", "3"], 104, "did you mean --vus?"),
        (["t.py"], 104, 'write "sonagi run t.py"'),
        (["runn"], 104, '"runn" is no command'),
        (["run", "t.py", "--workers", "x"], 104, "--workers"),
        (["run", "t.py", "-e", "NAME"], 104, "write NAME=value"),
        (["run", "t.py"], 255, "there is no such file"),
        (["run", "t.py", "--summary-export", "/proc/none/x.json"], 104, "cannot be written"),
    ],
)
def test_a_bad_command_line_gets_one_clear_line(arguments: list[str], code: int, words: str) -> None:
    done = sonagi(*arguments)
    assert done.returncode == code
    assert words in done.stderr
    assert done.stderr.count("\n") == 1
    assert done.stdout == ""


def test_an_unreachable_target_stops_the_run(tmp_path: Path) -> None:
    body = "await http.get('http://127.0.0.1:1/')\nawait sleep(0.05)"
    began = time.monotonic()
    done = sonagi("run", write(tmp_path, body), "--vus", "2", "--duration", "60s")
    assert done.returncode == 108
    assert "every connection was refused" in done.stdout
    assert time.monotonic() - began < 10


def start(path: str, *flags: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*SONAGI, "run", path, *flags], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, bufsize=1
    )


def wait_for_line(process: subprocess.Popen[str], words: str) -> None:
    assert process.stderr is not None
    for line in process.stderr:
        if words in line:
            return
    raise AssertionError(f"{words!r} was never printed")


def test_ctrl_c_ends_gracefully_and_reports(tmp_path: Path) -> None:
    process = start(write(tmp_path, "print('begun')\nawait sleep(0.5)"), "--duration", "60s")
    wait_for_line(process, "begun")
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=20)
    assert process.returncode == 105
    assert "stopping: no new iterations" in err
    assert "1 iterations complete, 0 interrupted" in out


def test_a_second_ctrl_c_interrupts(tmp_path: Path) -> None:
    process = start(write(tmp_path, "print('begun')\nawait sleep(50)"), "--duration", "60s")
    wait_for_line(process, "begun")
    process.send_signal(signal.SIGINT)
    wait_for_line(process, "stopping: no new")
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=20)
    assert process.returncode == 105
    assert "0 iterations complete, 1 interrupted" in out


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1][0] != "Z"
    except OSError:
        return False


@pytest.mark.needs_linux
@pytest.mark.parametrize("body", ["print('begun')\nawait sleep(50)", "print('begun')\nwhile True: pass"])
def test_no_load_outlives_its_coordinator_even_when_python_is_stuck(tmp_path: Path, body: str) -> None:
    process = start(write(tmp_path, body), "--duration", "60s")
    wait_for_line(process, "begun")
    [worker] = children(process.pid)
    process.kill()
    process.communicate()
    deadline = time.monotonic() + 2
    while is_alive(worker) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not is_alive(worker)


@pytest.mark.needs_linux
def test_a_worker_that_dies_is_told_and_what_it_measured_stays(tmp_path: Path) -> None:
    process = start(write(tmp_path, "await sleep(0.01)\nprint('begun')"), "--duration", "60s")
    wait_for_line(process, "begun")
    time.sleep(1.5)
    [worker] = children(process.pid)
    os.kill(worker, signal.SIGKILL)
    out, _ = process.communicate(timeout=20)
    assert process.returncode == 255
    assert "no worker process is left" in out
    assert "iterations.......................:" in out


def test_a_loop_that_is_blocked_is_named(tmp_path: Path) -> None:
    body = "await sleep(0.01)\ntime.sleep(1.6)"
    done = sonagi("run", write(tmp_path, body), "--vus", "2", "--iterations", "2")
    assert "test.py:7 in default" in done.stdout


def test_too_few_descriptors_are_told_with_the_number_needed(tmp_path: Path) -> None:
    path = write(tmp_path, "await sleep(0)")
    command = f"ulimit -n 300 && exec {' '.join(SONAGI)} run {path} --vus 1000 --duration 1s"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 104
    assert "1000 users need 1256 open files and the system allows 300" in done.stderr


def test_tags_of_options_scenario_and_user_reach_the_series(tmp_path: Path, url: str) -> None:
    options = (
        "from sonagi import PerVUIterations\n"
        "options = Options(tags={'team': 'a'}, scenarios={'s': PerVUIterations(tags={'kind': 'b'}, exec='default')},\n"
        "    thresholds={'http_reqs{team:a,kind:b,own:c,extra:d}': ['count==1'],\n"
        "                'checks{extra:e}': ['rate==1']})\n"
    )
    body = "vu.tags['own'] = 'c'\nr = await http.get(URL, tags={'extra': 'd'})\ncheck(r, {'ok': True}, tags={'extra': 'e'})"
    done = sonagi("run", write(tmp_path, body, options), url=url)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("flags", "problem"),
    [
        (["--dns", "ttl=1m,select=rndom"], 'dns_select: there is no "rndom"; did you mean "random"?'),
        (["--dns", "tll=1m"], '--dns: there is no option "tll"; did you mean "ttl"?'),
        (["--dns", "5m"], '--dns: "5m" is no setting of names; write ttl=5m, select=random or policy=any'),
        (["--local-ips", "1.2.3"], "local_ips: ['1.2.3'] has what is no address"),
        (["--blacklist-ip", "1/2"], "blacklist_ips: ('1/2',) has what is no range of addresses"),
        (["--secret-source", "x"], "k6's --secret-source has no place here: secrets.get("),
    ],
)
def test_k6s_flags_of_the_network_are_checked(tmp_path: Path, flags: list[str], problem: str) -> None:
    (tmp_path / "t.py").write_text("async def default(vu): pass\n")
    done = subprocess.run(
        [sys.executable, "-m", "sonagi", "run", "t.py", *flags],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 104
    assert problem in done.stderr


def test_k6s_flags_of_the_network_are_kept(tmp_path: Path, url: str) -> None:
    (tmp_path / "t.py").write_text(
        "import os\nfrom sonagi import http\n"
        "async def default(vu):\n"
        "    print('went', (await http.get(os.environ['TARGET'])).error)\n"
        "    print('named', (await http.get('http://no.example.com/')).error)\n"
    )
    flags = ["--block-hostnames", "*.example.com,x.test", "--blacklist-ip", "127.0.0.0/8"]
    done = subprocess.run(
        [sys.executable, "-m", "sonagi", "run", "t.py", "--keep-going", *flags],
        cwd=tmp_path,
        env={**os.environ, "TARGET": url},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert re.search(r"went .*127\.0\.0\.1 is in the blocked range", done.stderr + done.stdout)
    assert re.search(r"named .*no\.example\.com", done.stderr + done.stdout)


def test_the_columns_of_times_are_those_that_were_asked_for(tmp_path: Path) -> None:
    (tmp_path / "t.py").write_text("async def default(vu): pass\n")
    command = [*SONAGI, "run", "t.py", "--summary-trend-stats", "p(50), max"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=30, check=False)
    [line] = [line for line in done.stdout.splitlines() if "iteration_duration" in line]
    assert re.search(r": p\(50\)=\S+ +max=\S+$", line)
