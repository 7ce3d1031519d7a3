"""The keys to a ledger's words, in a file of their own: beside a bundle, which opens none.

Every data key that there is stands in it, of the ledger, of each party and of each day, wrapped by a key that whoever
writes the file chooses: 32 bytes, or a passphrase from which scrypt (RFC 7914) makes them. Erased parties and forgotten
days have no key any more, so they have none in it. Whoever has to forget a party later takes its line out of the file.
"""

import os
from collections.abc import Mapping
from datetime import date
from typing import Annotated
from uuid import UUID

import msgspec
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from msgspec import Meta, Struct

from services.database.pool import load_sql
from services.ledger.keyring import KEY_BYTES, LEDGER, MasterKey, WrongMasterKeyError
from services.reading.snapshot import open_snapshot
from services.service import Service

FORMAT = "requite-words/1"
SALT_BYTES = 16
COST = 1 << 17
"""Of scrypt, with blocks of 8: 128 MiB and some tenths of a second for every guess."""
BLOCK = 8
PASSPHRASE_LENGTH = 12


class WordsError(ValueError):
    """A file of words cannot be read, or not with this key. The message says what is wrong."""


class Cost(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What scrypt makes the key from a passphrase with."""

    salt: bytes
    n: Annotated[int, Meta(ge=2, le=1 << 20)] = COST
    r: Annotated[int, Meta(ge=1, le=16)] = BLOCK
    p: Annotated[int, Meta(ge=1, le=4)] = 1

    def key_from(self, passphrase: str) -> bytes:
        """The 32 bytes that a passphrase stands for. Raises ``WordsError`` where scrypt cannot take this cost."""
        try:
            scrypt = Scrypt(salt=self.salt, length=KEY_BYTES, n=self.n, r=self.r, p=self.p)
        except ValueError:
            raise WordsError("This file of words asks for a scrypt that there is not.") from None
        return scrypt.derive(passphrase.encode())


class WordsFile(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The file as it is written. Keys are wrapped: AES-256-GCM, a nonce before, bound to the ledger and to whose."""

    format: str
    ledger: str
    position: int
    """The ledger's, when it was written."""
    scrypt: Cost | None
    """Null: the key was given as it is."""
    ledger_key: bytes
    parties: dict[UUID, bytes]
    days: dict[date, bytes]


class DataKeys(Struct, frozen=True, kw_only=True):
    """The keys to a ledger's words, as they are."""

    ledger_key: bytes
    parties: Mapping[UUID, bytes]
    days: Mapping[date, bytes]


def require_strong(secret: bytes | str) -> None:
    """Raise ``WordsError`` for a passphrase that is too short."""
    if isinstance(secret, str) and len(secret) < PASSPHRASE_LENGTH:
        raise WordsError(f"A passphrase has {PASSPHRASE_LENGTH} characters at least: better several words.")


async def write_words(service: Service, ledger_id: str, secret: bytes | str) -> bytes:
    """The file with the keys to a ledger's words, under 32 bytes or a passphrase.

    Raises ``Refusal`` where there is no such ledger, ``WordsError`` where the passphrase is too short.
    """
    require_strong(secret)
    cost = Cost(salt=os.urandom(SALT_BYTES)) if isinstance(secret, str) else None
    wrapping, master = _wrapping(cost, secret), service.master_key

    def rewrap(subject: UUID | date, wrapped: bytes) -> bytes:
        return wrapping.wrap(ledger_id, subject, master.unwrap(ledger_id, subject, wrapped))

    async with open_snapshot(service, ledger_id) as snapshot:
        parties = {
            row["subject_id"]: rewrap(row["subject_id"], row["wrapped"])
            for row in await snapshot.fetch(load_sql("services/proof/sql/all_keys.sql"), ledger_id)
        }
        days = {
            row["day"]: rewrap(row["day"], row["wrapped"])
            for row in await snapshot.fetch(load_sql("services/proof/sql/all_day_keys.sql"), ledger_id)
        }
    file = WordsFile(
        format=FORMAT,
        ledger=ledger_id,
        position=snapshot.position,
        scrypt=cost,
        ledger_key=parties.pop(LEDGER),
        parties=parties,
        days=days,
    )
    return msgspec.json.format(msgspec.json.encode(file)) + b"\n"


def read_file(data: bytes) -> WordsFile:
    """The file, its keys still wrapped. Raises ``WordsError``."""
    try:
        file = msgspec.json.decode(data, type=WordsFile)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise WordsError("This is no file of words: 'requite export --words' writes one.") from None
    if file.format != FORMAT:
        raise WordsError(f"This file's format is not {FORMAT}: another version of Requite wrote it.")
    return file


def unlock(file: WordsFile, secret: bytes | str) -> DataKeys:
    """The keys of a file. Raises ``WordsError`` where the secret is not the one it was written under."""
    if isinstance(secret, str) != (file.scrypt is not None):
        raise WordsError(
            f"This file was written under {'a key' if file.scrypt is None else 'a passphrase'}: give that."
        )
    wrapping, ledger = _wrapping(file.scrypt, secret), file.ledger
    try:
        return DataKeys(
            ledger_key=wrapping.unwrap(ledger, LEDGER, file.ledger_key),
            parties={party: wrapping.unwrap(ledger, party, key) for party, key in file.parties.items()},
            days={day: wrapping.unwrap(ledger, day, key) for day, key in file.days.items()},
        )
    except WrongMasterKeyError:
        raise WordsError("The key or passphrase is not the one under which this file was written.") from None


def _wrapping(cost: Cost | None, secret: bytes | str) -> MasterKey:
    if isinstance(secret, bytes):
        return MasterKey(secret)
    assert cost is not None
    return MasterKey(cost.key_from(secret))
