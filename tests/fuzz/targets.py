"""The readers, what they are begun with, and what they may say."""

import json
import pathlib
import random
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from io import BytesIO
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from domain.catalogue import ACTS
from domain.event import Who
from domain.favour.commands import RecordFavour
from domain.refusal import Refusal
from services.access.tokens import parse_token
from services.backup.archive import BackupError, open_archive, read_erasures, read_keys, read_manifest
from services.client.attempts import retry_after_s
from services.http.batch import Batch
from services.http.bodies import decode as decode_body
from services.http.problems import ProblemError
from services.http.versions import versions_in
from services.imports.formats import FORMATS, find_format, read_items
from services.imports.formats.reading import Told, UnreadableFileError
from services.imports.lines import BadLineError, read_line
from services.imports.mapping import MappingError, RowReader, read_mapping
from services.imports.source import read_lines, read_rows
from services.ledger.decision import hash_key
from services.ledger.erasures import ErasureListError
from services.ledger.keyring import Keyring
from services.ledger.mapper import UnknownTopicError
from services.ledger.mapper import decode as decode_event
from services.ledger.order import Order
from services.operations.tracing import Trace
from services.proof.note import Note, NoteError, SignerKey, read_checkpoint, read_key, read_note, require_signed
from services.proof.tiles import read_path
from services.proof.verify import NoBundleError, verify
from services.proof.words import WordsError, read_file
from services.reading.as_of import parse_asked
from services.reading.pages import a_number, read_cursor
from services.reading.parties import parse_reference
from services.reading.question import BadQuestionError
from services.text import VISIBLE
from services.webhooks.addresses import parse_url
from tests.fuzz.mutate import changed_archive, made_up
from tests.fuzz.seeds import seed
from tests.services.imports.files import NOW
from tests.services.imports.test_format_fuzz import SAMPLES

GOLDEN = pathlib.Path(__file__).parents[1] / "services" / "golden"
KEYRING = Keyring("village", bytes(32))
ANNA, BEN = UUID(int=1), UUID(int=2)
"""As they stand in samples."""


class Target(Struct, frozen=True):
    """A reader: what it is given, how often beside others, and what it may raise."""

    name: str
    read: Callable[[bytes], object]
    make: Callable[[random.Random], bytes]
    refuses: tuple[type[Exception], ...]
    weight: float


def targets(folder: pathlib.Path) -> Iterator[Target]:
    """All of them; some read files, which lie in a folder."""
    yield from _of_requests()
    yield from _of_files(folder)
    yield from _of_archives()


def _target(
    name: str,
    read: Callable[[bytes], object],
    samples: Sequence[bytes],
    *refuses: type[Exception],
    weight: float = 100,
) -> Target:
    return Target(name, read, partial(made_up, samples=samples), refuses, weight)


def _of_text(read: Callable[[str], object]) -> Callable[[bytes], object]:
    """What HTTP hands on: bytes that are no UTF-8 are replaced."""
    return lambda given: read(given.decode(errors="replace"))


def _of_requests() -> Iterator[Target]:
    bodies = [_sample_of(command) for command in ACTS.values()]
    yield _target("bodies", _read_bodies, bodies, ProblemError)
    batch = json.dumps({"commands": [{"act": "favour.record", "body": json.loads(bodies[0])}], "atomic": True})
    yield _target("batches", partial(decode_body, kind=Batch), [batch.encode()], ProblemError)
    places = [f"{ANNA}~{2**62}".encode(), b"7", str(BEN).encode()]
    yield _target("cursors", _of_text(_read_cursors), places, BadQuestionError, weight=150)
    moments = [b"2024-06-01T18:00:00Z", b"17", b"17@2024-06-01T18:00:00+02:00", b"2024-06-01T18:00:00 02:00"]
    yield _target("as of", _of_text(_read_as_of), moments, BadQuestionError)
    yield _target("references", _of_text(parse_reference), [b"crm:4711"], BadQuestionError)
    yield _target("access keys", _of_text(parse_token), [b"rq_5u57qeezwtyka_" + b"A" * 43], weight=150)
    yield _target("idempotency keys", _of_text(_read_idempotency_key), [b"order-4711"], msgspec.ValidationError)
    yield _target("if-match", _of_text(versions_in), [b'"v7", W/"v8"', b"*"], ProblemError)
    yield _target("retry-after", _of_text(partial(retry_after_s, now=NOW)), [b"7", b"Wed, 21 Oct 2026 07:28:00 GMT"])
    parent = b"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    yield _target("traces", _of_text(Trace), [parent])
    addresses = [b"https://example.org:8443/hook?a=b", b"http://[::1]:80/", b"https://xn--mnchen-3ya.de/"]
    yield _target("webhook addresses", _of_text(partial(parse_url, allow_private=False)), addresses, Refusal, weight=30)


def _sample_of(command: type[Any]) -> bytes:
    """A body of a command, as far as its required fields go."""
    body: dict[str, object] = {"by": str(ANNA), "occurred_at": "2024-06-01T18:00:00Z"}
    for field in msgspec.structs.fields(command):
        if field.required:
            body[field.encode_name] = str(BEN) if field.type is UUID else "Lent the ladder"
    return json.dumps(body).encode()


def _read_bodies(given: bytes) -> None:
    kinds = list(ACTS.values())
    decode_body(given, kinds[len(given) % len(kinds)])


def _read_cursors(given: str) -> None:
    kinds: tuple[Callable[[str], Any], ...] = (UUID, a_number) if "~" in given else (a_number,)
    read_cursor(given, *kinds)


def _read_as_of(given: str) -> None:
    parse_asked(given, "recorded" if len(given) % 2 else "occurred")


def _read_idempotency_key(given: str) -> None:
    favour, who = RecordFavour(giver=ANNA, receiver=BEN), Who("recorder", "k")
    key = msgspec.convert(given, Annotated[str, Meta(min_length=1, max_length=200, pattern=VISIBLE)])
    hash_key(
        KEYRING,
        Order(ledger_id="village", command=favour, who=who, stream=ANNA, idempotency_key=key),
    )


def _of_files(folder: pathlib.Path) -> Iterator[Target]:
    line = json.dumps({"act": "promise.make", "id": str(ANNA), "body": PROMISE})
    yield _target("command lines", read_line, [line.encode()], BadLineError)
    file = folder / "lines.ndjson"
    yield _target("files of lines", partial(_read_lines, file), [line.encode() + b"\n\n" + line.encode()], weight=4)
    yield _target("mappings", partial(_read_mapping, folder / "mapping.toml"), [MAPPING], MappingError, weight=8)
    (folder / "rows.toml").write_bytes(MAPPING)
    rows = partial(_read_rows, read_mapping(folder / "rows.toml"), folder / "rows.csv")
    yield _target("rows", rows, [b"giver,receiver,hours,day\n1,2,15,2024-01-05\n3,4,,\n"], MappingError, weight=8)
    for kind in FORMATS:
        samples = [*SAMPLES, *MORE_SAMPLES]
        fit = [one for one in samples if kind.recognise(one)] or samples
        read = partial(_read_items, kind.name)
        yield _target(kind.name, read, fit, UnreadableFileError, weight=12)
    yield _target("some kind of file", _find_format, [*SAMPLES, *MORE_SAMPLES], UnreadableFileError, weight=12)
    events = [path.read_bytes() for path in sorted(GOLDEN.glob("*.stored"))]
    yield _target("events", decode_event, events, UnknownTopicError, msgspec.MsgspecError)


PROMISE = {"promisor": str(ANNA), "promisee": str(BEN), "what": "Bring it back"}
MAPPING = b"""act = "favour.record"
delimiter = ","
[fields]
giver = "giver"
receiver = "receiver"
quantity = { column = "hours", format = "text" }
topic = { value = "tools" }
occurred_at = { column = "day", format = "date" }
[when]
hours = ["15", "2", ""]
"""
MORE_SAMPLES = (
    b"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Anna\r\nN:Abel;Anna;;;\r\nBDAY:1980-02-29\r\nNOTE:x\\, y\r\nEND:VCARD\r\n",
    b"BEGIN:VCARD\nVERSION:4.0\nFN;CHARSET=utf-8:=C3=84nna\nKIND:org\nORG:Library\nREV:20240601T180000Z\nEND:VCARD\n",
    b"BEGIN:VCARD\nVERSION:2.1\nN;ENCODING=QUOTED-PRINTABLE:=41bel;Anna\nEND:VCARD\n",
    b"""BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//x//EN
BEGIN:VEVENT
UID:1
DTSTART;TZID=Europe/Berlin:20240601T180000
DTEND:20240601T190000Z
RRULE:FREQ=WEEKLY;COUNT=3
SUMMARY:x
ATTENDEE;CN=Ben:mailto:b@example.org
END:VEVENT
END:VCALENDAR
""",
)


def _read_lines(file: pathlib.Path, given: bytes) -> None:
    file.write_bytes(given)
    for _ in read_lines(file):
        pass


def _read_mapping(file: pathlib.Path, given: bytes) -> None:
    file.write_bytes(given)
    RowReader(read_mapping(file), ("giver", "receiver", "hours", "day"))


def _read_rows(mapping: Any, file: pathlib.Path, given: bytes) -> None:
    file.write_bytes(given)
    header, rows = read_rows(file, mapping)
    reader = RowReader(mapping, header)
    for row in rows:
        with suppress(ValueError):
            if row.fault is None and (read := reader.read(row.cells)) is not None:
                reader.check(read)


def _read_items(name: str, given: bytes) -> None:
    read_items(find_format(given, name), given, Told(now=NOW, has_me=True))


def _find_format(given: bytes) -> None:
    read_items(find_format(given), given, Told(now=NOW, has_me=False))


def _of_archives() -> Iterator[Target]:
    log = SignerKey("village", bytes(range(32)))
    text = "village\n7\n" + "A" * 43 + "=\n"
    signature = log.sign(text)
    note = str(Note(text, (signature,))).encode()
    yield _target(
        "notes", _of_text(partial(_read_note, log)), [note, checkpoint_of(seed("bundle.requite"))], NoteError, weight=60
    )
    yield _target("keys of logs", _of_text(read_key), [str(log.verifier).encode()], NoteError)
    yield _target("tiles", _of_text(read_path), [b"0/x001/234.p/17", b"3/000"])
    yield _target("words", read_file, [seed("words.json")], WordsError, weight=60)
    bundle, backup = seed("bundle.requite"), seed("backup.zip")
    yield Target("bundles", _verify, partial(changed_archive, sample=bundle), (NoBundleError,), weight=2)
    yield Target("backups", _read_backup, partial(changed_archive, sample=backup), (BackupError,), weight=6)
    yield _target("keys of backups", _read_keys, [seed("backup.keys")], BackupError, weight=60)
    for name, sample in (("bundle", bundle), ("backup", backup)):
        make = partial(changed_archive, sample=sample)
        yield Target(f"erasures of a {name}", _read_erasures, make, (ErasureListError,), weight=3)
    erased = b'{"ledger":"village","party":"%s","erased_at":"2024-06-01T18:00:00Z"}\n' % str(ANNA).encode()
    yield _target("lists of erasures", _read_erasures, [erased], ErasureListError, weight=60)


def _read_note(log: SignerKey, given: str) -> None:
    note = read_note(given)
    read_checkpoint(note)
    require_signed(note, [log.verifier])


def _verify(given: bytes) -> None:
    verify(BytesIO(given))


def _read_backup(given: bytes) -> None:
    with open_archive(BytesIO(given), "backup.zip") as archive:
        read_manifest(archive, "backup.zip")
        for name in archive.namelist():
            archive.read(name)


def _read_keys(given: bytes) -> None:
    read_keys(BytesIO(given), "backup.keys")


def _read_erasures(given: bytes) -> None:
    read_erasures(BytesIO(given), "erasures")


def checkpoint_of(bundle: bytes) -> bytes:
    """The note in a bundle."""
    with zipfile.ZipFile(BytesIO(bundle)) as archive:
        return archive.read("checkpoint")
