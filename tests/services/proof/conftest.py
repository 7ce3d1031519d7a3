"""A ledger with something of everything in it."""

import pytest

from domain.favour.commands import AcknowledgeFavour, DisputeFavour, RecordFavour
from domain.introduction.commands import ConsentToIntroduction, MakeIntroduction, ProposeIntroduction
from domain.promise.commands import AcceptInPart, AgreeToPromise, MakePromise, ReportDelivery, RequestPromise
from services.proof.builder import build_whole
from services.service import Service
from tests.services.conftest import LEDGER, Desk


@pytest.fixture
async def told(service: Service, desk: Desk) -> Service:
    """The service, its ledger told and in the tree."""
    anna, ben, cara = await desk.register("Anna Abel", "Ben Bauer", "Cara Cole")
    for number in range(6):
        giver, receiver = ((anna, ben), (ben, cara), (cara, anna))[number % 3]
        favour = await desk.give(
            RecordFavour(giver=giver, receiver=receiver, what=f"favour {number}", quantity=number + 1)
        )
        answer = AcknowledgeFavour(by=receiver) if number % 2 else DisputeFavour(by=receiver, reason="not so")
        await desk.give(answer, favour.id)
    made = await desk.give(MakePromise(promisor=anna, promisee=ben, what="a shelf", quantity=10))
    await desk.give(ReportDelivery(by=anna), made.id)
    await desk.give(AcceptInPart(by=ben, fraction=0.3), made.id)
    asked = await desk.give(RequestPromise(by=cara, promisor=ben, promisee=cara, what="a chair"))
    await desk.give(AgreeToPromise(by=ben), asked.id)
    meeting = await desk.give(ProposeIntroduction(by=cara, introducer=cara, first=anna, second=ben))
    for party in (anna, ben):
        await desk.give(ConsentToIntroduction(by=party), meeting.id)
    await desk.give(MakeIntroduction(by=cara), meeting.id)
    await build_whole(service.pool, LEDGER)
    return service
