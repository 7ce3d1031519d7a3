"""The ledger itself: opened once, with a policy that may change. Its stream has the nil UUID as its id."""

from datetime import datetime
from typing import ClassVar, assert_never
from uuid import UUID

from msgspec import Struct

from domain.command import Act, Command, Facts, What, not_found, require_in_order
from domain.event import Event
from domain.names import require_name
from domain.policy import Policy
from domain.refusal import Refusal

LEDGER_STREAM = UUID(int=0)


class LedgerOpened(Event, frozen=True, kw_only=True):
    """A ledger began, under this policy."""

    TOPIC: ClassVar[str] = "ledger.opened"
    WORDS: ClassVar[tuple[str, ...]] = ("title",)
    LASTING: ClassVar[bool] = True

    policy: Policy
    title: str | None = None


class PolicyChanged(Event, frozen=True, kw_only=True):
    """From here on another policy holds."""

    TOPIC: ClassVar[str] = "ledger.policy_changed"

    policy: Policy


LedgerEvent = LedgerOpened | PolicyChanged


class OpenLedger(Command, frozen=True, kw_only=True):
    """Open a ledger: one community's, team's or person's book. For an administrator's key."""

    ACT: ClassVar[str] = "ledger.open"
    CREATES: ClassVar[bool] = True

    title: What | None = None
    policy: Policy = Policy()


class ChangePolicy(Command, frozen=True, kw_only=True):
    """Replace the ledger's policy. For an administrator's key. A unit that is in use may not be taken away."""

    ACT: ClassVar[str] = "ledger.change_policy"

    policy: Policy


LedgerCommand = OpenLedger | ChangePolicy


class Ledger(Struct, frozen=True):
    """What decisions need to know of a ledger."""

    policy: Policy
    latest: datetime

    @property
    def parties(self) -> tuple[UUID, ...]:
        """None."""
        return ()


initial = None


def decide(command: LedgerCommand, ledger: Ledger | None, facts: Facts, act: Act) -> tuple[LedgerEvent, ...]:
    """What a command about the ledger leads to; only an administrator's key may give one."""
    del facts
    if act.who.capacity != "admin":
        raise Refusal("admin_only", "Only an administrator's key may open a ledger or change its policy.")
    match command:
        case OpenLedger():
            if ledger is not None:
                raise Refusal("ledger_exists", "There is a ledger with this id already; choose another id.")
            if command.title is not None:
                require_name(command.title, "title")
            return (LedgerOpened(occurred_at=act.occurred_at, who=act.who, title=command.title, policy=command.policy),)
        case ChangePolicy():
            if ledger is None:
                raise not_found("ledger")
            require_in_order(ledger.latest, act)
            if command.policy == ledger.policy:
                return ()
            missing = [unit for unit in ledger.policy.units if unit not in command.policy.units]
            if missing:
                raise Refusal("unit_in_use", f"A ledger keeps its units; the new policy lacks: {', '.join(missing)}.")
            return (PolicyChanged(occurred_at=act.occurred_at, who=act.who, policy=command.policy),)
        case _:
            assert_never(command)


def evolve(ledger: Ledger | None, event: LedgerEvent) -> Ledger:
    """The ledger after an event."""
    del ledger
    return Ledger(policy=event.policy, latest=event.occurred_at)
