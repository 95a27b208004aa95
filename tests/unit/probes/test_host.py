"""Two looks at the counters make a second's signals; what a kernel does not have is left out."""

import pytest
from test_proc_host import DISKSTATS, MEMINFO, PRESSURE, STAT, STAT_LATER
from test_proc_net import DEV, NETSTAT, SNMP, SOCKSTAT

from sonagi.model.signals import SIGNALS
from sonagi.probes.host import Host
from sonagi.probes.probe import Seen

FIRST = {
    "/proc/stat": STAT,
    "/proc/meminfo": MEMINFO,
    "/proc/vmstat": "oom_kill 4\n",
    "/proc/diskstats": DISKSTATS,
    "/proc/pressure/cpu": PRESSURE,
    "/proc/net/dev": DEV,
    "/proc/net/snmp": SNMP,
    "/proc/net/netstat": NETSTAT,
    "/proc/net/sockstat": SOCKSTAT,
}
SECOND = {
    **FIRST,
    "/proc/stat": STAT_LATER,
    "/proc/vmstat": "oom_kill 5\n",
    "/proc/diskstats": DISKSTATS.replace("16124", "17124"),
    "/proc/pressure/cpu": PRESSURE.replace("94951845", "95951845"),
    "/proc/net/dev": DEV.replace("3425023766", "3445023766").replace("285805509", "285805709"),
    "/proc/net/snmp": SNMP.replace(" 11 0 1290", " 13 0 1290"),
    "/proc/net/netstat": NETSTAT.replace("6 8 249 56", "8 18 249 60"),
}


def looked(host: Host, at: float) -> dict[str, float]:
    seen = Seen(at, 0.0)
    host.look(seen)
    return seen.signals


def test_a_first_look_has_levels_and_a_second_one_rates() -> None:
    texts = dict(FIRST)
    host = Host(read=lambda path: texts.get(path, ""), loopback=True)
    assert looked(host, 100.0) == {
        "host.mem_total": 24683656.0 * 1024,
        "host.mem_available": 23959088.0 * 1024,
        "host.time_wait": 417.0,
        "host.oom_kills": 0.0,
    }
    texts |= SECOND
    signals = looked(host, 102.0)
    assert signals["host.oom_kills"] == 1.0
    assert signals["host.cpu_busiest"] == 1.0
    assert signals["host.psi_cpu"] == 0.5
    assert "host.psi_memory" not in signals
    assert signals["host.disk_busy"] == 0.5
    assert (signals["host.net_in"], signals["host.net_out"]) == (10_000_000.0, 10_000_000.0)
    assert (signals["host.retransmits"], signals["host.syn_retransmits"]) == (1.0, 2.0)
    assert signals["host.listen_overflows"] == 5.0
    assert signals.keys() <= SIGNALS.keys()


def test_another_network_is_looked_at_from_the_next_look_on() -> None:
    texts = {**FIRST, **{path.replace("/proc/net", "/proc/7/net"): text for path, text in FIRST.items()}}
    host = Host(read=lambda path: texts.get(path, ""))
    looked(host, 100.0)
    host.move("/proc/7/net", loopback=False)
    assert "host.net_in" not in looked(host, 101.0)
    texts["/proc/7/net/dev"] = SECOND["/proc/net/dev"]
    assert looked(host, 102.0)["host.net_in"] == pytest.approx(200.0)


def test_a_machine_without_proc_shows_nothing() -> None:
    host = Host(read=lambda _: "")
    looked(host, 1.0)
    assert looked(host, 2.0) == {}
