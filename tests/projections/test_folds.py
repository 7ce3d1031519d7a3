"""The folds: what each entry adds to the rows of a batch."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from domain.catalogue import STREAM_TYPE_OF, TOPICS
from domain.event import Event
from projections import attention, balance, directory, gifts, introductions, promises
from projections.catalogue import PROJECTIONS, concerns, fold_entry
from projections.projection import Entry, Rows
from tests.examples import (
    ANNA,
    BEN,
    CORA,
    DORA,
    MOMENT,
    STREAM,
    TIE,
    favour_acknowledged,
    favour_dispute_withdrawn,
    favour_disputed,
    favour_gift_declared,
    favour_gift_over_limit,
    favour_gift_refused,
    favour_gifts_over_year_limit,
    favour_recorded,
    favour_reinstated,
    favour_retracted,
    favour_settled,
    introduction_consented,
    introduction_made,
    introduction_outcome_recorded,
    introduction_proposed,
    later,
    party_findable_set,
    party_interests_listed,
    party_joined,
    party_knowledge_listed,
    party_left,
    party_merged,
    party_referenced,
    party_registered,
    party_reminders_set,
    party_renamed,
    party_unmerged,
    promise_accepted,
    promise_accepted_in_part,
    promise_made,
    promise_progressed,
    promise_reported,
    promise_retracted,
    promise_reworded,
    tie_declared,
    tie_undeclared,
)

LEDGER = "village"


def entries(*events: Event, stream: UUID = STREAM) -> list[tuple[Entry, Any]]:
    """A stream's events as stored from position 101 on, each with the state after it."""
    found: list[tuple[Entry, Any]] = []
    state = None
    for version, event in enumerate(events, 1):
        state = STREAM_TYPE_OF[type(event)].evolve(state, event)
        giver, receiver, third, *_ = (*event.parties, None, None, None)
        posting = event.posting
        entry = Entry(
            ledger_id=LEDGER,
            position=100 + version,
            stream_id=stream,
            version=version,
            topic=event.TOPIC,
            giver=giver,
            receiver=receiver,
            third=third,
            unit=None if posting is None else posting.unit,
            quantity=0 if posting is None else posting.quantity,
            counted=0 if posting is None else posting.count,
            disputed=0 if posting is None else posting.disputed,
            occurred_at=event.occurred_at,
            recorded_at=later(99),
            state=b"",
        )
        found.append((entry, state))
    return found


def fold(*events: Event, stream: UUID = STREAM) -> dict[str, Rows]:
    """The rows of a batch that holds these events of one stream."""
    rows: dict[str, Rows] = {}
    for entry, state in entries(*events, stream=stream):
        fold_entry(rows, entry, state)
    return rows


def balances(*events: Event) -> list[tuple[Any, ...]]:
    """Giver, receiver, unit, kind, then quantity, count, disputed, disputed count and last."""
    return [tuple(row)[1:] for row in fold(*events).get("balance", {}).values()]


# ── balance ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_favour_adds_to_what_the_giver_gave() -> None:
    assert balances(favour_recorded(quantity=3, at=later(1))) == [
        (ANNA, BEN, "favour", "favour", 3, 1, 0, 0, later(1)),
    ]


def test_what_has_no_posting_adds_nothing() -> None:
    assert balances(favour_recorded(), favour_acknowledged()) == balances(favour_recorded())
    assert "balance" not in fold(introduction_proposed(), introduction_consented())


def test_directions_units_and_kinds_are_apart() -> None:
    rows: Rows = {}
    for events in (
        [favour_recorded(quantity=2)],
        [favour_recorded(giver=BEN, receiver=ANNA, quantity=5)],
        [favour_recorded(unit="minute", quantity=7)],
        [promise_made(), promise_reported(), promise_accepted(quantity=11)],
    ):
        entry, _ = entries(*events)[-1]
        balance.fold(rows, entry, None)
    assert sorted((row[1:5], row[5]) for row in rows.values()) == [
        ((ANNA, BEN, "favour", "favour"), 2),
        ((ANNA, BEN, "favour", "promise"), 11),
        ((ANNA, BEN, "minute", "favour"), 7),
        ((BEN, ANNA, "favour", "favour"), 5),
    ]


def test_an_introduction_gives_to_either_of_the_introduced() -> None:
    events = (
        introduction_proposed(),
        introduction_consented(),
        introduction_consented(party=BEN),
        introduction_made(at=later(2)),
    )
    assert balances(*events) == [
        (CORA, ANNA, "favour", "introduction", 1, 1, 0, 0, later(2)),
        (CORA, BEN, "favour", "introduction", 1, 1, 0, 0, later(2)),
    ]


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ((favour_disputed(quantity=3),), (0, 0, 3, 1)),
        ((favour_disputed(quantity=3), favour_dispute_withdrawn(quantity=3)), (3, 1, 0, 0)),
        ((favour_disputed(quantity=3), favour_settled(was=3, quantity=2)), (2, 1, 0, 0)),
        ((favour_disputed(quantity=3), favour_settled(was=3, quantity=0)), (0, 0, 0, 0)),
        ((favour_retracted(quantity=3),), (0, 0, 0, 0)),
        ((favour_retracted(quantity=3), favour_reinstated(quantity=3)), (3, 1, 0, 0)),
    ],
)
def test_corrections_change_the_sums_and_never_when_was_given_last(
    events: tuple[Event, ...], expected: tuple[int, ...]
) -> None:
    corrections = [type(event)(**{**_fields(event), "occurred_at": later(5)}) for event in events]
    ((*_, quantity, count, disputed, disputed_count, last_at),) = balances(favour_recorded(quantity=3), *corrections)
    assert (quantity, count, disputed, disputed_count) == expected
    assert last_at == MOMENT


def _fields(event: Event) -> dict[str, Any]:
    return {name: getattr(event, name) for name in event.__struct_fields__}


def test_a_batch_of_corrections_alone_never_gave() -> None:
    rows: Rows = {}
    (_, (retracted, _)) = entries(favour_recorded(quantity=3), favour_retracted(quantity=3))
    balance.fold(rows, retracted, None)
    assert [row[5:] for row in rows.values()] == [(-3, -1, 0, 0, balance.EPOCH)]


def test_last_is_the_latest_of_what_occurred_in_whatever_order() -> None:
    for moments in ((1, 2), (2, 1)):
        rows: Rows = {}
        for days in moments:
            ((entry, _),) = entries(favour_recorded(at=later(days)))
            balance.fold(rows, entry, None)
        assert [row[-1] for row in rows.values()] == [later(2)]


def test_a_promise_counts_once_it_is_kept() -> None:
    open_ones = (promise_made(), promise_progressed(), promise_reported())
    assert balances(*open_ones) == []
    assert balances(*open_ones, promise_accepted_in_part(quantity=4)) == [
        (ANNA, BEN, "favour", "promise", 4, 1, 0, 0, MOMENT),
    ]


# ── promises ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_every_event_of_a_promise_is_a_row_of_how_it_stands_from_there_on() -> None:
    rows = fold(
        promise_made(due=later(9)),
        promise_progressed(at=later(1), behind=True),
        promise_reworded(at=later(2), what="Two cakes"),
        promise_reported(at=later(3)),
        promise_accepted_in_part(at=later(4)),
        promise_retracted(at=later(5)),
    )["promises"].values()
    made, *_, retracted = rows
    assert made == promises.PromiseRow(
        ledger_id=LEDGER,
        promise_id=STREAM,
        position=101,
        occurred_at=MOMENT,
        promisor=ANNA,
        promisee=BEN,
        assessor=CORA,
        status="promised",
        retracted=False,
        started=False,
        behind=False,
        unit="favour",
        quantity=1,
        fraction=None,
        topic=None,
        begun_at=MOMENT,
        made_at=MOMENT,
        due=later(9),
        date_asked_at=None,
        delivered_at=None,
        ended_at=None,
        declined=None,
        terms_changed=0,
        terms_from=None,
        newcomer=None,
        delegated_from=None,
        assigned_from=None,
        disputed_by=None,
        worded_in=1,
    )
    assert retracted == made._replace(
        position=106,
        occurred_at=later(5),
        status="partly_kept",
        retracted=True,
        started=True,
        behind=True,
        fraction=0.5,
        delivered_at=later(3),
        ended_at=later(4),
        worded_in=3,
    )
    assert [row[7] for row in rows] == ["promised", "promised", "promised", "reported", "partly_kept", "partly_kept"]


# ── directory ────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_party_has_one_row_that_says_where_its_words_are() -> None:
    events = (
        party_registered(kind="organisation"),
        party_renamed(at=later(1)),
        party_referenced(at=later(2)),
        party_knowledge_listed(at=later(3)),
        party_interests_listed(at=later(4)),
        party_findable_set(at=later(5)),
        party_reminders_set(at=later(6)),
    )
    assert list(fold(*events, stream=ANNA)["directory"].values()) == [
        directory.PartyRow(
            ledger_id=LEDGER,
            party_id=ANNA,
            kind="organisation",
            registered_at=MOMENT,
            position=107,
            named_in=2,
            interests_in=5,
            knowledge_in=4,
            findable=True,
            reminded_in=7,
        )
    ]


def test_merges_and_memberships_are_a_row_for_each_time_they_changed() -> None:
    events = (
        party_registered(),
        party_joined(at=later(1)),
        party_left(at=later(2)),
        party_merged(at=later(3)),
        party_unmerged(at=later(4)),
    )
    rows = fold(*events, stream=ANNA)
    assert list(rows["memberships"].values()) == [
        (LEDGER, ANNA, DORA, 102, later(1), True),
        (LEDGER, ANNA, DORA, 103, later(2), False),
    ]
    assert list(rows["aliases"].values()) == [
        (LEDGER, ANNA, 104, later(3), BEN),
        (LEDGER, ANNA, 105, later(4), None),
    ]


# ── the catalogue ────────────────────────────────────────────────────────────────────────────────────────────


def test_read_models_name_topics_that_there_are() -> None:
    for projection in PROJECTIONS:
        assert (projection.topics or frozenset()) <= TOPICS.keys()
    assert TOPICS.keys() >= balance.GIVING


# ── introductions, ties, gifts ───────────────────────────────────────────────────────────────────────────────


def test_an_introduction_s_rows_say_how_it_stands_and_not_who_said_what() -> None:
    rows = fold(
        introduction_proposed(),
        introduction_consented(at=later(1)),
        introduction_consented(party=BEN, at=later(2)),
        introduction_made(at=later(3)),
        introduction_outcome_recorded(outcome="useful", at=later(4)),
        introduction_outcome_recorded(party=BEN, outcome="led_to", led_to=(ANNA, STREAM), at=later(5)),
        introduction_outcome_recorded(outcome="led_to", led_to=(STREAM,), at=later(6)),
    )["introductions"].values()
    assert [(row[7], row[8]) for row in rows] == [
        *(("proposed", 0), ("proposed", 1), ("consented", 2), ("made", 2), ("made", 2), ("made", 2), ("made", 2)),
    ]
    assert list(rows)[-1] == introductions.IntroductionRow(
        ledger_id=LEDGER,
        introduction_id=STREAM,
        position=107,
        occurred_at=later(6),
        introducer=CORA,
        first=ANNA,
        second=BEN,
        status="made",
        answered=2,
        met=False,
        useful=True,
        led_to=True,
        came_to_nothing=False,
        grown=2,
    )


def test_a_tie_has_a_row_for_each_time_that_something_was_said_of_it() -> None:
    rows = fold(tie_declared(), tie_declared(closeness="close", at=later(1)), tie_undeclared(at=later(2)), stream=TIE)
    assert list(rows["attention"].values()) == [
        attention.TieRow(LEDGER, ANNA, BEN, 101, MOMENT, "good"),
        attention.TieRow(LEDGER, ANNA, BEN, 102, later(1), "close"),
        attention.TieRow(LEDGER, ANNA, BEN, 103, later(2), None),
    ]


def test_a_gift_has_one_row_that_says_which_limits_it_crossed() -> None:
    for events, over in (
        ([favour_gift_declared()], (False, False)),
        ([favour_gift_declared(), favour_gift_over_limit()], (True, False)),
        ([favour_gift_declared(), favour_gifts_over_year_limit()], (False, True)),
        ([favour_gift_declared(), favour_gift_over_limit(), favour_gifts_over_year_limit()], (True, True)),
    ):
        row = gifts.GiftRow(LEDGER, STREAM, 101, ANNA, BEN, False, "favour", MOMENT, *over)
        assert list(fold(*events, favour_retracted())["gifts"].values()) == [row]
    (refused,) = fold(favour_gift_refused())["gifts"].values()
    assert refused == gifts.GiftRow(LEDGER, STREAM, 101, ANNA, BEN, True, None, MOMENT, False, False)


def test_balance_reads_what_has_a_posting_and_the_others_their_topics() -> None:
    ((favour, _),) = entries(favour_recorded())
    ((promise, _),) = entries(promise_made())
    ((party, _),) = entries(party_registered(), stream=ANNA)
    read_by = [[one.name for one in PROJECTIONS if concerns(one, entry)] for entry in (favour, promise, party)]
    assert read_by == [["balance"], ["promises"], ["directory"]]
    assert favour.recorded_at - favour.occurred_at == timedelta(days=99)
