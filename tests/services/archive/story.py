"""A ledger with more events than a file of the archive has to hold, and what puts them away."""

from datetime import timedelta
from uuid import UUID

from domain.contact import RecordContact
from domain.favour.commands import AcknowledgeFavour, DisputeFavour, RecordFavour
from domain.introduction.commands import ConsentToIntroduction, MakeIntroduction, ProposeIntroduction
from domain.promise.commands import AcceptInPart, MakePromise, ReportDelivery
from services.archive.parquet import GROUP_EVENTS
from services.archive.putting import ArchivedFile, put_away
from services.proof.builder import build_whole
from services.service import Service
from tests.services.conftest import LEDGER, Desk, owner_of

COUNT = "SELECT count(*) FROM event WHERE substr(state, 1, 10) = '\\x00'::bytea || 'archived '"


async def fill(desk: Desk) -> list[UUID]:
    """Tell of some three hundred events among three parties; answers the parties, a favour and a promise."""
    parties = await desk.register("Anna Abel", "Ben Bauer", "Cara Cole")
    made: list[UUID] = []
    for number in range(36):
        a, b, c = (parties[(number + step) % 3] for step in range(3))
        favour = await desk.give(RecordFavour(giver=a, receiver=b, what=f"favour {number}", quantity=number + 1))
        answer = AcknowledgeFavour(by=b, note="yes") if number % 2 else DisputeFavour(by=b, reason="not so")
        await desk.give(answer, favour.id)
        promise = await desk.give(MakePromise(by=a, promisor=a, promisee=b, what=f"shelf {number}", quantity=10))
        await desk.give(ReportDelivery(by=a), promise.id)
        if number % 3:
            await desk.give(AcceptInPart(by=b, fraction=0.3), promise.id)
        meeting = await desk.give(ProposeIntroduction(by=c, introducer=c, first=a, second=b, why="do meet"))
        await desk.give(ConsentToIntroduction(by=a), meeting.id)
        if number % 4:
            await desk.give(ConsentToIntroduction(by=b), meeting.id)
            await desk.give(MakeIntroduction(by=c), meeting.id)
        await desk.give(RecordContact(by=a, initiator=a, other=b, channel="call", learnt="at the well"))
        made = [favour.id, promise.id, meeting.id]
    await build_whole(desk.service.pool, LEDGER)
    return [*parties, *made]


async def put_all_away(service: Service) -> list[ArchivedFile]:
    """Put away what fills a file, by now."""
    async with owner_of(service) as owner:
        later = service.clock() + timedelta(seconds=1)
        return await put_away(owner, service.shelf, LEDGER, later, service.clock, file_events=GROUP_EVENTS)
