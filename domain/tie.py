"""Ties: how close one party says that another is to it. Each direction is a stream of its own.

It is for who says it: the other party is not told.

Closeness sets how often a tie wants attention: *"close connections need more of your energy than loose ones"*. The
terms follow the layers in which people keep in touch (Dunbar's circles; Sutcliffe, Dunbar, Binder & Arrow 2012:
Relationships and the social brain): those spoken to at least monthly, some times a year, and at least yearly. What has
gone quiet and is no burden is *dormant* (Levin, Walter & Murnighan 2011: Dormant ties), and never asks for attention.
"""

from datetime import datetime
from typing import ClassVar, Literal, assert_never
from uuid import UUID, uuid5

from msgspec import Struct
from msgspec.structs import replace

from domain.command import Act, Command, Facts, not_found, require_in_order, require_one_of
from domain.event import Event, Who
from domain.merges import Merges
from domain.refusal import Refusal

Closeness = Literal["close", "good", "loose", "dormant"]
BEGINNING = int.from_bytes(b"rq-tie")
"""The first 48 bits of a tie's id, which is of version 8 (RFC 9562), and of no id that anybody chooses."""
NAMESPACE = UUID("5b1f7a52-6a4e-5c0e-8a55-3f6d1c9be07d")


def tie_id(party: UUID, other: UUID) -> UUID:
    """The stream of what ``party`` says of ``other``: there is one for each direction.

    Whoever knows both can tell the id. So it opens nothing: to a stranger a tie that is there looks like none, and no
    other stream can take the id.
    """
    return UUID(int=BEGINNING << 80 | 8 << 76 | uuid5(NAMESPACE, f"{party}~{other}").int & (1 << 76) - 1)


class TieEvent(Event, frozen=True, kw_only=True):
    """Base of a tie's events."""

    party: UUID
    other: UUID

    @property
    def parties(self) -> tuple[UUID, ...]:
        """Who says it, then the other."""
        return (self.party, self.other)

    @property
    def private_to(self) -> UUID:
        """Who says it: the other is not told."""
        return self.party


class TieDeclared(TieEvent, frozen=True, kw_only=True):
    """The party said how close the other is to it."""

    TOPIC: ClassVar[str] = "tie.declared"

    closeness: Closeness


class TieUndeclared(TieEvent, frozen=True, kw_only=True):
    """The party took back what it had said; how close the other is, is open."""

    TOPIC: ClassVar[str] = "tie.undeclared"


AnyTieEvent = TieDeclared | TieUndeclared


class DeclareTie(Command, frozen=True, kw_only=True):
    """Say how close another party is to one's own. Said again, it replaces what was said before."""

    ACT: ClassVar[str] = "tie.declare"
    CREATES: ClassVar[bool] = True

    party: UUID
    other: UUID
    closeness: Closeness

    def needs_parties(self) -> tuple[UUID, ...]:
        """The two."""
        return (self.party, self.other)

    def stream_id(self) -> UUID:
        """The tie's own."""
        return tie_id(self.party, self.other)


class UndeclareTie(Command, frozen=True, kw_only=True):
    """Take back what one said of a tie's closeness."""

    ACT: ClassVar[str] = "tie.undeclare"


TieCommand = DeclareTie | UndeclareTie


class Tie(Struct, frozen=True):
    """What decisions need to know of a tie, seen from one side."""

    party: UUID
    other: UUID
    latest: datetime
    closeness: Closeness | None
    """``None`` once it was taken back."""

    @property
    def parties(self) -> tuple[UUID, ...]:
        """Who says it, then the other."""
        return (self.party, self.other)

    @property
    def status(self) -> Literal["declared", "undeclared"]:
        """Whether anything is said."""
        return "undeclared" if self.closeness is None else "declared"


initial = None


def require_no_ties(stream: UUID) -> None:
    """Refuse an id that is kept for ties, for what is none: it would take a tie's place."""
    if stream.int >> 80 == BEGINNING:
        raise Refusal(
            "reserved_id", f"Ids that begin with {str(stream)[:13]} are kept for ties; choose another, or leave it out."
        )


def is_there_for(state: object, who: Who, merges: Merges) -> bool:
    """Whether a stream of this state is there for who acts: not where it is another party's tie."""
    return not isinstance(state, Tie) or who.capacity != "party" or merges.same(who.by, state.party)


def decide(command: TieCommand, tie: Tie | None, facts: Facts, act: Act) -> tuple[AnyTieEvent, ...]:
    """What a command about a tie leads to; only the party itself, or a recorder on its behalf, says it."""
    match command:
        case DeclareTie():
            return _declare(command, tie, facts, act)
        case UndeclareTie():
            if tie is None:
                raise not_found("tie")
            require_one_of(act, {"party": tie.party})
            if tie.closeness is None:
                return ()
            require_in_order(tie.latest, act)
            return (TieUndeclared(occurred_at=act.occurred_at, who=act.who, party=tie.party, other=tie.other),)
        case _:
            assert_never(command)


def _declare(command: DeclareTie, tie: Tie | None, facts: Facts, act: Act) -> tuple[AnyTieEvent, ...]:
    facts.require_apart(command.party, command.other)
    require_one_of(act, {"party": command.party})
    facts.require_registered(command.party, command.other)
    if act.stream != command.stream_id():
        raise Refusal("wrong_id", f"The id of this tie is {command.stream_id()}; leave 'id' out.")
    if tie is not None:
        if tie.closeness == command.closeness:
            return ()
        require_in_order(tie.latest, act)
    return (
        TieDeclared(
            occurred_at=act.occurred_at,
            who=act.who,
            party=command.party,
            other=command.other,
            closeness=command.closeness,
        ),
    )


def evolve(tie: Tie | None, event: AnyTieEvent) -> Tie:
    """The tie after an event."""
    closeness = event.closeness if isinstance(event, TieDeclared) else None
    if tie is None:
        return Tie(event.party, event.other, event.occurred_at, closeness)
    return replace(tie, latest=event.occurred_at, closeness=closeness)
