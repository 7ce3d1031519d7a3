"""What a key that is bound to other parties learns of a tie, whose id it can tell: nothing."""

from uuid import UUID

import pytest
from litestar import Litestar

from domain.catalogue import ACTS
from domain.tie import tie_id
from services.http.examples import ANNA, BEN, CARA
from services.http.openapi import operations
from services.service import Service
from tests.services.conftest import LEDGER
from tests.services.http.conftest import Client, Headers, MakeHeaders, head
from tests.services.http.story import body

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("people")]

AT = f"/v1/ledgers/{LEDGER}"
THERE, MISSING = (str(tie_id(UUID(ANNA), UUID(other))) for other in (BEN, CARA))
CLOSE = {"by": ANNA, "party": ANNA, "other": BEN, "closeness": "close"}


async def test_whether_a_tie_is_there(
    app: Litestar, client: Client, admin: Headers, headers_of: MakeHeaders, service: Service
) -> None:
    assert (await client.post(f"{AT}/ties", json=CLOSE, headers=admin)).json()["id"] == THERE
    strangers = await headers_of("read", "record", "audit", parties=[BEN])
    before = await head(service)
    for path, method, operation in operations(app.openapi_schema):
        act = ACTS.get(str(operation.operation_id).replace("_", ".", 1))
        if "/{id}" not in path and not (act and act.CREATES):
            continue
        example = body(operation)
        said = {**example, "by": BEN} if isinstance(example, dict) and act else example
        for more in ({}, {"If-Match": '"v1"'}, {"If-Match": '"v0"'}, {"If-Match": "*"}):
            answers = []
            for tie in (THERE, MISSING):
                address = path.replace("{ledger}", LEDGER).replace("{id}", tie)
                params = {"id": tie} if act and act.CREATES else {}
                sent = await client.request(method, address, params=params, json=said, headers={**strangers, **more})
                assert not sent.is_success, (method, path)
                answers.append((sent.status_code, sent.text.replace(tie, "")))
            assert answers[0] == answers[1], (method, path, more)
    assert await head(service) == before


async def test_a_ties_id_is_for_the_tie_alone(
    client: Client, admin: Headers, headers_of: MakeHeaders, recorder: Headers
) -> None:
    strangers = await headers_of("record", parties=[BEN])
    favour = {"giver": BEN, "receiver": CARA, "what": "watered the plants"}
    for headers in (strangers, recorder, admin):
        refused = await client.post(f"{AT}/favours", params={"id": THERE}, json={**favour, "by": BEN}, headers=headers)
        assert (refused.status_code, refused.json()["code"]) == (422, "reserved_id")
    assert (await client.post(f"{AT}/ties", json=CLOSE, headers=admin)).status_code == 201
    own = await headers_of("record", parties=[ANNA])
    assert (await client.post(f"{AT}/ties/{THERE}/undeclare", json={"by": ANNA}, headers=own)).status_code == 200
