"""Where webhooks may go."""

import asyncio
import ipaddress
import socket
from typing import Any

import httpx
import pytest

from domain.refusal import Refusal
from services.webhooks import sender
from services.webhooks.addresses import (
    NoSuchHostError,
    PrivateAddressError,
    check_host,
    is_public,
    parse_url,
    resolve,
)
from tests.services.webhooks.receiver import Receiver

pytestmark = pytest.mark.anyio

PRIVATE = [
    "127.0.0.1",
    "127.9.9.9",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",  # noqa: S104 - that is what it is refused for
    "224.0.0.1",
    "255.255.255.255",
    "192.0.2.1",
    "::",
    "::1",
    "fe80::1",
    "fc00::1",
    "ff02::1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "2002:7f00:1::",
    "64:ff9b::10.0.0.1",
    "64:ff9b:1::127.0.0.1",
    "::127.0.0.1",
    "192.0.0.192",
    "5f00::1",
    "fec0::1",
]


@pytest.mark.parametrize("address", PRIVATE)
def test_what_is_not_public(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", ["1.1.1.1", "2606:4700:4700::1111", "64:ff9b::1.1.1.1", "::ffff:1.1.1.1"])
def test_what_is_public(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "url",
    [
        "",
        "hook",
        "ftp://example.org",
        "http://example.org/hook",
        "https://",
        "https:///hook",
        "https://example.org:0/",
        "https://example.org:65536/",
        "https://anna:secret@example.org/",
        "https://example.org/#part",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://[fe80::1]/",
        "https://exa mple.org/",
        "https://169.254.169.254/latest/meta-data/",
    ],
)
def test_urls_that_are_refused(url: str) -> None:
    with pytest.raises(Refusal) as refused:
        parse_url(url, allow_private=False)
    assert refused.value.code == "webhook_url_refused"


@pytest.mark.parametrize("url", ["http://localhost:8080/hook", "https://10.0.0.1/", "http://[::1]:9/"])
def test_urls_that_the_owner_may_allow(url: str) -> None:
    assert parse_url(url, allow_private=True) == url


@pytest.mark.parametrize("host", ["localhost", "2130706433", "0x7f.1", "127.1"])
async def test_names_and_numbers_that_lead_to_this_machine(host: str) -> None:
    url = parse_url(f"https://{host}/", allow_private=False)
    with pytest.raises(PrivateAddressError):
        await resolve(url, allow_private=False)
    with pytest.raises(Refusal):
        await check_host(url, allow_private=False)


async def test_a_name_that_leads_nowhere_may_lead_somewhere_later() -> None:
    url = parse_url("https://hooks.invalid/", allow_private=False)
    with pytest.raises(NoSuchHostError):
        await resolve(url, allow_private=False)
    await check_host(url, allow_private=False)


async def test_the_address_that_was_checked_is_the_one_that_is_connected_to(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name server that answers otherwise the second time."""
    answers = iter(["127.0.0.1", "192.0.2.1"])
    asked: list[str] = []

    async def getaddrinfo(host: str, *_: Any, **__: Any) -> Any:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), 0))]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", getaddrinfo)
    url = httpx.URL(f"http://rebinding.example:{receiver.port}/hook?token=x")
    async with sender.opened() as client:
        outcome = await sender.send(client, url, {"webhook-id": "one"}, b"{}", allow_private=True)
    assert (outcome.status, asked) == (204, ["rebinding.example"])
    (one,) = receiver.received
    assert one.headers["host"] == f"rebinding.example:{receiver.port}"
    assert one.path == "/hook?token=x"


async def test_a_name_that_became_private_is_not_connected_to(receiver: Receiver) -> None:
    async with sender.opened() as client:
        url = httpx.URL(f"http://localhost:{receiver.port}/")
        outcome = await sender.send(client, url, {}, b"{}", allow_private=False)
    assert (outcome.status, outcome.error) == (None, "private_address")
    assert not receiver.received


@pytest.mark.parametrize(
    ("url", "error"),
    [
        ("http://127.0.0.1:1/", "no_connection"),
        ("http://hooks.invalid/", "no_such_host"),
    ],
)
async def test_what_goes_wrong_is_named(url: str, error: str) -> None:
    async with sender.opened() as client:
        outcome = await sender.send(client, httpx.URL(url), {}, b"{}", allow_private=True)
    assert (outcome.status, outcome.error) == (None, error)


async def test_an_ipv6_address_is_connected_to() -> None:
    server = await asyncio.start_server(lambda _, writer: writer.close(), "::1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, sender.opened() as client:
        outcome = await sender.send(client, httpx.URL(f"http://[::1]:{port}/"), {}, b"{}", allow_private=True)
    assert outcome.error == "no_connection"  # it was there, and closed without a word
