"""Whatever bytes a reader is given, it answers with readings that fit their commands, or with a clear error."""

import contextlib
import pathlib
import random
from typing import Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.catalogue import ACTS
from domain.command import Reference
from domain.party import RegisterParty
from services.imports.formats import FORMATS, Format, find_format, read_items
from services.imports.formats.reading import Deed, Found, Item, Person, Told, UnreadableFileError
from tests.services.imports.files import (
    GOOGLE_NEW,
    GOOGLE_OLD,
    INVITATIONS_2024,
    LINKEDIN_2018,
    LINKEDIN_2024,
    NOW,
    RECOMMENDATIONS,
    linkedin,
    monica,
    resource,
    table,
)

NOBODY = UUID(int=1)
PIECES = (
    b"\0",
    b"\r\n",
    b"\n",
    b'"',
    b",",
    b":",
    b";",
    b"=",
    b"=\n",
    b"BEGIN:",
    b"END:VCARD\n",
    b"\xff",
    b"\xef\xbb\xbf",
)
SAMPLES = (
    linkedin(LINKEDIN_2024, {"First Name": "Anna", "Connected On": "22 Nov 2020", "URL": "https://linkedin.com/in/a"}),
    linkedin(LINKEDIN_2018, {"First Name": "Anna", "Connected On": "11/22/20, 5:46 AM"}),
    table(INVITATIONS_2024, {"From": "A", "To": "B", "Sent At": "11/22/20, 5:46 AM", "Direction": "INCOMING"}),
    table(RECOMMENDATIONS, {"First Name": "Anna", "Text": "x", "Creation Date": "09/12/19, 05:24 PM"}),
    table(GOOGLE_NEW, {"First Name": "Anna", "E-mail 1 - Value": "a@example.org ::: b@example.org"}),
    table(GOOGLE_OLD, {"Name": "Anna", "Phone 1 - Value": "1 ::: 2"}),
    table(["Date", "D", "C", "Cost", "Cur", "A", "B"], ["2024-01-05", "x", "y", "3.00", "EUR", "1.50", "-1.50"]),
    table(["Date", "From", "To", "Post", "Quantity"], ["2024-01-05", "A (1)", "B (2)", "x", "1:30"]),
    b"17,member,23,member,5400,2024-01-05,x,\n",
    monica(
        [
            resource(
                "c-1",
                {
                    "debt": [resource("d-1", in_debt=True, amount="1.5", currency="EUR", status="complete")],
                    "task": [resource("t-1", title="x", completed=True)],
                },
                first_name="Anna",
            )
        ]
    ),
)


def check(item: Item) -> None:
    """A finding fits the commands that it is to become; anything else says why it is none."""
    if not isinstance(item, Found):
        assert item.reason
        assert item.place >= 1
        return
    if isinstance(item.what, Person):
        check_person(item.what)
        return
    assert isinstance(item.what, Deed)
    assert all(isinstance(part, str) for part in item.what.identity)
    for step in item.what.steps:
        for someone in step.parties.values():
            if isinstance(someone, Person):
                check_person(someone)
        fields: dict[str, Any] = {**step.fields, **dict.fromkeys(step.parties, NOBODY)}
        msgspec.convert({name: one for name, one in fields.items() if one is not None}, ACTS[step.act])


def check_person(person: Person) -> None:
    fields: dict[str, Any] = {"name": person.name, "references": person.references, "kind": person.kind}
    if person.note is not None:
        fields["note"] = person.note
    msgspec.convert(msgspec.to_builtins(fields), RegisterParty)
    msgspec.convert(msgspec.to_builtins(person.last_resort), Reference)


def check_file(kind: Format, content: bytes) -> None:
    """A file is read, or refused in words that fit in a line."""
    items: list[Item] = []
    with contextlib.suppress(UnreadableFileError):
        items = read_items(kind, content, Told(now=NOW, has_me=True))
    for item in items:
        check(item)


def mutated(content: bytes, randomness: random.Random) -> bytes:
    """A file with some of it changed, left out, doubled or put elsewhere."""
    changed = bytearray(content)
    for _ in range(randomness.randint(1, 8)):
        begin = randomness.randrange(len(changed) + 1)
        end = min(len(changed), begin + randomness.choice((0, 1, 2, 8, 64)))
        match randomness.randrange(4):
            case 0:
                changed[begin:end] = randomness.choice(PIECES)
            case 1:
                del changed[begin:end]
            case 2:
                changed[begin:begin] = changed[begin:end]
            case _:
                changed[begin:end] = randomness.randbytes(end - begin)
    return bytes(changed)


@pytest.mark.parametrize("kind", FORMATS, ids=lambda kind: kind.name)
@given(content=st.binary(max_size=400) | st.text(max_size=200).map(str.encode))
def test_bytes_at_random(kind: Format, content: bytes) -> None:
    check_file(kind, content)


@pytest.mark.parametrize("sample", SAMPLES)
@given(randomness=st.randoms(use_true_random=False))
@settings(max_examples=100)
def test_files_of_every_kind_with_changes(sample: bytes, randomness: random.Random) -> None:
    check_file(find_format(sample), mutated(sample, randomness))


@given(randomness=st.randoms(use_true_random=False), name=st.sampled_from(["vcards", "icalendar"]))
@settings(max_examples=300)
def test_real_files_with_changes(shared_data: pathlib.Path, randomness: random.Random, name: str) -> None:
    files = sorted(one for one in (shared_data / name).iterdir() if one.suffix in (".vcf", ".ics"))
    content = randomness.choice(files).read_bytes()
    check_file(find_format(content), mutated(content, randomness))


@given(content=st.binary(max_size=300))
def test_a_file_is_of_some_kind_or_none(content: bytes) -> None:
    with contextlib.suppress(UnreadableFileError):
        assert find_format(content) in FORMATS
