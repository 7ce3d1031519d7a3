"""Streams in the order in which they began: all of a kind, those of a party, or those between two."""

from collections.abc import Sequence
from typing import Literal
from uuid import UUID

from msgspec import Struct

from services.reading.aliases import Aliases, read_aliases
from services.reading.as_of import now
from services.reading.pages import Page, a_number, cut, read_cursor
from services.reading.question import BadQuestionError
from services.reading.snapshot import Snapshot, sql

WINDOW = 10_000
"""How many positions of the log one page of a whole ledger looks at, at most."""

Order = Literal["oldest", "newest"]
Begun = tuple[list[UUID], int | None]
"""The streams of a page, and the position after which the next one begins; ``None`` where none follows."""


async def list_begun(
    snapshot: Snapshot, topics: Sequence[str], party: UUID | None, other: UUID | None, order: Order, page: Page
) -> Begun:
    """A page of the streams that began with one of the topics.

    Of a whole ledger a page may hold fewer than were asked for, even none: only the position tells whether more follow.
    """
    (place,) = read_cursor(page.after, a_number) if page.after else (None,)
    stretch = Stretch(topics, place, order, page.limit)
    aliases = await read_aliases(snapshot, now(snapshot))
    if party is not None:
        return await _of_parties(snapshot, [aliases.ids(one) for one in (party, other) if one is not None], stretch)
    if other is not None:
        raise BadQuestionError("other", "'other' goes with 'party': those between the two.")
    return await _of_all(snapshot, aliases, stretch)


class Stretch(Struct, frozen=True):
    """Which topics, after which position, in which direction, and how many."""

    topics: Sequence[str]
    place: int | None
    order: Order
    limit: int

    def sql(self, name: str) -> str:
        """A statement that goes in this direction."""
        after, direction = (">", "ASC") if self.order == "oldest" else ("<", "DESC")
        return sql(name).format(after=after, direction=direction)


async def _of_parties(snapshot: Snapshot, parties: Sequence[Sequence[UUID]], stretch: Stretch) -> Begun:
    name = "begun_of_party" if len(parties) == 1 else "begun_of_pair"
    rows = await snapshot.fetch(
        stretch.sql(name), snapshot.ledger_id, *parties, stretch.topics, stretch.place, stretch.limit + 1
    )
    shown, last = cut(rows, stretch.limit)
    return [row["stream_id"] for row in shown], None if last is None else last["position"]


async def _of_all(snapshot: Snapshot, aliases: Aliases, stretch: Stretch) -> Begun:
    """What a bounded stretch of the log holds."""
    place, head, up = stretch.place, snapshot.position, stretch.order == "oldest"
    if up:
        low = min(place or 0, head) + 1
        high = min(low + WINDOW - 1, head)
    else:
        high = head if place is None else min(place - 1, head)
        low = max(high - WINDOW + 1, 1)
    known = (aliases.merged, aliases.roots)
    rows = await snapshot.fetch(
        stretch.sql("begun"), snapshot.ledger_id, low, high, stretch.topics, stretch.limit, *known
    )
    reached = rows[-1]["position"] if len(rows) == stretch.limit else high if up else low
    more = reached < head if up else reached > 1
    return [row["stream_id"] for row in rows], reached if more else None
