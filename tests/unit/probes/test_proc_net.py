"""/proc/net of several kernels, and what the kernel answers about listening sockets."""

import sys

import pytest

from sonagi.probes.proc import net
from sonagi.probes.sockets import Listener, parse_diag

DEV = """\
Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo: 3425023766 2406310    0    0    0     0          0         0 3425023766 2406310    0    0    0     0       0          0
  eth0: 285805509    8257    0    0    0     0          0         0   413579    4304    0    0    0     0       0          0
docker0:      100       1    0    0    0     0          0         0      200       1    0    0    0     0       0          0
"""
SNMP = """\
Ip: Forwarding DefaultTTL InReceives
Ip: 2 64 2414649
Tcp: RtoAlgorithm RtoMin RtoMax MaxConn ActiveOpens PassiveOpens AttemptFails EstabResets CurrEstab InSegs OutSegs RetransSegs InErrs OutRsts InCsumErrors
Tcp: 1 200 120000 -1 10145 9811 331 1043 2 2413830 2413901 11 0 1290 0
"""
NETSTAT = """\
TcpExt: SyncookiesSent TW ListenOverflows ListenDrops TCPTimeouts TCPSynRetrans
TcpExt: 0 9210 6 8 249 56
IpExt: InNoRoutes OutOctets
IpExt: 0 3424478785
"""
NETSTAT_OLD = """\
TcpExt: SyncookiesSent TW ListenOverflows ListenDrops
TcpExt: 0 9210 6 8
"""  # before Linux 3.15 there is no TCPSynRetrans
SOCKSTAT = """\
sockets: used 19
TCP: inuse 2 orphan 0 tw 417 alloc 2 mem 58
UDP: inuse 0 mem 0
"""
TCP = """\
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:D4D7 00000000:0000 0A 00000000:00000001 00:00000000 00000000     0        0 213249 1 0000000000000000 100 0 0 10 0
   1: 0100007F:C350 0100007F:D4D7 01 00000000:00000000 00:00000000 00000000     0        0 213250 1 0000000000000000 20 4 30 10 -1
   2: 0100007F:C352 0100007F:D4D7 06 00000000:00000000 03:0000173F 00000000     0        0 0 3 0000000000000000
"""
TCP6 = """\
  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000000000000000000000000000:1F90 00000000000000000000000000000000:0000 0A 00000000:00000065 00:00000000 00000000  1000        0 31415 1 0000000000000000 100 0 0 10 0
   1: 0000000000000000FFFF00000100007F:1F90 0000000000000000FFFF00000100007F:C354 01 00000000:00000000 00:00000000 00000000  1000        0 31416 1 0000000000000000 20 4 0 10 -1
"""
# Linux 6.18: 127.0.0.1:54487, where one of seven waits, and [::]:8080; each with the end of its answer.
DIAG = bytes.fromhex(
    "7c00000014000200000000003e3a0000020a0000d4d700007f000001000000000000000000000000000000000000000000000000"
    "000000000000000005000000000000000000000001000000070000000000000058380400050008000000000008000f0000000000"
    "0c001500010000000000000006001600520000001400000003000200000000003e3a000000000000"
)
DIAG6 = bytes.fromhex(
    "8400000014000200000000003e3a00000a0a00001f90000000000000000000000000000000000000000000000000000000000000"
    "00000000000000000600000000000000000000000000000080000000000000005a380400050008000000000005000b0000000000"
    "08000f00000000000c001500010000000000000006001600120000001400000003000200000000003e3a000000000000"
)
little_endian = pytest.mark.skipif(sys.byteorder != "little", reason="captured on a little-endian machine")


def test_devices_have_bytes_in_and_out() -> None:
    assert net.devices(DEV)["eth0"] == (285805509, 413579)


def test_the_devices_that_carry_the_load_are_counted() -> None:
    names = net.devices(DEV)
    assert net.watched(names, loopback=True) == ["lo"]
    assert net.watched(names, loopback=False) == ["eth0"]
    assert net.watched(["lo", "veth1"], loopback=False) == ["veth1"]


def test_traffic_is_bytes_a_second() -> None:
    before, now = {"lo": (0, 0), "eth0": (100, 200)}, {"lo": (9, 9), "eth0": (300, 1200)}
    assert net.traffic(before, now, 2.0, loopback=False) == {"host.net_in": 100.0, "host.net_out": 500.0}


def test_a_device_that_has_just_come_says_nothing_yet() -> None:
    assert net.traffic({}, {"eth0": (300, 1200)}, 1.0, loopback=False) == {}


def test_counters_of_protocols_are_found_by_name() -> None:
    counters = net.protocols(SNMP) | net.protocols(NETSTAT)
    assert counters["Tcp.RetransSegs"] == 11
    assert counters["Tcp.MaxConn"] == -1
    assert (counters["TcpExt.ListenOverflows"], counters["TcpExt.TCPSynRetrans"]) == (6, 56)
    assert "TcpExt.TCPSynRetrans" not in net.protocols(NETSTAT_OLD)


def test_time_wait() -> None:
    assert net.time_wait(SOCKSTAT) == 417
    assert net.time_wait("") is None


@little_endian
def test_sockets_are_told_apart_by_their_state() -> None:
    [listening] = net.sockets(TCP, net.LISTEN)
    assert (listening.address, listening.port, listening.waiting, listening.inode) == (
        "127.0.0.1",
        54487,
        1,
        213249,
    )
    [connected] = net.sockets(TCP, net.ESTABLISHED)
    assert (connected.peer, connected.peer_port, connected.inode) == ("127.0.0.1", 54487, 213250)


@little_endian
def test_addresses_of_ipv4_within_ipv6_are_those_of_ipv4() -> None:
    listening, connected = net.sockets(TCP6, net.LISTEN, net.ESTABLISHED)
    assert (listening.address, listening.port, listening.waiting) == ("::", 8080, 101)
    assert (connected.address, connected.peer) == ("127.0.0.1", "127.0.0.1")


@little_endian
def test_the_kernel_tells_how_many_wait_and_how_many_may() -> None:
    assert list(parse_diag(DIAG)) == [Listener("127.0.0.1", 54487, 1, 7, 276568, 0), None]
    assert list(parse_diag(DIAG6)) == [Listener("::", 8080, 0, 128, 276570, 0), None]


@little_endian
def test_the_kernel_may_refuse() -> None:
    refusal = bytes.fromhex(
        "24000000020000000000000000000000ffffffff4800000014000103000000000000000000000000"
    )
    with pytest.raises(OSError, match="sock_diag") as raised:
        list(parse_diag(refusal))
    assert raised.value.errno == 1
