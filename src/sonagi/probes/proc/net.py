"""/proc/net/dev, snmp, netstat, sockstat, tcp, tcp6 (Linux, Documentation/networking/proc_net_tcp.rst)."""

import re
import socket
import struct
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

ESTABLISHED, LISTEN = 0x01, 0x0A
INSIDE = ("docker", "br-", "veth", "virbr", "cni", "flannel", "cali", "ifb")
"""Devices whose traffic passes another device of this host as well."""


def devices(dev: str) -> dict[str, tuple[int, int]]:
    """By device: bytes (received, sent)."""
    found = {}
    for line in dev.splitlines()[2:]:
        name, colon, rest = line.partition(":")
        fields = rest.split()
        if colon and len(fields) >= 9:
            found[name.strip()] = (int(fields[0]), int(fields[8]))
    return found


def watched(names: Iterable[str], *, loopback: bool) -> list[str]:
    """The devices that carry the load: lo when the target is this machine itself, else all others; where
    there is nothing but the inner ones of containers, those."""
    every = list(names)
    if loopback:
        return [name for name in every if name == "lo"]
    others = [name for name in every if name != "lo"]
    return [name for name in others if not name.startswith(INSIDE)] or others


def traffic(
    before: Mapping[str, tuple[int, int]],
    now: Mapping[str, tuple[int, int]],
    seconds: float,
    *,
    loopback: bool,
) -> dict[str, float]:
    """Bytes a second, in and out."""
    names = [name for name in watched(now, loopback=loopback) if name in before]
    if not names or seconds <= 0:
        return {}
    grown = [sum(max(now[name][way] - before[name][way], 0) for name in names) for way in (0, 1)]
    return {"host.net_in": grown[0] / seconds, "host.net_out": grown[1] / seconds}


def protocols(text: str) -> dict[str, int]:
    """Of snmp and netstat: a line of names, then one of values, as {"Tcp.RetransSegs": 12}."""
    found: dict[str, int] = {}
    lines = text.splitlines()
    for names, values in zip(lines[::2], lines[1::2], strict=False):
        kind, _, rest = names.partition(":")
        same, _, numbers = values.partition(":")
        if kind == same:
            pairs = zip(rest.split(), numbers.split(), strict=False)
            found |= {f"{kind}.{name}": int(number) for name, number in pairs}
    return found


def time_wait(sockstat: str) -> int | None:
    """TCP sockets that wait for stray packets of connections that are over."""
    found = re.search(r"^TCP:.* tw (\d+)", sockstat, re.MULTILINE)
    return int(found[1]) if found else None


@dataclass(frozen=True, slots=True)
class Socket:
    """A TCP socket. Of a listening one `waiting` are the connections that nobody has accepted yet."""

    state: int
    address: str
    port: int
    peer: str
    peer_port: int
    waiting: int
    inode: int


def sockets(tcp: str, *states: int) -> Iterator[Socket]:
    """Sockets of /proc/net/tcp or tcp6 in one of `states`."""
    wanted = {f"{state:02X}" for state in states}
    for line in tcp.splitlines()[1:]:
        fields = line.split()
        if len(fields) < 10 or fields[3] not in wanted:
            continue
        here, there = _end(fields[1]), _end(fields[2])
        waiting = int(fields[4].partition(":")[2], 16)
        yield Socket(int(fields[3], 16), *here, *there, waiting, int(fields[9]))


def _end(written: str) -> tuple[str, int]:
    """An address as the kernel writes it, words of four bytes in the machine's own order, and its port."""
    address, _, port = written.partition(":")
    packed = b"".join(struct.pack("=I", int(address[at : at + 8], 16)) for at in range(0, len(address), 8))
    return plain(packed), int(port, 16)


def plain(packed: bytes) -> str:
    """An address as people write it; one of IPv4 within IPv6 as IPv4."""
    if len(packed) == 4:
        return socket.inet_ntop(socket.AF_INET, packed)
    if packed[:12] == bytes(10) + b"\xff\xff":
        return socket.inet_ntop(socket.AF_INET, packed[12:])
    return socket.inet_ntop(socket.AF_INET6, packed)
