"""Access keys: made once, shown once, stored as a hash.

A key belongs to one ledger. It acts either for the parties that it lists, or as a recorder for all; a key with the
scope ``admin`` acts as the ledger's administrator, and has every other scope too. It keeps its id for life, and with it
its place in the log; its secret may be exchanged: see ``services.access.rotation``.
"""

import hmac
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Annotated, Literal, TypeAlias
from uuid import UUID

import asyncpg
from asyncpg.pool import PoolConnectionProxy
from msgspec import Meta, Struct

from domain.command import in_utc
from domain.event import Who
from domain.names import require_name
from domain.refusal import Refusal
from services.access.tokens import hash_secret, random_key_id, random_secret, write_token
from services.database.ledgers import LedgerPool
from services.database.pool import load_sql
from services.database.together import Together
from services.text import LABEL

Scope = Literal["read", "record", "audit", "admin"]
SCOPES: tuple[Scope, ...] = ("read", "record", "audit", "admin")
Label = Annotated[str, Meta(min_length=1, max_length=100, pattern=LABEL, description="What the key is for.")]
AllLedgers: TypeAlias = "asyncpg.Pool | asyncpg.Connection | PoolConnectionProxy[asyncpg.Record]"
"""Where a statement runs that goes over several ledgers."""
Database: TypeAlias = "AllLedgers | LedgerPool"
"""Where one statement runs: on a connection of one's own, or on any of a pool's."""
Looking: TypeAlias = "Database | Together"
"""Where one statement reads: there, or beside other readings."""

ACTIVE_LIMIT = 1_000
"""How many keys of one ledger may be in use at a time."""
PARTIES_LIMIT = 100


class Secret(Struct, frozen=True, kw_only=True):
    """One secret of a key: not what it is, but since when and until when it opens."""

    number: int
    """Within the key; the highest is the current one."""
    created_at: datetime
    ends_at: datetime | None = None
    """Null: it opens as long as its key holds."""
    last_used_at: datetime | None = None
    """Known to the minute, and that late."""

    def holds_at(self, moment: datetime) -> bool:
        """Whether it has not ended."""
        return self.ends_at is None or moment < self.ends_at


class AccessKey(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a key may do. What its secrets are is not in here, nor anywhere else."""

    ledger_id: str
    key_id: str
    label: str
    scopes: tuple[Scope, ...]
    created_at: datetime
    parties: tuple[UUID, ...] | None = None
    """The parties it acts for; ``None``: for all, as a recorder."""
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    secrets: tuple[Secret, ...] = ()
    """By number. More than one while it is being rotated."""

    @property
    def last_used_at(self) -> datetime | None:
        """When it last opened, known to the minute; ``None``: never so far."""
        return max((one.last_used_at for one in self.secrets if one.last_used_at is not None), default=None)

    def allows(self, scope: Scope) -> bool:
        """Whether the key has a scope, or is an administrator's."""
        return scope in self.scopes or "admin" in self.scopes

    def holds_at(self, moment: datetime) -> bool:
        """Whether the key is neither revoked nor expired."""
        return self.revoked_at is None and (self.expires_at is None or moment < self.expires_at)


class Stored(Struct, frozen=True):
    """A key as its tables hold it."""

    key: AccessKey
    hashes: tuple[bytes, ...]
    """SHA-256 of each of its secrets, in their order."""

    def opened_by(self, secret: bytes, moment: datetime) -> Secret | None:
        """Which of the key's secrets this is, where that holds; takes as long for a wrong one as for the right one."""
        hashed = hash_secret(secret)
        equal = [hmac.compare_digest(one, hashed) for one in self.hashes]
        return next(
            (one for one, same in zip(self.key.secrets, equal, strict=True) if same and one.holds_at(moment)), None
        )


async def create_key(  # noqa: PLR0913 - each of them is a column of the key
    database: Database,
    ledger_id: str,
    label: str,
    scopes: Sequence[Scope],
    parties: Sequence[UUID] | None = None,
    *,
    expires_at: datetime | None = None,
    clock: Callable[[], datetime],
) -> tuple[str, AccessKey]:
    """Make a key and answer its token, which cannot be read again, with what it may do.

    Raises ``Refusal`` where the label is no name, scopes and parties do not make sense, or there are too many keys.
    """
    now = clock()
    expires_at = None if expires_at is None else in_utc(expires_at, "expires_at")
    require_name(label, "label")
    _check(scopes, parties, expires_at, now)
    if parties:
        unknown = await database.fetchval(_sql("unknown_party"), ledger_id, list(parties))
        if unknown is not None:
            raise Refusal("unknown_party", f"Party {unknown} is not registered in this ledger; register it first.")
    key = AccessKey(
        ledger_id=ledger_id,
        key_id=random_key_id(),
        label=label,
        scopes=tuple(scope for scope in SCOPES if scope in scopes),
        created_at=now,
        parties=None if parties is None else tuple(dict.fromkeys(parties)),
        expires_at=expires_at,
        secrets=(Secret(number=1, created_at=now),),
    )
    text, hashed = random_secret()
    inserted = await database.fetchval(
        _sql("new_key"),
        ledger_id,
        key.key_id,
        hashed,
        list(key.scopes),
        None if key.parties is None else list(key.parties),
        label,
        now,
        expires_at,
        ACTIVE_LIMIT,
    )
    if inserted is None:
        raise Refusal("too_many_keys", f"This ledger has {ACTIVE_LIMIT} keys in use; revoke one first.")
    return write_token(key.key_id, text), key


def _check(scopes: Sequence[Scope], parties: Sequence[UUID] | None, expires_at: datetime | None, now: datetime) -> None:
    if not scopes:
        raise Refusal("no_scope", f"A key needs at least one scope of: {', '.join(SCOPES)}.")
    if parties is not None and "admin" in scopes:
        raise Refusal("admin_for_parties", "An administrator's key acts for the whole ledger: leave 'parties' out.")
    if parties is not None and not 1 <= len(parties) <= PARTIES_LIMIT:
        raise Refusal(
            "parties_out_of_range",
            f"A key acts for 1 to {PARTIES_LIMIT} parties; leave 'parties' out for a recorder's key.",
        )
    if expires_at is not None and expires_at <= now:
        raise Refusal("expires_in_past", "expires_at has gone by already; it has to lie in the future.")


async def find_key(database: Database, ledger_id: str, key_id: str) -> Stored | None:
    """A key of a ledger, whether or not it still holds."""
    row = await database.fetchrow(_sql("find_key"), ledger_id, key_id)
    return None if row is None else stored_of(row)


async def list_keys(
    database: Looking, ledger_id: str, *, after: str = "", limit: int = ACTIVE_LIMIT
) -> list[AccessKey]:
    """The keys of a ledger by id, those no longer in use too: events name them. ``after``: the id to go on from."""
    return [_from_row(row) for row in await database.fetch(_sql("list_keys"), ledger_id, after, limit)]


async def list_keys_of(database: Database, ledger_id: str, parties: Sequence[UUID]) -> list[AccessKey]:
    """The keys that act for any of these parties, the oldest first, those no longer in use too."""
    return [_from_row(row) for row in await database.fetch(_sql("keys_of"), ledger_id, list(parties))]


async def revoke_key(
    database: Database, ledger_id: str, key_id: str, *, clock: Callable[[], datetime]
) -> AccessKey | None:
    """End a key, and the sign-in links made with it; ``None`` where there is no such key. May be repeated.

    A process may go on to honour it for as long as its doorkeeper remembers, about a second.
    """
    row = await database.fetchrow(_sql("revoke_key"), ledger_id, key_id, clock())
    return None if row is None else _from_row(row)


def who_acts(key: AccessKey, by: UUID | None) -> Who:
    """Who acts where a command given with this key names ``by``.

    A key of one party may leave ``by`` out. Raises ``Refusal`` where the key does not act for that party.
    """
    if "admin" in key.scopes:
        return Who("admin", key.key_id, by)
    if key.parties is None:
        return Who("recorder", key.key_id, by)
    if by is None and len(key.parties) == 1:
        by = key.parties[0]
    if by not in key.parties:
        which = "that party" if len(key.parties) == 1 else "one of its parties"
        raise Refusal("wrong_party", f"This access key acts for listed parties only; name {which} in 'by'.")
    return Who("party", key.key_id, by)


def stored_of(row: asyncpg.Record) -> Stored:
    """A key from a row of its columns and ``secrets``."""
    return Stored(_from_row(row), tuple(one["hash"] for one in row["secrets"]))


def _from_row(row: asyncpg.Record) -> AccessKey:
    secrets = tuple(
        Secret(
            number=one["number"],
            created_at=one["created_at"],
            ends_at=one["ends_at"],
            last_used_at=one["last_used_at"],
        )
        for one in row["secrets"]
    )
    return AccessKey(
        ledger_id=row["ledger_id"],
        key_id=row["key_id"],
        label=row["label"],
        scopes=tuple(row["scopes"]),
        created_at=row["created_at"],
        parties=None if row["parties"] is None else tuple(UUID(int=party.int) for party in row["parties"]),
        expires_at=row["expires_at"],
        revoked_at=row["revoked_at"],
        secrets=secrets,
    )


def _sql(name: str) -> str:
    return load_sql(f"services/access/sql/{name}.sql")
