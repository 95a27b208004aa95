"""Who listens where, and how many wait to be let in; and where a process has connections to."""

import os
import socket
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from sonagi.probes.host import read
from sonagi.probes.proc import net

SOCK_DIAG = 4  # NETLINK_SOCK_DIAG, linux/netlink.h
BY_FAMILY = 20  # SOCK_DIAG_BY_FAMILY, linux/sock_diag.h
ROOT_AND_MATCH = 0x300  # NLM_F_DUMP
REQUEST = 0x1
DONE, ERROR = 3, 2
HEAD = struct.Struct("=IHHII")  # nlmsghdr
ASKED = struct.Struct("=BBBBI48x")  # inet_diag_req_v2, its sockid empty
TOLD = struct.Struct("=BBBB")  # family, state, timer, retransmits
ENDS = struct.Struct("!HH16s16s12x")  # inet_diag_sockid, in network order
COUNTS = struct.Struct("=IIIII")  # expires, rqueue, wqueue, uid, inode


@dataclass(frozen=True, slots=True)
class Listener:
    """A port that is open. `backlog` is how many may wait; None where only /proc told."""

    address: str
    port: int
    waiting: int
    backlog: int | None
    inode: int
    uid: int | None = None


def parse_diag(answer: bytes) -> Iterator[Listener | None]:
    """Listeners in one answer of the kernel, then None where it says that these were all (sock_diag(7)).
    Raises OSError when it refuses."""
    at = 0
    while at + HEAD.size <= len(answer):
        length, kind, *_ = HEAD.unpack_from(answer, at)
        body = at + HEAD.size
        if kind == ERROR:
            raise OSError(-struct.unpack_from("=i", answer, body)[0], "sock_diag")
        if kind == DONE or length < HEAD.size:
            yield None
            return
        family = TOLD.unpack_from(answer, body)[0]
        port, _, here, _ = ENDS.unpack_from(answer, body + TOLD.size)
        _, waiting, backlog, uid, inode = COUNTS.unpack_from(answer, body + TOLD.size + ENDS.size)
        address = net.plain(here[:4] if family == socket.AF_INET else here)
        yield Listener(address, port, waiting, backlog, inode, uid)
        at += (length + 3) & ~3


class Listeners:
    """All listening TCP sockets of this network namespace, or of another through /proc. Asks the kernel
    directly where that is allowed: only there is the length of a queue to be had."""

    def __init__(self, folder: str = "/proc/net") -> None:
        self.folder = folder
        self._kernel: socket.socket | None = None
        if folder == "/proc/net" and hasattr(socket, "AF_NETLINK"):
            try:
                self._kernel = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, SOCK_DIAG)
                self._kernel.settimeout(0.2)
            except OSError:
                self._kernel = None

    def all(self) -> list[Listener]:
        """As they are now."""
        if self._kernel is not None:
            try:
                return [*self._ask(socket.AF_INET), *self._ask(socket.AF_INET6)]
            except OSError:
                self.close()
        return [
            Listener(one.address, one.port, one.waiting, None, one.inode)
            for name in ("tcp", "tcp6")
            for one in net.sockets(read(f"{self.folder}/{name}"), net.LISTEN)
        ]

    def _ask(self, family: int) -> Iterator[Listener]:
        assert self._kernel is not None
        asked = ASKED.pack(family, socket.IPPROTO_TCP, 0, 0, 1 << net.LISTEN)
        head = HEAD.pack(HEAD.size + len(asked), BY_FAMILY, REQUEST | ROOT_AND_MATCH, 0, 0)
        self._kernel.send(head + asked)
        while True:
            for one in parse_diag(self._kernel.recv(1 << 16)):
                if one is None:
                    return
                yield one

    def close(self) -> None:
        """Ask the kernel no more."""
        if self._kernel is not None:
            self._kernel.close()
            self._kernel = None


def inodes(pid: int) -> set[int]:
    """Sockets that a process has open. Raises PermissionError for another user's."""
    found = set()
    with os.scandir(f"/proc/{pid}/fd") as entries:
        for entry in entries:
            try:
                link = os.readlink(entry.path)  # noqa: PTH115 (there may be thousands)
            except OSError:
                continue
            if link.startswith("socket:["):
                found.add(int(link[8:-1]))
    return found


def peers(pids: Iterable[int]) -> dict[tuple[str, int], int]:
    """Where these processes are connected to: (address, port) → how many connections."""
    found: dict[tuple[str, int], int] = {}
    for pid in pids:
        try:
            own = inodes(pid)
        except OSError:
            continue
        for name in ("tcp", "tcp6"):
            for one in net.sockets(read(f"/proc/{pid}/net/{name}"), net.ESTABLISHED):
                if one.inode in own:
                    found[one.peer, one.peer_port] = found.get((one.peer, one.peer_port), 0) + 1
    return found


def is_own(address: str) -> bool:
    """Whether an address is one of this machine's: only then can a socket be bound to it."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.bind((address, 0))
    except OSError:
        return False
    return True


def shares_network(pid: int) -> bool:
    """Whether a process lives in the network namespace of this one; True where that can't be seen."""
    try:
        return Path(f"/proc/{pid}/ns/net").readlink() == Path("/proc/self/ns/net").readlink()
    except OSError:
        return True
