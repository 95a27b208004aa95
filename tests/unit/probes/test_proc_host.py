"""/proc/stat, meminfo, vmstat, pressure and diskstats of several kernels."""

from sonagi.probes.proc import host

STAT = """\
cpu  57250 19501 14896 182012 927 0 606 72 0 0
cpu0 25190 7834 6871 97148 204 0 346 33 0 0
cpu1 32059 11667 8024 84864 723 0 260 39 0 0
intr 981331 0 0 0
ctxt 3260118
btime 1795636465
"""  # Linux 6.18
STAT_LATER = """\
cpu  57350 19501 14996 182052 967 0 606 92 0 0
cpu0 25290 7834 6871 97148 204 0 346 33 0 0
cpu1 32059 11667 8124 84904 763 0 260 59 0 0
intr 981331 0 0 0
"""
STAT_26 = """\
cpu  301854 612 111922 8979004
cpu0 44490 19 21045 1087069
ctxt 38014093
"""  # Linux 2.4 had four columns only
MEMINFO = """\
MemTotal:       24683656 kB
MemFree:        18325424 kB
MemAvailable:   23959088 kB
Buffers:          201612 kB
Cached:          5331724 kB
HugePages_Total:       0
Hugepagesize:       2048 kB
"""
MEMINFO_OLD = """\
MemTotal:       15666184 kB
MemFree:          440324 kB
Buffers:         1020128 kB
Cached:         12007640 kB
"""  # before Linux 3.14
PRESSURE = """\
some avg10=0.25 avg60=2.38 avg300=10.70 total=94951845
full avg10=0.00 avg60=0.00 avg300=0.00 total=0
"""
DISKSTATS = """\
   7       0 loop0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0
 254       0 vda 82805 9562 8589466 49077 19273 50868 18797272 70508 0 16124 121819 8837 24 6850320 2087 2487 146
 254       1 vda1 82805 9562 8589466 49077 19273 50868 18797272 70508 0 16124 121819 0 0 0 0 0 0
 259       0 nvme0n1 1 0 8 3 0 0 0 0 0 40 3 0 0 0 0 0 0
 259       1 nvme0n1p1 1 0 8 3 0 0 0 0 0 40 3 0 0 0 0 0 0
 253       0 zram0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0
"""  # Linux 6.18: twenty columns
DISKSTATS_OLD = """\
   8       0 sda 25354637 34367663 1003346126 18492372 28444756 11134226 505697032 63877960 0 9653880 82621804
   8       1 sda1 250 0 2000 36 0 0 0 0 0 36 36
"""  # Linux 3.10: fourteen


def test_time_of_the_cores_is_told_apart() -> None:
    cpus = host.cpus(STAT)
    assert list(cpus) == ["cpu", "cpu0", "cpu1"]
    assert cpus["cpu0"] == host.CpuTime(idle=97148 + 204, steal=33, total=137626)


def test_columns_that_an_old_kernel_lacks_are_nothing() -> None:
    assert host.cpus(STAT_26)["cpu0"] == host.CpuTime(
        idle=1087069, steal=0, total=44490 + 19 + 21045 + 1087069
    )


def test_the_busiest_core_and_what_was_stolen() -> None:
    signals = host.cpu_signals(host.cpus(STAT), host.cpus(STAT_LATER))
    assert signals["host.cores"] == 2
    assert signals["host.cpu"] == 1 - 80 / 300
    assert signals["host.cpu_busiest"] == 1.0
    assert signals["host.steal"] == 20 / 300


def test_a_clock_that_stands_still_says_nothing() -> None:
    assert host.cpu_signals(host.cpus(STAT), host.cpus(STAT)) == {"host.cores": 2.0}
    assert host.cpu_signals({}, {}) == {}


def test_memory_is_bytes() -> None:
    sizes = host.memory(MEMINFO)
    assert sizes["MemTotal"] == 24683656 * 1024
    assert sizes["MemAvailable"] == 23959088 * 1024
    assert sizes["HugePages_Total"] == 0


def test_an_old_kernel_does_not_say_what_is_available() -> None:
    assert host.memory(MEMINFO_OLD)["MemAvailable"] == (440324 + 1020128 + 12007640) * 1024


def test_pressure_is_the_time_that_some_waited() -> None:
    assert host.pressure(PRESSURE) == 94951845
    assert host.pressure("") is None


def test_disks_are_whole_ones() -> None:
    assert host.disks(DISKSTATS) == {"vda": 16124, "nvme0n1": 40}
    assert host.disks(DISKSTATS_OLD) == {"sda": 9653880}


def test_counters_are_lines_of_a_name_and_a_number() -> None:
    assert host.counters("nr_free_pages 4581356\noom_kill 3\nkernel 6.18-x\n") == {
        "nr_free_pages": 4581356,
        "oom_kill": 3,
    }


def test_a_share_is_never_more_than_all_nor_less_than_nothing() -> None:
    assert host.share(0, 1_000_100, 1_000_000) == 1.0
    assert host.share(10, 5, 1.0) == 0.0
    assert host.share(0, 5, 0.0) == 0.0
