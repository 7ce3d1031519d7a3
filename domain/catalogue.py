"""All stream types with their events and commands: the one place that knows every one of them."""

from collections.abc import Callable, Mapping
from typing import Any, get_args

from msgspec import Struct

from domain import contact, ledger, party, tie
from domain.command import Act, Command, Facts
from domain.event import Event
from domain.favour.commands import FavourCommand
from domain.favour.decide import decide as decide_favour
from domain.favour.events import AnyFavourEvent
from domain.favour.state import evolve as evolve_favour
from domain.introduction.commands import IntroductionCommand
from domain.introduction.decide import decide as decide_introduction
from domain.introduction.events import AnyIntroductionEvent
from domain.introduction.state import evolve as evolve_introduction
from domain.promise.commands import PromiseCommand
from domain.promise.decide import decide as decide_promise
from domain.promise.events import AnyPromiseEvent
from domain.promise.state import evolve as evolve_promise


class StreamType(Struct, frozen=True):
    """A kind of stream: how its state starts, what a command leads to, and how an event changes it."""

    name: str
    decide: Callable[[Any, Any, Facts, Act], tuple[Event, ...]]
    evolve: Callable[[Any, Any], Any]
    events: tuple[type[Event], ...]
    commands: tuple[type[Command], ...]


LEDGER = StreamType(
    "ledger", ledger.decide, ledger.evolve, get_args(ledger.LedgerEvent), get_args(ledger.LedgerCommand)
)
PARTY = StreamType("party", party.decide, party.evolve, get_args(party.AnyPartyEvent), get_args(party.PartyCommand))
FAVOUR = StreamType("favour", decide_favour, evolve_favour, get_args(AnyFavourEvent), get_args(FavourCommand))
INTRODUCTION = StreamType(
    "introduction",
    decide_introduction,
    evolve_introduction,
    get_args(AnyIntroductionEvent),
    get_args(IntroductionCommand),
)
PROMISE = StreamType("promise", decide_promise, evolve_promise, get_args(AnyPromiseEvent), get_args(PromiseCommand))
CONTACT = StreamType(
    "contact", contact.decide, contact.evolve, get_args(contact.AnyContactEvent), get_args(contact.ContactCommand)
)
TIE = StreamType("tie", tie.decide, tie.evolve, get_args(tie.AnyTieEvent), get_args(tie.TieCommand))

STREAM_TYPES = (LEDGER, PARTY, FAVOUR, INTRODUCTION, PROMISE, CONTACT, TIE)

TOPICS: Mapping[str, type[Event]] = {event.TOPIC: event for kind in STREAM_TYPES for event in kind.events}
"""Every event by its topic. A topic that is not in here is an error, never an import."""

ACTS: Mapping[str, type[Command]] = {command.ACT: command for kind in STREAM_TYPES for command in kind.commands}
"""Every command by the name of its act."""

STREAM_TYPE_OF: Mapping[type, StreamType] = {
    member: kind for kind in STREAM_TYPES for member in (*kind.events, *kind.commands)
}
"""The stream type of an event's or a command's class."""
