"""Where a request comes from: whether from the very machine that we run on."""

import ipaddress
from collections.abc import Mapping

FORWARDED = frozenset({"forwarded", "x-forwarded-for", "x-real-ip"})
"""Headers of a proxy: what comes through one may come from anywhere."""


def is_loopback(address: str) -> bool:
    """Whether an address or host name is the machine's own."""
    try:
        return ipaddress.ip_address(address.strip("[]").partition("%")[0]).is_loopback
    except ValueError:
        return address == "localhost"


def is_from_here(client: str | None, headers: Mapping[str, str]) -> bool:
    """Whether a request was sent on this machine, and through no proxy."""
    return client is not None and is_loopback(client) and not any(name in headers for name in FORWARDED)
