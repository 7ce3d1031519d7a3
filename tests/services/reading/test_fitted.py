"""Statements are fitted to the parameters that are given."""

import pathlib
import re

import services.reading
from services.reading.snapshot import OPTIONAL, fitted

SQL = """
WHERE a = $1
    AND ($2::uuid IS NULL OR b = $2 OR c = $2)
    AND ($3::text[] IS NULL OR d = ANY ($3))
"""


def test_a_condition_stays_where_its_parameter_is_given() -> None:
    assert fitted(SQL, (True, True, False)) == (
        "\nWHERE a = $1\n    AND (b = $2 OR c = $2)\n    AND $3::text[] IS NULL\n"
    )
    assert fitted(SQL, (True, False, True)) == "\nWHERE a = $1\n    AND $2::uuid IS NULL\n    AND (d = ANY ($3))\n"


def test_every_optional_condition_is_found() -> None:
    """Each ends its line; ``policy_at`` reads some rows only, and ``pairs_by_imbalance`` compares two keys."""
    assert services.reading.__file__ is not None
    folder = pathlib.Path(services.reading.__file__).parent / "sql"
    for file in folder.glob("*.sql"):
        if file.stem != "policy_at":
            text = file.read_text()
            assert len(OPTIONAL.findall(text)) == len(re.findall(r"IS NULL OR", text)), file.name
