"""Where webhooks may go: to public addresses only, unless the service's owner allows private ones.

Whoever may set up a webhook could otherwise have this service talk to what only this service reaches: its neighbours,
its own machine, the metadata service of a cloud. A name is resolved once, what it resolves to is checked, and that very
address is connected to, so that a name that changes in between gains nothing.
"""

import asyncio
import ipaddress
import re
import socket

import httpx

from domain.refusal import Refusal

URL_LENGTH = 2_000
RESOLVE_WITHIN_S = 5.0
HOST = re.compile(r"[A-Za-z0-9._-]+|[0-9a-f:.]+", re.IGNORECASE)
NAT64 = ipaddress.ip_network("64:ff9b::/96")
NOT_PUBLIC = tuple(
    map(ipaddress.ip_network, ("192.0.0.0/24", "::/96", "64:ff9b:1::/48", "100:0:0:1::/64", "5f00::/16", "fec0::/10"))
)
"""By IANA's registries of special addresses, or deprecated; not every version of Python takes them for that."""

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class NoSuchHostError(Exception):
    """The host's name leads nowhere."""


class PrivateAddressError(Exception):
    """The host has an address that is not public."""


def parse_url(text: str, *, allow_private: bool) -> httpx.URL:
    """An endpoint's URL. Raises ``Refusal`` where it is not fit to send to."""
    schemes = {"https", "http"} if allow_private else {"https"}
    try:
        url = httpx.URL(text)
        port_is_fit = url.port is None or 1 <= url.port <= 65_535
        host = url.raw_host.decode("ascii")
    except (httpx.InvalidURL, ValueError):
        raise _refused("it cannot be read") from None
    if url.scheme not in schemes or not HOST.fullmatch(host) or not port_is_fit:
        raise _refused(f"it has to begin with {' or '.join(f'{one}://' for one in sorted(schemes))}, and a host's name")
    if url.userinfo or url.fragment:
        raise _refused("leave out the user's name and password, and what follows a #")
    literal = _literal(host)
    if literal is not None and not allow_private and not is_public(literal):
        raise _refused("its address is not a public one")
    return url


def _refused(why: str) -> Refusal:
    return Refusal("webhook_url_refused", f"No webhook can go to this URL: {why}.")


async def check_host(url: httpx.URL, *, allow_private: bool) -> None:
    """Refuse a URL whose host is known not to be public; what leads nowhere as yet may do so later."""
    try:
        await resolve(url, allow_private=allow_private)
    except PrivateAddressError:
        raise _refused("its address is not a public one") from None
    except NoSuchHostError:
        pass


async def resolve(url: httpx.URL, *, allow_private: bool) -> str:
    """The address to connect to. Raises ``NoSuchHostError``, ``PrivateAddressError`` where any of them is private."""
    host = url.raw_host.decode("ascii")
    literal = _literal(host)
    found = [literal] if literal is not None else await _look_up(host)
    if not allow_private and not all(map(is_public, found)):
        raise PrivateAddressError
    return str(found[0])


async def _look_up(host: str) -> list[Address]:
    try:
        async with asyncio.timeout(RESOLVE_WITHIN_S):
            rows = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError, TimeoutError):
        raise NoSuchHostError from None
    return [ipaddress.ip_address(place[0]) for *_, place in rows]


def _literal(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return None


def is_public(address: Address) -> bool:
    """Whether an address is one of the public internet; where it holds an IPv4 address, whether that is one too."""
    if isinstance(address, ipaddress.IPv6Address):
        inside = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
        if address in NAT64:
            inside = ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
        if inside is not None:
            return is_public(inside)
    special = any(address in network for network in NOT_PUBLIC)
    return address.is_global and not address.is_multicast and not special
