"""Common ground: what two parties share, and what one could ask the other."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from msgspec import Struct

from services.reading.aliases import Aliases, read_aliases
from services.reading.as_of import Answer, now
from services.reading.directory import INTERESTS, KNOWLEDGE, normal, read_texts
from services.reading.pages import FIRST, Page, cut, read_cursor
from services.reading.parties import require_parties
from services.reading.question import BadQuestionError
from services.reading.snapshot import Snapshot, sql
from services.reading.words import read_names


class Named(Struct, frozen=True):
    """A party by id and name."""

    party: UUID
    name: str | None


class CommonGround(Answer, frozen=True, kw_only=True):
    """What two parties have in common, and what they could ask each other. Subjects are as ``a`` has them."""

    interests: tuple[str, ...]
    knows_about: tuple[str, ...]
    a_can_tell_b: tuple[str, ...]
    """What ``a`` knows about and ``b`` is interested in."""
    b_can_tell_a: tuple[str, ...]
    """What ``b`` knows about and ``a`` is interested in."""
    organisations: tuple[Named, ...]
    """Of which both are members."""
    relations: tuple[Named, ...]
    """A page, by id, of those with whom both ever had a balance."""
    next: str | None


async def read_common_ground(snapshot: Snapshot, a: UUID, b: UUID, page: Page = FIRST) -> CommonGround:
    """What two parties have in common. Raises ``Refusal`` where the ledger does not know one of them."""
    (place,) = read_cursor(page.after, UUID) if page.after else (UUID(int=0),)
    aliases = await read_aliases(snapshot, now(snapshot))
    asked_for, (a, b) = (a, b), (aliases.root(a), aliases.root(b))
    known = (aliases.merged, aliases.roots)
    _, interests, knowledge, rows, (relations, last) = await snapshot.together.all(
        require_parties(snapshot, *asked_for),
        read_texts(snapshot, (a, b), aliases, INTERESTS),
        read_texts(snapshot, (a, b), aliases, KNOWLEDGE),
        snapshot.fetch(sql("common_organisations"), snapshot.ledger_id, aliases.ids(a), aliases.ids(b), *known),
        _relations(snapshot, a, b, aliases, place, page.limit),
    )
    if a == b:
        raise BadQuestionError("b", "Common ground is of two different parties; these are one.")
    organisations = [row["organisation_id"] for row in rows]
    names = await read_names(snapshot, (*organisations, *relations))
    return CommonGround(
        position=snapshot.position,
        interests=_shared(interests[a], interests[b]),
        knows_about=_shared(knowledge[a], knowledge[b]),
        a_can_tell_b=_shared(knowledge[a], interests[b]),
        b_can_tell_a=_shared(interests[a], knowledge[b]),
        organisations=tuple(Named(one, names.get(one)) for one in organisations),
        relations=tuple(Named(one, names.get(one)) for one in relations),
        next=None if last is None else str(last),
    )


def _shared(mine: Iterable[str], yours: Iterable[str]) -> tuple[str, ...]:
    """Those of the first that are among the second, as the first has them."""
    among = set(map(normal, yours))
    return tuple(text for text in mine if normal(text) in among)


async def _relations(
    snapshot: Snapshot, a: UUID, b: UUID, aliases: Aliases, place: UUID, limit: int
) -> tuple[Sequence[UUID], UUID | None]:
    rows = await snapshot.fetch(
        sql("common_relations"),
        snapshot.ledger_id,
        aliases.ids(a),
        aliases.ids(b),
        place,
        limit + 1,
        aliases.merged,
        aliases.roots,
    )
    return cut([row["other"] for row in rows], limit)
