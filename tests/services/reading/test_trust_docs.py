"""docs/trust.md does its sums right."""

import pathlib
import re
from datetime import UTC, datetime

import pytest

from domain.trust import VERSION, Evidence, form_opinion
from services.reading.interval import interval_of

DOCUMENT = pathlib.Path(__file__).resolve().parents[3] / "docs" / "trust.md"
ROW = re.compile(r"^\|((?: [\d.]+ \|){9})$", re.MULTILINE)
MOMENT = datetime(2024, 1, 1, tzinfo=UTC)


def test_every_row_of_its_table() -> None:
    rows = [[float(cell) for cell in row.split("|")[:-1]] for row in ROW.findall(DOCUMENT.read_text(encoding="utf-8"))]
    assert len(rows) >= 5
    for r, s, base_rate, *told in rows:
        opinion = form_opinion([Evidence(r, s, MOMENT)], MOMENT, half_life_days=365, base_rate=base_rate)
        figures = [opinion.expected, opinion.belief, opinion.disbelief, opinion.uncertainty, *interval_of(opinion)]
        assert figures == pytest.approx(told, abs=0.0005)
    assert VERSION == "trust-1"
