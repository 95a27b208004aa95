"""How requests are made: from a plan's options to the core's settings."""

import json
from ipaddress import ip_network
from urllib.parse import urlsplit
from urllib.request import getproxies_environment

from sonagi._core import Engine
from sonagi.plan.network import addresses
from sonagi.plan.plan import HttpOptions


def configure(engine: Engine, http: HttpOptions, worker: int = 0) -> None:
    """Before the first request. Raises ValueError for what no plan allows."""
    local_ips = [address for written in http.local_ips for address in addresses(written)]
    # Users have their places from 1 on, and each worker begins with another address.
    turn = (worker - 1) % len(local_ips) if local_ips else 0
    engine.configure(
        user_agent=http.user_agent,
        timeout=http.timeout,
        connect_timeout=http.connect_timeout,
        max_redirects=http.max_redirects,
        body_limit=http.max_body_bytes,
        discard_bodies=http.discard_response_bodies,
        reuse_connections=not http.no_connection_reuse,
        reset_cookies=not http.no_cookies_reset,
        insecure=http.insecure_skip_tls_verify,
        extra_ca=http.extra_ca,
        http_version=http.http_version,
        http2_connections=http.http2_connections,
        tls_version=http.tls_version,
        client=(http.client_cert, http.client_key) if http.client_cert and http.client_key else None,
        hosts=list(http.hosts.items()),
        blocked_names=list(http.block_hostnames),
        blocked_networks=[
            (network.network_address, network.prefixlen)
            for network in (ip_network(written, strict=False) for written in http.blacklist_ips)
        ],
        proxies=_proxies(engine, http),
        dns=(http.dns_ttl, http.dns_select, http.dns_policy),
        raise_on_error=http.throw,
        local_ips=local_ips[turn:] + local_ips[:turn],
    )


def _proxies(engine: Engine, http: HttpOptions) -> tuple[str | None, str | None, list[str]]:
    """For http and https, and whom to reach directly: from the options, else from the environment, which
    is told, since a proxy's time is in all numbers."""
    if http.proxy is not None:
        return http.proxy, http.proxy, list(http.no_proxy)
    found = getproxies_environment()
    plain, secure = (found.get(scheme) or found.get("all") for scheme in ("http", "https"))
    exempt = [name.strip() for name in found.get("no", "").split(",") if name.strip()]
    if plain or secure:
        hosts = {urlsplit(url).hostname for url in (plain, secure) if url}
        values = {"proxy": ", ".join(sorted(filter(None, hosts)))}
        engine.note("warning", json.dumps({"key": "proxy", "values": values}))
    return plain, secure, [*exempt, *http.no_proxy]
