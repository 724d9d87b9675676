"""Whether a caller is on this machine: the rule where there are no keys."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv6Address, ip_address
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wsgiref.types import WSGIEnvironment


def local(environ: WSGIEnvironment) -> bool:
    """Whether a request comes from this machine and is meant for it.

    The requested name counts as well as the sender's address. A page elsewhere can resolve its own
    name to 127.0.0.1 (DNS rebinding) and read through the browser of someone on this machine; its
    requests then carry that name. Browsers always send a name, and servers always give an address,
    which is empty if they listen on a socket file.
    """
    address, host = environ.get("REMOTE_ADDR"), environ.get("HTTP_HOST")
    return (address is None or loopback(address)) and (host is None or local_name(host))


def forwarded_local(environ: WSGIEnvironment, proxies: int) -> bool:
    """Whether the proxies in front say that the request comes from this machine.

    Each proxy adds one address to `X-Forwarded-For`, and all must be local. One address too many is
    a client's claim or an uncounted proxy; one too few is a proxy that is missing or adds nothing.
    In both cases the client's address is a guess. A forwarded name can only refuse, because a proxy
    may have passed on the client's.
    """
    if "REMOTE_ADDR" not in environ:
        return True  # a call within the process, without a proxy
    addresses = environ.get("HTTP_X_FORWARDED_FOR", "").split(",")
    names = environ.get("HTTP_X_FORWARDED_HOST")
    return (
        len(addresses) == proxies
        and all(loopback(address.strip(" \t")) for address in addresses)
        and (names is None or all(local_name(name.strip(" \t")) for name in names.split(",")))
    )


@lru_cache(maxsize=1024)
def loopback(address: str) -> bool:
    """Whether an address is in 127.0.0.0/8, also written as IPv6, or ::1."""
    try:
        found = ip_address(address)
    except ValueError:
        return False
    if isinstance(found, IPv6Address) and found.ipv4_mapped:
        return found.ipv4_mapped.is_loopback
    return found.is_loopback


@lru_cache(maxsize=1024)
def local_name(host: str) -> bool:
    """Whether every resolver takes the name in a Host header, port or not, for this machine."""
    name, bracket, _ = host.removeprefix("[").partition("]")
    if not bracket:
        name = host.partition(":")[0]
    name = name.lower().removesuffix(".")
    return name == "localhost" or name.endswith(".localhost") or loopback(name)
