"""The keys of one ledger: words are sealed under the keys of those they are about, and of the day they were written.

AES-256-GCM (NIST SP 800-38D) with a random nonce. Words about two parties are sealed under a key made of both of
theirs, so that destroying either makes the words unreadable; so does destroying the day's, which is in the making of
all words but lasting ones (``Event.LASTING``). Data keys are stored wrapped by the master key.
"""

import functools
import hashlib
import hmac
import os
from datetime import UTC, date, datetime
from uuid import UUID

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from domain.command import Reference

LEDGER = UUID(int=0)
"""The subject of words that are about no party: the ledger itself."""

KEY_BYTES = 32
NONCE_BYTES = 12
HASH_BYTES = 16
VERSION_AND_VARIANT = 0xF << 76 | 0x3 << 62
UUID_8 = 0x8 << 76 | 0x2 << 62
"""The bits that make a UUID one of version 8, our own (RFC 9562, section 5.8)."""
CIPHERS_KEPT = 50_000

_encode = msgspec.json.Encoder().encode


class WrongMasterKeyError(RuntimeError):
    """The stored data keys were wrapped by another master key."""


def new_key() -> bytes:
    """A fresh data key."""
    return os.urandom(KEY_BYTES)


class MasterKey:
    """Wraps and unwraps data keys."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)
        self._derive = functools.partial(hmac.digest, key, digest="sha256")

    def derive(self, purpose: str) -> bytes:
        """32 bytes for a purpose that has nothing to do with data keys; they tell nothing of the master key."""
        return self._derive(b"requite " + purpose.encode())

    def wrap(self, ledger_id: str, subject: UUID | date, key: bytes) -> bytes:
        """The data key as it may be stored: readable only with the master key, and only for this subject or day."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, key, _place(ledger_id, subject))

    def unwrap(self, ledger_id: str, subject: UUID | date, wrapped: bytes) -> bytes:
        """The data key of a stored one. Raises ``WrongMasterKeyError``."""
        try:
            return self._cipher.decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], _place(ledger_id, subject))
        except InvalidTag:
            raise WrongMasterKeyError(
                f"The keys of ledger {ledger_id} were wrapped by another master key than the one in use."
            ) from None


def _place(ledger_id: str, subject: UUID | date) -> bytes:
    name = subject.bytes if isinstance(subject, UUID) else f"day {subject}".encode()  # 16 bytes or 14: never the same
    return ledger_id.encode() + b"\0" + name


def day_of(recorded_at: datetime) -> date:
    """The day whose key seals what was recorded then."""
    in_utc = recorded_at if recorded_at.tzinfo is UTC else recorded_at.astimezone(UTC)  # converting takes longest
    return in_utc.date()


class Keyring:
    """The unwrapped keys of a ledger, as far as they were loaded; ``keys`` also tells which parties are registered."""

    def __init__(self, ledger_id: str, ledger_key: bytes) -> None:
        self.ledger_id = ledger_id
        self.keys: dict[UUID, bytes] = {}
        self.day_keys: dict[date, bytes] = {}
        self._ledger_key = ledger_key
        hash_key = hashlib.sha256(b"requite hash\0" + ledger_key).digest()
        self._keyed = hashlib.blake2b(key=hash_key, digest_size=HASH_BYTES)
        self._ciphers: dict[tuple[int, ...], AESGCM] = {}
        self._place = ledger_id.encode() + b"\0"

    def forget(self, subject: UUID) -> None:
        """Take a subject's key off the ring, and whatever was made with it."""
        self.keys.pop(subject, None)
        self._ciphers.clear()

    def begin_day(self, day: date, key: bytes) -> None:
        """Seal under this day's key from now on; what was sealed on days before is no longer opened by this ring."""
        self.day_keys = {day: key}
        self._ciphers.clear()

    def seal(
        self, subjects: tuple[UUID, ...], day: date | None, stream: UUID, version: int, words: dict[str, object]
    ) -> bytes:
        """Seal words under the keys of all subjects and of a day, bound to their place; lasting words are of no day.

        Raises ``KeyError`` for a missing key.
        """
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._cipher(subjects, day).encrypt(nonce, _encode(words), self._bind(stream, version))

    def open(
        self, subjects: tuple[UUID, ...], day: date | None, stream: UUID, version: int, sealed: bytes
    ) -> dict[str, object] | None:
        """The words, or ``None`` where one of their keys is gone, or is another one than they were sealed under.

        The latter is so where a ledger was restored without its words, and where bytes were changed, which the tree
        tells.
        """
        try:
            cipher = self._cipher(subjects, day)
        except KeyError:
            return None
        try:
            opened = cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], self._bind(stream, version))
        except InvalidTag:
            return None
        return msgspec.json.decode(opened, type=dict[str, object])

    def hash(self, data: bytes) -> bytes:
        """A keyed hash (BLAKE2b, RFC 7693): equal data gives equal hashes in this ledger, and tells nothing outside."""
        keyed = self._keyed.copy()  # cheaper than setting the key up anew
        keyed.update(data)
        return keyed.digest()

    def hash_reference(self, reference: Reference) -> bytes:
        """The hash by which an external reference is found; a source holds no zero byte, so none is ambiguous."""
        return self.hash(b"reference\0%b\0%b" % (reference.source.encode(), reference.id.encode()))

    def derive_id(self, *names: str) -> UUID:
        """A stream id that follows from names given by a file: the same names lead to the same stream."""
        framed = b"".join([len(name).to_bytes(4, "big") + name for name in (part.encode() for part in names)])
        number = int.from_bytes(self.hash(b"stream\0" + framed), "big")
        return UUID(int=number & ~VERSION_AND_VARIANT | UUID_8)

    def _bind(self, stream: UUID, version: int) -> bytes:
        """The place of sealed words: moved anywhere else, they do not open."""
        return self._place + (stream.int << 64 | version).to_bytes(24, "big")

    def _cipher(self, subjects: tuple[UUID, ...], day: date | None) -> AESGCM:
        # ints hash faster than UUIDs
        group = (0 if day is None else day.toordinal(), *[subject.int for subject in subjects])
        cipher = self._ciphers.get(group)
        if cipher is None:
            if len(self._ciphers) >= CIPHERS_KEPT:
                self._ciphers.clear()
            material = [self.keys[subject] for subject in sorted(subjects)] if subjects else [self._ledger_key]
            if day is not None:
                material.append(self.day_keys[day])
            cipher = AESGCM(hmac.digest(b"requite words", b"".join(material), "sha256"))
            self._ciphers[group] = cipher
        return cipher
