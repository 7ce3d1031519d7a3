"""What a party has a right to see: all of it, in one document, and nobody else's own matter."""

import base64
import hashlib
import re
from typing import Any
from uuid import UUID

import msgspec
import pytest

from domain.contact import RecordContact
from domain.favour.commands import RecordFavour
from domain.introduction.commands import ConsentToIntroduction, DeclineIntroduction, ProposeIntroduction
from domain.party import EraseParty, JoinOrganisation, ListInterests, MergeParty, RegisterParty
from domain.promise.commands import AcceptDelivery, MakePromise, ReportDelivery
from domain.tie import DeclareTie
from services.reading.party_data import PartyData, read_party_data
from services.reading.reader import ADMINISTRATOR
from services.reading.snapshot import open_snapshot
from services.service import Service
from tests.services.conftest import LEDGER, Desk
from tests.services.http.conftest import Client, Headers, MakeHeaders

pytestmark = pytest.mark.anyio
PARTY = "/v1/ledgers/village/parties/{}/data"


@pytest.fixture
async def told(desk: Desk) -> list[UUID]:
    """Anna, Ben and Cara, and something of every kind between them; Anna's words have markup in them."""
    anna, ben, cara = await desk.register("Anna <b>Abel</b>", "Ben", "Cara")
    guild = (await desk.give(RegisterParty(name="Guild", kind="organisation"))).id
    await desk.give(JoinOrganisation(organisation=guild), anna)
    await desk.give(ListInterests(by=anna, interests=("Sailing",)), anna)
    await desk.give(RecordFavour(giver=anna, receiver=ben, what="<script>watered</script>", quantity=3))
    await desk.give(RecordFavour(giver=ben, receiver=cara, what="not Anna's"))
    made = (await desk.give(MakePromise(by=anna, promisor=anna, promisee=ben, what="a shelf"))).id
    await desk.give(ReportDelivery(by=anna, evidence="a photograph"), made)
    await desk.give(AcceptDelivery(by=ben), made)
    await desk.give(RecordContact(initiator=ben, other=anna, channel="call", learnt="of her boat"))
    await desk.give(DeclareTie(by=anna, party=anna, other=ben, closeness="close"))
    await desk.give(DeclareTie(by=ben, party=ben, other=anna, closeness="loose"))
    meeting = await desk.give(ProposeIntroduction(by=anna, introducer=anna, first=ben, second=cara, why="bees"))
    await desk.give(DeclineIntroduction(by=ben, note="Ben's own reason"), meeting.id)
    await desk.give(ConsentToIntroduction(by=cara, note="Cara's own reason"), meeting.id)
    return [anna, ben, cara]


async def ask(client: Client, party: UUID, headers: Headers, **params: Any) -> Any:
    return await client.get(PARTY.format(party), headers=headers, params=params)


async def test_a_partys_key_reads_all_about_it(client: Client, told: list[UUID], headers_of: MakeHeaders) -> None:
    anna, ben, _ = told
    answer = await ask(client, anna, await headers_of("read", parties=[str(anna)]))
    assert answer.status_code == 200, answer.text
    data = msgspec.json.decode(answer.content, type=PartyData)
    assert (data.party.name, data.party.interests) == ("Anna <b>Abel</b>", ("Sailing",))
    assert [key.label for key in data.keys] == ["test"]
    assert [one.name for one in data.memberships] == ["Guild"]
    assert [(unit.given.quantity, unit.received.quantity) for unit in data.balance.units] == [(4, 0)]
    assert [one.b for one in data.relationships] == [ben]
    assert [(one.other, one.closeness) for one in data.ties] == [(ben, "close")]
    assert (data.trust.formula, len(data.trust.evidence)) == ("trust-1", 1)
    assert data.network is not None
    assert data.network.ties == 1
    assert data.names[str(ben)] == "Ben"
    assert data.earlier is None
    strands = {strand.kind: [event.topic for event in strand.events] for strand in data.strands}
    assert strands == {
        "introduction": ["introduction.proposed"],
        "tie": ["tie.declared"],
        "contact": ["contact.recorded"],
        "promise": ["promise.made", "promise.reported", "promise.accepted"],
        "favour": ["favour.recorded"],
        "party": ["party.registered", "party.joined", "party.interests_listed"],
    }
    words = [event.words for strand in data.strands for event in strand.events]
    assert {"what": "<script>watered</script>"} in words
    assert {"evidence": "a photograph"} in words
    assert "not Anna's" not in answer.text


async def test_nobody_elses_own_matter_is_in_it_not_even_for_an_administrator(
    client: Client, told: list[UUID], admin: Headers, headers_of: MakeHeaders
) -> None:
    anna, ben, cara = told
    for form in ("json", "html"):
        annas = (await ask(client, anna, admin, format=form)).text
        assert "own reason" not in annas
        assert "loose" not in annas
        bens = (await ask(client, ben, await headers_of("read", parties=[str(ben)]), format=form)).text
        assert "own reason" in bens
        assert "Cara" in bens
        assert bens.count("own reason") == (await ask(client, ben, admin, format=form)).text.count("own reason") == 1
        assert (await ask(client, cara, admin, format=form)).text.count("own reason") == 1


async def test_it_is_for_its_own_keys_and_administrators(
    client: Client, told: list[UUID], admin: Headers, recorder: Headers, headers_of: MakeHeaders
) -> None:
    anna, ben, _ = told
    bens = await headers_of("read", parties=[str(ben)])
    for headers, status in ((recorder, 403), (bens, 403), (admin, 200), ({}, 401)):
        assert (await ask(client, anna, headers)).status_code == status
    assert (await ask(client, anna, bens)).json()["code"] == "wrong_party"
    assert (await ask(client, UUID(int=1), admin)).status_code == 404


async def test_a_page_needs_nothing_else(client: Client, told: list[UUID], admin: Headers) -> None:
    answer = await client.get(PARTY.format(told[0]), headers={**admin, "Accept": "text/html,*/*;q=0.8"})
    assert answer.headers["content-type"].startswith("text/html")
    page = answer.text
    assert page.lstrip().startswith("<!doctype html>")
    (style,) = re.findall("<style>(.*?)</style>", page, re.DOTALL)
    hashed = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{hashed}'" in answer.headers["content-security-policy"]
    assert not re.search(r"(?i)<script|<link|<img|\b(?:src|href|style|on\w+)=|url\(|@import|https?:", page)
    for text in (
        "Anna &lt;b&gt;Abel&lt;/b&gt;",
        "&lt;script&gt;watered&lt;/script&gt;",
        "Guild",
        "Sailing",
        "a photograph",
        "of her boat",
        "By formula trust-1,",
        "reported a promise to Ben as delivered",
    ):
        assert text in page, text


async def test_all_ids_of_a_merged_party_are_one(client: Client, desk: Desk, headers_of: MakeHeaders) -> None:
    anna, double, ben = await desk.register("Anna", "A.", "Ben")
    await desk.give(RecordFavour(giver=double, receiver=ben, what="before the merge"))
    await desk.give(MergeParty(into=anna), double)
    for own in (anna, double):
        headers = await headers_of("read", parties=[str(own)])
        for asked in (anna, double):
            answer = await ask(client, asked, headers)
            assert (answer.json()["party"]["name"], "before the merge" in answer.text) == ("Anna", True)


async def test_of_an_erased_party_what_happened_is_left(
    client: Client, told: list[UUID], desk: Desk, admin: Headers
) -> None:
    anna = told[0]
    await desk.give(EraseParty(), anna, capacity="admin")
    data = msgspec.json.decode((await ask(client, anna, admin)).content, type=PartyData)
    assert data.party.erased
    assert [(unit.given.quantity, unit.received.quantity) for unit in data.balance.units] == [(4, 0)]
    page = (await ask(client, anna, admin, format="html")).text
    assert data.party.name in page
    assert "no longer readable" in page
    assert not any(word in page for word in ("Abel", "watered", "photograph", "boat", "bees"))


async def test_a_long_history_goes_on_in_the_timeline(
    service: Service, client: Client, told: list[UUID], admin: Headers
) -> None:
    anna = told[0]

    def look() -> Any:
        return open_snapshot(service, LEDGER)

    data = await read_party_data(look, service.networks, anna, ADMINISTRATOR, events=4)
    shown = [event.position for strand in data.strands for event in strand.events]
    assert data.earlier is not None
    rest = await client.get(
        f"/v1/ledgers/village/parties/{anna}/timeline", headers=admin, params={"after": data.earlier, "limit": 200}
    )
    after = [item["position"] for item in rest.json()["items"]]
    whole = await read_party_data(look, service.networks, anna, ADMINISTRATOR)
    assert sorted(shown + after) == sorted(event.position for strand in whole.strands for event in strand.events)
