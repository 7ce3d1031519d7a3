"""MathOverflow's answers as favours: who answered gave to who asked (SNAP sx-mathoverflow, a2q)."""

import hashlib
import json
import pathlib
from collections import Counter
from datetime import UTC, datetime
from typing import Any

from services.reading.as_of import Asked
from tests.journeys.conftest import Journey, pair_table

MAPPING = """
act = "favour.record"
source = "mathoverflow"
delimiter = " "
header = ["u", "v", "t"]
[fields]
giver = "u"
receiver = "v"
occurred_at = { column = "t", format = "unix" }
"""
LINES, RECORDED, TO_ONESELF = 107_581, 104_138, 3_443
Table = dict[tuple[int, int], tuple[int, int]]


async def test_the_pair_table_now_and_as_of_three_moments(journey: Journey, shared_data: pathlib.Path) -> None:
    folder = shared_data / "mathoverflow_a2q"
    reference = json.loads((folder / "reference.json").read_text(encoding="utf-8"))["a2q"]
    file = folder / "sx-mathoverflow-a2q.txt.gz"
    summary = await journey.rows(file, MAPPING)
    assert (summary.read, summary.recorded, dict(summary.refused)) == (LINES, RECORDED, {"same_party": TO_ONESELF})
    assert len(journey.rejects) == TO_ONESELF == reference["self_events"]
    assert all(reject["text"].split()[0] == reject["text"].split()[1] for reject in journey.rejects)

    ids = await journey.ids("mathoverflow")
    assert len(ids) == reference["people"]
    table = pair_table(await journey.relationships(), ids)
    check_figures(table, reference)
    check_top_tens(table, reference)

    for moment in reference["as_of"]:
        until = datetime.fromtimestamp(moment["cutoff_unix_inclusive"], UTC)
        then = pair_table(await journey.relationships(Asked(occurred=until)), ids)
        check_figures(then, moment)


def check_figures(table: Table, reference: dict[str, Any]) -> None:
    """The figures that reference.json defines, and the hash of the whole table."""
    lines = "".join(f"{a},{b},{there},{back}\n" for (a, b), (there, back) in sorted(table.items()))
    assert hashlib.sha256(lines.encode()).hexdigest() == reference["pair_table_sha256"]
    assert len(table) == reference["unordered_pairs"]
    assert sum(1 for there, back in table.values() if there and back) == reference["reciprocated_pairs"]
    assert sum(1 for there, back in table.values() if there == back) == reference["pairs_given_equals_received"]


def check_top_tens(table: Table, reference: dict[str, Any]) -> None:
    """The pairs and people with the largest net, either way."""
    directed = [(a, b, there, back) for (a, b), (there, back) in table.items()]
    directed += [(b, a, back, there) for a, b, there, back in directed]
    directed.sort(key=lambda one: (one[3] - one[2], min(one[:2]), max(one[:2])))
    pairs = [
        {"giver": giver, "receiver": receiver, "given": given, "received": received, "net": given - received}
        for giver, receiver, given, received in directed[:10]
    ]
    assert pairs == reference["top10_pairs_by_net"]

    given, received = Counter[int](), Counter[int]()
    for giver, receiver, there, _ in directed:
        given[giver] += there
        received[receiver] += there
    people = [
        {"id": one, "given": given[one], "received": received[one], "net": given[one] - received[one]}
        for one in given | received
    ]
    people.sort(key=lambda one: (-one["net"], one["id"]))
    assert len(people) == reference["people_in_pairs"]
    assert people[:10] == reference["top10_net_givers"]
    assert people[:-11:-1] == reference["top10_net_receivers"]
