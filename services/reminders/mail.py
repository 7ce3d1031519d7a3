"""Sending mail: where to, as whom, and the form that a reminder has."""

import email.policy
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime

import aiosmtplib
from msgspec import Struct

from services.settings import Settings, parse_smtp_url

TIMEOUT_S = 20.0


class MailServer(Struct, frozen=True, kw_only=True):
    """A server that takes mail, and the address that it is sent from."""

    host: str
    port: int
    sender: str
    address: str
    """Where people reach this service: ``https://requite.village.example``. Links in mails begin with it."""
    user: str | None = None
    password: str | None = None
    encrypted: bool = False
    """From the first byte on (``smtps``); else the connection is encrypted where the server offers it (STARTTLS)."""

    @classmethod
    def of(cls, settings: Settings) -> "MailServer | None":
        """The server of the settings; ``None`` where they name none."""
        if settings.smtp_url is None or settings.mail_from is None:
            return None
        host = f"[{settings.host}]" if ":" in settings.host else settings.host
        address = settings.address or f"http://{host}:{settings.port}"
        return cls(sender=settings.mail_from, address=address, **parse_smtp_url(settings.smtp_url))

    def connect(self) -> aiosmtplib.SMTP:
        """A connection, to be entered. A password goes over none that is not encrypted."""
        return aiosmtplib.SMTP(
            hostname=self.host,
            port=self.port,
            username=self.user,
            password=self.password,
            use_tls=self.encrypted,
            start_tls=None if self.encrypted or self.password is None else True,
            timeout=TIMEOUT_S,
        )


class Letter(Struct, frozen=True, kw_only=True):
    """What a mail says."""

    to: str
    subject: str
    text: str
    html: str
    id: str
    """The same whenever it is sent again: programs that see it twice show it once."""
    stop: str
    """The link that ends these mails."""


def write_message(letter: Letter, server: MailServer, now: datetime) -> EmailMessage:
    """A letter as a message: as text, with the same in HTML beside it."""
    message = EmailMessage(policy=email.policy.SMTP)
    message["From"] = server.sender
    message["To"] = Address(addr_spec=letter.to)
    message["Subject"] = " ".join(letter.subject.split())
    message["Date"] = format_datetime(now)
    message["Message-ID"] = f"<{letter.id}>"
    message["List-Unsubscribe"] = f"<{letter.stop}>"
    message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.text)
    message.add_alternative(letter.html, subtype="html")
    return message
