"""Claims: inviting a party to its own record, taking it over, and one person's view over all its ledgers."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect
from msgspec import Struct

from domain.refusal import Refusal
from services.access.claims import INVITATION_LIFE, Claim, claims_of, invite, invited, redeem_invitation
from services.access.keys import AccessKey
from services.dashboard.errors import NotSignedInError, PageError
from services.dashboard.language import translate as _
from services.dashboard.render import page
from services.dashboard.sessions import person_of, require_own_form, require_same_origin, sign_in
from services.dashboard.visit import Visit, ledger_title, open_frame
from services.dashboard.volumes import Sum, read_party_sums
from services.reading.attention import read_attention
from services.reading.parties import read_party
from services.reading.reader import Reader
from services.reading.snapshot import open_snapshot
from services.reading.words import read_names
from services.service import Service


class Book(Struct, frozen=True, kw_only=True):
    """One of a person's ledgers, from the side of the party that it claimed there."""

    ledger: str
    title: str
    party: UUID
    name: str
    sums: tuple[Sum, ...]
    waiting: int
    due: int
    reach_out: int


@post("/people/{party:uuid}/invite", status_code=200)
async def invite_party(
    party: FromPath[UUID], request: Request[Any, Any, Any], visit: NamedDependency[Visit]
) -> Response[str]:
    """Make a link by which the party's record can be claimed; it is on the page that comes back, and nowhere else."""
    visit.require("admin")
    require_own_form(request, {name: str(value) for name, value in (await request.form()).items()})
    async with visit.look() as snapshot:
        frame = open_frame(visit, snapshot)
        answer, _named = await snapshot.together.all(read_party(snapshot, party), frame.name(snapshot, [party]))
        view = answer.party
    if view.erased or view.merged_into is not None:
        raise PageError(409, _("Nobody is there to invite"), _("This party was erased, or merged into another."))
    token = await invite(visit.service.ledgers, visit.key.ledger_id, party, clock=visit.service.clock)
    link = f"{_base(request)}/claim/{visit.key.ledger_id}/{token}"
    return frame.page("invited.html", party=party, link=link, days=INVITATION_LIFE.days)


@get("/claim/{ledger:str}/{token:str}")
async def ask_to_claim(ledger: FromPath[str], token: FromPath[str], service: NamedDependency[Service]) -> Response[str]:
    """Whose record it is, and what claiming it means. Looking does not use the link up."""
    party = await invited(service.ledgers, ledger, token, clock=service.clock)
    if party is None:
        raise _gone()
    async with open_snapshot(service, ledger) as snapshot:
        names = await read_names(snapshot, [party])
        title = ledger_title(snapshot)
    return page("claim.html", name=names[party], title=title)


@post("/claim/{ledger:str}/{token:str}", status_code=303)
async def claim(
    ledger: FromPath[str], token: FromPath[str], request: Request[Any, Any, Any], service: NamedDependency[Service]
) -> Redirect:
    """Take the record over, and sign in by it."""
    require_same_origin(request)
    try:
        claimed = await redeem_invitation(service.ledgers, ledger, token, person_of(request), clock=service.clock)
    except Refusal as refusal:
        raise PageError(409, _("Not now"), refusal.message) from None
    if claimed is None:
        raise _gone()
    person, key = claimed
    sign_in(request, key, person)
    return Redirect("/", status_code=303)


@get("/ledgers")
async def show_ledgers(request: Request[Any, Any, Any], visit: NamedDependency[Visit]) -> Response[str]:
    """One person's view over all the ledgers in which it claimed a party."""
    if visit.person is None:
        raise PageError(404, _("No record was claimed"), _("This page is for those who did."))
    service = visit.service
    claims = await claims_of(service.pool, visit.person, clock=service.clock)
    books = [await _book(service, one) for one in claims]
    async with visit.look() as snapshot:
        frame = open_frame(visit, snapshot)
        await frame.name(snapshot)
    totals: dict[str, list[int]] = {}
    for book in books:
        for one in book.sums:
            total = totals.setdefault(one.unit, [0, 0])
            total[0] += one.given
            total[1] += one.received or 0
    return frame.page("ledgers.html", books=books, totals=totals, provider=request.app.state.provider)


async def _book(service: Service, claim: Claim) -> Book:
    """What one claimed record comes to."""
    party, ledger = claim.party, claim.key.ledger_id
    async with open_snapshot(service, ledger) as snapshot:
        attention, names, sums = await snapshot.together.all(
            read_attention(snapshot, party, reader=Reader(claim.key.parties)),
            read_names(snapshot, [party]),
            read_party_sums(snapshot, party),
        )
        return Book(
            ledger=ledger,
            title=ledger_title(snapshot),
            party=party,
            name=names[party],
            sums=tuple(one for one in sums if one.given or one.received),
            waiting=len(attention.waiting),
            due=len(attention.promises),
            reach_out=len(attention.reach_out),
        )


@post("/ledgers/{ledger:str}/{party:uuid}", status_code=303)
async def switch_ledger(
    ledger: FromPath[str],
    party: FromPath[UUID],
    request: Request[Any, Any, Any],
    visitor: NamedDependency[AccessKey | None],
    service: NamedDependency[Service],
) -> Redirect:
    """Go on in another of one's ledgers."""
    person = person_of(request)
    if visitor is None or person is None:
        raise NotSignedInError
    require_own_form(request, {name: str(value) for name, value in (await request.form()).items()})
    for one in await claims_of(service.pool, person, clock=service.clock):
        if (one.key.ledger_id, one.party) == (ledger, party):
            sign_in(request, one.key, person)
            return Redirect("/", status_code=303)
    raise PageError(404, _("Not one of yours"), _("You have claimed no such record, or its key has ended."))


def _base(request: Request[Any, Any, Any]) -> str:
    return str(request.base_url).rstrip("/")


def _gone() -> PageError:
    return PageError(
        410,
        _("This invitation no longer works"),
        _("It is good once, within a week. Ask whoever keeps the ledger for a new one."),
    )
