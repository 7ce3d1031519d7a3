"""Claims: a person takes over the record of a party that was kept for it, by a link that is good once.

A claim is an access key that acts for that party, made when the link is redeemed. A person is known by nothing but an
id of ours; where it signs in by a provider, by a keyed hash of the provider and its name for the person too. So one
person's claims hang together across ledgers.
"""

import hashlib
import hmac
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

import uuid_utils.compat as uuid_utils
from msgspec import Struct

from services.access.keys import AccessKey, AllLedgers, Database, Scope, create_key, find_key
from services.access.tokens import hash_secret, parse_secret, random_secret
from services.database.ledgers import LedgerPool
from services.database.pool import load_sql
from services.ledger.keyring import MasterKey
from services.ledger.opening import LEDGER_ID

INVITATION_LIFE = timedelta(days=7)
SCOPES: tuple[Scope, ...] = ("read", "record")
LABEL = "Claimed by invitation"
CLAIMS_LIMIT = 100
"""How many of a person's claims are looked at."""

Clock = Callable[[], datetime]


class Claim(Struct, frozen=True):
    """A party that a person claimed, and the key that it acts by."""

    party: UUID
    key: AccessKey


async def invite(database: Database, ledger_id: str, party: UUID, *, clock: Clock) -> str:
    """Make the token of a link by which a party's record can be claimed, once; only its hash is stored."""
    text, hashed = random_secret()
    now = clock()
    await database.execute(_sql("new_claim_link"), ledger_id, hashed, party, now + INVITATION_LIFE, now)
    return text


async def invited(database: Database, ledger_id: str, token: str, *, clock: Clock) -> UUID | None:
    """The party whose record a link is for; looking does not use it up. ``None`` where the link is none any more."""
    secret = parse_secret(token)
    if secret is None or LEDGER_ID.fullmatch(ledger_id) is None:
        return None
    return _id(await database.fetchval(_sql("find_claim_link"), ledger_id, hash_secret(secret), clock()))


async def redeem_invitation(
    ledgers: LedgerPool, ledger_id: str, token: str, person: UUID | None, *, clock: Clock
) -> tuple[UUID, AccessKey] | None:
    """Claim a party: the person, a new one where none is given, and the key that it acts by from now on.

    ``None`` where the link is none any more. Raises ``Refusal`` where the ledger has too many keys.
    """
    secret = parse_secret(token)
    if secret is None or LEDGER_ID.fullmatch(ledger_id) is None:
        return None
    now = clock()
    async with ledgers.acquire(ledger_id) as connection, connection.transaction():
        party = _id(await connection.fetchval(_sql("redeem_claim_link"), ledger_id, hash_secret(secret), now))
        if party is None:
            return None
        _token, key = await create_key(connection, ledger_id, LABEL, SCOPES, [party], clock=clock)
        person = person or uuid_utils.uuid7()
        await connection.execute(_sql("new_claim"), ledger_id, key.key_id, party, person, now)
    return person, key


async def claims_of(database: AllLedgers, person: UUID, *, clock: Clock) -> list[Claim]:
    """What a person claimed, by ledger, as far as its keys hold."""
    found = []
    for row in await database.fetch(_sql("claims_of_person"), person, CLAIMS_LIMIT):
        stored = await find_key(database, row["ledger_id"], row["key_id"])
        if stored is not None and stored.key.holds_at(clock()):
            found.append(Claim(UUID(int=row["party_id"].int), stored.key))
    return found


async def person_of_key(database: Database, key: AccessKey) -> UUID | None:
    """The person that acts by a key, where one claimed it."""
    return _id(await database.fetchval(_sql("person_of_key"), key.ledger_id, key.key_id))


def hash_identity(master_key: MasterKey, issuer: str, subject: str) -> bytes:
    """What is stored of a provider's name for a person."""
    return hmac.new(master_key.derive("people's identities"), f"{issuer}\n{subject}".encode(), hashlib.sha256).digest()


async def find_person(database: AllLedgers, identity: bytes) -> UUID | None:
    """The person that signs in so, where it is known."""
    return _id(await database.fetchval(_sql("person_of_identity"), identity))


async def bind_identity(database: AllLedgers, identity: bytes, person: UUID) -> None:
    """Know a person by a provider from now on."""
    await database.execute(_sql("bind_identity"), identity, person)


def _id(value: UUID | None) -> UUID | None:
    return None if value is None else UUID(int=value.int)


def _sql(name: str) -> str:
    return load_sql(f"services/access/sql/{name}.sql")
