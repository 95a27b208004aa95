"""Options about where connections lead and where they come from."""

import ipaddress
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
MOST_ADDRESSES = 65536


def addresses(written: str) -> list[Address]:
    """The addresses of "10.0.0.1", "10.0.0.1-10.0.0.9" or "10.0.0.0/28" (of a network its hosts). Raises
    ValueError, also for more than MOST_ADDRESSES."""
    first, dash, last = written.partition("-")
    if dash:
        low, high = ipaddress.ip_address(first.strip()), ipaddress.ip_address(last.strip())
        count = int(high) - int(low) + 1
        if low.version != high.version or not 0 < count <= MOST_ADDRESSES:
            raise ValueError(written)
        return [low + step for step in range(count)]
    network = ipaddress.ip_network(written.strip(), strict=False)
    if network.num_addresses > MOST_ADDRESSES:
        raise ValueError(written)
    return list(network.hosts())


def without_user(shown: str) -> str:
    """`shown` without the users and passwords of URLs in it: they are shown nowhere."""
    return re.sub(r"://[^/?#\s]*@", "://", shown)


def hosts(value: Any) -> Any:
    """Addresses, perhaps with a port, or sockets in the file system, by name. Raises ValueError."""
    for target in value.values() if isinstance(value, Mapping) else ():
        if not isinstance(target, str) or not (_is_address(target) or target.startswith("unix:/")):
            raise ValueError("host")
    return value


def _is_address(target: str) -> bool:
    """An IP, or an IP with a port: "10.0.0.1", "10.0.0.1:8080", "::1", "[::1]:8080"."""
    bare = target
    if match := re.fullmatch(r"\[(.+)\](?::(\d+))?|([^:]+):(\d+)", target):
        bare = match.group(1) or match.group(3)
        if int(match.group(2) or match.group(4) or 1) not in range(1, 65536):
            return False
    try:
        ipaddress.ip_address(bare)
    except ValueError:
        return False
    return True


def networks(value: Any) -> Any:
    """Ranges of addresses. Raises ValueError."""
    for network in value if isinstance(value, (list, tuple)) else ():
        try:
            ipaddress.ip_network(network, strict=False)
        except (ValueError, TypeError):
            raise ValueError("network") from None
    return value


def proxy(value: Any) -> Any:
    """The URL of a proxy. Raises ValueError."""
    if value is None:
        return None
    parts = urlsplit(value) if isinstance(value, str) else None
    if parts is None or parts.scheme != "http" or not parts.hostname:
        raise ValueError("proxy")
    return value


def local_ips(value: Any) -> Any:
    """Addresses to connect from. Raises ValueError."""
    for written in value if isinstance(value, (list, tuple)) else ():
        try:
            addresses(written)
        except (ValueError, TypeError, AttributeError):
            raise ValueError("local_ip") from None
    return value
