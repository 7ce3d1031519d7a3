"""The payloads of docs/feeds.md: what the code makes of an event that the golden files hold."""

import pathlib
from datetime import UTC, datetime
from uuid import UUID

import msgspec

from services.feeds.cloud_events import cloud_event
from services.feeds.stream import KEY_ENDED, Closed, farewell, heartbeat
from services.ledger.mapper import decode
from services.reading.events import LoggedEvent
from services.webhooks.message import message_id, write_event
from services.webhooks.signing import sign, write_public_key, write_secret

ROOT = pathlib.Path(__file__).resolve().parents[2]
FILE = ROOT / "docs" / "feeds.md"
STATE = (ROOT / "tests" / "services" / "golden" / "favour.thanked.1.stored").read_bytes().strip()
POSITION = 12
WEBHOOK = UUID("01920000-0000-7000-8000-00000000ee01")
SECRET = bytes(range(32))
SENT_AT = datetime(2026, 4, 1, 0, 0, 1, tzinfo=UTC)


def payloads() -> dict[str, str]:
    """Every block that the page shows, by what it is."""
    item = LoggedEvent(position=POSITION, event=msgspec.Raw(STATE))
    ledger = decode(STATE).ledger_id
    told = b"id: %d\ndata: %b\n\n" % (POSITION, msgspec.json.encode(item))
    thin = write_event(POSITION, STATE, "thin")
    identifier = message_id(WEBHOOK, POSITION)
    head = f"webhook-id: {identifier}\nwebhook-timestamp: {int(SENT_AT.timestamp())}\nwebhook-signature: "
    return {
        "stream": (told + heartbeat(15) + farewell(Closed(*KEY_ENDED))).decode().rstrip(),
        "cloudevent": pretty(msgspec.json.encode(cloud_event(f"requite.local/{ledger}", item))),
        "thin": thin.decode(),
        "hmac": head + sign("hmac", [SECRET], identifier, SENT_AT, thin),
        "ed25519": head + sign("ed25519", [SECRET], identifier, SENT_AT, thin),
        "secret": write_secret(SECRET),
        "public key": write_public_key(SECRET),
    }


def pretty(text: bytes) -> str:
    return msgspec.json.format(text, indent=2).decode()


if __name__ == "__main__":
    for name, text in payloads().items():
        print(f"--- {name}\n{text}")  # noqa: T201 - to be copied into the page
