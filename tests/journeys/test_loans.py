"""Loans of a Czech bank, 1993 to 1998 (PKDD'99, "Berka"), as promises: to pay back by a date."""

import json
import pathlib
from datetime import UTC, datetime

from services.reading.as_of import Asked
from services.reading.audit import read_audit
from services.reading.pages import Page
from tests.journeys.conftest import Journey

MADE = """
act = "promise.make"
source = "bank"
[fields]
id = "loan_id"
promisor = "owner_client_id"
promisee = { value = "BANK" }
what = { value = "to pay the loan back" }
unit = { value = "koruna" }
quantity = "amount_czk"
occurred_at = { column = "granted", format = "date" }
due = { column = "due", format = "date" }
"""
REPORTED = """
act = "promise.report_delivery"
source = "bank"
[fields]
id = "loan_id"
by = "owner_client_id"
occurred_at = { column = "due", format = "date" }
[when]
status = ["A"]
"""
ACCEPTED = """
act = "promise.accept"
source = "bank"
[fields]
id = "loan_id"
by = { value = "BANK" }
occurred_at = { column = "due", format = "date" }
[when]
status = ["A"]
"""
BROKEN = """
act = "promise.declare_broken"
source = "bank"
[fields]
id = "loan_id"
by = { value = "BANK" }
occurred_at = { value = "1998-12-31T00:00:00Z" }
[when]
status = ["B"]
"""
BEHIND = """
act = "promise.report_progress"
source = "bank"
[fields]
id = "loan_id"
behind = { value = true }
occurred_at = { value = "1998-12-31T00:00:00Z" }
[when]
status = ["D"]
"""
END = datetime(1998, 12, 31, tzinfo=UTC)


async def test_loans_kept_broken_and_open_at_the_end_of_1998(journey: Journey, shared_data: pathlib.Path) -> None:
    folder = shared_data / "berka_loans"
    reference = json.loads((folder / "reference.json").read_text(encoding="utf-8"))
    for mapping, wanted in (
        (MADE, reference["made"]),
        (REPORTED, reference["kept"]),
        (ACCEPTED, reference["kept"]),
        (BROKEN, reference["broken"]),
        (BEHIND, reference["in_progress_late"]),
    ):
        summary = await journey.rows(folder / "loans.csv", mapping)
        assert (summary.recorded, summary.refused.total()) == (wanted, 0)

    async with journey.look() as snapshot:
        audit = await read_audit(snapshot, asked=Asked(occurred=END), page=Page(None, 200))
        assert audit.totals is not None
        totals = audit.totals
        assert (totals.made, totals.kept, totals.broken, totals.open) == (682, 203, 31, 448)
        assert totals.behind == reference["in_progress_late"]
        assert totals.kept_late == 0
        (koruna,) = totals.quantities
        assert (koruna.unit, koruna.promised) == ("koruna", reference["amount_total"])
        assert koruna.delivered == reference["amount_czk"]["A"]

        for day, granted in reference["granted_as_of"].items():
            moment = datetime.fromisoformat(day).replace(tzinfo=UTC)
            then = await read_audit(snapshot, asked=Asked(occurred=moment))
            assert then.totals is not None
            assert then.totals.made == granted
