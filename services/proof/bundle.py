"""A bundle: a whole ledger in one file, for whoever wants to check it at home (``verify.py``).

A ZIP archive with the events' canonical bytes, one a line; the hashes of the tree's leaves; the signed checkpoint; what
each witness signed last; the balances and the promises as they stood; and a manifest with the public keys. It holds no
key that opens a word.
"""

import zipfile
from collections.abc import AsyncIterator, Callable
from typing import IO

import msgspec
from msgspec import Struct

from domain import trust
from services.proof.builder import BrokenLogError
from services.proof.check import COLUMNS, TABLES, Check, encode_row
from services.proof.cosigned import read_cosigned
from services.proof.log import Connection, read_checkpoint, read_head
from services.proof.note import Note
from services.proof.tree import hash_leaf
from services.reading.snapshot import Snapshot, open_snapshot, sql
from services.service import Service

FORMAT = "requite-bundle/1"
WITNESSED = "witnessed.ndjson"
"""The member with the checkpoints that witnesses signed, each a JSON text."""
PAGE = 5_000
ORDER = {"balance": "giver, receiver, unit, kind", "promise": "promise_id"}
Progress = Callable[[int, int], None]
"""Told the position that was reached, and the last one."""


class Manifest(Struct, frozen=True, kw_only=True):
    """What a bundle says of itself."""

    format: str
    ledger: str
    size: int
    keys: tuple[str, ...]
    """The public keys by which the checkpoint is signed. To be compared with those that one has from elsewhere."""
    columns: dict[str, tuple[str, ...]] = {}
    """What the columns of the read models' rows are called, by their table."""
    formulas: dict[str, str]
    """The versions of the formulas, by what they answer."""


async def write_bundle(
    service: Service, ledger_id: str, file: IO[bytes], progress: Progress = lambda _position, _last: None
) -> Note:
    """Write a ledger as it is now; answers its checkpoint.

    Raises ``Refusal`` where there is no such ledger, ``BrokenLogError`` where the log is not the one that was hashed.
    """
    async with open_snapshot(service, ledger_id) as snapshot:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
            leaves, check = [], Check(ledger_id)
            head = await read_head(snapshot.connection, ledger_id)
            with archive.open("events.ndjson", "w", force_zip64=True) as events:
                async for state in _states(snapshot):
                    events.write(state + b"\n")
                    leaves.append(hash_leaf(state))
                    check.add(state)
                    if check.size == head.size and check.root() != head.root:
                        raise BrokenLogError("The events do not lead to the tree's root; run 'requite doctor'.")
                    if check.size % PAGE == 0 or check.size == snapshot.position:
                        progress(check.size, snapshot.position)
            archive.writestr("leaves", b"".join(leaves))
            for table in TABLES:
                with archive.open(f"{table}.ndjson", "w", force_zip64=True) as rows:
                    async for row in read_rows(snapshot.connection, ledger_id, table):
                        rows.write(row + b"\n")
            note = service.notary.sign(ledger_id, check.size, check.root())
            seen = await read_checkpoint(snapshot.connection, service.notary, ledger_id)
            note = seen if seen.text == note.text else note
            archive.writestr("checkpoint", str(note))
            cosigned = await read_cosigned(snapshot.connection, service.notary, ledger_id)
            archive.writestr(WITNESSED, msgspec.json.Encoder().encode_lines([one.note for one in cosigned]))
            archive.writestr("manifest.json", _manifest(service, ledger_id, check))
    return note


def _manifest(service: Service, ledger_id: str, check: Check) -> bytes:
    manifest = Manifest(
        format=FORMAT,
        ledger=ledger_id,
        size=check.size,
        keys=tuple(str(key) for key in service.notary.keys(ledger_id)),
        columns={table: COLUMNS[table] for table in TABLES},
        formulas={"trust": str(trust.VERSION)},
    )
    return msgspec.json.format(msgspec.json.encode(manifest))


async def _states(snapshot: Snapshot) -> AsyncIterator[bytes]:
    place = 0
    while rows := await snapshot.fetch(sql("events"), snapshot.ledger_id, place, PAGE):
        for row in rows:
            yield row["state"]
        place = rows[-1]["position"]


async def read_rows(connection: Connection, ledger_id: str, table: str) -> AsyncIterator[bytes]:
    """The rows of a read model's table, encoded as a bundle has them."""
    text = f"SELECT * FROM {table} WHERE ledger_id = $1 ORDER BY {ORDER[table]}"  # noqa: S608 - names of our own
    async for row in connection.cursor(text, ledger_id, prefetch=PAGE):
        yield encode_row(row.values())
