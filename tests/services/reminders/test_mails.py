"""The mail of a day: what it says, that it comes once, and how it is stopped."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import httpx
import pytest
from litestar import Litestar

from domain.party import ClearReminders, EraseParty, MergeParty, SetReminders
from domain.promise.commands import MakePromise, RequestPromise
from domain.tie import DeclareTie, tie_id
from services.http.app import build_app, serve
from services.reminders import sending
from services.reminders.mail import MailServer
from services.reminders.sending import ATTEMPTS, HOUR, LEASE, reminding, send_due
from services.service import Service, open_service
from tests.services.conftest import MASTER_KEY, Desk
from tests.services.reading.conftest import Clock
from tests.services.reminders.conftest import Postbox

pytestmark = pytest.mark.anyio


@pytest.fixture
async def people(desk: Desk, clock: Clock) -> list[UUID]:
    """Anna has a promise due, an answer to give and a tie to look after; Ben has nothing; both are reminded."""
    anna, ben, cara = await desk.register("Anna", "Ben", "Cara")
    await desk.give(MakePromise(promisor=anna, promisee=cara, what="a <shelf>", due=clock.now + timedelta(days=40)))
    await desk.give(DeclareTie(by=anna, party=anna, other=ben, closeness="close"), tie_id(anna, ben))
    clock.go_on(days=38)
    await desk.give(RequestPromise(by=cara, promisor=anna, promisee=cara, what="mend the gate"))
    for party, mail in ((anna, "anna@village.example"), (ben, "ben@village.example")):
        await desk.give(SetReminders(mail=mail), party)
    return [anna, ben, cara]


class KilledError(BaseException):
    """As if the process had died there."""


async def send_all(service: Service, server: MailServer) -> None:
    while await send_due(service, server):
        pass


@pytest.mark.usefixtures("people")
async def test_a_mail_says_what_waits(service: Service, server: MailServer, postbox: Postbox, clock: Clock) -> None:
    await send_all(service, server)
    (letter,) = postbox.letters  # for Ben nothing waits
    assert (letter["To"], letter["From"]) == ("anna@village.example", "requite@village.example")
    assert letter["Subject"] == "3 things wait for you in Our village"
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert letter["Date"].datetime == clock.now
    text, html = (letter.get_body((kind,)) for kind in ("plain", "html"))
    assert text is not None
    assert html is not None
    lines = text.get_content().splitlines()
    assert "Hello Anna," in lines
    assert "- a <shelf>, for Cara: due 10 Feb 2024" in lines
    assert "- Cara asks you for a promise: mend the gate (since 8 Feb 2024)" in lines
    assert "- Ben" in lines
    assert letter["List-Unsubscribe"] == f"<{lines[-1]}>"
    assert "a &lt;shelf&gt;, for Cara" in html.get_content()


@pytest.mark.usefixtures("people")
async def test_it_comes_once_a_day(service: Service, server: MailServer, postbox: Postbox, clock: Clock) -> None:
    clock.now = clock.now.replace(hour=HOUR - 1)
    clock.go_on(days=1)
    await send_all(service, server)
    assert not postbox.letters  # the night is for sleeping
    clock.go_on(hours=1)
    await send_all(service, server)
    clock.go_on(hours=10)
    await send_all(service, server)
    assert len(postbox.letters) == 1
    clock.go_on(days=1)
    await send_all(service, server)
    await send_all(service, server)
    first, second = postbox.letters
    assert first["Message-ID"] != second["Message-ID"]
    assert "overdue" not in str(second)


async def test_of_several_processes_one_sends(
    database_url: str, service: Service, server: MailServer, postbox: Postbox, clock: Clock, desk: Desk
) -> None:
    parties = await desk.register(*(f"Party {number}" for number in range(30)))
    for number, party in enumerate(parties):
        due = clock.now + timedelta(days=3)
        await desk.give(MakePromise(promisor=party, promisee=parties[number - 1], what="x", due=due))
        await desk.give(SetReminders(mail=f"p{number}@village.example"), party)
    async with (
        open_service(database_url, MASTER_KEY, clock) as second,
        open_service(database_url, MASTER_KEY, clock) as third,
    ):
        await asyncio.gather(*(send_all(one, server) for one in (service, second, third, second)))
    assert sorted(letter["To"] for letter in postbox.letters) == sorted(
        f"p{number}@village.example" for number in range(30)
    )


@pytest.mark.usefixtures("people")
async def test_who_dies_in_between_doubles_a_mail_at_most_twice(
    service: Service, server: MailServer, postbox: Postbox, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle = sending._sql

    def dies(name: str) -> str:
        if name == "settle":
            raise KilledError
        return settle(name)

    with monkeypatch.context() as patched:
        patched.setattr(sending, "_sql", dies)
        for _ in range(ATTEMPTS + 3):
            with pytest.raises(KilledError):
                await send_due(service, server)
            assert not await send_due(service, server)  # as long as the claim lasts
            clock.go_on(minutes=LEASE.total_seconds() / 60)
            if len(postbox.letters) == ATTEMPTS:
                break
    await send_all(service, server)
    assert len(postbox.letters) == ATTEMPTS
    assert len({letter["Message-ID"] for letter in postbox.letters}) == 1


@pytest.mark.usefixtures("people")
async def test_what_the_server_does_not_take_now_it_is_asked_later(
    service: Service, server: MailServer, postbox: Postbox, clock: Clock
) -> None:
    postbox.answers = ["451 Try again later"]
    await send_all(service, server)
    assert not postbox.letters
    clock.go_on(minutes=LEASE.total_seconds() / 60)
    postbox.on_recipient = ["450 Greylisted"]
    await send_all(service, server)
    assert not postbox.letters
    clock.go_on(minutes=LEASE.total_seconds() / 60)
    await send_all(service, server)
    assert len(postbox.letters) == 1


@pytest.mark.parametrize("on", ["recipient", "data"])
@pytest.mark.usefixtures("people")
async def test_what_the_server_never_takes_is_not_sent_again(
    on: str, service: Service, server: MailServer, postbox: Postbox, clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    (postbox.on_recipient if on == "recipient" else postbox.answers).append("550 No such mailbox: anna@village.example")
    await send_all(service, server)
    clock.go_on(minutes=2 * LEASE.total_seconds() / 60)
    await send_all(service, server)
    assert not postbox.letters
    assert "anna@" not in capsys.readouterr().out


@pytest.mark.usefixtures("people")
async def test_a_server_that_is_not_there_ends_nothing(
    service: Service, server: MailServer, postbox: Postbox, clock: Clock
) -> None:
    gone = MailServer(host="127.0.0.1", port=1, sender=server.sender, address=server.address)
    await send_all(service, gone)
    clock.go_on(minutes=LEASE.total_seconds() / 60)
    await send_all(service, server)
    assert len(postbox.letters) == 1


async def test_erased_cleared_and_merged_parties(
    service: Service, server: MailServer, postbox: Postbox, clock: Clock, desk: Desk, people: list[UUID]
) -> None:
    anna, ben, cara = people
    await desk.give(MergeParty(into=cara), ben)
    await desk.give(SetReminders(mail="cara@village.example"), cara)
    await desk.give(MakePromise(promisor=ben, promisee=anna, what="x", due=clock.now + timedelta(days=5)))
    await desk.give(EraseParty(), anna, capacity="admin")
    await send_all(service, server)
    assert [letter["To"] for letter in postbox.letters] == ["cara@village.example"]  # who is Ben, too
    clock.go_on(days=1)
    await desk.give(ClearReminders(), cara)
    await send_all(service, server)
    assert [letter["To"] for letter in postbox.letters][1:] == ["ben@village.example"]
    assert not await service.pool.fetchval("SELECT count(*) FROM digest WHERE party_id = $1", anna)
    rows = await service.pool.fetch("SELECT state FROM event")
    assert not any(b"village.example" in row["state"] for row in rows)


@pytest.fixture
def app(service: Service) -> Litestar:
    built = build_app()
    serve(built, service)
    return built


@pytest.fixture
async def browser(app: Litestar) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="https://requite.village.example") as opened:
        yield opened


async def test_one_click_stops_them(
    service: Service,
    server: MailServer,
    postbox: Postbox,
    clock: Clock,
    desk: Desk,
    people: list[UUID],
    browser: httpx.AsyncClient,
) -> None:
    await send_all(service, server)
    link = str(postbox.letters[0]["List-Unsubscribe"]).strip("<>")
    looked = await browser.get(link)
    assert (looked.status_code, "<form" in looked.text) == (200, True)
    for wrong in (link[:-1] + ("A" if link[-1] != "A" else "B"), link.replace(str(people[0]), str(people[1]))):
        assert (await browser.post(wrong)).status_code == 404
    clock.go_on(days=1)
    await send_all(service, server)
    assert len(postbox.letters) == 2  # looking, and links of nobody's, stop nothing
    await desk.give(SetReminders(mail="anna@home.example"), people[0])
    assert (await browser.post(link)).status_code == 200
    clock.go_on(days=1)
    await send_all(service, server)
    assert postbox.letters[-1]["To"] == "anna@home.example"  # an old link stops no new setting
    link = str(postbox.letters[-1]["List-Unsubscribe"]).strip("<>")
    for _ in range(2):
        stopped = await browser.post(link, data={"List-Unsubscribe": "One-Click"})
        assert (stopped.status_code, "no more" in stopped.text) == (200, True)
    clock.go_on(days=1)
    await send_all(service, server)
    assert len(postbox.letters) == 3


@pytest.mark.usefixtures("people")
async def test_the_worker_sends_by_itself(service: Service, server: MailServer, postbox: Postbox) -> None:
    async with reminding(service, server), asyncio.timeout(30):
        while not postbox.letters:  # noqa: ASYNC110 - the mail server is in a thread of its own
            await asyncio.sleep(0.05)
    async with reminding(service, None):
        pass
