"""The promise table, cell by cell: every act in every situation by everyone, and the table as it was agreed on."""

import os
import pathlib
from itertools import product

import pytest
from msgspec.structs import replace

from domain.catalogue import PROMISE
from domain.command import Command, act_for
from domain.event import Event, Who
from domain.merges import Merges
from domain.promise import commands as c
from domain.promise import events as e
from domain.promise.state import Promise
from domain.promise.table import ANYTHING, CONDITIONS, ROWS, TABLE, is_open, open_acts, roles
from domain.refusal import Refusal
from tests.domain.promise.standings import ACTORS, ACTS, HISTORIES, MADE, NOW, PEOPLE, SITUATIONS
from tests.examples import ANNA, STREAM, facts, later, promise_progressed
from tests.spec import fold, given

KNOWN = facts(registered=PEOPLE)
CELLS = list(product(ACTS, SITUATIONS))


def decided(command: Command, past: tuple[Event, ...], acts: Who) -> tuple[Event, ...] | Refusal:
    act = act_for(STREAM, acts, command, NOW, Merges())
    try:
        return PROMISE.decide(command, fold(PROMISE, past), KNOWN, act)
    except Refusal as refusal:
        return refusal


@pytest.mark.parametrize(("command", "situation"), CELLS, ids=lambda one: getattr(one, "ACT", one))
def test_every_cell_of_the_table(command: Command, situation: str) -> None:
    """Whoever acts: an event where a row allows it, nothing where it holds already, else a refusal that says so."""
    past = SITUATIONS[situation]
    promise: Promise = fold(PROMISE, past)
    rows = ROWS[type(command)]
    for name, acts in ACTORS.items():
        command = replace(command, by=acts.by)
        act = act_for(STREAM, acts, command, NOW, Merges())
        held = roles(promise, KNOWN, act)
        allowed = [row for row in rows if is_open(row, promise, KNOWN, act) and held & set(row.by)]
        assert (command.ACT in open_acts(promise, KNOWN, act)) == bool(allowed), name
        answer = decided(command, past, acts)
        if allowed:
            assert isinstance(answer, tuple), name
            expected = ACTS[command_without_by(command)]
            if expected is e.PromiseSettlementProposed and held == {"assessor", "retractor"}:
                expected = e.PromiseSettled
            assert [type(event) for event in answer] == [expected], name
            check_goal(allowed[0].to, promise, fold(PROMISE, (*past, *answer)))
        elif answer == ():
            assert any(row.to == promise.standing and held & set(row.by) for row in rows), name
        else:
            assert isinstance(answer, Refusal), name
            check_refusal(answer, promise, held, command, name)


def command_without_by(command: Command) -> Command:
    return replace(command, by=None)


def check_goal(to: str, before: Promise, after: Promise) -> None:
    settled = before.standing if after.dispute is not None else "broken"
    before_that = before.dispute.before if before.dispute is not None else before.status
    meant = {"as assessed": "broken", "as settled": settled, "the same": before.standing, "as before": before_that}
    assert after.standing == meant.get(to, to)


def check_refusal(refusal: Refusal, promise: Promise, held: set[str], command: Command, name: str) -> None:
    """It has a code that tells why, and what it names as allowed is allowed."""
    unmet = {condition.refusal(promise, KNOWN).code for condition in CONDITIONS.values()}
    codes = {"wrong_party", "other_fraction", *unmet}
    assert refusal.code in codes | {f"promise_is_{promise.standing}"}, name
    assert refusal.message.endswith("."), name
    for act in refusal.allowed:
        assert any(act == row.act.ACT and promise.standing in row.start and held & set(row.by) for row in TABLE), name
    if refusal.code.startswith("promise_is_"):
        assert type(command).ACT not in refusal.allowed, name


def test_the_tests_know_every_act_and_standing() -> None:
    assert list(dict.fromkeys(row.act for row in TABLE)) == list(PROMISE.commands)
    assert {*map(type, ACTS)} == {command for command in PROMISE.commands if not command.CREATES}
    assert set(HISTORIES) == {*ANYTHING, "retracted"}
    assert {row.when for row in TABLE if row.when} == set(CONDITIONS)
    for standing, past in HISTORIES.items():
        assert fold(PROMISE, past).standing == standing


GOLDEN = pathlib.Path(__file__).with_name("table.txt")


def print_table() -> str:
    """The table for people: act, from, when, by, to."""
    lines = [("act", "from", "when", "by", "to")]
    for row in TABLE:
        start = "anything" if set(row.start) >= set(ANYTHING) else ", ".join(row.start)
        also = " or retracted" if start == "anything" and "retracted" in row.start else ""
        lines.append((row.act.ACT, start + also, row.when, " or ".join(row.by), row.to))
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    rows = [" | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines]
    return "\n".join([rows[0], "-+-".join("-" * width for width in widths), *rows[1:]]) + "\n"


def test_the_table_is_the_one_that_was_agreed_on() -> None:
    """To agree on another: REWRITE_GOLDEN=1 uv run pytest tests/domain/promise, and read the difference."""
    if os.environ.get("REWRITE_GOLDEN"):
        GOLDEN.write_text(print_table())
    assert print_table() == GOLDEN.read_text()


@pytest.mark.parametrize("command", ACTS, ids=lambda command: command.ACT)
def test_a_promise_that_is_not_there_is_not_found(command: Command) -> None:
    given().when(command, by=ANNA).then_refused("promise_not_found")


@pytest.mark.parametrize("command", ACTS, ids=lambda command: command.ACT)
def test_nothing_occurs_before_the_latest_event(command: Command) -> None:
    """In whatever situation the act is open to someone."""
    pasts = list(SITUATIONS.values())
    moment = later(-1)
    if isinstance(command, c.DeclareBroken):  # nothing is past its date before it was made
        pasts, moment = [(MADE, promise_progressed(at=later(5)))], later(4)
    early = replace(command, occurred_at=moment)
    answers = [decided(replace(early, by=acts.by), past, acts) for past, acts in product(pasts, ACTORS.values())]
    assert any(isinstance(answer, Refusal) and answer.code == "out_of_order" for answer in answers)
    assert all(isinstance(answer, Refusal) or answer == () for answer in answers)
