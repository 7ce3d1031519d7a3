"""Gifts between households of a Nicaraguan village (Koster & Leckie 2014): a favour per direction and its quantity."""

import csv
import hashlib
import json
import pathlib
from uuid import UUID

from services.reading.balance import read_relationship
from tests.journeys.conftest import Journey, pair_table

MAPPING = """
act = "favour.record"
source = "household"
[fields]
giver = "{giver}"
receiver = "{receiver}"
quantity = "{gifts}"
unit = {{ value = "gift" }}
occurred_at = {{ value = "2005-01-01T00:00:00Z" }}
"""
DIRECTIONS = {"giftsAB": ("hidA", "hidB"), "giftsBA": ("hidB", "hidA")}


async def test_gifts_un_netted_over_all_dyads(journey: Journey, shared_data: pathlib.Path) -> None:
    folder = shared_data / "koster_leckie_gifts"
    reference = json.loads((folder / "reference.json").read_text(encoding="utf-8"))
    with (folder / "kl_dyads.csv").open(encoding="utf-8") as file:
        dyads = list(csv.DictReader(file))

    for gifts, (giver, receiver) in DIRECTIONS.items():
        mapping = MAPPING.format(giver=giver, receiver=receiver, gifts=gifts)
        summary = await journey.rows(folder / "kl_dyads.csv", mapping)
        given = sum(1 for dyad in dyads if int(dyad[gifts]))
        assert (summary.recorded, summary.refused.total()) == (given, len(dyads) - given)
        assert set(summary.refused) == {"quantity_out_of_range"}  # nothing was given: there is no such favour
        again = await journey.rows(folder / "kl_dyads.csv", mapping)
        assert (again.recorded, again.recorded_before, again.refused) == (0, given, summary.refused)

    ids = await journey.ids("household")
    assert len(ids) == reference["households"]
    table = pair_table(await journey.relationships(), ids)
    assert len(table) == reference["dyads_with_any_gift"]
    assert sum(there + back for there, back in table.values()) == reference["gifts_total"]

    whole = {}
    parties: dict[int, UUID] = {int(number): party for party, number in ids.items()}
    async with journey.look() as snapshot:
        for dyad in dyads:
            a, b = int(dyad["hidA"]), int(dyad["hidB"])
            units = (await read_relationship(snapshot, parties[a], parties[b])).relationship.units
            (gift,) = [unit for unit in units if unit.unit == "gift"]
            whole[a, b] = (gift.given.quantity, gift.received.quantity)
    assert len(whole) == reference["dyads"]
    assert sum(1 for sides in whole.values() if sides == (0, 0)) == len(whole) - len(table)
    lines = "".join(f"{a},{b},{there},{back}\n" for (a, b), (there, back) in sorted(whole.items()))
    assert hashlib.sha256(lines.encode()).hexdigest() == reference["pair_table_sha256"]
