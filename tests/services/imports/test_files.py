"""Files that people have in hand: previewed, run, run again, and undone as one act."""

import pathlib
from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

import pytest

from domain.command import Reference
from domain.event import Capacity, Who
from domain.favour.commands import AcknowledgeFavour, RecordFavour, RetractFavour
from domain.ledger import LEDGER_STREAM, ChangePolicy
from domain.party import AddReference, MergeParty, RegisterParty, RenameParty
from domain.policy import Policy
from domain.refusal import Refusal
from services.imports.files import Run, Upload, preview, start
from services.imports.formats.reading import UnreadableFileError
from services.imports.kept import ImportView, TakenOverError, begin_undoing, list_imports, read_import
from services.imports.tally import Preview, Tally
from services.imports.undo import Undoing
from services.service import Service
from tests.services.conftest import LEDGER, Desk
from tests.services.imports.files import GOOGLE_NEW, LINKEDIN_2024, RECOMMENDATIONS, linkedin, monica, resource, table

pytestmark = pytest.mark.anyio
WHO = Who("recorder", "import")
UNITS = ("favour", "minute", "eur")
PEOPLE = table(
    GOOGLE_NEW,
    {"First Name": "Anna", "E-mail 1 - Value": "anna@example.org", "Notes": "Keeps bees."},
    {"First Name": "Ben", "E-mail 1 - Value": "shared@example.org"},
    {"First Name": "Cara", "E-mail 1 - Value": "shared@example.org"},
    {"First Name": "Dora", "Phone 1 - Value": "+49 30 1234"},
)
EXPENSES = ["Date", "Description", "Category", "Cost", "Currency", "Anna", "Ben"]
DINNER = table(
    EXPENSES,
    ["2024-01-05", "Dinner", "Food", "30.00", "EUR", "15.00", "-15.00"],
    ["2024-01-06", "Taxi", "Taxi", "9.00", "EUR", "-4.50", "4.50"],
    ["2024-01-07", "Sushi", "Food", "9.00", "JPY", "-4", "4"],
)


class Office:
    """Imports files into the ledger ``village``, in which three units are in use."""

    def __init__(self, service: Service, desk: Desk) -> None:
        self.service = service
        self.desk = desk

    async def preview(self, content: bytes, **said: Any) -> Preview:
        return await preview(self.service, LEDGER, Upload(content=content, **said), WHO)

    async def begin(self, content: bytes, *, who: Who = WHO, **said: Any) -> Run:
        begun = await start(self.service, LEDGER, Upload(content=content, **said), who)
        assert isinstance(begun, Run)
        return begun

    async def run(self, content: bytes, **said: Any) -> tuple[UUID, Tally]:
        """Preview and run: what was previewed is what is recorded."""
        foreseen = await self.preview(content, **{name: one for name, one in said.items() if name != "who"})
        run = await self.begin(content, **said)
        tally = await run.go()
        assert foreseen.recorded == dict(tally.recorded)
        assert foreseen.refused == dict(tally.refused)
        assert foreseen.left_out == dict(tally.left_out)
        assert foreseen.recorded_before == tally.recorded_before
        assert [(one.place, one.code) for one in foreseen.refusals] == [(one.place, one.code) for one in tally.refusals]
        return run.claim.import_id, tally

    async def undo(self, import_id: UUID, who: Who = WHO) -> Tally:
        claim = await begin_undoing(self.service, LEDGER, import_id, who)
        assert claim is not None
        return await Undoing(claim, Tally()).go()

    async def state(self, import_id: UUID) -> ImportView:
        return await read_import(self.service, LEDGER, import_id)

    async def count(self) -> int:
        """How many events the ledger has."""
        return int(await self.service.pool.fetchval("SELECT count(*) FROM event WHERE ledger_id = $1", LEDGER))

    async def balances(self) -> list[tuple[Any, ...]]:
        """Who gave whom how much, where it is not nothing."""
        query = "SELECT giver, receiver, unit, quantity, count FROM balance WHERE quantity <> 0 OR count <> 0"
        return sorted(tuple(row) for row in await self.service.pool.fetch(query))

    async def value(self, query: str) -> UUID:
        """A single id."""
        return UUID(int=(await self.service.pool.fetchval(query)).int)

    async def readable(self) -> int:
        """How many parties are not forgotten; the ledger's own key aside."""
        query = "SELECT count(*) FROM data_key WHERE ledger_id = $1 AND subject_id <> $2"
        return int(await self.service.pool.fetchval(query, LEDGER, LEDGER_STREAM))


@pytest.fixture
async def office(service: Service, desk: Desk) -> Office:
    await desk.give(ChangePolicy(policy=Policy(units=UNITS)), LEDGER_STREAM, capacity="admin")
    return Office(service, desk)


@pytest.fixture
async def me(desk: Desk) -> UUID:
    references = (Reference("email", "me@example.org"),)
    return (await desk.give(RegisterParty(name="Myself", references=references))).id


# ── every kind ─────────────────────────────────────────────────────────────────────────────────────────────────

FRIEND = {"First Name": "Anna", "Last Name": "Abel", "Connected On": "22 Nov 2020"}
LINK = {**FRIEND, "URL": "https://www.linkedin.com/in/anna", "Email Address": "anna@example.org"}
PRAISE = {"First Name": "Anna", "Last Name": "Abel", "Text": "A joy.", "Creation Date": "09/12/19, 05:24 PM"}
CALENDAR = b"\r\n".join(
    [
        b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART:20260301T090000Z",
        b"ORGANIZER;CN=Me:mailto:me@example.org\r\nATTENDEE;CN=Anna:mailto:anna@example.org",
        b"ATTENDEE;CN=Ben:mailto:ben@example.org\r\nRRULE:FREQ=DAILY;COUNT=3\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
    ]
)
TRANSFERS = table(
    ["Date", "From", "To", "Post", "Quantity"], ["2024-01-05", "Ben (2)", "Anna (1)", "Mended a bicycle", "1:30"]
)
ACCOUNT = monica(
    [
        resource(
            "c-anna",
            {
                "debt": [
                    resource("d-1", in_debt=True, amount="12.50", currency="EUR", status="complete"),
                    resource("d-2", in_debt=False, amount="3", currency="EUR", status="inprogress"),
                ],
                "gift": [resource("g-1", name="A scarf", status="offered", amount="20.00")],
                "task": [resource("t-1", title="Call back", completed=True, completed_at="2024-03-02T00:00:00Z")],
                "call": [resource("l-1", called_at="2024-03-05T00:00:00Z", content="All well.")],
            },
            first_name="Anna",
            first_met_through="c-ben",
        ),
        resource("c-ben", None, first_name="Ben"),
    ],
    {"currency": "EUR"},
)
KINDS: Sequence[tuple[str, bytes, dict[str, int]]] = (
    ("google", PEOPLE, {"party": 4}),
    ("linkedin", linkedin(LINKEDIN_2024, LINK), {"party": 1, "contact": 1}),
    ("recommendations", table(RECOMMENDATIONS, PRAISE), {"party": 1, "favour": 1}),
    ("calendar", CALENDAR, {"party": 2, "contact": 6}),
    ("splitwise", DINNER, {"party": 2, "favour": 2}),
    ("timeoverflow", TRANSFERS, {"party": 2, "favour": 1}),
    ("monica", ACCOUNT, {"party": 2, "favour": 1, "promise": 3, "contact": 1, "introduction": 1}),
)


@pytest.mark.parametrize(("content", "recorded"), [kind[1:] for kind in KINDS], ids=[kind[0] for kind in KINDS])
async def test_every_kind_is_recorded_once_and_undone_whole(
    office: Office, me: UUID, content: bytes, recorded: dict[str, int]
) -> None:
    before, readable = await office.balances(), await office.readable()
    first, tally = await office.run(content, me=me)
    assert dict(tally.recorded) == recorded
    count = await office.count()

    again, tally = await office.run(content, me=me)
    assert again == first
    assert not tally.recorded
    assert tally.recorded_before + len(tally.refusals) >= sum(recorded.values()) - recorded["party"]
    other, tally = await office.run(content + b"\n", me=me)  # another file, which says the same
    assert other != first
    assert not tally.recorded
    assert await office.count() == count

    tally = await office.undo(first)
    assert dict(tally.undone) == recorded
    assert (await office.state(first)).kept == ()
    assert await office.balances() == before
    assert await office.readable() == readable
    count = await office.count()
    await office.undo(first)
    assert await office.count() == count


async def test_every_real_card_and_calendar_is_undone_whole(
    office: Office, me: UUID, shared_data: pathlib.Path
) -> None:
    readable = await office.readable()
    for file in sorted([*(shared_data / "vcards").glob("*.vcf"), *(shared_data / "icalendar").glob("*.ics")]):
        import_id, tally = await office.run(file.read_bytes(), me=me)
        count = await office.count()
        _, again = await office.run(file.read_bytes(), me=me)
        assert not again.recorded
        assert await office.count() == count
        undone = await office.undo(import_id)
        assert undone.undone == tally.recorded
        assert await office.readable() == readable, file.name


# ── who is who ─────────────────────────────────────────────────────────────────────────────────────────────────


async def test_people_are_known_by_their_references(office: Office, desk: Desk) -> None:
    anna = (await desk.give(RegisterParty(name="Dr Abel", references=(Reference("email", "anna@example.org"),)))).id
    foreseen = await office.preview(PEOPLE)
    assert [(one.name, one.how, one.party, one.source) for one in foreseen.matches[:2]] == [
        ("Anna", "reference", anna, "email"),
        ("Ben", "new", None, None),
    ]
    assert foreseen.recorded == {"party": 3}
    _, tally = await office.run(PEOPLE)
    assert tally.recorded == {"party": 3}


async def test_a_name_is_a_suggestion_until_it_is_asked_for(office: Office, desk: Desk) -> None:
    (ben,) = await desk.register("BEN")
    await desk.register("Dora", "Dora")
    foreseen = await office.preview(PEOPLE)
    assert [len(one.suggestions) for one in foreseen.matches] == [0, 1, 0, 2]
    assert foreseen.matches[1].suggestions == (ben,)
    assert foreseen.recorded == {"party": 4}
    import_id, tally = await office.run(PEOPLE, match_names=True)
    assert tally.recorded == {"party": 3, "reference": 1}
    _, tally = await office.run(PEOPLE)  # he is known by his reference now
    assert not tally.recorded
    undone = await office.undo(import_id)
    assert undone.undone == {"party": 3}
    assert [(one.kind, one.id, one.code) for one in undone.kept] == [("reference", ben, "reference_stays")]


async def test_an_address_that_two_share_makes_them_no_one(office: Office) -> None:
    await office.run(PEOPLE)
    swapped = table(
        GOOGLE_NEW,
        {"First Name": "Cara", "E-mail 1 - Value": "shared@example.org"},
        {"First Name": "Cara", "E-mail 1 - Value": "SHARED@example.org", "Phone 1 - Value": "7"},
    )
    foreseen = await office.preview(swapped)
    assert foreseen.people == 1


async def test_somebody_in_two_files_is_one_party(office: Office, me: UUID) -> None:
    await office.run(PEOPLE)
    _, tally = await office.run(linkedin(LINKEDIN_2024, LINK), me=me)
    assert tally.recorded == {"contact": 1}


async def test_whoever_i_am_is_not_registered_and_does_not_meet_myself(office: Office, me: UUID) -> None:
    content = CALENDAR.replace(b"anna@", b"me@")
    _, tally = await office.run(content, me=me)
    assert tally.recorded == {"party": 1, "contact": 3}
    assert tally.left_out == {"with oneself": 3} or not tally.left_out


async def test_a_party_that_was_merged_is_known_still(office: Office, desk: Desk) -> None:
    _, _ = await office.run(PEOPLE)
    (anna,) = await desk.register("Anna Abel")
    first = await office.value("SELECT party_id FROM party ORDER BY registered_at LIMIT 1")
    await desk.give(MergeParty(into=anna), first)
    _, tally = await office.run(PEOPLE + b"\n")
    assert not tally.recorded


# ── undone, and again ──────────────────────────────────────────────────────────────────────────────────────────


async def test_what_was_undone_is_recorded_again_when_it_is_imported_again(office: Office) -> None:
    first, _ = await office.run(DINNER)
    before = await office.balances()
    await office.undo(first)
    second, tally = await office.run(DINNER)
    assert second != first
    assert tally.recorded == {"party": 2, "favour": 2}
    assert sorted(row[2:] for row in await office.balances()) == sorted(row[2:] for row in before)
    await office.undo(second)
    assert await office.balances() == []


async def test_between_parties_who_stay_favours_are_reinstated(office: Office, desk: Desk) -> None:
    for name in ("Anna", "Ben"):
        await desk.give(RegisterParty(name=name, references=(Reference("splitwise", name),)))
    first, _ = await office.run(DINNER)
    before = await office.balances()
    for _ in range(2):
        await office.undo(first)
        assert await office.balances() == []
        first, tally = await office.run(DINNER)
        assert tally.recorded == {"favour": 2}
        assert await office.balances() == before


async def test_what_somebody_retracted_by_hand_stays_retracted(office: Office, desk: Desk) -> None:
    await office.run(DINNER)
    favour = await office.value("SELECT stream_id FROM event WHERE topic = 'favour.recorded' LIMIT 1")
    await desk.give(RetractFavour(), favour, capacity="admin")
    count = await office.count()
    await office.run(DINNER)
    await office.run(DINNER + b"\n")
    assert await office.count() == count


async def test_what_cannot_be_undone_is_told(office: Office, desk: Desk) -> None:
    import_id, _ = await office.run(DINNER)
    rows = await office.service.pool.fetch("SELECT party_id FROM party ORDER BY registered_at, party_id")
    anna, ben = (UUID(int=row["party_id"].int) for row in rows)
    await desk.give(RecordFavour(giver=anna, receiver=ben))
    await desk.give(RenameParty(name="Annie"), anna)
    foreign = await office.undo(import_id, Who("recorder", "another"))
    assert {one.code for one in foreign.kept} == {"wrong_party"}
    assert foreign.kept_count == 4
    undone = await office.undo(import_id)
    assert undone.undone == {"favour": 2}
    assert {(one.kind, one.code) for one in undone.kept} == {("party", "party_is_involved")}
    view = await office.state(import_id)
    assert (view.state, view.undone, view.recorded) == ("undone", 2, {"favour": 2, "party": 2})


async def test_what_was_acknowledged_is_undone_too(office: Office, desk: Desk) -> None:
    import_id, _ = await office.run(TRANSFERS)
    favour = await office.value("SELECT stream_id FROM event WHERE topic = 'favour.recorded'")
    receiver = await office.value("SELECT receiver FROM event WHERE topic = 'favour.recorded'")
    await desk.give(AcknowledgeFavour(by=receiver), favour)
    await office.undo(import_id)
    assert await office.balances() == []


async def test_an_administrators_key_undoes_what_another_recorded(office: Office) -> None:
    import_id, tally = await office.run(ACCOUNT)
    undone = await office.undo(import_id, Who("admin", "boss"))
    assert undone.undone == tally.recorded


# ── cut off ────────────────────────────────────────────────────────────────────────────────────────────────────


class CutOffError(Exception):
    """Stands for the power failing."""


def many(count: int) -> bytes:
    names = ({"First Name": f"P{number}", "E-mail 1 - Value": f"p{number}@example.org"} for number in range(count))
    return table(GOOGLE_NEW, *names)


async def cut_off(run: Run | Undoing, after: int) -> None:
    """Let it go on for so many signs of life, and no further."""
    signs: Iterator[int] = iter(range(after))

    def fail(_: Tally) -> None:
        if next(signs, None) is None:
            raise CutOffError

    with pytest.raises(CutOffError):
        await run.go(fail)


async def test_a_run_that_was_cut_off_goes_on(office: Office) -> None:
    run = await office.begin(many(1500))
    await cut_off(run, 2)
    view = await office.state(run.claim.import_id)
    assert view.state == "interrupted"
    assert view.recorded == {"party": 1024}
    import_id, tally = await office.run(many(1500))
    assert import_id == run.claim.import_id
    assert tally.recorded == {"party": 476}
    assert (await office.state(import_id)).recorded == {"party": 1500}
    undoing = await begin_undoing(office.service, LEDGER, import_id, WHO)
    assert undoing is not None
    await cut_off(Undoing(undoing, Tally()), 1)
    assert (await office.state(import_id)).state == "interrupted"
    await office.undo(import_id)
    view = await office.state(import_id)
    assert (view.state, view.undone, view.kept) == ("undone", 1500, ())
    assert await office.readable() == 0


async def test_a_run_that_was_cut_off_is_undone_as_far_as_it_came(office: Office) -> None:
    run = await office.begin(many(1500))
    await cut_off(run, 1)
    undone = await office.undo(run.claim.import_id)
    assert undone.undone == {"party": 512}
    assert await office.readable() == 0


async def test_one_at_a_time(office: Office) -> None:
    run = await office.begin(many(3))
    standing = await start(office.service, LEDGER, Upload(content=many(3)), WHO)
    assert isinstance(standing, ImportView)
    assert (standing.id, standing.state) == (run.claim.import_id, "running")
    assert await begin_undoing(office.service, LEDGER, standing.id, WHO) is None
    await office.service.pool.execute("UPDATE file_import SET beat_at = beat_at - interval '1 hour'")
    other = await office.begin(many(3))
    with pytest.raises(TakenOverError):
        await run.go()
    tally = await other.go()
    assert tally.recorded == {"party": 3}


# ── refused ────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_what_the_rules_refuse_is_told_with_its_place(office: Office) -> None:
    _, tally = await office.run(DINNER)
    assert [(one.place, one.code) for one in tally.refusals] == [(4, "unknown_unit")]


async def test_bad_files_change_nothing(office: Office) -> None:
    count = await office.count()
    for content, named in ((b"Dear diary", None), (b"Dear diary", "vcard"), (b"x", "docx")):
        with pytest.raises(UnreadableFileError):
            await office.begin(content, format=named)
    with pytest.raises(Refusal, match="unknown_party"):
        await office.begin(PEOPLE, me=UUID(int=7))
    with pytest.raises(Refusal, match="import_not_found"):
        await begin_undoing(office.service, LEDGER, UUID(int=7), WHO)
    assert await office.count() == count
    assert (await list_imports(office.service, LEDGER, 10)).items == ()


async def test_imports_are_listed_the_latest_first(office: Office) -> None:
    ids = [(await office.run(content))[0] for content in (PEOPLE, DINNER)]
    assert [one.id for one in (await list_imports(office.service, LEDGER, 10)).items] == ids[::-1]


async def test_no_word_of_a_file_is_kept_beside_the_events(office: Office, me: UUID) -> None:
    await office.run(ACCOUNT, me=me)
    rows = await office.service.pool.fetch(
        "SELECT i::text FROM file_import AS i UNION ALL SELECT r::text FROM file_import_record AS r"
    )
    said = " ".join(row[0] for row in rows)
    for word in ("Anna", "Ben", "scarf", "Call", "well", "c-anna"):
        assert word not in said


async def test_references_that_others_have_are_left_to_them(office: Office, desk: Desk) -> None:
    (somebody,) = await desk.register("Somebody")
    content = table(GOOGLE_NEW, {"First Name": "Anna", "E-mail 1 - Value": "anna@example.org ::: other@example.org"})
    await office.run(PEOPLE)
    await desk.give(AddReference(reference=Reference("email", "other@example.org")), somebody)
    foreseen = await office.preview(content)
    assert [one.how for one in foreseen.matches] == ["reference"]


CAPACITIES: tuple[Capacity, ...] = ("recorder", "admin")


@pytest.mark.parametrize("capacity", CAPACITIES)
async def test_either_capacity_imports(office: Office, capacity: Capacity) -> None:
    _, tally = await office.run(TRANSFERS, who=Who(capacity, "k"))
    assert tally.recorded == {"party": 2, "favour": 1}
