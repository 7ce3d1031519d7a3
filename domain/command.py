"""What every command has in common, and what a decision may look at beside its stream's state."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Annotated, Any, ClassVar, NamedTuple, Protocol, TypeVar
from uuid import UUID

from msgspec import Meta, Struct, field

from domain.event import Who
from domain.merges import Merges
from domain.policy import Policy
from domain.refusal import Refusal

State = TypeVar("State")

What = Annotated[str, Meta(min_length=1, max_length=500, description="What it is, in a sentence.")]
Note = Annotated[str, Meta(min_length=1, max_length=4000, description="A note in free words.")]
Unit = Annotated[str, Meta(min_length=1, max_length=40, description="A unit that the ledger's policy names.")]
Moment = Annotated[datetime, Meta(tz=True, description="RFC 3339 with an offset.")]
Topic = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=40,
        pattern=r"^[a-z0-9][a-z0-9-]*$(?!\n)",  # a line break may stand after the end that $ means
        description="What it is about, in one word of the community's own: gardening, sql. Not for words about people.",
    ),
]
FIRST_MOMENT = datetime.min.replace(tzinfo=UTC)
LAST_MOMENT = datetime.max.replace(tzinfo=UTC)
Source = Annotated[str, Meta(min_length=1, max_length=60, pattern=r"^[a-z0-9][a-z0-9._-]*$")]


class Reference(Struct, frozen=True, forbid_unknown_fields=True):
    """How a partner's system names a party: the system and its own id there."""

    source: Source
    id: Annotated[str, Meta(min_length=1, max_length=200)]

    def __post_init__(self) -> None:
        """Refuse a source that ends in a line break, which a pattern's end lets through."""
        if self.source.endswith("\n"):
            raise ValueError("a source has no line break")


class Command(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True, gc=False):
    """Base of all commands: what someone wants to have happened to one stream.

    ``by`` is the party that acts; ``occurred_at`` when it happened, the moment of recording if absent.
    """

    ACT: ClassVar[str]
    CREATES: ClassVar[bool] = False
    IS_LOCKED: ClassVar[bool] = False
    """Whether more than rows of the batch follow from it, so that it is recorded with its ledger's head locked."""

    by: UUID | None = None
    occurred_at: Moment | None = None

    def needs_parties(self) -> tuple[UUID, ...]:
        """The parties that have to be registered for this command: a fact to load before deciding."""
        return ()

    def needs_references(self) -> tuple[Reference, ...]:
        """The external references whose owner has to be known: a fact to load before deciding."""
        return ()

    def needs_streams(self) -> tuple[UUID, ...]:
        """Other streams whose state has to be known: a fact to load before deciding."""
        return ()

    def needs_open_promises(self, state: object) -> tuple[UUID, ...]:
        """The promisors whose open promises have to be counted, where they are limited: a fact to load before deciding.

        ``state`` is that of the command's stream; ``None`` where it has no events so far.
        """
        del state
        return ()

    def needs_gifts(self) -> tuple[UUID, UUID] | None:
        """Giver and receiver between whom the gifts so far have to be known: a fact to load before deciding."""
        return None

    def needs_standing(self) -> bool:
        """Whether it has to be known if anything stands that names the party: a fact to load before deciding.

        Only for commands about a party that are recorded with the ledger's head locked.
        """
        return False

    def stream_id(self) -> UUID | None:
        """The stream that a creating command is about, where its id follows from what it says."""
        return None


class Known(Protocol):
    """A stream that a decision may look at."""

    @property
    def state(self) -> Any:
        """What its events add up to; ``None`` where there are none."""


class DeclaredGift(NamedTuple):
    """A gift that was taken, as it counts now; in the unit's smallest division."""

    occurred_at: datetime
    unit: str
    quantity: int


Gifts = dict[tuple[UUID, UUID], dict[UUID, DeclaredGift]]
"""By giver and receiver: the gifts taken, by favour."""


@cache
def declared(kind: type[Command]) -> frozenset[str]:
    """The names of the ``needs_…`` methods that a command has of its own: none of the others has to be asked."""
    names = [name for name in vars(Command) if name.startswith("needs_")]
    return frozenset(name for name in names if getattr(kind, name) is not getattr(Command, name))


class Facts(Struct, frozen=True):
    """What a decision may know beyond its stream: loaded for the batch, current within it."""

    policy: Policy
    registered: Mapping[UUID, object]
    owners: Mapping[Reference, UUID] = {}
    merges: Merges = field(default_factory=Merges)
    streams: Mapping[UUID, Known] = {}
    open_promises: Mapping[UUID, int] = {}
    """By promisor, as far as they were counted; kept only where the policy limits them."""
    gifts: Gifts = {}
    standing: Mapping[UUID, bool] = {}
    """By party, as far as it was asked: whether any stream but its own names it, and is not retracted."""

    def state_of(self, stream: UUID, kind: type[State]) -> State | None:
        """The state of another stream, one of ``needs_streams``; ``None`` where there is none of this kind."""
        known = self.streams.get(stream)
        return known.state if known is not None and isinstance(known.state, kind) else None

    def open_promises_of(self, party: UUID) -> int:
        """How many promises a party has open, whichever of its ids they name.

        Raises ``KeyError`` where they were not counted: the policy changed or parties were merged since, and the
        decision has to be made anew.
        """
        return sum(self.open_promises[one] for one in self.merges.set_of(party))

    def gifts_from(self, giver: UUID, receiver: UUID) -> Iterator[DeclaredGift]:
        """The gifts that a receiver took from a giver, as they count now, whichever of their ids each names.

        Raises ``KeyError`` where they were not loaded: parties were merged since, and the decision has to be made anew.
        """
        for one in self.merges.set_of(giver):
            for other in self.merges.set_of(receiver):
                yield from self.gifts[one, other].values()

    def root(self, party: UUID) -> UUID:
        """The party that stands for this one: another only where it was merged into that one."""
        return self.merges.root(party)

    def same(self, a: UUID | None, b: UUID | None) -> bool:
        """Whether both are there, and are one party: by their ids, or because they were merged."""
        return self.merges.same(a, b)

    def require_apart(self, *parties: UUID) -> None:
        """Refuse unless all of them are different parties, merged ones being the same."""
        into = self.merges.into
        if len({self.root(party) for party in parties} if into else set(parties)) < len(parties):
            raise Refusal(
                "same_party",
                "This takes different parties; two of those named are one and the same, by id or by a merge.",
            )

    def require_registered(self, *parties: UUID | None) -> None:
        """Refuse unless every given party is registered in this ledger."""
        for party in parties:
            if party is not None and party not in self.registered:
                raise unknown_party(party)


class Act(Struct, frozen=True):
    """The circumstances of a command: which stream, who acts, when it happened, and what the clock says now."""

    stream: UUID
    who: Who
    now: datetime
    occurred_at: datetime
    merges: Merges = field(default_factory=Merges)

    def is_by(self, party: UUID | None) -> bool:
        """Whether this party acts, under its own id or under one that was merged with it."""
        return self.merges.same(self.who.by, party)


def in_utc(moment: datetime, field: str) -> datetime:
    """The moment in UTC; refuses what leaves the calendar on the way.

    Its very first and last moment count as outside: the database's driver takes them for minus and plus infinity.
    """
    try:
        utc = moment.astimezone(UTC)
    except OverflowError:
        utc = FIRST_MOMENT
    if not FIRST_MOMENT < utc < LAST_MOMENT:
        raise Refusal("time_out_of_range", f"{field} lies outside the years 1 to 9999.")
    return utc


def act_for(stream: UUID, who: Who, command: Command, now: datetime, merges: Merges) -> Act:
    """Settle when a command took place; refuses what lies in the future or outside the calendar."""
    if command.occurred_at is None:
        return Act(stream, who, now, now, merges)
    occurred_at = in_utc(command.occurred_at, "occurred_at")
    if occurred_at > now:
        raise Refusal("occurs_in_future", "occurred_at lies in the future; it may be now at the latest.")
    return Act(stream, who, now, occurred_at, merges)


def require_one_of(act: Act, allowed: Mapping[str, UUID | None]) -> str:
    """The role in which the acting party acts; refuses when it is none of the allowed ones."""
    for role, party in allowed.items():
        if act.is_by(party):
            return role
    roles = " or ".join(allowed)
    raise Refusal("wrong_party", f"Only the {roles} may do this; name that party in 'by'.")


def is_author(act: Act, author: Who) -> bool:
    """Whether the party or the recorder's key that acted in ``author`` acts again, or an administrator's."""
    same_key = act.who.capacity == "recorder" and act.who.key == author.key
    return act.is_by(author.by) or same_key or act.who.capacity == "admin"


def require_author(act: Act, author: Who, did: str) -> None:
    """Refuse unless ``is_author``."""
    if not is_author(act, author):
        raise Refusal("wrong_party", f"Only who {did}, or an administrator's key, may do this.")


def require_in_order(latest: datetime, act: Act, event: str = "event of this stream") -> None:
    """Refuse an act that would occur before the latest of the events that it has to follow."""
    if act.occurred_at < latest:
        raise Refusal("out_of_order", f"occurred_at lies before the latest {event} ({latest.isoformat()}); it may not.")


def require_quantity(policy: Policy, unit: str, quantity: int) -> None:
    """Refuse a unit that the ledger does not use, or a quantity outside 1 … the policy's limit."""
    if unit not in policy.units:
        raise Refusal("unknown_unit", f"This ledger does not use that unit; it has: {', '.join(policy.units)}.")
    if not 1 <= quantity <= policy.quantity_limit:
        raise Refusal("quantity_out_of_range", f"quantity must lie between 1 and {policy.quantity_limit}.")


def unknown_party(party: UUID) -> Refusal:
    """The refusal for a party that the ledger does not know."""
    return Refusal(
        "unknown_party",
        f"Party {party} is not registered in this ledger, or was erased; register it first with party.register.",
    )


def not_found(kind: str) -> Refusal:
    """The refusal for an act on a stream that does not exist."""
    return Refusal(f"{kind}_not_found", f"There is no such {kind} in this ledger.")


def already_exists(kind: str) -> Refusal:
    """The refusal for creating a stream under an id that is taken."""
    return Refusal(
        f"{kind}_exists", f"This id is already taken by a {kind} of this ledger; leave 'id' out or choose another."
    )
