"""Bitcoin Alpha's ratings as favours that their receivers acknowledged with a value.

Who rates another says what that one's favour was worth: the rated party gave, the rating one received.
"""

import csv
import gzip
import hashlib
import json
import pathlib
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5

from domain.favour.commands import AcknowledgeFavour, RecordFavour
from domain.party import RegisterParty
from services.reading.as_of import Asked
from services.reading.favours import FavourView, list_favours
from services.reading.pages import Page
from tests.journeys.conftest import PAGE, Journey, pair_table
from tests.journeys.network_check import check_network
from tests.journeys.test_mathoverflow import check_figures

SPACE = UUID("2d2f1f3e-0c51-5f5a-9a35-6d2d8f6f0b1c")
Rated = dict[tuple[int, int], tuple[int, datetime]]
"""By who rates and who is rated: the value, and when."""


async def test_values_of_favours_are_the_ratings(journey: Journey, shared_data: pathlib.Path) -> None:
    folder = shared_data / "bitcoin_alpha"
    reference = json.loads((folder / "reference.json").read_text(encoding="utf-8"))
    with gzip.open(folder / "soc-sign-bitcoinalpha.csv.gz", "rt", encoding="utf-8") as lines:
        rows = [
            (
                int(row["source"]),
                int(row["target"]),
                int(row["weight"]),
                datetime.fromtimestamp(int(row["timestamp"]), UTC),
            )
            for row in csv.DictReader(lines)
        ]
    people = {one: uuid5(SPACE, str(one)) for row in rows for one in row[:2]}
    await journey.give((RegisterParty(name=str(one)), party) for one, party in people.items())
    await journey.give(
        (command, uuid5(SPACE, f"{rater}>{rated}"))
        for rater, rated, value, moment in rows
        for command in (
            RecordFavour(by=people[rater], giver=people[rated], receiver=people[rater], occurred_at=moment),
            AcknowledgeFavour(by=people[rater], value=value, occurred_at=moment),
        )
    )
    numbers = {party: str(one) for one, party in people.items()}
    graph = reference["ratings_graph"]
    await check_network(journey, ((str(rated), str(rater)) for rater, rated, _, _ in rows), numbers, graph)
    for moment, figures in ((None, graph), *((one["cutoff_unix_inclusive"], one) for one in graph["as_of"])):
        asked = Asked(occurred=None if moment is None else datetime.fromtimestamp(moment, UTC))
        table = pair_table(await journey.relationships(asked), numbers)
        check_figures({pair: (there, back) for pair, (back, there) in table.items()}, figures)
        edges = sum((there > 0) + (back > 0) for there, back in table.values())
        mutual = sum(1 for there, back in table.values() if there and back)
        assert round(2 * mutual / edges, 6) == figures["reciprocity_edges"]

    rated = {
        (int(numbers[one.receiver]), int(numbers[one.giver])): (one.value or 0, one.occurred_at)
        for one in await read_favours(journey)
    }
    assert len(rated) == reference["ratings"]
    check_gaps(rated, reference)
    check_what_favours_were_worth(rated, reference)


async def read_favours(journey: Journey) -> list[FavourView]:
    """All favours of the ledger, page by page."""
    found: list[FavourView] = []
    after = None
    async with journey.look() as snapshot:
        while True:
            page = await list_favours(snapshot, page=Page(after, PAGE))
            found += page.items
            after = page.next
            if after is None:
                return found


def check_gaps(rated: Rated, reference: dict[str, Any]) -> None:
    """How far two parties' values of each other's favours lie apart."""
    mutual = sorted((a, b) for a, b in rated if a < b and (b, a) in rated)
    table = [(a, b, rated[a, b][0], rated[b, a][0]) for a, b in mutual]
    assert hash_of(table) == reference["rating_pair_table_sha256"]
    gaps = [
        {"a": a, "b": b, "a_rates_b": there, "b_rates_a": back, "gap": abs(there - back)}
        for a, b, there, back in sorted(table, key=lambda one: (-abs(one[2] - one[3]), one[:2]))
    ]
    largest = reference["top10_pairs_rating_gap"]
    assert [gap["gap"] for gap in gaps[:10]] == [gap["gap"] for gap in largest]
    assert all(gap in gaps for gap in largest)
    assert reference["mutual"] == {
        "pairs": len(table),
        "both_positive": sum(1 for _, _, there, back in table if there > 0 and back > 0),
        "both_negative": sum(1 for _, _, there, back in table if there < 0 and back < 0),
        "opposite": sum(1 for _, _, there, back in table if there * back < 0),
        "equal_rating": sum(1 for _, _, there, back in table if there == back),
    }


def check_what_favours_were_worth(rated: Rated, reference: dict[str, Any]) -> None:
    """By giver: how many of its favours were valued, at what in all, and how many for better or worse."""
    table: list[tuple[int, ...]] = [
        (giver, len(values), sum(values), sum(value > 0 for value in values), sum(value < 0 for value in values))
        for giver, values in values_by_giver(rated, None).items()
    ]
    assert hash_of(table) == reference["trust_table_sha256"]
    for one in reference["as_of_trust"]:
        known = values_by_giver(rated, one["cutoff_unix_inclusive"])
        table = [(giver, len(values), sum(values)) for giver, values in known.items()]
        assert hash_of(table) == one["table_sha256"]


def values_by_giver(rated: Rated, until: int | None) -> dict[int, list[int]]:
    """By giver: the values of its favours until a moment, in seconds since 1970."""
    found: dict[int, list[int]] = {}
    for (_, giver), (value, moment) in rated.items():
        if until is None or moment.timestamp() <= until:
            found.setdefault(giver, []).append(value)
    return found


def hash_of(table: Iterable[tuple[int, ...]]) -> str:
    """The hash of a table, one line a row, in order."""
    lines = "".join(",".join(map(str, row)) + "\n" for row in sorted(table))
    return hashlib.sha256(lines.encode()).hexdigest()
