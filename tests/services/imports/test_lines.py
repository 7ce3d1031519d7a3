"""Files of commands: every act, and every way in which a line can be none."""

import gzip
import json
from typing import Any
from uuid import UUID, uuid4

import pytest

from domain.catalogue import ACTS
from domain.tie import tie_id
from services.imports.lines import BadLineError, read_line
from services.ledger.opening import open_ledger
from services.service import Service
from tests.services.conftest import Desk
from tests.services.imports.conftest import Importer, given, line

EARLY = "2026-01-01T00:00:00Z"
FOR_ADMINISTRATORS = {"ledger.open", "ledger.change_policy", "party.erase"}
LATER = "2026-01-03T00:00:00Z"


def story(a: UUID, b: UUID, c: UUID) -> list[tuple[str, Any, dict[str, Any]]]:
    """One act of every kind that there is for a recorder: act, stream, body."""
    favour, intro, met = uuid4(), uuid4(), uuid4()
    kept, part, late, freed, left, told = (uuid4() for _ in range(6))
    new = uuid4()
    promise = {"promisor": a, "promisee": b, "what": "to mend the roof", "occurred_at": EARLY}
    due = {**promise, "due": "2026-01-02T00:00:00Z"}
    return [
        ("party.register", new, {"name": "Dora"}),
        ("party.rename", new, {"name": "Dorothea"}),
        ("party.add_reference", new, {"reference": {"source": "crm", "id": "4"}}),
        ("favour.record", favour, {"giver": a, "receiver": b, "what": "lent a ladder"}),
        ("favour.acknowledge", favour, {"by": b, "value": 5}),
        ("favour.thank", favour, {"by": b}),
        ("contact.record", met, {"by": a, "initiator": a, "other": b, "channel": "call", "learnt": "he keeps bees"}),
        ("contact.reword", met, {"by": a, "learnt": "he keeps wild bees"}),
        ("contact.retract", met, {"by": a}),
        ("contact.reinstate", met, {"by": a}),
        ("tie.declare", None, {"by": a, "party": a, "other": b, "closeness": "close"}),
        ("tie.undeclare", tie_id(a, b), {"by": a}),
        ("favour.dispute", favour, {"by": a, "reason": "it was two"}),
        ("favour.withdraw_dispute", favour, {"by": a}),
        ("favour.dispute", favour, {"by": b, "reason": "it was none"}),
        ("favour.settle", favour, {"by": a, "quantity": 1}),
        ("favour.settle", favour, {"by": b, "quantity": 1}),
        ("favour.retract", favour, {"reason": "in error", "by": a}),
        ("favour.reinstate", favour, {"by": a}),
        ("introduction.propose", intro, {"by": a, "introducer": a, "first": b, "second": c}),
        ("introduction.consent", intro, {"by": b}),
        ("introduction.consent", intro, {"by": c}),
        ("introduction.make", intro, {"by": a}),
        ("introduction.record_outcome", intro, {"by": b, "outcome": "met"}),
        ("introduction.propose", None, {"by": a, "introducer": a, "first": b, "second": c}),
        ("promise.make", kept, promise),
        ("promise.report_progress", kept, {"by": a}),
        ("promise.reword", kept, {"what": "to mend the whole roof"}),
        ("promise.report_delivery", kept, {"by": a}),
        ("promise.reject", kept, {"by": b, "reason": "it leaks"}),
        ("promise.report_delivery", kept, {"by": a}),
        ("promise.accept", kept, {"by": b}),
        ("promise.make", part, promise),
        ("promise.report_delivery", part, {"by": a}),
        ("promise.accept_in_part", part, {"by": b, "fraction": 0.5}),
        ("promise.make", late, due),
        ("promise.declare_broken", late, {"by": b, "occurred_at": "2026-06-03T00:00:00Z"}),
        ("promise.make", freed, promise),
        ("promise.release", freed, {"by": b}),
        ("promise.make", left, promise),
        ("promise.renege", left, {"by": a}),
        ("promise.make", told, {**promise, "assessor": c}),
        ("promise.assess", told, {"by": c, "outcome": "kept"}),
        ("promise.retract", told, {"by": c}),
        ("promise.reinstate", told, {"by": c}),
    ]


def bargains(a: UUID, b: UUID, c: UUID) -> list[tuple[str, Any, dict[str, Any]]]:
    """How promises are asked for and bargained over, change hands, and are disputed."""
    asked, declined, withdrawn, offered, late = (uuid4() for _ in range(5))
    promise = {"promisor": a, "promisee": b, "what": "to mend the roof", "occurred_at": EARLY}
    disputed = {"by": a, "reason": "It was mended."}
    return [
        ("promise.request", asked, {**promise, "by": b}),
        ("promise.counter", asked, {"by": a, "quantity": 2}),
        ("promise.agree", asked, {"by": b}),
        ("promise.report_delivery", asked, {"by": a}),
        ("promise.take_back_report", asked, {"by": a}),
        ("promise.request", declined, {**promise, "by": b}),
        ("promise.decline", declined, {"by": a, "reason": "improper"}),
        ("promise.request", withdrawn, {**promise, "by": b}),
        ("promise.withdraw", withdrawn, {"by": b}),
        ("promise.offer", offered, {**promise, "by": a}),
        ("promise.agree", offered, {"by": b}),
        ("promise.ask_for_date", offered, {"by": b}),
        ("promise.name_date", offered, {"by": a, "due": "2099-01-01T00:00:00Z"}),
        ("promise.propose_terms", offered, {"by": a, "quantity": 3}),
        ("promise.take_back_terms", offered, {"by": a}),
        ("promise.propose_terms", offered, {"by": a, "quantity": 4}),
        ("promise.refuse_terms", offered, {"by": b}),
        ("promise.propose_terms", offered, {"by": a, "quantity": 5}),
        ("promise.agree_to_terms", offered, {"by": b}),
        ("promise.delegate", offered, {"by": a, "to": c}),
        ("promise.refuse_handover", offered, {"by": c}),
        ("promise.delegate", offered, {"by": a, "to": c}),
        ("promise.take_back_handover", offered, {"by": a}),
        ("promise.assign", offered, {"by": b, "to": c}),
        ("promise.consent_to_handover", offered, {"by": c}),
        ("promise.make", late, {**promise, "due": "2026-01-02T00:00:00Z"}),
        ("promise.declare_broken", late, {"by": b, "occurred_at": "2026-06-03T00:00:00Z"}),
        ("promise.dispute", late, disputed),
        ("promise.withdraw_dispute", late, {"by": a}),
        ("promise.dispute", late, disputed),
        ("promise.settle", late, {"by": a, "outcome": "kept"}),
    ]


def company(a: UUID, b: UUID) -> list[tuple[str, Any, dict[str, Any]]]:
    """Who parties are, and who met whom."""
    double, club, met, favour, mistaken = (uuid4() for _ in range(5))
    return [
        ("party.register", mistaken, {"name": "Nobody"}),
        ("party.retract", mistaken, {}),
        ("party.register", double, {"name": "Ada"}),
        ("party.register", club, {"name": "Rowers", "kind": "organisation"}),
        ("party.list_interests", a, {"interests": ["rowing"]}),
        ("party.list_knowledge", a, {"knows_about": ["boats"]}),
        ("party.set_findable", a, {"findable": True}),
        ("party.set_reminders", a, {"mail": "ada@village.example"}),
        ("party.clear_reminders", a, {}),
        ("party.join", a, {"organisation": club}),
        ("party.leave", a, {"organisation": club}),
        ("party.merge", double, {"into": a}),
        ("party.unmerge", double, {}),
        ("favour.record", favour, {"giver": a, "receiver": b}),
        ("favour.thank", favour, {"by": b}),
        ("contact.record", met, {"by": a, "initiator": a, "other": b, "channel": "call"}),
        ("contact.reword", met, {"by": a, "learnt": "She rows."}),
        ("contact.retract", met, {"by": a}),
        ("contact.reinstate", met, {"by": a}),
        ("tie.declare", tie_id(a, b), {"by": a, "party": a, "other": b, "closeness": "close"}),
        ("tie.undeclare", tie_id(a, b), {"by": a}),
    ]


async def test_every_act(importer: Importer, desk: Desk) -> None:
    a, b, c = await desk.register("Ada", "Ben", "Cem")
    acts = story(a, b, c)
    other = uuid4()
    acts += [
        ("introduction.propose", other, acts[19][2]),
        ("introduction.decline", other, {"by": acts[19][2]["second"]}),
        ("introduction.retract", other, {}),
        ("introduction.reinstate", other, {}),
    ]
    acts += [*bargains(a, b, c), *company(a, b)]
    summary = await importer.lines("".join(line(act, body, stream) for act, stream, body in acts))
    assert importer.rejects == []
    assert (summary.read, summary.recorded) == (len(acts), len(acts))
    assert {act for act, _, _ in acts} == ACTS.keys() - FOR_ADMINISTRATORS


async def test_the_ledger_s_own_acts_need_an_administrator_and_no_id(importer: Importer) -> None:
    change = line("ledger.change_policy", {"policy": {"units": ["favour", "minute"]}})
    assert (await importer.lines(change)).refused == {"admin_only": 1}
    assert (await importer.lines(change, capacity="admin")).recorded == 1
    assert await importer.topics() == ["ledger.policy_changed"]
    opening = line("ledger.open", {"title": "Another"}, uuid4())
    assert (await importer.lines(opening, capacity="admin")).refused == {"ledger_exists": 1}


async def test_no_recorder_erases_a_party(importer: Importer) -> None:
    ada = uuid4()
    lines = line("party.register", {"name": "Ada"}, ada) + line("party.erase", {}, ada)
    assert (await importer.lines(lines)).refused == {"admin_only": 1}


GOOD = line("party.register", {"name": "Ada"})
UUID_TEXT = str(uuid4())
BAD_LINES: dict[str, tuple[bytes, str]] = {
    "words": (b"hello", "not a command line"),
    "half of it": (GOOD.encode()[:-3], "not a command line"),
    "an array": (b"[]", "Expected `object`"),
    "a byte order mark within": (b"\xef\xbb\xbf" + GOOD.encode(), "not a command line"),
    "no such act": (b'{"act": "favour.steal"}', "no such act; there are: ledger.open"),
    "no act": (b'{"body": {}}', "missing required field `act`"),
    "a field beside": (b'{"act": "party.register", "ledger": "x", "body": {}}', "unknown field `ledger`"),
    "a field in the body": (line("party.register", {"name": "A", "age": 3}).encode(), "unknown field `age`"),
    "a field missing": (line("favour.record", {"giver": UUID_TEXT}).encode(), "missing required field `receiver`"),
    "no body": (b'{"act": "party.register"}', "the body does not fit party.register"),
    "the wrong type": (line("party.register", {"name": 7}).encode(), "Expected `str`, got `int`"),
    "no time zone": (line("party.register", {"name": "A", "occurred_at": "2026-01-01T00:00:00"}).encode(), "timezone"),
    "id missing": (line("promise.accept").encode(), "promise.accept acts on something there is: give its 'id'"),
    "id not a UUID": (line("promise.accept", {}, "7").encode(), "Invalid UUID"),
    "not UTF-8": (b'{"act": "party.register", "body": {"name": "A\xff"}}', ""),
    "UTF-16": (GOOD.strip().encode("utf-16-le"), "not a command line"),
    "a NUL byte": (b'{"act": "party.register", "body": {"name": "A\0B"}}', "not a command line"),
    "an escaped NUL": (line("party.register", {"name": "A\0B"}).encode(), "U+0000"),
    "a lone surrogate": (b'{"act": "party.register", "body": {"name": "\\ud800"}}', ""),
    "a surrogate in UTF-8": (b'{"act": "party.register", "body": {"name": "\xed\xa0\x80"}}', ""),
    "deep": (b"[" * 100_000, "not a command line"),
    "2 MB": (line("party.register", {"name": "x" * 2_000_000}).encode(), "longer than 1,048,576 bytes"),
    "2 MB of blanks behind": (GOOD.strip().encode() + b" " * 2_000_000 + b"x", "longer than 1,048,576 bytes"),
}


async def test_bad_lines_are_listed_and_the_others_go_on(importer: Importer) -> None:
    content = GOOD.encode()
    for bad, _ in BAD_LINES.values():
        content += b"\n" + bad.rstrip(b"\n") + b"\r\n" + GOOD.encode()
    summary = await importer.lines(content)
    assert (summary.recorded, summary.refused) == (len(BAD_LINES) + 1, {"bad_line": len(BAD_LINES)})
    assert importer.refused() == [(3 * n, "bad_line") for n in range(1, len(BAD_LINES) + 1)]
    for reject, (case, (bad, words)) in zip(importer.rejects, BAD_LINES.items(), strict=True):
        assert words in reject["detail"], case
        assert reject["text"] == bad.decode(errors="replace").rstrip("\n")[: 1 << 20], case
    assert await importer.topics() == ["party.registered"] * (len(BAD_LINES) + 1)


def test_what_a_bad_line_says_is_not_repeated() -> None:
    with pytest.raises(BadLineError) as caught:
        read_line(line("favour.record", {"giver": "secret", "receiver": "secret"}).encode())
    assert "secret" not in str(caught.value)


async def test_a_rule_s_refusal_goes_by_its_code(importer: Importer, desk: Desk) -> None:
    a, b = await desk.register("Ada", "Ben")
    summary = await importer.lines(
        line("favour.record", {"giver": a, "receiver": a})
        + line("favour.record", {"giver": a, "receiver": b})
        + line("favour.record", {"giver": a, "receiver": uuid4()})
        + line("promise.accept", {"by": a}, uuid4())
        + line("favour.record", {"giver": a, "receiver": b, "quantity": 0})
        + line("favour.record", {"giver": a, "receiver": b, "unit": "a\x01b"})
        + line("favour.record", {"giver": a, "receiver": b, "occurred_at": "9999-12-31T23:59:59-23:00"})
    )
    assert (summary.read, summary.recorded) == (7, 1)
    assert importer.refused() == [
        (1, "same_party"),
        (3, "unknown_party"),
        (4, "promise_not_found"),
        (5, "quantity_out_of_range"),
        (6, "unknown_unit"),
        (7, "time_out_of_range"),
    ]
    assert all(reject["detail"].endswith(".") for reject in importer.rejects)
    assert json.loads(importer.rejects[0]["text"])["act"] == "favour.record"
    assert await given(desk, a, b) == 1


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\xef\xbb\xbf", b" \r\n\t\n"])
async def test_an_empty_file_records_nothing(importer: Importer, content: bytes) -> None:
    summary = await importer.lines(content)
    assert (summary.read, summary.recorded, summary.refused) == (0, 0, {})
    assert await importer.topics() == []


async def test_a_byte_order_mark_crlf_and_no_last_newline(importer: Importer) -> None:
    content = b"\xef\xbb\xbf" + GOOD.strip().encode() + b"\r\n" + GOOD.strip().encode()
    assert (await importer.lines(content)).recorded == 2


async def test_a_gzipped_file(importer: Importer) -> None:
    summary = await importer.run(importer.write(gzip.compress(GOOD.encode() * 3), "file.ndjson.gz"))
    assert summary.recorded == 3


async def test_one_file_into_two_ledgers(importer: Importer, service: Service) -> None:
    await open_ledger(service, "town")
    stream = uuid4()
    content = line("party.register", {"name": "Ada"}, stream) + line("party.rename", {"name": "Ida"}, stream)
    for ledger in ("village", "town"):
        assert (await importer.lines(content, ledger=ledger)).recorded == 2
    for ledger in ("village", "town"):
        again = await importer.lines(content, ledger=ledger)
        assert (again.recorded, again.recorded_before) == (0, 2)
        assert await importer.topics(ledger) == ["party.registered", "party.renamed"]
