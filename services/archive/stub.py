"""What stands in a row in the place of bytes that were put away. ``sql/put_away.sql`` writes it."""

import re

import msgspec
from msgspec import Struct

PREFIX = b"\0archived "
"""No event's bytes begin so: they are JSON."""
FILE = re.compile(r"[a-z0-9-]{1,100}/[0-9]{15}-[0-9a-f]{16}\.parquet")
"""A file's name in the archive: the ledger, the position of its first event, and the beginning of the file's SHA-256.

So no file ever takes another's place, whoever shares the folder: one that is there has the same bytes.
"""


class ArchiveError(RuntimeError):
    """Bytes that were put away cannot be had, or none can be put away. The message says why, and what to do."""


class Stub(Struct, frozen=True):
    """Where the bytes of an event are."""

    file: str
    position: int
    sealed: bool = False
    """Whether there are words in them, which counting them in SQL asks: the name is the one that the bytes have."""


_decode = msgspec.json.Decoder(Stub).decode


def read_stub(value: bytes) -> Stub:
    """What a stub says. Raises ``ArchiveError`` where it is none of ours."""
    try:
        stub = _decode(value.removeprefix(PREFIX))
    except msgspec.DecodeError:
        raise ArchiveError("A row says that its bytes were put away, but not where.") from None
    if FILE.fullmatch(stub.file) is None:
        raise ArchiveError("A row says that its bytes were put away in a file whose name is none of the archive's.")
    return stub


def file_name(ledger_id: str, first: int, sha256: str) -> str:
    """The file with a ledger's events from a position on."""
    return f"{ledger_id}/{first:015}-{sha256[:16]}.parquet"


def first_of(file: str) -> int:
    """The position of a file's first event."""
    return int(file.rpartition("/")[2].partition("-")[0])
