"""Bundles: what is exported checks out at home, and whatever was changed is named with its place."""

import io
import pathlib
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from services.proof.builder import BrokenLogError
from services.proof.bundle import write_bundle
from services.proof.check import COLUMNS
from services.proof.cosigned import keep_cosignatures
from services.proof.log import read_checkpoint as read_latest
from services.proof.notary import Notary
from services.proof.note import (
    COSIGNATURE,
    Checkpoint,
    Note,
    SignerKey,
    VerifierKey,
    read_checkpoint,
    read_note,
)
from services.proof.verify import NoBundleError, Seen, Verdict, verify
from services.service import Service
from tests.services.conftest import LEDGER, WITNESS, Desk, as_owner

pytestmark = pytest.mark.anyio
Members = dict[str, bytes]
SCRIPT = pathlib.Path(__file__).parents[3] / "docs" / "check_proof.py"


async def export(service: Service) -> tuple[Members, list[VerifierKey]]:
    file = io.BytesIO()
    note = await write_bundle(service, LEDGER, file)
    with zipfile.ZipFile(file) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    assert members["checkpoint"].decode() == str(note)
    return members, service.notary.keys(LEDGER)


def packed(members: Members) -> io.BytesIO:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return file


def wheres(verdict: Verdict) -> list[str]:
    return [finding.where for finding in verdict.findings]


async def test_what_is_exported_checks_out(told: Service) -> None:
    members, keys = await export(told)
    reached: list[tuple[int, int]] = []
    verdict = verify(packed(members), keys, progress=lambda done, last: reached.append((done, last)))
    assert verdict.findings == ()
    assert (verdict.ledger, verdict.size) == (LEDGER, reached[-1][0])
    assert (verdict.signed_by, verdict.trusts_itself) == ((keys[0].name,), False)
    assert verify(packed(members)).trusts_itself
    assert b"Anna" not in b"".join(members.values())


async def test_it_checks_out_against_every_older_checkpoint(told: Service, desk: Desk) -> None:
    before, _ = await export(told)
    old = read_checkpoint(read_note(before["checkpoint"].decode()))
    await desk.register("Dora")
    members, keys = await export(told)
    assert verify(packed(members), keys, [old]).findings == ()
    forged = Checkpoint(old.origin, old.size, bytes(32))
    assert wheres(verify(packed(members), keys, [forged])) == [f"the old checkpoint of {old.size}"]
    later = read_checkpoint(read_note(members["checkpoint"].decode()))
    assert wheres(verify(packed(before), keys, [later])) == [f"the old checkpoint of {later.size}"]


def change(name: str, edit: Callable[[list[bytes]], list[bytes]]) -> Callable[[Members], Members]:
    def changed(members: Members) -> Members:
        lines = members[name].split(b"\n")[:-1]
        return {**members, name: b"".join(line + b"\n" for line in edit(lines))}

    return changed


CHANGES: dict[str, tuple[Callable[[Members], Members], str]] = {
    "a byte of an event": (
        change("events.ndjson", lambda lines: [*lines[:7], lines[7].replace(b"2", b"3", 1), *lines[8:]]),
        "position 8",
    ),
    "an event dropped": (change("events.ndjson", lambda lines: [*lines[:5], *lines[6:]]), "position 6"),
    "the last event dropped": (change("events.ndjson", lambda lines: lines[:-1]), "the checkpoint"),
    "two events swapped": (
        change("events.ndjson", lambda lines: [*lines[:4], lines[5], lines[4], *lines[6:]]),
        "position 5",
    ),
    "an event added": (change("events.ndjson", lambda lines: [*lines, lines[-1]]), "the checkpoint"),
    "no event at all": (change("events.ndjson", lambda lines: [*lines[:3], b"{}", *lines[4:]]), "position 4"),
    "a balance changed": (
        change("balance.ndjson", lambda lines: [lines[0].replace(b",1,", b",2,", 1), *lines[1:]]),
        "table balance",
    ),
    "a balance dropped": (change("balance.ndjson", lambda lines: lines[1:]), "table balance"),
    "a promise changed": (
        change("promise.ndjson", lambda lines: [line.replace(b"partly_kept", b"kept") for line in lines]),
        "table promise",
    ),
    "a promise added": (
        change("promise.ndjson", lambda lines: [*lines, lines[0].replace(b"01", b"02", 9)]),
        "table promise",
    ),
    "a row that is none": (change("promise.ndjson", lambda lines: [*lines, b"nothing"]), "table promise"),
    "a leaf changed": (lambda members: {**members, "leaves": bytes(32) + members["leaves"][32:]}, "position 1"),
    "the checkpoint's size changed": (
        lambda members: {**members, "checkpoint": members["checkpoint"].replace(b"\n2", b"\n3", 1)},
        "the checkpoint",
    ),
}


@pytest.mark.parametrize("name", CHANGES)
async def test_a_change_is_named_with_its_place(told: Service, name: str) -> None:
    edit, where = CHANGES[name]
    members, keys = await export(told)
    changed = edit(members)
    assert changed != members
    verdict = verify(packed(changed), keys)
    assert any(found.startswith(where) for found in wheres(verdict)), verdict.findings


async def test_a_bundle_signed_with_another_key_is_told(told: Service) -> None:
    members, keys = await export(told)
    checkpoint = read_checkpoint(read_note(members["checkpoint"].decode()))
    other = Notary([bytes(32)])
    forged = {**members, "checkpoint": str(other.sign(LEDGER, checkpoint.size, checkpoint.root)).encode()}
    verdict = verify(packed(forged), keys)
    assert (verdict.signed_by, wheres(verdict)) == ((), ["the checkpoint"])


async def test_a_witness_counts_among_those_who_signed(told: Service) -> None:
    members, keys = await export(told)
    note = read_note(members["checkpoint"].decode())
    witness = SignerKey("witness.example", bytes(32), COSIGNATURE)
    seen = Note(note.text, (*note.signatures, witness.sign(note.text, 1)))
    verdict = verify(packed({**members, "checkpoint": str(seen).encode()}), [*keys, witness.verifier])
    assert verdict.signed_by == (keys[0].name, "witness.example")


async def cosigned(service: Service, witness: SignerKey, time: int) -> None:
    async with service.pool.acquire() as connection:
        note = await read_latest(connection, service.notary, LEDGER)
        sent = Note(note.text, (witness.sign(note.text, time),))
        await keep_cosignatures(connection, service.notary, LEDGER, str(sent))


async def test_what_a_witness_saw_goes_along(told: Service, desk: Desk) -> None:
    await cosigned(told, WITNESS, 86_400)
    seen, _ = await export(told)
    await desk.register("Dora")
    members, keys = await export(told)
    size = read_checkpoint(read_note(seen["checkpoint"].decode())).size
    for found in (seen, members):
        verdict = verify(packed(found), keys, witnesses=[WITNESS.verifier])
        assert verdict.findings == ()
        assert verdict.seen == (Seen(witness="witness.example", size=size, at=datetime(1970, 1, 2, tzinfo=UTC)),)
    nobody = SignerKey("nobody.example", bytes(32), COSIGNATURE)
    verdict = verify(packed(members), keys, witnesses=[WITNESS.verifier, nobody.verifier])
    assert wheres(verdict) == ["the witness nobody.example"]
    del members["witnessed.ndjson"]
    assert wheres(verify(packed(members), keys, witnesses=[WITNESS.verifier])) == ["the witness witness.example"]


async def test_what_a_witness_saw_otherwise_is_named(told: Service) -> None:
    members, keys = await export(told)
    size = read_checkpoint(read_note(members["checkpoint"].decode())).size
    origin = told.notary.origin(LEDGER)
    signed = WITNESS.sign(str(Checkpoint(origin, 3, bytes(32))), 1)
    for note, where in (
        (Note(str(Checkpoint(origin, 3, bytes(32))), (signed,)), "the old checkpoint of 3"),
        (Note(str(Checkpoint(origin, size + 1, bytes(32))), (signed,)), "the witness witness.example"),
    ):
        forged = {**members, "witnessed.ndjson": msgspec.json.encode(str(note)) + b"\n"}
        assert wheres(verify(packed(forged), keys, witnesses=[WITNESS.verifier])) == [where]
    later = str(Checkpoint(origin, size + 1, bytes(32)))
    forged = {**members, "witnessed.ndjson": msgspec.json.encode(str(Note(later, (WITNESS.sign(later, 1),)))) + b"\n"}
    assert wheres(verify(packed(forged), keys, witnesses=[WITNESS.verifier])) == [f"the old checkpoint of {size + 1}"]
    elsewhere = str(Checkpoint("elsewhere", 3, bytes(32)))
    forged["witnessed.ndjson"] = msgspec.json.encode(str(Note(elsewhere, (WITNESS.sign(elsewhere, 1),)))) + b"\n"
    assert wheres(verify(packed(forged), keys, witnesses=[WITNESS.verifier])) == ["the witness witness.example"]


@pytest.mark.parametrize("missing", ["manifest.json", "checkpoint", "leaves", "events.ndjson", "balance.ndjson"])
async def test_a_bundle_with_a_part_missing_is_none(told: Service, missing: str) -> None:
    members, keys = await export(told)
    del members[missing]
    with pytest.raises(NoBundleError):
        verify(packed(members), keys)


@pytest.mark.parametrize("data", [b"", b"nothing", b"PK\x03\x04" + bytes(60)])
async def test_what_is_no_bundle_is_told(data: bytes) -> None:
    with pytest.raises(NoBundleError):
        verify(io.BytesIO(data))


async def test_of_another_version(told: Service) -> None:
    members, keys = await export(told)
    members["manifest.json"] = members["manifest.json"].replace(b"bundle/1", b"bundle/9")
    with pytest.raises(NoBundleError, match="another version"):
        verify(packed(members), keys)


async def test_nothing_is_vouched_for_that_is_not_what_was_hashed(told: Service) -> None:
    await as_owner(told, "UPDATE event SET state = state || ' ' WHERE ledger_id = $1 AND position = 3", LEDGER)
    with pytest.raises(BrokenLogError, match="doctor"):
        await write_bundle(told, LEDGER, io.BytesIO())


async def test_a_script_that_needs_nothing_of_ours_checks_it_too(
    told: Service, desk: Desk, tmp_path: pathlib.Path
) -> None:
    old, _ = await export(told)
    await desk.register("Dora")
    members, keys = await export(told)
    checkpoint, forged = tmp_path / "checkpoint", tmp_path / "forged"
    checkpoint.write_bytes(old["checkpoint"])
    size = read_checkpoint(read_note(old["checkpoint"].decode())).size
    forged.write_text(str(told.notary.sign(LEDGER, size, bytes(32))))

    def check(changed: Members, *files: pathlib.Path, key: object = keys[0]) -> subprocess.CompletedProcess[str]:
        path = tmp_path / "village.requite"
        path.write_bytes(packed(changed).getvalue())
        command = [sys.executable, "-I", *map(str, (SCRIPT, path, key, *files))]
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)

    done = check(members, checkpoint)
    assert (done.returncode, done.stdout) == (
        0,
        (
            f"The {size + 1} events are those that were signed."
            f" Nothing of the first {size} was changed since the older checkpoint.\n"
        ),
    ), done
    for edit, _ in list(CHANGES.values())[:5]:
        assert "are not the" in check(edit(members)).stderr
    for changed, files, key, reason in (
        (members, (forged,), keys[0], f"first {size} events are not those of the older checkpoint"),
        (old, (tmp_path / "later",), keys[0], "first"),
        (members, (), Notary([bytes(32)]).keys(LEDGER)[0], "not signed by this key"),
    ):
        (tmp_path / "later").write_bytes(members["checkpoint"])
        wrong = check(changed, *files, key=key)
        assert (wrong.returncode, reason in wrong.stderr) == (1, True), wrong


def rewrite(members: Members, table: str, columns: list[str], edit: Callable[[list[Any]], list[Any]]) -> Members:
    """A bundle as another version of the read model would have written it."""
    manifest = msgspec.json.decode(members["manifest.json"])
    manifest["columns"][table] = columns
    rows = [edit(msgspec.json.decode(line)) for line in members[f"{table}.ndjson"].splitlines()]
    lines = b"".join(msgspec.json.encode(row) + b"\n" for row in rows)
    return {**members, "manifest.json": msgspec.json.encode(manifest), f"{table}.ndjson": lines}


async def test_a_bundle_of_another_version_is_compared_as_far_as_both_know(told: Service) -> None:
    members, keys = await export(told)
    for table, columns in COLUMNS.items():
        turned = rewrite(members, table, [*columns[::-1], "mood"], lambda row: [*row[::-1], "glad"])
        assert verify(packed(turned), keys).findings == ()
        fewer = rewrite(members, table, [*columns[:-1]], lambda row: row[:-1])
        assert verify(packed(fewer), keys).findings == ()
        wrong = rewrite(members, table, [*columns[:-1]], lambda row: [*row[:-2], 77])
        assert wheres(verify(packed(wrong), keys))[0].startswith(f"table {table}, row ")
        short = rewrite(members, table, [*columns], lambda row: row[:-1])
        assert f"table {table}" in wheres(verify(packed(short), keys))
        strange = rewrite(members, table, ["mood", *columns[1:]], lambda row: row)
        assert wheres(verify(packed(strange), keys)) == [f"table {table}"]


@pytest.mark.parametrize("table", COLUMNS)
async def test_columns_are_called_as_in_the_database(told: Service, table: str) -> None:
    rows = await told.pool.fetch(
        "SELECT column_name FROM information_schema.columns WHERE table_name = $1 ORDER BY ordinal_position", table
    )
    named = {"counted": "count"}  # the field that a tuple may not have
    assert [row["column_name"] for row in rows] == [named.get(name, name) for name in COLUMNS[table]]


@pytest.mark.skipif(shutil.which("sha256sum") is None, reason="the machine has no sha256sum")
async def test_an_event_is_hashed_by_hand_as_the_docs_say(told: Service, tmp_path: pathlib.Path) -> None:
    members, _ = await export(told)
    (tmp_path / "village.requite").write_bytes(packed(members).getvalue())
    text = SCRIPT.with_name("proof.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
    commands = block.replace("python ", f"{sys.executable} ")
    hashed, kept = run_commands(commands, tmp_path).splitlines()
    assert hashed.split()[0] == kept == members["leaves"][6 * 32 : 7 * 32].hex()


def run_commands(commands: str, folder: pathlib.Path) -> str:
    return subprocess.run(
        ["bash", "-ec", commands], cwd=folder, capture_output=True, text=True, check=True, timeout=60
    ).stdout
