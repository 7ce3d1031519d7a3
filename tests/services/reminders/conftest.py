"""A mail server of the test's own, that keeps what it is sent, and a service on a clock that stands still."""

import socket
from collections.abc import AsyncIterator, Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from services.ledger.opening import open_ledger
from services.reminders.mail import MailServer
from services.service import Service, open_service
from tests.services.conftest import LEDGER, MASTER_KEY
from tests.services.reading.conftest import POLICY, Clock


class Postbox:
    """Takes mail, or answers as it is told to."""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        self.answers: list[str] = []
        """To the next letters, before it takes any again."""
        self.on_recipient: list[str] = []
        """To the next recipients."""

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's own form
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if self.on_recipient:
            return self.on_recipient.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - the same
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        if self.answers:
            return self.answers.pop(0)
        assert isinstance(envelope.content, bytes)
        letter = message_from_bytes(envelope.content, policy=policy.default)
        assert [letter["To"]] == envelope.rcpt_tos
        self.letters.append(letter)
        return "250 OK"


@pytest.fixture
def postbox() -> Postbox:
    return Postbox()


@pytest.fixture
def server(postbox: Postbox) -> Iterator[MailServer]:
    """The mail server, running."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(postbox, hostname="127.0.0.1", port=port)
    controller.start()
    yield MailServer(
        host="127.0.0.1", port=port, sender="requite@village.example", address="https://requite.village.example"
    )
    controller.stop()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def service(database_url: str, clock: Clock) -> AsyncIterator[Service]:
    """A service with the ledger ``village`` open, on the test's clock."""
    async with open_service(database_url, MASTER_KEY, clock) as opened:
        await open_ledger(opened, LEDGER, policy=POLICY, title="Our village")
        yield opened
