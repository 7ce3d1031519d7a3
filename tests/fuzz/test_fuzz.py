"""The short form of the fuzz, and what the long one has found. ``uv run python -m tests.fuzz`` is the long one."""

import contextlib
import pathlib

import pytest

from tests.fuzz.run import run
from tests.fuzz.targets import targets

FOUND = [
    ("as of", b"9" * 5000),
    ("events", b'{"ledger":"v\xff"}'),
    (
        "icalendar",
        b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nDTSTART;TZID=%s:20240601T180000\nEND:VEVENT\n" % (b"A" * 300),
    ),
    ("keys of backups", b'{"format":' + b"[" * 9000),
    ("lists of erasures", b'{"ledger":"v\xff"}\n'),
    ("mappings", b"act = " + b"9" * 5000),
    ("retry-after", b"Wed, 21 Oct 2026 07:28:99999999999999999999999 GMT"),
    ("words", b'{"format":' + b"[" * 9000),
]


def test_every_reader_reads_or_refuses_whatever_it_is_given() -> None:
    result = run(seed=7, inputs=15_000)
    assert (result.tracebacks, result.slow) == (0, 0), result.remarks
    assert result.refused > 5_000


@pytest.mark.parametrize(("name", "given"), FOUND, ids=[name for name, _ in FOUND])
def test_what_was_found(name: str, given: bytes, tmp_path: pathlib.Path) -> None:
    target = next(target for target in targets(tmp_path) if target.name == name)
    with contextlib.suppress(*target.refuses):
        target.read(given)
