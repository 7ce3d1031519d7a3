"""Random histories: batches of commands at two clerks, most of them sensible."""

import itertools
from collections.abc import Sequence
from uuid import UUID

from hypothesis import strategies as st
from msgspec import Struct
from msgspec.structs import replace

from domain.command import Command, Reference
from domain.event import Capacity
from domain.favour.commands import (
    AcknowledgeFavour,
    DisputeFavour,
    RecordFavour,
    ReinstateFavour,
    RetractFavour,
    SettleFavour,
    ThankFavour,
    WithdrawFavourDispute,
)
from domain.introduction.commands import (
    ConsentToIntroduction,
    DeclineIntroduction,
    MakeIntroduction,
    ProposeIntroduction,
    RecordOutcome,
)
from domain.party import (
    AddReference,
    JoinOrganisation,
    LeaveOrganisation,
    ListKnowledge,
    MergeParty,
    RegisterParty,
    RenameParty,
    UnmergeParty,
)
from domain.promise.commands import (
    AcceptDelivery,
    AcceptInPart,
    AssessPromise,
    DeclareBroken,
    MakePromise,
    ReinstatePromise,
    RejectDelivery,
    ReleasePromise,
    RenegePromise,
    ReportDelivery,
    ReportProgress,
    RetractPromise,
    RewordPromise,
)
from domain.tie import Closeness, DeclareTie, UndeclareTie, tie_id

PARTIES = tuple(UUID(int=0x1000 + n) for n in range(4))
FAVOURS = tuple(UUID(int=0x2000 + n) for n in range(4))
INTRODUCTIONS = tuple(UUID(int=0x3000 + n) for n in range(3))
PROMISES = tuple(UUID(int=0x4000 + n) for n in range(4))
TIES = {tie_id(PARTIES[n], PARTIES[n - 1]): (PARTIES[n], PARTIES[n - 1]) for n in range(3)}


class Step(Struct, frozen=True):
    """One command of a random history, at which of two clerks it is given, and whether the batch ends with it."""

    command: Command
    stream: UUID
    capacity: Capacity
    clerk: int
    ends_batch: bool
    age_hours: int | None


unit = st.sampled_from(["favour", "minute"])
quantity = st.integers(1, 1_000_000_000)
fraction = st.sampled_from([0.1, 0.25, 1 / 3, 0.5, 0.999])


def roles(stream: UUID) -> tuple[UUID, UUID, UUID]:
    """The parties of a stream: giver, receiver and third, or as its type calls them."""
    first, second, third, _ = (PARTIES[(stream.int + n) % len(PARTIES)] for n in range(4))
    return first, second, third


def begin_favour(stream: UUID) -> st.SearchStrategy[Command]:
    giver, receiver, _ = roles(stream)
    two = {"giver": st.just(giver), "receiver": st.just(receiver)}
    gift = st.sampled_from([None, None, "declared", "refused"])
    return st.builds(RecordFavour, **two, unit=unit, quantity=quantity, gift=gift)


def change_favour(stream: UUID) -> st.SearchStrategy[Command]:
    giver, receiver, third = roles(stream)
    two = st.sampled_from([giver, receiver])
    return st.one_of(
        st.builds(AcknowledgeFavour, by=st.sampled_from([receiver, third]), value=st.integers(-10, 10)),
        st.builds(ThankFavour, by=st.sampled_from([receiver, third])),
        st.builds(DisputeFavour, by=two, reason=st.just("no")),
        st.builds(SettleFavour, by=two, quantity=st.sampled_from([0, 5])),
        st.builds(WithdrawFavourDispute, by=two),
        st.builds(RetractFavour),
        st.builds(ReinstateFavour),
    )


def begin_introduction(stream: UUID) -> st.SearchStrategy[Command]:
    introducer, first, second = roles(stream)
    return st.just(ProposeIntroduction(by=introducer, introducer=introducer, first=first, second=second))


def change_introduction(stream: UUID) -> st.SearchStrategy[Command]:
    introducer, first, second = roles(stream)
    two = st.sampled_from([first, second])
    return st.one_of(
        st.builds(ConsentToIntroduction, by=two),
        st.builds(ConsentToIntroduction, by=two),
        st.builds(DeclineIntroduction, by=st.just(second)),
        st.builds(MakeIntroduction, by=st.just(introducer)),
        st.builds(RecordOutcome, by=two, outcome=st.just("useful")),
    )


def begin_promise(stream: UUID) -> st.SearchStrategy[Command]:
    promisor, promisee, assessor = roles(stream)
    make = MakePromise(promisor=promisor, promisee=promisee, assessor=assessor, what="x")
    return st.builds(replace, st.just(make), unit=unit, quantity=quantity)


def change_promise(stream: UUID) -> st.SearchStrategy[Command]:
    promisor, promisee, assessor = (st.just(one) for one in roles(stream))
    return st.one_of(
        st.builds(ReportProgress, behind=st.booleans()),
        st.builds(ReportDelivery, by=promisor),
        st.builds(AcceptDelivery, by=promisee),
        st.builds(AcceptInPart, by=promisee, fraction=fraction),
        st.builds(RejectDelivery, by=promisee),
        st.builds(DeclareBroken, by=promisee),
        st.builds(ReleasePromise, by=promisee),
        st.builds(RenegePromise, by=promisor),
        st.builds(AssessPromise, by=assessor, outcome=st.sampled_from(["promised", "kept", "broken"])),
        st.builds(AssessPromise, by=assessor, outcome=st.just("partly_kept"), fraction=fraction),
        st.builds(RewordPromise, what=st.just("y")),
        st.builds(RetractPromise),
        st.builds(ReinstatePromise),
    )


def begin_party(_: UUID) -> st.SearchStrategy[Command]:
    return st.builds(RegisterParty, name=st.just("A"), kind=st.sampled_from(["person", "organisation"]))


def change_party(_: UUID) -> st.SearchStrategy[Command]:
    reference = st.builds(Reference, source=st.just("crm"), id=st.sampled_from("123"))
    party = st.sampled_from(PARTIES)
    return st.one_of(
        st.builds(RenameParty, name=st.just("B")),
        st.builds(AddReference, reference=reference),
        st.builds(ListKnowledge, knows_about=st.just(("tax",))),
        st.builds(JoinOrganisation, organisation=party),
        st.builds(LeaveOrganisation, organisation=party),
        st.builds(MergeParty, into=party),
        st.builds(UnmergeParty),
    )


def begin_tie(stream: UUID) -> st.SearchStrategy[Command]:
    party, other = TIES[stream]
    closeness: Sequence[Closeness] = ("close", "good", "loose", "dormant")
    tie = DeclareTie(by=party, party=party, other=other, closeness="good")
    return st.builds(replace, st.just(tie), closeness=st.sampled_from(closeness))


def change_tie(stream: UUID) -> st.SearchStrategy[Command]:
    return st.builds(UndeclareTie, by=st.sampled_from(TIES[stream])) | begin_tie(stream)


KINDS = (
    (begin_party, change_party, PARTIES),
    (begin_favour, change_favour, FAVOURS),
    (begin_introduction, change_introduction, INTRODUCTIONS),
    (begin_tie, change_tie, tuple(TIES)),
    (begin_promise, change_promise, PROMISES),
)


@st.composite
def steps(draw: st.DrawFn) -> Step:
    """An act on any stream; now and then one that would begin it, again or for the first time."""
    begin, change, streams = draw(st.sampled_from((*KINDS, KINDS[-1])))
    stream = draw(st.sampled_from(streams))
    return Step(
        command=draw(draw(st.sampled_from([begin, change, change, change, change]))(stream)),
        stream=stream,
        capacity=draw(st.sampled_from(["recorder", "admin"])),
        clerk=draw(st.integers(0, 1)),
        ends_batch=draw(st.booleans()),
        age_hours=draw(st.sampled_from([None, None, None, 0, 1])),
    )


def stories(stream: UUID) -> dict[str, tuple[Command, ...]]:
    """Acts that chance alone seldom puts together: by the stream's type, and to its end."""
    first, second, third = roles(stream)
    return {
        "settled": (
            DisputeFavour(by=second, reason="no"),
            SettleFavour(by=first, quantity=5),
            SettleFavour(by=second, quantity=5),
        ),
        "retracted": (RetractFavour(), ReinstateFavour(), RetractFavour()),
        "made": (ConsentToIntroduction(by=second), ConsentToIntroduction(by=third), MakeIntroduction(by=first)),
        "kept": (ReportDelivery(by=first), AcceptDelivery(by=second), RetractPromise(), ReinstatePromise()),
        "partly": (
            ReportDelivery(by=first),
            RejectDelivery(by=second),
            ReportDelivery(by=first),
            AcceptInPart(by=second, fraction=1 / 3),
            AssessPromise(by=third, outcome="kept"),
        ),
        "broken": (ReportProgress(behind=True), DeclareBroken(by=second), RewordPromise(what="z")),
    }


STORIES = {FAVOURS: ("settled", "retracted"), INTRODUCTIONS: ("made",), PROMISES: ("kept", "partly", "broken")}


@st.composite
def told(draw: st.DrawFn) -> list[Step]:
    streams = draw(st.sampled_from(list(STORIES)))
    stream = draw(st.sampled_from(streams[:-1]))
    story = stories(stream)[draw(st.sampled_from(STORIES[streams]))]
    return [
        Step(command, stream, "recorder", draw(st.integers(0, 1)), ends_batch=draw(st.booleans()), age_hours=None)
        for command in story
    ]


@st.composite
def histories(draw: st.DrawFn) -> list[Step]:
    """Registered parties and begun streams, then anything; long rather than short."""
    begun = [
        Step(draw(begin(stream)), stream, "recorder", 0, ends_batch=streams is PARTIES, age_hours=2)
        for begin, _, streams in KINDS
        for stream in (streams if streams is PARTIES else streams[:-1])
    ]
    passages = draw(st.lists(steps().map(lambda step: [step]) | told(), min_size=draw(st.integers(0, 15)), max_size=30))
    return [*begun, *itertools.chain.from_iterable(passages)]
