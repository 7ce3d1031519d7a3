"""The directory: names and subjects found as people mean them, memberships as of any moment, common ground."""

from typing import Any
from uuid import UUID

import pytest

from domain.command import Command, Reference
from domain.favour.commands import RecordFavour
from domain.party import (
    AddReference,
    JoinOrganisation,
    LeaveOrganisation,
    ListInterests,
    ListKnowledge,
    MergeParty,
    RegisterParty,
    RenameParty,
    UnmergeParty,
)
from domain.promise.commands import MakePromise
from domain.refusal import Refusal
from services.reading import directory
from services.reading.as_of import Asked
from services.reading.audit import read_audit
from services.reading.common_ground import read_common_ground
from services.reading.directory import find_by_name, knowers_of, normal, only_named, who_knows
from services.reading.memberships import list_members, list_memberships
from services.reading.pages import Page
from services.reading.parties import find_party, list_parties, read_party
from services.reading.question import BadQuestionError
from services.reading.snapshot import open_snapshot
from services.reading.standing import PromiseFilter
from services.service import Service
from tests.services.conftest import LEDGER, Desk
from tests.services.reading.conftest import Clock

pytestmark = pytest.mark.anyio


class People:
    """Anna, Ben and Cora; Anne turned out to be Anna. The guild and the choir are organisations."""

    def __init__(self, desk: Desk, clock: Clock) -> None:
        self.desk = desk
        self.clock = clock
        self.ids: dict[str, UUID] = {}

    async def begin(self) -> None:
        for name in ("Anna", "Anne", "Ben", "Cora"):
            await self.register(name)
        for name in ("Guild", "Choir"):
            await self.register(name, kind="organisation")

    async def register(self, name: str, **more: Any) -> None:
        self.ids[name] = (await self.desk.give(RegisterParty(name=name, **more))).id

    async def say(self, name: str, *commands: Command) -> None:
        for command in commands:
            self.clock.go_on(hours=1)
            await self.desk.give(command, self.ids[name])

    def named(self, *found: UUID) -> list[str]:
        names = {party: name for name, party in self.ids.items()}
        return sorted(names[party] for party in found)


@pytest.fixture
async def people(desk: Desk, clock: Clock) -> People:
    told = People(desk, clock)
    await told.begin()
    return told


def test_texts_are_compared_as_people_mean_them() -> None:
    assert normal("  Straße \u2460 ") == normal("STRASSE 1")
    assert normal("\uff22\uff25\uff25") == normal("bee")


async def test_who_knows_about_something(people: People, service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """One party of several ids is one; a subject taken off the list is known no more; every page looks at few."""
    monkeypatch.setattr(directory, "WINDOW", 2)
    await people.say("Anna", ListKnowledge(knows_about=("Bee-keeping", "Tax law")))
    await people.say("Anne", ListKnowledge(knows_about=("Hives and BEES",)), MergeParty(into=people.ids["Anna"]))
    await people.say("Ben", ListKnowledge(knows_about=("bees",)), ListKnowledge(knows_about=("joinery",)))
    await people.say("Cora", ListKnowledge(knows_about=("Honeybees",)))
    async with open_snapshot(service, LEDGER) as snapshot:
        assert people.named(*await knowers_of(snapshot, "bee")) == ["Anna", "Cora"]
        assert people.named(*await knowers_of(snapshot, "JOIN")) == ["Ben"]
        assert await knowers_of(snapshot, "chess") == set()
        page = await who_knows(snapshot, "bee", Page(limit=1))
        (first,) = page.items
        assert (first.name, first.subjects) == ("Anna", ("Bee-keeping", "Hives and BEES"))
        found = list(page.items)
        while page.next is not None:
            page = await who_knows(snapshot, "bee", Page(page.next, 1))
            found += page.items
        assert [knower.name for knower in found] == ["Anna", "Cora"]
        with pytest.raises(BadQuestionError):
            await who_knows(snapshot, "  ")


async def test_a_party_is_found_by_its_names_and_shown_once(people: People, service: Service) -> None:
    anna, anne = people.ids["Anna"], people.ids["Anne"]
    reference = Reference(source="crm", id="7")
    await people.say("Anne", AddReference(reference=reference), ListInterests(interests=("sailing",)))
    await people.say("Anna", ListInterests(interests=("chess", "sailing")))
    await people.say("Anne", JoinOrganisation(organisation=people.ids["Guild"]), MergeParty(into=anna))
    await people.say("Anna", RenameParty(name="Hannah Abel"))
    async with open_snapshot(service, LEDGER) as snapshot:
        for sought in ("ANNE", "hannah  abel"):
            (shown,) = (await find_by_name(snapshot, sought)).items
            assert (shown.id, shown.name, shown.aliases, shown.merged_into) == (anna, "Hannah Abel", (anne,), None)
        assert (shown.interests, shown.references) == (("chess", "sailing"), (reference,))
        assert shown.organisations == (people.ids["Guild"],)
        assert (await find_by_name(snapshot, "zoe")).items == ()
        by_reference = await find_party(snapshot, reference)
        assert by_reference.items == (shown,)
        assert only_named(by_reference, "abel") == by_reference
        assert only_named(by_reference, "zoe").items == ()
        assert (await read_party(snapshot, anna)).party == shown
        merged = (await read_party(snapshot, anne)).party
        assert (merged.name, merged.merged_into, merged.aliases) == ("Anne", anna, ())
        listed = [party.id for party in (await list_parties(snapshot)).items]
        assert anne not in listed
        assert len(listed) == 5


async def test_memberships_of_any_moment(people: People, service: Service) -> None:
    guild, choir, anna = (people.ids[name] for name in ("Guild", "Choir", "Anna"))
    await people.say("Anna", JoinOrganisation(organisation=guild))
    early = people.clock.now
    await people.say("Anna", LeaveOrganisation(organisation=guild), JoinOrganisation(organisation=choir))
    await people.say("Anne", JoinOrganisation(organisation=choir), MergeParty(into=anna))
    await people.say("Ben", JoinOrganisation(organisation=guild))
    async with open_snapshot(service, LEDGER) as snapshot:
        for asked in (Asked(recorded=early), Asked(occurred=early)):
            assert [member.name for member in (await list_members(snapshot, guild, asked)).items] == ["Anna"]
            (only,) = (await list_memberships(snapshot, anna, asked)).items
            assert (only.organisation, only.name, only.joined_at, only.left_at) == (guild, "Guild", early, None)
        assert [member.name for member in (await list_members(snapshot, guild)).items] == ["Ben"]
        assert [member.name for member in (await list_members(snapshot, choir)).items] == ["Anna"]
        page = await list_memberships(snapshot, people.ids["Anne"], page=Page(limit=2))
        assert [(one.name, one.left_at is None) for one in page.items] == [("Guild", False), ("Choir", True)]
        rest = await list_memberships(snapshot, anna, page=Page(page.next, 2))
        assert [one.name for one in rest.items] == ["Choir"]
        with pytest.raises(Refusal, match="party_not_found"):
            await list_members(snapshot, UUID(int=9))


async def test_common_ground(people: People, service: Service) -> None:
    anna, ben, cora, choir = (people.ids[name] for name in ("Anna", "Ben", "Cora", "Choir"))
    await people.say("Anna", ListInterests(interests=("Bees", "Chess")), ListKnowledge(knows_about=("Joinery", "Law")))
    await people.say("Ben", ListInterests(interests=("chess", "joinery")), ListKnowledge(knows_about=("LAW", "bees")))
    for name in ("Anne", "Ben"):
        await people.say(name, JoinOrganisation(organisation=choir))
    await people.desk.give(RecordFavour(giver=cora, receiver=people.ids["Anne"]))
    await people.desk.give(RecordFavour(giver=ben, receiver=cora))
    await people.desk.give(RecordFavour(giver=ben, receiver=anna))
    async with open_snapshot(service, LEDGER) as snapshot:
        apart = await read_common_ground(snapshot, anna, ben)
        assert (apart.organisations, apart.relations) == ((), ())
    await people.say("Anne", MergeParty(into=anna))
    async with open_snapshot(service, LEDGER) as snapshot:
        ground = await read_common_ground(snapshot, anna, ben)
        assert (ground.interests, ground.knows_about) == (("Chess",), ("Law",))
        assert (ground.a_can_tell_b, ground.b_can_tell_a) == (("Joinery",), ("Bees",))
        assert [one.name for one in ground.organisations] == ["Choir"]
        assert [one.name for one in ground.relations] == ["Cora"]
        with pytest.raises(BadQuestionError):
            await read_common_ground(snapshot, anna, people.ids["Anne"])


async def test_the_audit_is_by_the_organisations_of_then(people: People, service: Service) -> None:
    """Anna promised as a member of the guild; before that, and for Ben's promise, nobody was a member of anything."""
    anna, ben, guild = (people.ids[name] for name in ("Anna", "Ben", "Guild"))
    await people.desk.give(MakePromise(promisor=anna, promisee=ben, what="one"))
    await people.say("Anne", JoinOrganisation(organisation=guild), MergeParty(into=anna))
    await people.desk.give(MakePromise(promisor=anna, promisee=ben, what="two"))
    await people.say("Anne", LeaveOrganisation(organisation=guild))
    await people.desk.give(MakePromise(promisor=ben, promisee=anna, what="three"))
    async with open_snapshot(service, LEDGER) as snapshot:
        audit = await read_audit(snapshot, by="organisation")
        assert [(group.key, group.names, group.totals.made) for group in audit.groups or ()] == [
            (str(guild), ("Guild",), 1),
            ("none", (), 2),
        ]
        chosen = await read_audit(snapshot, PromiseFilter(organisation=guild))
        assert [line.what for line in chosen.lines or ()] == ["two"]
    await people.say("Anne", UnmergeParty())
    async with open_snapshot(service, LEDGER) as snapshot:
        assert not (await read_audit(snapshot, PromiseFilter(organisation=guild))).lines
