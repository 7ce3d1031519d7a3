"""Over TLS an address is connected to, and the certificate has to be that of the name."""

import asyncio
import pathlib
import socket
import ssl
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from services.webhooks import sender
from tests.services.webhooks.receiver import Receiver

pytestmark = pytest.mark.anyio

NAME = "hooks.example"


@pytest.fixture
async def receiver(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Receiver]:
    """A receiver that has a certificate for ``hooks.example``; every name leads to it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, now - timedelta(days=1), now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .sign(key, hashes.SHA256())
        .public_bytes(Encoding.PEM)
    )
    file = tmp_path / "receiver.pem"
    file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + certificate)
    served = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    served.load_cert_chain(file)
    trusting = ssl.create_default_context(cadata=certificate.decode())
    monkeypatch.setattr(sender, "_certificates", lambda: trusting)

    async def getaddrinfo(*_: Any, **__: Any) -> Any:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 0))]

    async with Receiver(tls=served) as opened:
        monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", getaddrinfo)
        yield opened


@pytest.mark.parametrize(("name", "status", "error"), [(NAME, 204, None), ("other.example", None, "bad_certificate")])
async def test_the_certificate_has_to_be_that_of_the_name(
    receiver: Receiver, name: str, status: int | None, error: str | None
) -> None:
    async with sender.opened() as client:
        url = httpx.URL(f"https://{name}:{receiver.port}/hook")
        outcome = await sender.send(client, url, {"webhook-id": "one"}, b"{}", allow_private=True)
    assert (outcome.status, outcome.error) == (status, error)
    assert len(receiver.received) == (status is not None)
