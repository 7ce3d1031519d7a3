"""Inputs from a seed: at random, and what readers know with some of it changed."""

import random
import zipfile
from collections.abc import Sequence
from io import BytesIO

PIECES = (
    b"\0",
    b"\r\n",
    b"\n",
    b"\n\n",
    b'"',
    b"'",
    b",",
    b":",
    b";",
    b"=",
    b"+",
    b"-",
    b"~",
    b"%",
    b"\\",
    b"\\u0000",
    b"\\ud800",
    b"\xff",
    b"\xef\xbb\xbf",
    b"\xed\xa0\x80",
    "é😀\u202e\u0660".encode(),
    b"null",
    b"true",
    b"NaN",
    b"1e999",
    b"-0",
    b"9" * 25,
    b"9" * 5000,
    b"9999-12-31T23:59:59.999999-23:59",
    b"0001-01-01T00:00:00+23:59",
    b"00000000-0000-0000-0000-000000000000",
    b"A" * 300,
    b"[" * 3000,
    b'{"a":' * 3000,
    b"BEGIN:VCARD\n",
    b"END:VCARD\n",
    b"BEGIN:VEVENT\n",
    b"RRULE:FREQ=SECONDLY;COUNT=999999999\n",
)
WINDOWS = (0, 1, 2, 8, 64)
RANDOM_BYTES_MAX = 120


def made_up(chance: random.Random, samples: Sequence[bytes]) -> bytes:
    """An input: most often one that a reader knows, changed; now and then bytes at random, or one as it is."""
    if not samples or chance.random() < 0.1:
        return chance.randbytes(chance.randrange(RANDOM_BYTES_MAX))
    sample = chance.choice(samples)
    return sample if chance.random() < 0.02 else changed(chance, sample, samples)


def changed(chance: random.Random, sample: bytes, samples: Sequence[bytes]) -> bytes:
    """A sample with some of it overwritten, left out, doubled, or mixed with another."""
    content = bytearray(sample)
    for _ in range(chance.randint(1, 5)):
        begin = chance.randrange(len(content) + 1)
        end = min(len(content), begin + chance.choice(WINDOWS))
        match chance.randrange(6):
            case 0:
                content[begin:end] = chance.choice(PIECES)
            case 1:
                del content[begin:end]
            case 2:
                content[begin:begin] = content[begin:end] * chance.choice((1, 2, 50))
            case 3:
                content[begin:end] = chance.randbytes(end - begin)
            case 4 if begin < len(content):
                content[begin] ^= 1 << chance.randrange(8)
            case _:
                other = chance.choice(samples)
                at = chance.randrange(len(other) + 1)
                content[begin:end] = other[at : at + chance.choice(WINDOWS)]
    return bytes(content)


def changed_archive(chance: random.Random, sample: bytes) -> bytes:
    """An archive with one member changed, renamed or left out; now and then with its own bytes changed."""
    if chance.random() < 0.3:
        return changed(chance, sample, [sample])
    with zipfile.ZipFile(BytesIO(sample)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    name = chance.choice(sorted(members))
    match chance.randrange(8):
        case 0:
            del members[name]
        case 1:
            members[chance.choice(sorted(members))] = members[name]
        case _:
            members[name] = changed(chance, members[name], list(members.values()))
    made = BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for one, content in members.items():
            archive.writestr(one, content)
    return made.getvalue()
