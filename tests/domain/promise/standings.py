"""A past for every standing of a promise, a command for every act, and who stands in which role to it."""

from collections.abc import Mapping
from types import MappingProxyType

from domain.command import Command
from domain.event import Event, Who
from domain.promise import commands as c
from domain.promise import events as e
from tests.examples import (
    ADMIN,
    ANNA,
    BEN,
    CORA,
    DORA,
    ERIK,
    MOMENT,
    OTHER_KEY,
    RECORDER,
    later,
    promise_accepted,
    promise_accepted_in_part,
    promise_broken,
    promise_countered,
    promise_date_asked,
    promise_declined,
    promise_disputed,
    promise_handover_proposed,
    promise_made,
    promise_offered,
    promise_released,
    promise_reneged,
    promise_reported,
    promise_requested,
    promise_retracted,
    promise_terms_proposed,
    promise_withdrawn,
    who,
)

MADE = promise_made(who=RECORDER, due=later(1))
UNDATED = promise_made(who=RECORDER)
REPORTED = (MADE, promise_reported())
KEPT = (*REPORTED, promise_accepted())
ASKED = promise_requested()
COUNTERED = (ASKED, promise_countered())
DISPUTED = (MADE, promise_broken(), promise_disputed())

HISTORIES: Mapping[str, tuple[Event, ...]] = MappingProxyType(
    {
        "requested": (ASKED,),
        "offered": (promise_offered(),),
        "countered": COUNTERED,
        "declined": (ASKED, promise_declined()),
        "withdrawn": (ASKED, promise_withdrawn()),
        "promised": (MADE,),
        "reported": REPORTED,
        "kept": KEPT,
        "partly_kept": (*REPORTED, promise_accepted_in_part(quantity=0)),
        "broken": (MADE, promise_broken()),
        "reneged": (MADE, promise_reneged()),
        "released": (MADE, promise_released()),
        "disputed": DISPUTED,
        "retracted": (MADE, promise_retracted(who=RECORDER)),
    }
)
"""By standing: how a promise came to it."""

SITUATIONS: Mapping[str, tuple[Event, ...]] = MappingProxyType(
    {
        **HISTORIES,
        "promised, new terms proposed": (MADE, promise_terms_proposed()),
        "promised, handover proposed": (MADE, promise_handover_proposed()),
        "promised, no date": (UNDATED,),
        "promised, date asked for": (UNDATED, promise_date_asked()),
    }
)
"""The standings, and what may wait for an answer in them."""

ACTS: Mapping[Command, type[Event]] = MappingProxyType(
    {
        c.CounterPromise(quantity=3): e.PromiseCountered,
        c.AgreeToPromise(): e.PromiseAgreed,
        c.DeclinePromise(reason="improper"): e.PromiseDeclined,
        c.WithdrawPromise(): e.PromiseWithdrawn,
        c.ReportProgress(): e.PromiseProgressed,
        c.ReportDelivery(): e.PromiseReported,
        c.TakeBackReport(): e.PromiseReportTakenBack,
        c.AcceptDelivery(): e.PromiseAccepted,
        c.AcceptInPart(fraction=0.5): e.PromiseAcceptedInPart,
        c.RejectDelivery(): e.PromiseRejected,
        c.DeclareBroken(): e.PromiseBroken,
        c.ReleasePromise(): e.PromiseReleased,
        c.RenegePromise(): e.PromiseReneged,
        c.ProposeTerms(quantity=3): e.PromiseTermsProposed,
        c.AgreeToTerms(): e.PromiseTermsAgreed,
        c.RefuseTerms(): e.PromiseTermsRefused,
        c.TakeBackTerms(): e.PromiseTermsTakenBack,
        c.AskForDate(): e.PromiseDateAsked,
        c.NameDate(due=later(50)): e.PromiseDateNamed,
        c.DelegatePromise(to=ERIK): e.PromiseHandoverProposed,
        c.AssignPromise(to=ERIK): e.PromiseHandoverProposed,
        c.ConsentToHandover(): e.PromiseHandedOver,
        c.RefuseHandover(): e.PromiseHandoverRefused,
        c.TakeBackHandover(): e.PromiseHandoverTakenBack,
        c.DisputePromise(reason="It was not so."): e.PromiseDisputed,
        c.SettlePromise(outcome="broken"): e.PromiseSettlementProposed,
        c.WithdrawPromiseDispute(): e.PromiseDisputeWithdrawn,
        c.AssessPromise(outcome="broken"): e.PromiseAssessed,
        c.RewordPromise(what="Paint the blue fence"): e.PromiseReworded,
        c.RetractPromise(): e.PromiseRetracted,
        c.ReinstatePromise(): e.PromiseReinstated,
    }
)
"""A command for every act on a promise that is there, and the event that it leads to."""

PEOPLE = (ANNA, BEN, CORA, DORA, ERIK)
ACTORS: Mapping[str, Who] = MappingProxyType(
    {
        "promisor": who(ANNA),
        "promisor through a recorder": who(ANNA, "recorder", OTHER_KEY),
        "promisee": who(BEN),
        "assessor": who(CORA),
        "newcomer": who(ERIK),
        "stranger": who(DORA),
        "nobody": who(None, "party"),
        "author": RECORDER,
        "author in a stranger's name": who(DORA, "recorder"),
        "another recorder": who(None, "recorder", OTHER_KEY),
        "administrator": ADMIN,
    }
)
"""Who may come to act."""

NOW = later(10)
"""When the acts of these tests happen: the due date of ``MADE`` is past by then, its window is not."""
assert NOW > MOMENT
