"""Trust over HTTP: its subject sees what it rests on, and contests it where the answer says."""

from uuid import UUID

import pytest

from domain.promise.commands import AcceptDelivery, MakePromise, ReportDelivery
from services.http.examples import ANNA, BEN
from tests.services.conftest import LEDGER, Desk
from tests.services.http.conftest import Client, Headers, MakeHeaders

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("people")]
AT = f"/v1/ledgers/{LEDGER}/parties/{ANNA}/trust"


async def test_a_party_contests_its_evidence_where_the_answer_says(
    client: Client, desk: Desk, headers_of: MakeHeaders
) -> None:
    promise = (await desk.give(MakePromise(promisor=UUID(ANNA), promisee=UUID(BEN), what="a shelf"))).id
    await desk.give(ReportDelivery(by=UUID(ANNA)), promise)
    await desk.give(AcceptDelivery(by=UUID(BEN)), promise)
    annas: Headers = await headers_of("read", "record", parties=[ANNA])
    answer = (await client.get(AT, headers=annas)).json()
    (line,) = answer["evidence"]
    assert (answer["formula"], line["said_by"]) == ("trust-1", BEN)
    assert answer["r"] == pytest.approx(1)

    disputed = await client.post(line["contest"], headers=annas, json={"by": ANNA, "reason": "It was Cara's."})
    assert disputed.status_code == 200
    assert (await client.get(AT, headers=annas)).json()["evidence"] == []


async def test_what_cannot_be_asked(client: Client, recorder: Headers) -> None:
    for params in ({"seen_by": ANNA}, {"topic": "Two words"}, {"after": "x"}):
        response = await client.get(AT, headers=recorder, params=params)
        assert (response.status_code, response.json()["code"]) == (400, "invalid_parameter")
