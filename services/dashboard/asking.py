"""Which promises a page is asked about: the filters of its address, under the names that the API has for them.

So an address that leads from a figure to its lines is the same on either side, but for its path.
"""

from datetime import datetime
from typing import Any, get_args
from uuid import UUID

from msgspec import Struct

from services.dashboard.forms.fields import as_id
from services.dashboard.names import Names
from services.dashboard.query import Query, misread, read_date
from services.dashboard.visit import Visit
from services.reading.as_of import parse_moment
from services.reading.audit_links import NONE
from services.reading.standing import NO_ORGANISATION, Lateness, Notice, NoticeShare, PromiseFilter, Standing

WANTED: tuple[str, ...] = ("asked", "open", "kept", *get_args(Standing))
"""How promises may stand that one looks for, as a form offers it."""
STANDINGS = (*WANTED, "made", "delivered")
SIDES = ("either", "made", "owed")


class Asking(Struct, frozen=True):
    """What the filters say."""

    chosen: PromiseFilter
    party: UUID | None
    """From whose side one looks."""
    side: str

    @property
    def parties(self) -> tuple[UUID | None, ...]:
        """All that are named."""
        chosen = self.chosen
        return (chosen.promisor, chosen.promisee, chosen.party, chosen.other, self.organisation)

    @property
    def organisation(self) -> UUID | None:
        """Of whose members, where one is named."""
        return None if self.chosen.organisation == NO_ORGANISATION else self.chosen.organisation

    @property
    def is_narrowed(self) -> bool:
        """Whether one of the filters holds that a form keeps folded up."""
        chosen = self.chosen
        more = (chosen.organisation, chosen.other, chosen.made_from, chosen.made_to, chosen.unit)
        return any(one is not None for one in more) or (chosen.party is None and self.by_name)

    @property
    def by_name(self) -> bool:
        """Whether promisor or promisee are named."""
        return (self.chosen.promisor or self.chosen.promisee) is not None and self.party is None

    @property
    def narrower(self) -> str | None:
        """The first of the filters that only figures lead to."""
        chosen = self.chosen
        names = ("behind", "dated", "came_due", "on_time", "lateness", "notice", "notice_share")
        return next((name for name in names if getattr(chosen, name) is not None), None)


async def read_asking(visit: Visit, names: Names) -> Asking:
    """The filters of an address. Raises ``PageError``, and ``Refusal`` where a name fits nobody or several."""
    query = visit.query
    sides = {name: await _named(visit, names, name) for name in ("promisor", "promisee", "other")}
    by_name = sides["promisor"] is not None or sides["promisee"] is not None
    party = query.party("party") or (None if by_name else visit.me)
    side = query.one_of("side", SIDES) or "either"
    if party is not None and not by_name and side != "either":
        sides["promisor" if side == "made" else "promisee"] = party
    standing: Any = query.one_of("standing", STANDINGS)
    lateness: Any = query.one_of("lateness", get_args(Lateness))
    notice: Any = query.one_of("notice", get_args(Notice))
    notice_share: Any = query.one_of("notice_share", get_args(NoticeShare))
    chosen = PromiseFilter(
        promisor=sides["promisor"],
        promisee=sides["promisee"],
        party=party if by_name or side == "either" else None,
        other=sides["other"] if party is not None and side == "either" else None,
        made_from=_moment(query, "made_from", end=False),
        made_to=_moment(query, "made_to", end=True),
        standing=standing,
        organisation=await _organisation(visit, names),
        topic=query.text("topic", 40),
        unit=query.text("unit", 40),
        lateness=lateness,
        notice=notice,
        notice_share=notice_share,
        **{name: _yes(query, name) for name in ("overdue", "behind", "dated", "came_due", "on_time")},
    )
    return Asking(chosen, party, side)


async def _named(visit: Visit, names: Names, field: str) -> UUID | None:
    """Whom a field means: by id, or by what they are called."""
    text = visit.query.text(field)
    return None if text is None else as_id(text) or await names.only(visit.looks, text)


async def _organisation(visit: Visit, names: Names) -> UUID | None:
    return NO_ORGANISATION if visit.query.text("organisation") == NONE else await _named(visit, names, "organisation")


def _yes(query: Query, name: str) -> bool | None:
    text = query.one_of(name, ("1", "true", "false"))
    return None if text is None else text != "false"


def _moment(query: Query, name: str, *, end: bool) -> datetime | None:
    """A moment, or a day: its first moment, or, where what lies before ``end`` is meant, the first of the next."""
    text = query.text(name)
    if text is None:
        return None
    if len(text) != 10:
        return parse_moment(name, text)
    day = read_date(text)
    if day is None:
        raise misread(name)
    return day if end else day.replace(hour=0, minute=0, second=0)
