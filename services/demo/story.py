"""The community's story as orders to the clerk: the same ones for the same moment of opening, whatever the machine.

Chance is seeded, and every stream's id and idempotency key follow from its place in the story, so that the orders may
be sent again. Each names a moment that lies before the opening.
"""

import itertools
import random
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID, uuid5

from msgspec.structs import replace

from domain.command import Command, Reference
from domain.event import Capacity, Who
from domain.favour.commands import (
    AcknowledgeFavour,
    DisputeFavour,
    RecordFavour,
    RetractFavour,
    SettleFavour,
    WithdrawFavourDispute,
)
from domain.introduction.commands import (
    ConsentToIntroduction,
    DeclineIntroduction,
    MakeIntroduction,
    ProposeIntroduction,
    RecordOutcome,
)
from domain.party import RegisterParty
from domain.policy import GiftLimits, Policy
from domain.promise.commands import (
    AcceptDelivery,
    AcceptInPart,
    AssessPromise,
    DeclareBroken,
    MakePromise,
    RejectDelivery,
    ReleasePromise,
    RenegePromise,
    ReportDelivery,
    ReportProgress,
    RetractPromise,
)
from services.demo.bargains import tell_bargains
from services.demo.circles import tell_circles
from services.demo.introductions import MEETINGS, Meeting
from services.demo.people import MEMBERS, THANKS, Deed, Member
from services.demo.promises import WORDS, Word
from services.demo.ties import tell_ties
from services.ledger.order import Order

LEDGER = "demo"
TITLE = "Wendle Valley: who did what for whom"
GRACE_DAYS = 3
POLICY = Policy(
    units=("favour", "minute", "pound"), grace_days=GRACE_DAYS, gifts=GiftLimits(unit="pound", one=50, year=50)
)

SEED = 20_240_229
FAVOURS = 250
DAYS = 425
"""How far back the story goes: fourteen months."""
NAMESPACE = UUID("6f0b6c1e-5d0f-5a39-9a3e-0d7c7f2a1b44")
KEY = "demo"
"""What the events name as the access key: the story is told by no one's."""

DISPUTES = {
    40: ("It was one evening, not two.", "settled"),
    112: ("That was Ivo, not me. Please look again.", "withdrawn"),
    208: ("We had agreed that this was part of the job.", "open"),
}
"""By favour: what the receiver said against it, and how that ended."""
RETRACTIONS = {77: "Written down twice.", 163: "It was last year."}


def stream_id(kind: str, name: object) -> UUID:
    """The id of a stream of the story."""
    return uuid5(NAMESPACE, f"{kind}:{name}")


def party_id(handle: str) -> UUID:
    """The id of a member."""
    return stream_id("party", handle)


FIRST_PARTY = party_id(MEMBERS[0].handle)
LAST_FAVOUR = stream_id("favour", FAVOURS - 1)
"""The newest, the last to be sent, and not answered yet: where it is recorded, all else is."""


def tell_story(opened_at: datetime) -> list[Order]:
    """All orders in the order in which things happened."""
    told = [*_parties(opened_at), *_favours(opened_at), *_introductions(opened_at), *_promises(opened_at)]
    told += _ties(opened_at)
    told += _circles(opened_at)
    told.sort(key=_when)  # stable: what happened to one stream at one moment stays in order
    last = next(place for place, order in enumerate(told) if order.stream == LAST_FAVOUR)
    told.append(told.pop(last))
    return told


def _when(order: Order) -> datetime:
    assert order.command.occurred_at is not None
    return order.command.occurred_at


class Teller:
    """Writes the orders of one stream, each with an idempotency key by its number."""

    def __init__(self, kind: str, name: object) -> None:
        self.stream = stream_id(kind, name)
        self._name = f"{kind}:{name}"
        self._numbers = itertools.count(1)

    def order(self, command: Command, capacity: Capacity = "recorder") -> Order:
        """The next order."""
        return Order(
            ledger_id=LEDGER,
            command=command,
            who=Who(capacity, KEY, command.by),
            stream=command.stream_id() or self.stream,
            idempotency_key=f"{self._name}:{next(self._numbers)}",
            keeps_key=True,
        )


class Days:
    """Moments by how many days before the opening they lie; negative ones come after it."""

    def __init__(self, opened_at: datetime) -> None:
        self._midnight = opened_at.replace(hour=0, minute=0, second=0, microsecond=0)

    def at(self, days_ago: float, hour: int = 18, minute: int = 0) -> datetime:
        """A moment at a time of day. From one day ago on it lies in the past whatever the time of the opening."""
        return self._midnight - timedelta(days=int(days_ago)) + timedelta(hours=hour, minutes=minute)


def _parties(opened_at: datetime) -> Iterator[Order]:
    days = Days(opened_at)
    for number, member in enumerate(MEMBERS, start=1):
        yield Teller("party", member.handle).order(
            RegisterParty(
                occurred_at=days.at(DAYS + 1, hour=9, minute=number),
                name=member.name,
                kind=member.kind,
                note=member.note,
                references=(Reference("surgery-directory", f"{1000 + number}"),),
            )
        )


def _circles(opened_at: datetime) -> Iterator[Order]:
    for number, (stream, command) in enumerate(tell_circles(Days(opened_at).at, party_id)):
        yield replace(Teller("circle", number).order(command), stream=stream)


def _favours(opened_at: datetime) -> Iterator[Order]:
    chance = random.Random(SEED)  # noqa: S311 - a story, not a secret
    by_handle = {member.handle: member for member in MEMBERS}
    moments = sorted(chance.triangular(2, DAYS, 2 + DAYS / 3) for _ in range(FAVOURS))
    helped: list[tuple[Member, Member]] = []
    for number, days_ago in enumerate(reversed(moments)):
        giver, receiver = _pair(chance, by_handle, helped)
        helped.append((giver, receiver))
        deed = chance.choice(giver.deeds)
        at = Days(opened_at).at(days_ago, hour=chance.randrange(8, 19), minute=chance.randrange(0, 60, 5))
        if number == FAVOURS - 1:
            at = Days(opened_at).at(1, hour=21)
        yield from _favour(number, Help(giver, receiver, deed, at), chance)


class Help(NamedTuple):
    """Who helped whom, how and when."""

    giver: Member
    receiver: Member
    deed: Deed
    at: datetime


def _pair(
    chance: random.Random, by_handle: dict[str, Member], helped: list[tuple[Member, Member]]
) -> tuple[Member, Member]:
    """Who helps whom: now and then it is the return of an earlier favour."""
    if helped and chance.random() < 0.35:
        receiver, giver = chance.choice(helped)
        return giver, receiver
    giver = chance.choices(MEMBERS, [len(member.deeds) for member in MEMBERS])[0]
    return giver, _receiver(chance, giver, by_handle)


def _receiver(chance: random.Random, giver: Member, by_handle: dict[str, Member]) -> Member:
    """Mostly one of the giver's regulars, the first of them more often than the last."""
    if chance.random() < 0.18:
        return chance.choice([member for member in MEMBERS if member is not giver])
    regulars = giver.regulars.split()
    return by_handle[chance.choices(regulars, range(len(regulars) + 1, 1, -1))[0]]


def _favour(number: int, one: Help, chance: random.Random) -> Iterator[Order]:
    teller = Teller("favour", number)
    gave, received = party_id(one.giver.handle), party_id(one.receiver.handle)
    quantity = _about(one.deed.minutes, chance) if one.deed.minutes else 1
    yield teller.order(
        RecordFavour(
            by=received if chance.random() < 0.3 else gave,
            occurred_at=one.at,
            giver=gave,
            receiver=received,
            what=one.deed.what.format(to=one.receiver.first_name),
            unit="minute" if one.deed.minutes else "favour",
            quantity=quantity,
        )
    )
    later = one.at + timedelta(hours=chance.randrange(2, 14))
    answered, value = chance.random() < 0.66, chance.choice((3, 5, 6, 7, 7, 8, 8, 9, 10))
    note = chance.choice(THANKS) if chance.random() < 0.5 else None
    if number in DISPUTES:
        reason, end = DISPUTES[number]
        yield teller.order(DisputeFavour(by=received, occurred_at=later, reason=reason))
        if end == "settled":
            half = max(1, quantity // 2)
            yield teller.order(SettleFavour(by=received, occurred_at=later + timedelta(hours=1), quantity=half))
            yield teller.order(SettleFavour(by=gave, occurred_at=later + timedelta(hours=9), quantity=half))
        elif end == "withdrawn":
            yield teller.order(WithdrawFavourDispute(by=received, occurred_at=later + timedelta(hours=4)))
    elif number in RETRACTIONS:
        yield teller.order(RetractFavour(occurred_at=later, reason=RETRACTIONS[number]), "admin")
    elif answered and teller.stream != LAST_FAVOUR:
        yield teller.order(AcknowledgeFavour(by=received, occurred_at=later, value=value, note=note))


def _about(minutes: int, chance: random.Random) -> int:
    """Life is not exact; neither is it more exact than five minutes."""
    return max(10, round(minutes * chance.uniform(0.75, 1.35) / 5) * 5)


def _introductions(opened_at: datetime) -> Iterator[Order]:
    for number, meeting in enumerate(MEETINGS):
        # The newest is the last of the list, still without an answer.
        days_ago = 3 + (len(MEETINGS) - 1 - number) * 27
        yield from _introduction(Teller("introduction", number), meeting, Days(opened_at), days_ago)


def _introduction(teller: Teller, meeting: Meeting, days: Days, days_ago: int) -> Iterator[Order]:
    introducer, two = party_id(meeting.introducer), (party_id(meeting.first), party_id(meeting.second))
    yield teller.order(
        ProposeIntroduction(
            by=introducer,
            occurred_at=days.at(days_ago, hour=12),
            introducer=introducer,
            first=two[0],
            second=two[1],
            why=meeting.why,
        )
    )
    for party, answer in zip(two, meeting.answers, strict=True):
        at = days.at(days_ago - 1, hour=17 if party == two[0] else 19)
        if answer == "yes":
            yield teller.order(ConsentToIntroduction(by=party, occurred_at=at))
        elif answer == "no":
            yield teller.order(DeclineIntroduction(by=party, occurred_at=at, note=meeting.note))
    if meeting.answers != ("yes", "yes") or not meeting.made:
        return
    yield teller.order(
        MakeIntroduction(by=introducer, occurred_at=days.at(days_ago - 2, hour=10), details="Numbers passed on.")
    )
    if meeting.outcome is not None:
        led_to = (_promise_between(*two),) if meeting.outcome == "led_to" else ()
        yield teller.order(
            RecordOutcome(
                by=two[1],
                occurred_at=days.at(max(days_ago - 20, 1), hour=20),
                outcome=meeting.outcome,
                led_to=led_to,
                note=meeting.note,
            )
        )


def _ties(opened_at: datetime) -> Iterator[Order]:
    for number, commands in enumerate(tell_ties(Days(opened_at).at, party_id)):
        teller = Teller("tie", number)
        yield from (teller.order(command) for command in commands)


def _promise_between(one: UUID, other: UUID) -> UUID:
    """The first promise of either to the other."""
    pairs = ({party_id(word.promisor), party_id(word.promisee)} for word in WORDS)
    return stream_id("promise", next(number for number, pair in enumerate(pairs) if pair == {one, other}))


def _promises(opened_at: datetime) -> Iterator[Order]:
    for number, word in enumerate(WORDS):
        yield from PromiseTeller(Teller("promise", number), word, Days(opened_at)).tell()
    for number, commands in enumerate(tell_bargains(Days(opened_at).at, party_id)):
        teller = Teller("bargain", number)
        yield from (teller.order(command) for command in commands)


class PromiseTeller:
    """Tells how one promise went."""

    def __init__(self, teller: Teller, word: Word, days: Days) -> None:
        self._teller = teller
        self._word = word
        self._days = days
        self._due = word.made_days_ago - word.days
        """Days before the opening; negative where it is still to come."""
        self._promisor, self._promisee = party_id(word.promisor), party_id(word.promisee)
        self._assessor = None if word.assessor is None else party_id(word.assessor)

    def tell(self) -> Iterator[Order]:
        """Its orders, the first of which makes it."""
        word = self._word
        yield self._teller.order(
            MakePromise(
                by=self._promisor,
                occurred_at=self._days.at(word.made_days_ago, hour=11),
                promisor=self._promisor,
                promisee=self._promisee,
                assessor=self._assessor,
                what=word.what,
                unit="minute" if word.minutes else "favour",
                quantity=word.minutes or 1,
                due=self._days.at(self._due),
            )
        )
        yield from (self._teller.order(command) for command in self._course())

    def _course(self) -> Iterable[Command]:  # noqa: C901, PLR0911, PLR0912 - a table: one case, one course
        note, due = self._word.note, self._due
        match self._word.course:
            case "kept":
                return (self._progress(), self._deliver(due + 1), self._accept(due))
            case "sent back, then kept":
                return (self._deliver(due + 5), self._send_back(due + 4), self._deliver(due + 1), self._accept(due))
            case "late":
                late = due - GRACE_DAYS - 5
                return (self._progress(behind=True), self._deliver(late), self._accept(late - 1))
            case "partly":
                fraction = self._word.fraction or 0.5
                answer = AcceptInPart(by=self._promisee, occurred_at=self._at(due), fraction=fraction, note=note)
                return (self._progress(), self._deliver(due + 1), answer)
            case "broken":
                at = self._at(due - GRACE_DAYS - 4)
                return (DeclareBroken(by=self._promisee, occurred_at=at, reason=note),)
            case "reneged":
                at = self._at(due + self._word.days * 0.6)
                return (RenegePromise(by=self._promisor, occurred_at=at, reason=note),)
            case "released":
                return (ReleasePromise(by=self._promisee, occurred_at=self._at(due + 6), note=note),)
            case "assessed":
                at = self._at(due)
                outcome = AssessPromise(by=self._assessor, occurred_at=at, outcome="kept", note=note)
                return (self._progress(), outcome)
            case "retracted":
                at = self._at(self._word.made_days_ago - 1)
                return (RetractPromise(by=self._promisor, occurred_at=at, reason=note),)
            case "unconfirmed" | "reported":
                return (self._deliver(max(due + 1, 2)),)
            case "in progress":
                return (self._progress(note=note),)
            case "behind":
                return (self._progress(behind=True, note=note),)
            case "overdue" | "not started":
                return ()

    def _at(self, days_ago: float) -> datetime:
        return self._days.at(days_ago, hour=16)

    def _progress(self, *, behind: bool = False, note: str | None = None) -> ReportProgress:
        days_ago = max(self._due + self._word.days * 0.4, 1)
        return ReportProgress(by=self._promisor, occurred_at=self._at(days_ago), behind=behind, note=note)

    def _deliver(self, days_ago: float) -> ReportDelivery:
        return ReportDelivery(by=self._promisor, occurred_at=self._at(days_ago))

    def _send_back(self, days_ago: float) -> RejectDelivery:
        reason = "Nearly; look at it once more with me, please."
        return RejectDelivery(by=self._promisee, occurred_at=self._at(days_ago), reason=reason)

    def _accept(self, days_ago: float) -> AcceptDelivery:
        return AcceptDelivery(by=self._promisee, occurred_at=self._at(days_ago), note=self._word.note)
