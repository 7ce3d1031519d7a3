"""A party's record claimed by a link: once, by whoever has it, and one person's view over all its ledgers."""

import asyncio
import re
from uuid import UUID

import httpx
import pytest
from litestar import Litestar

from domain.favour.commands import RecordFavour
from domain.party import EraseParty, RegisterParty
from services.access.claims import bind_identity, claims_of, find_person, hash_identity, invite, redeem_invitation
from services.access.keys import create_key
from services.access.links import create_link
from services.access.whereabouts import is_from_here, is_loopback
from services.ledger.opening import open_ledger
from services.service import Service
from tests.services.conftest import LEDGER, Desk
from tests.services.http.conftest import Client
from tests.services.http.test_dashboard import token_in

OTHER = "harbour"


@pytest.fixture
async def invited(client: Client, service: Service, desk: Desk) -> tuple[UUID, str]:
    """Ben, and the path of the link by which an administrator invites him."""
    anna, ben = await desk.register("Anna Abel", "Ben Berg")
    await desk.give(RecordFavour(giver=anna, receiver=ben, what="Mended the gate"))
    return ben, await invite_by_page(client, service, ben)


async def invite_by_page(client: Client, service: Service, party: UUID) -> str:
    """Invite a party as an administrator does."""
    _, key = await create_key(service.pool, LEDGER, "page", ["admin"], clock=service.clock)
    await client.post(f"/sign-in/{LEDGER}/{await create_link(service.pool, key, clock=service.clock)}")
    token = {"form": token_in((await client.get(f"/people/{party}")).text)}
    page = await client.post(f"/people/{party}/invite", data=token)
    link = re.search(r"<code>http://requite\.test(/claim/[^<]+)</code>", page.text)
    assert link is not None
    await client.post("/sign-out")
    return link[1]


async def test_a_record_is_claimed_once_and_acted_for(
    client: Client, service: Service, invited: tuple[UUID, str]
) -> None:
    ben, link = invited
    for _ in range(2):
        shown = await client.get(link)
        assert "Are you Ben Berg?" in shown.text
    claimed = await client.post(link)
    assert (claimed.status_code, claimed.headers["location"]) == (303, "/")
    page = (await client.get("/")).text
    assert '<span class="me">Ben Berg</span>' in page
    assert "Mended the gate" in page
    favour = re.search(r'href="(/favours/[^"]+)"', page)
    assert favour is not None
    assert "Dispute this favour" in (await client.get(favour[1])).text
    assert (await client.post(link)).status_code == 410
    assert (await client.get(link)).status_code == 410
    scopes, parties = next(
        iter(await service.pool.fetch("SELECT scopes, parties FROM access_key WHERE label LIKE 'Claimed%'"))
    )
    assert (scopes, parties) == (["read", "record"], [ben])


async def test_of_two_who_claim_at_once_one_does(app: Litestar, service: Service, invited: tuple[UUID, str]) -> None:
    _ben, link = invited

    async def claim() -> int:
        transport = httpx.ASGITransport(app)  # type: ignore[arg-type]
        async with httpx.AsyncClient(transport=transport, base_url="http://requite.test") as somebody:
            return (await somebody.post(link)).status_code

    assert sorted(await asyncio.gather(*(claim() for _ in range(5)))) == [303, *[410] * 4]
    made = await service.pool.fetchval("SELECT count(*) FROM access_key WHERE label LIKE 'Claimed%'")
    assert made == 1


async def test_an_invitation_is_an_administrators_to_make(client: Client, service: Service, desk: Desk) -> None:
    (anna,) = await desk.register("Anna Abel")
    _, key = await create_key(service.pool, LEDGER, "page", ["read", "record"], clock=service.clock)
    await client.post(f"/sign-in/{LEDGER}/{await create_link(service.pool, key, clock=service.clock)}")
    assert (await client.post(f"/people/{anna}/invite", data={})).status_code == 403
    assert (await client.get("/claim/village/nonsense")).status_code == 410
    assert (await client.post("/claim/village/nonsense")).status_code == 410
    assert (await client.get("/ledgers")).status_code == 404


async def test_a_form_on_another_site_claims_nothing(client: Client, invited: tuple[UUID, str]) -> None:
    _, link = invited
    assert (await client.post(link, headers={"Sec-Fetch-Site": "cross-site"})).status_code == 403
    assert (await client.get(link)).status_code == 200


async def test_one_person_sees_all_its_ledgers(
    client: Client, service: Service, desk: Desk, invited: tuple[UUID, str]
) -> None:
    ben, link = invited
    await open_ledger(service, OTHER, title="The harbour")
    harbour = Desk(service, OTHER)
    there, quay = await harbour.register("B. Berg", "Quay Ltd")
    await harbour.give(RecordFavour(giver=there, receiver=quay, quantity=4))
    second = await invite(service.pool, OTHER, there, clock=service.clock)
    await client.post(link)
    await client.post(f"/claim/{OTHER}/{second}")
    page = (await client.get("/ledgers")).text
    assert "The harbour" in page
    assert '<b class="given">4</b> given</span><span><b class="received">1</b> received' in page
    token = {"form": token_in(page)}
    went = await client.post(f"/ledgers/{LEDGER}/{ben}", data=token)
    assert went.status_code == 303
    assert '<span class="me">Ben Berg</span>' in (await client.get("/")).text
    assert (await client.post(f"/ledgers/{OTHER}/{quay}", data={"form": "0"})).status_code == 403
    token = {"form": token_in((await client.get("/ledgers")).text)}
    assert (await client.post(f"/ledgers/{OTHER}/{quay}", data=token)).status_code == 404
    assert desk.ledger_id == LEDGER


async def test_a_session_by_a_link_knows_the_person_of_its_key(
    client: Client, service: Service, invited: tuple[UUID, str]
) -> None:
    _, link = invited
    claimed = await redeem_invitation(service.ledgers, LEDGER, link.rsplit("/", 1)[1], None, clock=service.clock)
    assert claimed is not None
    path = f"/sign-in/{LEDGER}/{await create_link(service.pool, claimed[1], clock=service.clock)}"
    await client.post(path)
    assert "as Ben Berg" in (await client.get("/ledgers")).text


async def test_erasing_a_party_ends_claims_and_forgets_the_person(
    client: Client, service: Service, desk: Desk, invited: tuple[UUID, str]
) -> None:
    ben, link = invited
    waiting = await invite(service.pool, LEDGER, ben, clock=service.clock)
    await client.post(link)
    person = await service.pool.fetchval("SELECT person_id FROM claim")
    (other,) = await desk.register("Ben at work")
    at_work = await invite(service.pool, LEDGER, other, clock=service.clock)
    await redeem_invitation(service.ledgers, LEDGER, at_work, person, clock=service.clock)
    identity = hash_identity(service.master_key, "https://sign.example", "ben")
    await bind_identity(service.pool, identity, person)
    assert len(await claims_of(service.pool, person, clock=service.clock)) == 2
    await desk.give(EraseParty(), ben, capacity="admin")
    assert "To sign in" in (await client.get("/")).text
    assert (await client.get(f"/claim/{LEDGER}/{waiting}")).status_code == 410
    assert [claim.party for claim in await claims_of(service.pool, person, clock=service.clock)] == [other]
    assert await find_person(service.pool, identity) == person
    await desk.give(EraseParty(), other, capacity="admin")
    assert await find_person(service.pool, identity) is None


async def test_nobody_is_invited_who_is_not_there(client: Client, service: Service, desk: Desk) -> None:
    party = (await desk.give(RegisterParty(name="Gone"))).id
    await desk.give(EraseParty(), party, capacity="admin")
    _, key = await create_key(service.pool, LEDGER, "page", ["admin"], clock=service.clock)
    await client.post(f"/sign-in/{LEDGER}/{await create_link(service.pool, key, clock=service.clock)}")
    token = {"form": token_in((await client.get("/settings")).text)}
    assert (await client.post(f"/people/{party}/invite", data=token)).status_code == 409


async def test_a_link_for_the_machine_itself(app: Litestar, service: Service) -> None:
    _, key = await create_key(service.pool, LEDGER, "first run", ["admin"], clock=service.clock)
    token = await create_link(service.pool, key, clock=service.clock, only_here=True)
    path = f"/sign-in/{LEDGER}/{token}"
    for address, headers, status in (
        ("203.0.113.7", {}, 410),
        ("127.0.0.1", {"X-Forwarded-For": "203.0.113.7"}, 410),
        ("127.0.0.1", {}, 303),
        ("127.0.0.1", {}, 410),
    ):
        transport = httpx.ASGITransport(app, client=(address, 1234))  # type: ignore[arg-type]
        async with httpx.AsyncClient(transport=transport, base_url="http://requite.test") as client:
            assert (await client.post(path, headers=headers)).status_code == status


def test_what_is_the_machine_itself() -> None:
    assert all(map(is_loopback, ("127.0.0.1", "127.1.2.3", "::1", "[::1]", "localhost")))
    assert not any(map(is_loopback, ("0.0.0.0", "10.0.0.1", "example.org", "")))  # noqa: S104 - not listened on
    assert not is_from_here(None, {})
