"""Parties, moments, events and commands that tests are told with: builders whose defaults make sense together.

Anna gives, promises and is introduced first; Ben receives; Cora introduces and assesses; Dora is a stranger to all of
it. An event's builder names the party that would act as its ``by``; whoever needs another says so.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from msgspec import Struct

from domain.command import DeclaredGift, Facts, Gifts, Known, Reference
from domain.contact import (
    ContactRecorded,
    ContactReinstated,
    ContactRetracted,
    ContactReworded,
    RecordContact,
)
from domain.event import Capacity, Event, Posting, Who
from domain.favour.commands import DisputeFavour, RecordFavour
from domain.favour.events import (
    FavourAcknowledged,
    FavourDisputed,
    FavourDisputeWithdrawn,
    FavourGiftDeclared,
    FavourGiftOverLimit,
    FavourGiftRefused,
    FavourGiftsOverYearLimit,
    FavourRecorded,
    FavourReinstated,
    FavourRetracted,
    FavourSettled,
    FavourSettlementProposed,
    FavourThanked,
)
from domain.introduction.commands import ProposeIntroduction
from domain.introduction.events import (
    IntroductionConsented,
    IntroductionDeclined,
    IntroductionMade,
    IntroductionOutcomeRecorded,
    IntroductionProposed,
    IntroductionReinstated,
    IntroductionRetracted,
)
from domain.ledger import LedgerOpened, OpenLedger, PolicyChanged
from domain.merges import NEVER, Merges
from domain.party import (
    AddReference,
    AnyPartyEvent,
    Party,
    PartyErased,
    PartyFindableSet,
    PartyInterestsListed,
    PartyJoined,
    PartyKnowledgeListed,
    PartyLeft,
    PartyMerged,
    PartyReferenced,
    PartyRegistered,
    PartyRemindersCleared,
    PartyRemindersSet,
    PartyRenamed,
    PartyUnmerged,
    RegisterParty,
    evolve,
)
from domain.policy import Policy
from domain.promise.commands import MakePromise
from domain.promise.events import (
    PromiseAccepted,
    PromiseAcceptedInPart,
    PromiseAgreed,
    PromiseAssessed,
    PromiseBroken,
    PromiseCountered,
    PromiseDateAsked,
    PromiseDateNamed,
    PromiseDeclined,
    PromiseDisputed,
    PromiseDisputeWithdrawn,
    PromiseHandedOver,
    PromiseHandoverProposed,
    PromiseHandoverRefused,
    PromiseHandoverTakenBack,
    PromiseMade,
    PromiseOffered,
    PromiseProgressed,
    PromiseReinstated,
    PromiseRejected,
    PromiseReleased,
    PromiseReneged,
    PromiseReported,
    PromiseReportTakenBack,
    PromiseRequested,
    PromiseRetracted,
    PromiseReworded,
    PromiseSettled,
    PromiseSettlementProposed,
    PromiseTermsAgreed,
    PromiseTermsProposed,
    PromiseTermsRefused,
    PromiseTermsTakenBack,
    PromiseWithdrawn,
)
from domain.tie import DeclareTie, TieDeclared, TieUndeclared, tie_id

ANNA = UUID("00000000-0000-4000-8000-00000000000a")
BEN = UUID("00000000-0000-4000-8000-00000000000b")
CORA = UUID("00000000-0000-4000-8000-00000000000c")
DORA = UUID("00000000-0000-4000-8000-00000000000d")
ERIK = UUID("00000000-0000-4000-8000-00000000000e")
NOBODY = UUID("00000000-0000-4000-8000-0000000000ff")
"""Not registered."""

STREAM = UUID("00000000-0000-4000-8000-000000000001")
"""The favour, introduction or promise that a test is about."""

OTHER_KEY = "other-key"
"""An access key that no builder uses unless told to."""

MOMENT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
"""When all happens that says nothing else."""

POLICY = Policy(units=("favour", "minute"), grace_days=2, quantity_limit=1_000)
CRM = Reference(source="crm", id="4711")


def later(days: float = 0, **more: float) -> datetime:
    """So long after ``MOMENT``."""
    return MOMENT + timedelta(days=days, **more)


def who(by: UUID | None = ANNA, capacity: Capacity | None = None, key: str | None = None) -> Who:
    """Who acts: a party, or a recorder where none is named; each capacity has a key of its own."""
    capacity = capacity or ("recorder" if by is None else "party")
    return Who(capacity, key or f"{capacity}-key", by)


RECORDER, ADMIN = who(None), who(None, "admin")


def facts(
    policy: Policy = POLICY,
    registered: Iterable[UUID] = (ANNA, BEN, CORA, DORA, ERIK),
    owners: Mapping[Reference, UUID] | None = None,
    merges: Merges | None = None,
    others: Iterable[AnyPartyEvent] = (),
    open_promises: Mapping[UUID, int] | None = None,
    streams: Mapping[UUID, Known] | None = None,
    gifts: Gifts | None = None,
    standing: Mapping[UUID, bool] | None = None,
) -> Facts:
    """What a decision may know; ``others`` happened in the streams of other parties."""
    parties: dict[UUID, Party] = {}
    for event in others:
        parties[event.party] = evolve(parties.get(event.party), event)
    known = {**(streams or {}), **{party: Other(state) for party, state in parties.items()}}
    counted = open_promises or {}
    merges = merges or Merges()
    return Facts(policy, dict.fromkeys(registered), owners or {}, merges, known, counted, gifts or {}, standing or {})


class Other(Struct, frozen=True):
    """A stream that a decision may look at."""

    state: Any


def merged(into: Mapping[UUID, UUID], latest: datetime = NEVER) -> Merges:
    """The merges in force: by merged party the one that it was merged into."""
    return Merges(dict(into), latest)


E = TypeVar("E", bound=Event)


def _event(kind: type[E], fields: dict[str, Any], /, **defaults: Any) -> E:
    """An event of this kind: ``by``, ``capacity`` and ``key`` make up ``who``, ``at`` is when it occurred."""
    fields = {**defaults, **fields}
    by, at = fields.pop("by", None), fields.pop("at", MOMENT)
    acted = who(by, fields.pop("capacity", None), fields.pop("key", None))
    return kind(**{"occurred_at": at, "who": acted, **fields})


# ── the ledger ───────────────────────────────────────────────────────────────────────────────────────────────


def ledger_opened(**fields: Any) -> LedgerOpened:
    return _event(LedgerOpened, fields, capacity="admin", policy=POLICY)


def policy_changed(**fields: Any) -> PolicyChanged:
    return _event(PolicyChanged, fields, capacity="admin", policy=POLICY)


def open_ledger(**fields: Any) -> OpenLedger:
    return OpenLedger(**{"policy": POLICY, **fields})


# ── parties ──────────────────────────────────────────────────────────────────────────────────────────────────


def party_registered(**fields: Any) -> PartyRegistered:
    return _event(PartyRegistered, fields, party=ANNA, kind="person", name="Anna")


def party_referenced(**fields: Any) -> PartyReferenced:
    return _event(PartyReferenced, fields, party=ANNA, references=(CRM,))


def party_renamed(**fields: Any) -> PartyRenamed:
    return _event(PartyRenamed, fields, party=ANNA, name="Anna B.")


def party_interests_listed(**fields: Any) -> PartyInterestsListed:
    return _event(PartyInterestsListed, fields, by=ANNA, party=ANNA, interests=("sailing",))


def party_knowledge_listed(**fields: Any) -> PartyKnowledgeListed:
    return _event(PartyKnowledgeListed, fields, by=ANNA, party=ANNA, knows_about=("bee-keeping", "tax"))


def party_findable_set(**fields: Any) -> PartyFindableSet:
    return _event(PartyFindableSet, fields, by=ANNA, party=ANNA, findable=True)


def party_reminders_set(**fields: Any) -> PartyRemindersSet:
    return _event(PartyRemindersSet, fields, by=ANNA, party=ANNA, mail="anna@village.example")


def party_reminders_cleared(**fields: Any) -> PartyRemindersCleared:
    return _event(PartyRemindersCleared, fields, by=ANNA, party=ANNA)


def party_joined(**fields: Any) -> PartyJoined:
    return _event(PartyJoined, fields, by=ANNA, party=ANNA, organisation=DORA)


def party_left(**fields: Any) -> PartyLeft:
    return _event(PartyLeft, fields, by=ANNA, party=ANNA, organisation=DORA)


def party_merged(**fields: Any) -> PartyMerged:
    return _event(PartyMerged, fields, party=ANNA, into=BEN)


def party_erased(**fields: Any) -> PartyErased:
    return _event(PartyErased, fields, capacity="admin", party=ANNA)


def party_unmerged(**fields: Any) -> PartyUnmerged:
    return _event(PartyUnmerged, fields, party=ANNA, into=BEN)


def register_party(**fields: Any) -> RegisterParty:
    return RegisterParty(**{"name": "Anna", **fields})


def add_reference(**fields: Any) -> AddReference:
    return AddReference(**{"reference": CRM, **fields})


# ── favours ──────────────────────────────────────────────────────────────────────────────────────────────────

OF_FAVOUR: dict[str, Any] = {"giver": ANNA, "receiver": BEN}


def favour_recorded(*, unit: str = "favour", quantity: int = 1, **fields: Any) -> FavourRecorded:
    return _event(FavourRecorded, fields, by=ANNA, **OF_FAVOUR, posting=Posting(unit, quantity, 1))


def favour_gift_declared(*, unit: str = "favour", quantity: int = 1, **fields: Any) -> FavourGiftDeclared:
    return _event(FavourGiftDeclared, fields, by=ANNA, **OF_FAVOUR, posting=Posting(unit, quantity, 1))


def favour_gift_refused(**fields: Any) -> FavourGiftRefused:
    return _event(FavourGiftRefused, fields, by=ANNA, **OF_FAVOUR, unit="favour", quantity=1)


def favour_gift_over_limit(**fields: Any) -> FavourGiftOverLimit:
    return _event(FavourGiftOverLimit, fields, by=ANNA, **OF_FAVOUR, quantity=60, limit=50)


def favour_gifts_over_year_limit(**fields: Any) -> FavourGiftsOverYearLimit:
    return _event(FavourGiftsOverYearLimit, fields, by=ANNA, **OF_FAVOUR, quantity=60, limit=50)


def declared_gifts(*gifts: tuple[float, int]) -> Gifts:
    """Gifts that Ben took from Anna: so many days after ``MOMENT``, and so much."""
    taken = [DeclaredGift(later(days), "favour", quantity) for days, quantity in gifts]
    return {(ANNA, BEN): {UUID(int=n): gift for n, gift in enumerate(taken)}}


def favour_thanked(**fields: Any) -> FavourThanked:
    return _event(FavourThanked, fields, by=BEN, **OF_FAVOUR)


def favour_acknowledged(**fields: Any) -> FavourAcknowledged:
    return _event(FavourAcknowledged, fields, by=BEN, **OF_FAVOUR)


def favour_disputed(*, unit: str = "favour", quantity: int = 1, **fields: Any) -> FavourDisputed:
    """Disputed while ``quantity`` counted."""
    posting = Posting(unit, -quantity, -1, quantity)
    return _event(FavourDisputed, fields, by=BEN, **OF_FAVOUR, posting=posting, reason="It was not so.")


def favour_settlement_proposed(**fields: Any) -> FavourSettlementProposed:
    return _event(FavourSettlementProposed, fields, by=ANNA, **OF_FAVOUR, quantity=1)


def favour_settled(*, unit: str = "favour", was: int = 1, quantity: int = 1, **fields: Any) -> FavourSettled:
    """Settled at ``quantity`` while ``was`` was under dispute."""
    posting = Posting(unit, quantity, 1 if quantity else 0, -was)
    return _event(FavourSettled, fields, by=BEN, **OF_FAVOUR, posting=posting, quantity=quantity)


def favour_dispute_withdrawn(*, unit: str = "favour", quantity: int = 1, **fields: Any) -> FavourDisputeWithdrawn:
    posting = Posting(unit, quantity, 1, -quantity)
    return _event(FavourDisputeWithdrawn, fields, by=BEN, **OF_FAVOUR, posting=posting)


def favour_retracted(*, unit: str = "favour", quantity: int = 1, **fields: Any) -> FavourRetracted:
    """Retracted while ``quantity`` counted."""
    return _event(FavourRetracted, fields, by=ANNA, **OF_FAVOUR, posting=Posting(unit, -quantity, -1))


def favour_reinstated(*, unit: str = "favour", quantity: int = 1, **fields: Any) -> FavourReinstated:
    return _event(FavourReinstated, fields, by=ANNA, **OF_FAVOUR, posting=Posting(unit, quantity, 1))


def record_favour(**fields: Any) -> RecordFavour:
    return RecordFavour(**{**OF_FAVOUR, **fields})


def dispute_favour(**fields: Any) -> DisputeFavour:
    return DisputeFavour(**{"reason": "It was not so.", **fields})


# ── introductions ────────────────────────────────────────────────────────────────────────────────────────────

OF_INTRODUCTION: dict[str, Any] = {"introducer": CORA, "first": ANNA, "second": BEN}


def introduction_proposed(**fields: Any) -> IntroductionProposed:
    return _event(IntroductionProposed, fields, by=CORA, **OF_INTRODUCTION)


def introduction_consented(*, party: UUID = ANNA, **fields: Any) -> IntroductionConsented:
    return _event(IntroductionConsented, fields, by=party, party=party, **OF_INTRODUCTION)


def introduction_declined(*, party: UUID = ANNA, **fields: Any) -> IntroductionDeclined:
    return _event(IntroductionDeclined, fields, by=party, party=party, **OF_INTRODUCTION)


def introduction_made(**fields: Any) -> IntroductionMade:
    return _event(IntroductionMade, fields, by=CORA, **OF_INTRODUCTION, posting=Posting("favour", 1, 1))


def introduction_outcome_recorded(*, party: UUID = ANNA, **fields: Any) -> IntroductionOutcomeRecorded:
    return _event(
        IntroductionOutcomeRecorded, fields, by=party, party=party, **OF_INTRODUCTION, outcome="met", led_to=()
    )


def introduction_retracted(**fields: Any) -> IntroductionRetracted:
    return _event(IntroductionRetracted, fields, by=CORA, **OF_INTRODUCTION)


def introduction_reinstated(**fields: Any) -> IntroductionReinstated:
    return _event(IntroductionReinstated, fields, by=CORA, **OF_INTRODUCTION)


def propose_introduction(**fields: Any) -> ProposeIntroduction:
    return ProposeIntroduction(**{**OF_INTRODUCTION, **fields})


# ── contacts and ties ────────────────────────────────────────────────────────────────────────────────────────

OF_CONTACT: dict[str, Any] = {"initiator": ANNA, "other": BEN}
OF_TIE: dict[str, Any] = {"party": ANNA, "other": BEN}
TIE = tie_id(ANNA, BEN)


def contact_recorded(**fields: Any) -> ContactRecorded:
    return _event(ContactRecorded, fields, by=ANNA, **OF_CONTACT, channel="in_person")


def contact_reworded(**fields: Any) -> ContactReworded:
    return _event(ContactReworded, fields, by=ANNA, **OF_CONTACT, learnt="He keeps bees.")


def contact_retracted(**fields: Any) -> ContactRetracted:
    return _event(ContactRetracted, fields, by=ANNA, **OF_CONTACT)


def contact_reinstated(**fields: Any) -> ContactReinstated:
    return _event(ContactReinstated, fields, by=ANNA, **OF_CONTACT)


def record_contact(**fields: Any) -> RecordContact:
    return RecordContact(**{**OF_CONTACT, "channel": "in_person", **fields})


def tie_declared(**fields: Any) -> TieDeclared:
    return _event(TieDeclared, fields, by=ANNA, **OF_TIE, closeness="good")


def tie_undeclared(**fields: Any) -> TieUndeclared:
    return _event(TieUndeclared, fields, by=ANNA, **OF_TIE)


def declare_tie(**fields: Any) -> DeclareTie:
    return DeclareTie(**{**OF_TIE, "closeness": "good", **fields})


# ── promises ─────────────────────────────────────────────────────────────────────────────────────────────────

OF_PROMISE: dict[str, Any] = {"promisor": ANNA, "promisee": BEN}
ASKED: dict[str, Any] = {"unit": "favour", "quantity": 1, "due": later(30)}
NEW_TERMS: dict[str, Any] = {"unit": "favour", "quantity": 2, "due": later(40)}


def promise_made(**fields: Any) -> PromiseMade:
    """Assessed by Cora, without a due date unless given."""
    return _event(PromiseMade, fields, by=ANNA, **OF_PROMISE, assessor=CORA, unit="favour", quantity=1)


def promise_requested(**fields: Any) -> PromiseRequested:
    return _event(
        PromiseRequested, fields, by=BEN, **OF_PROMISE, assessor=CORA, unit="favour", quantity=1, due=later(30)
    )


def promise_offered(**fields: Any) -> PromiseOffered:
    return _event(
        PromiseOffered, fields, by=ANNA, **OF_PROMISE, assessor=CORA, unit="favour", quantity=1, due=later(30)
    )


def promise_countered(**fields: Any) -> PromiseCountered:
    return _event(
        PromiseCountered, fields, by=ANNA, **OF_PROMISE, side="promisor", unit="favour", quantity=2, due=later(30)
    )


def promise_agreed(**fields: Any) -> PromiseAgreed:
    return _event(PromiseAgreed, fields, by=ANNA, **OF_PROMISE)


def promise_declined(**fields: Any) -> PromiseDeclined:
    return _event(PromiseDeclined, fields, by=ANNA, **OF_PROMISE, reason="no_capacity")


def promise_withdrawn(**fields: Any) -> PromiseWithdrawn:
    return _event(PromiseWithdrawn, fields, by=BEN, **OF_PROMISE)


def promise_report_taken_back(**fields: Any) -> PromiseReportTakenBack:
    return _event(PromiseReportTakenBack, fields, by=ANNA, **OF_PROMISE)


def promise_terms_proposed(**fields: Any) -> PromiseTermsProposed:
    return _event(
        PromiseTermsProposed, fields, by=ANNA, **OF_PROMISE, side="promisor", unit="favour", quantity=2, due=later(40)
    )


def promise_terms_agreed(**fields: Any) -> PromiseTermsAgreed:
    return _event(PromiseTermsAgreed, fields, by=BEN, **OF_PROMISE)


def promise_terms_refused(**fields: Any) -> PromiseTermsRefused:
    return _event(PromiseTermsRefused, fields, by=BEN, **OF_PROMISE)


def promise_terms_taken_back(**fields: Any) -> PromiseTermsTakenBack:
    return _event(PromiseTermsTakenBack, fields, by=ANNA, **OF_PROMISE)


def promise_date_asked(**fields: Any) -> PromiseDateAsked:
    return _event(PromiseDateAsked, fields, by=BEN, **OF_PROMISE)


def promise_date_named(**fields: Any) -> PromiseDateNamed:
    return _event(PromiseDateNamed, fields, by=ANNA, **OF_PROMISE, due=later(50))


def promise_handover_proposed(**fields: Any) -> PromiseHandoverProposed:
    return _event(PromiseHandoverProposed, fields, by=ANNA, **OF_PROMISE, side="promisor", other=ERIK)


def promise_handed_over(**fields: Any) -> PromiseHandedOver:
    return _event(PromiseHandedOver, fields, by=ERIK, **{**OF_PROMISE, "promisor": ERIK}, side="promisor", other=ANNA)


def promise_handover_refused(**fields: Any) -> PromiseHandoverRefused:
    return _event(PromiseHandoverRefused, fields, by=ERIK, **OF_PROMISE, side="promisor", other=ERIK)


def promise_handover_taken_back(**fields: Any) -> PromiseHandoverTakenBack:
    return _event(PromiseHandoverTakenBack, fields, by=ANNA, **OF_PROMISE, side="promisor", other=ERIK)


def promise_disputed(**fields: Any) -> PromiseDisputed:
    return _event(PromiseDisputed, fields, by=ANNA, **OF_PROMISE, reason="It was not so.")


def promise_settlement_proposed(**fields: Any) -> PromiseSettlementProposed:
    return _event(PromiseSettlementProposed, fields, by=ANNA, **OF_PROMISE, outcome="released")


def promise_settled(**fields: Any) -> PromiseSettled:
    return _event(PromiseSettled, fields, by=BEN, **OF_PROMISE, outcome="released")


def promise_dispute_withdrawn(**fields: Any) -> PromiseDisputeWithdrawn:
    return _event(PromiseDisputeWithdrawn, fields, by=ANNA, **OF_PROMISE)


def promise_progressed(**fields: Any) -> PromiseProgressed:
    return _event(PromiseProgressed, fields, by=ANNA, **OF_PROMISE)


def promise_reported(**fields: Any) -> PromiseReported:
    return _event(PromiseReported, fields, by=ANNA, **OF_PROMISE)


def promise_accepted(*, unit: str = "favour", quantity: int = 1, **fields: Any) -> PromiseAccepted:
    return _event(PromiseAccepted, fields, by=BEN, **OF_PROMISE, posting=Posting(unit, quantity, 1))


def promise_accepted_in_part(*, unit: str = "favour", quantity: int = 1, **fields: Any) -> PromiseAcceptedInPart:
    """Accepted in part, of which ``quantity`` counts."""
    posting = Posting(unit, quantity, 1)
    return _event(PromiseAcceptedInPart, fields, by=BEN, **OF_PROMISE, posting=posting, fraction=0.5)


def promise_rejected(**fields: Any) -> PromiseRejected:
    return _event(PromiseRejected, fields, by=BEN, **OF_PROMISE)


def promise_broken(**fields: Any) -> PromiseBroken:
    return _event(PromiseBroken, fields, by=BEN, **OF_PROMISE)


def promise_released(**fields: Any) -> PromiseReleased:
    return _event(PromiseReleased, fields, by=BEN, **OF_PROMISE)


def promise_reneged(**fields: Any) -> PromiseReneged:
    return _event(PromiseReneged, fields, by=ANNA, **OF_PROMISE)


def promise_assessed(**fields: Any) -> PromiseAssessed:
    """Assessed as still promised unless given; the posting has to be given where something counts."""
    return _event(PromiseAssessed, fields, by=CORA, **OF_PROMISE, outcome="promised")


def promise_reworded(**fields: Any) -> PromiseReworded:
    return _event(PromiseReworded, fields, by=ANNA, **OF_PROMISE, what="Paint the blue fence")


def promise_retracted(**fields: Any) -> PromiseRetracted:
    return _event(PromiseRetracted, fields, by=ANNA, **OF_PROMISE)


def promise_reinstated(**fields: Any) -> PromiseReinstated:
    return _event(PromiseReinstated, fields, by=ANNA, **OF_PROMISE)


def make_promise(**fields: Any) -> MakePromise:
    return MakePromise(**{**OF_PROMISE, "assessor": CORA, "what": "Paint the fence", **fields})
