"""The promise as its design says it in words, written once more without the table: a plain object that is told acts.

A is the promisee, B the promisor, C the assessor. Days of grace: 2; the window in which an answer is waited for: 14.
"""

import copy
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from domain.command import Command

GRACE, WINDOW = timedelta(days=2), timedelta(days=14)
Verdict = Literal["happened", "nothing", "refused"]
BEGUN = {"promise.request": "requested", "promise.offer": "offered", "promise.make": "promised"}
RECORDER, ADMIN = "recorder", "admin"
ENDED = {"kept", "partly_kept", "broken", "reneged", "released"}


class Model:
    """One promise. ``hear`` tells what an act leads to, and lets it happen."""

    def __init__(self, begin: Any, by: UUID | None, at: datetime) -> None:
        self.status = BEGUN[begin.ACT]
        self.a: UUID = begin.promisee
        self.b: UUID = begin.promisor
        self.c: UUID | None = begin.assessor
        self.quantity: int = begin.quantity
        self.due: datetime | None = begin.due
        self.author: UUID | str = by or RECORDER
        self.latest = at
        self.made_at = at if self.status == "promised" else None
        self.fraction: float | None = None
        self.delivered_at: datetime | None = None
        self.reported_at: datetime | None = None
        self.asked_at: datetime | None = None
        self.terms: tuple[UUID, int, datetime | None] | None = None
        self.newcomer: tuple[str, UUID, UUID] | None = None  # whose place, who hands it over, to whom
        self.raised: tuple[UUID, str] | None = None  # who disputes, and how it stood
        self.ends: dict[UUID, tuple[str, float | None]] = {}  # how each would settle it
        self.retractor: UUID | str | None = None
        self.acted: frozenset[UUID | str] = frozenset()

    def hear(self, command: Any, by: UUID | None, at: datetime, *, admin: bool = False) -> Verdict:
        """What an act of a party leads to; of a recorder, always the same one, where no party is named."""
        heard = copy.copy(self)
        verdict = heard._told(command, command.ACT.partition(".")[2], by, at, admin=admin)
        named_already = verdict == "nothing" and command.ACT == "promise.settle"
        if at < self.latest and (verdict == "happened" or named_already):
            return "refused"
        if verdict == "happened":
            heard.latest = at
            heard.acted = self.acted if by is None else self.acted | {by}
            self.__dict__ = heard.__dict__
        return verdict

    @property
    def retracted(self) -> bool:
        return self.retractor is not None

    def due_by(self) -> datetime | None:
        """The date named, or where one was asked for in vain, the end of the window."""
        return self.due or (self.asked_at and self.asked_at + WINDOW)

    def past(self, moment: datetime) -> bool:
        """Past due and grace."""
        due = self.due_by()
        return due is not None and moment > due + GRACE

    def unconfirmed(self, moment: datetime) -> bool:
        """Reported and no answer, or past due and nobody spoke, for the window."""
        if self.status == "reported":
            assert self.delivered_at is not None
            return moment > self.delivered_at + WINDOW
        return self.status == "promised" and self.past(moment - WINDOW) and moment > self.latest + WINDOW

    def given(self) -> int:
        """What the promisor gave by it, as long as nobody says otherwise."""
        if self.retracted:
            return 0
        return {"kept": self.quantity, "partly_kept": round(self.quantity * (self.fraction or 0))}.get(self.status, 0)

    # ── acts ─────────────────────────────────────────────────────────────────────────────────────────────────

    def _told(self, command: Any, act: str, by: UUID | None, at: datetime, *, admin: bool) -> Verdict:
        if act in ("reinstate", "reword", "retract"):
            return self._corrected(act, by, admin=admin)
        if self.retracted or (by is None and act != "report_progress"):
            return "refused"
        verdict: Verdict = getattr(self, f"_{act}")(command, by, at)
        return verdict

    def _corrected(self, act: str, by: UUID | None, *, admin: bool) -> Verdict:
        writer = by or (ADMIN if admin else RECORDER)
        if act == "reword":
            return "happened" if admin or writer == self.author else "refused"
        if act == "reinstate":
            may = self.retracted and (admin or writer == self.retractor)
            self.retractor = None
            return "happened" if may else "refused"
        alone = not self.acted - {self.author}
        others = {self.c, *(self.acted & {self.a})} - {None}
        if not (admin or (writer == self.author and alone) or by in others):
            return "refused"
        if self.retracted:
            return "nothing"
        self.retractor = writer
        return "happened"

    def _go(self, status: str, done: bool, target: str | None = None) -> Verdict:  # noqa: FBT001
        """To another standing; nothing where an act that leads to this one finds it already."""
        if done:
            self.status = status
        return "happened" if done else "nothing" if target == self.status else "refused"

    def _counter(self, command: Any, by: UUID, at: datetime) -> Verdict:
        turn = {"requested": self.b, "offered": self.a, "countered": self.a}.get(self.status)
        terms = self._new_terms(command, at)
        if by != turn or terms is None:
            return "refused"
        self.quantity, self.due = terms
        return self._go("countered" if by == self.b else "requested", done=True)

    def _new_terms(self, command: Any, at: datetime) -> tuple[int, datetime | None] | None:
        terms = (command.quantity or self.quantity, command.due or self.due)
        is_early = command.due is not None and command.due < at
        is_same = terms == (self.quantity, self.due) and command.what is None
        return None if is_early or is_same else terms

    def _agree(self, _: Command, by: UUID, at: datetime) -> Verdict:
        turn = {"requested": self.b, "offered": self.a, "countered": self.a}.get(self.status)
        if by != turn or (self.due is not None and self.due < at):
            return "refused"
        self.made_at = at
        return self._go("promised", done=True)

    def _decline(self, _: Command, by: UUID, at: datetime) -> Verdict:
        del at
        turn = {"requested": self.b, "offered": self.a, "countered": self.a}.get(self.status)
        return self._go("declined", by == turn, "declined" if by in (self.a, self.b) else None)

    def _withdraw(self, _: Command, by: UUID, at: datetime) -> Verdict:
        del at
        spoke = {"requested": self.a, "offered": self.b, "countered": self.b}.get(self.status)
        return self._go("withdrawn", by == spoke, "withdrawn" if by in (self.a, self.b) else None)

    def _report_progress(self, _: Command, by: UUID | None, at: datetime) -> Verdict:
        del at
        return "happened" if self.status == "promised" and by in (self.b, self.c, None) else "refused"

    def _report_delivery(self, _: Command, by: UUID, at: datetime) -> Verdict:
        verdict = self._go("reported", by == self.b and self.status == "promised", "reported" if by == self.b else None)
        if verdict == "happened":
            self.delivered_at = self.reported_at = at
            self.terms = self.newcomer = None
        return verdict

    def _take_back_report(self, _: Command, by: UUID, at: datetime) -> Verdict:
        del at
        return self._reopen(done=by == self.b and self.status == "reported")

    def _reject(self, _: Command, by: UUID, at: datetime) -> Verdict:
        del at
        return self._reopen(done=by == self.a and self.status == "reported")

    def _reopen(self, *, done: bool) -> Verdict:
        if done:
            self.delivered_at = self.reported_at = None
        return self._go("promised", done)

    def _accept(self, _: Command, by: UUID, at: datetime) -> Verdict:
        del at
        return self._go("kept", by == self.a and self.status == "reported", "kept" if by == self.a else None)

    def _accept_in_part(self, command: Any, by: UUID, at: datetime) -> Verdict:
        del at
        if by == self.a and self.status == "reported":
            self.fraction = command.fraction
            return self._go("partly_kept", done=True)
        same = by == self.a and self.fraction == command.fraction
        return self._go("partly_kept", done=False, target="partly_kept" if same else None)

    def _declare_broken(self, _: Command, by: UUID, at: datetime) -> Verdict:
        done = by == self.a and self.status == "promised" and self.past(at)
        return self._end("broken", done, "broken" if by == self.a else None)

    def _renege(self, _: Command, by: UUID, at: datetime) -> Verdict:
        del at
        return self._end("reneged", by == self.b and self.status == "promised", "reneged" if by == self.b else None)

    def _release(self, _: Command, by: UUID, at: datetime) -> Verdict:
        del at
        done = by == self.a and self.status in ("promised", "reported")
        if done:
            self.delivered_at = None
        return self._end("released", done, "released" if by == self.a else None)

    def _end(self, status: str, done: bool, target: str | None) -> Verdict:  # noqa: FBT001
        if done:
            self.terms = self.newcomer = None
        return self._go(status, done, target)

    # ── new terms, dates, other parties ──────────────────────────────────────────────────────────────────────

    def _if(self, holds: bool, **after: Any) -> Verdict:  # noqa: FBT001
        if not holds or self.status != "promised":
            return "refused"
        self.__dict__.update(after)
        return "happened"

    def _propose_terms(self, command: Any, by: UUID, at: datetime) -> Verdict:
        terms = self._new_terms(command, at)
        fits = by in (self.a, self.b) and self.terms is None and terms is not None
        return self._if(fits, terms=(by, *(terms or (0, None))))

    def _agree_to_terms(self, _: Command, by: UUID, at: datetime) -> Verdict:
        del at
        if self.terms is None:
            return "refused"
        proposer, quantity, due = self.terms
        asked_at = self.asked_at if due is None else None
        fits = by in {self.a, self.b} - {proposer}
        return self._if(fits, terms=None, quantity=quantity, due=due, asked_at=asked_at)

    def _refuse_terms(self, _: Command, by: UUID, at: datetime) -> Verdict:
        del at
        return self._if(self.terms is not None and by in {self.a, self.b} - {self.terms[0]}, terms=None)

    def _take_back_terms(self, _: Command, by: UUID, at: datetime) -> Verdict:
        del at
        return self._if(self.terms is not None and by == self.terms[0], terms=None)

    def _ask_for_date(self, _: Command, by: UUID, at: datetime) -> Verdict:
        return self._if(by == self.a and self.due is None and self.asked_at is None, asked_at=at)

    def _name_date(self, command: Any, by: UUID, at: datetime) -> Verdict:
        fits = by == self.b and self.asked_at is not None and command.due >= at
        return self._if(fits, due=command.due, asked_at=None)

    def _delegate(self, command: Any, by: UUID, at: datetime) -> Verdict:
        del at
        fits = by == self.b and self.newcomer is None and command.to not in (self.a, self.b, self.c)
        return self._if(fits, newcomer=("b", by, command.to))

    def _assign(self, command: Any, by: UUID, at: datetime) -> Verdict:
        del at
        fits = by == self.a and self.newcomer is None and command.to not in (self.a, self.b)
        return self._if(fits, newcomer=("a", by, command.to))

    def _consent_to_handover(self, _: Command, by: UUID, at: datetime) -> Verdict:
        del at
        if self.newcomer is None:
            return "refused"
        place, newcomer = self.newcomer[0], self.newcomer[2]
        taken: dict[str, Any] = {place: newcomer}
        return self._if(by == newcomer, newcomer=None, **taken)

    def _refuse_handover(self, _: Command, by: UUID, at: datetime) -> Verdict:
        del at
        return self._if(self.newcomer is not None and by == self.newcomer[2], newcomer=None)

    def _take_back_handover(self, _: Command, by: UUID, at: datetime) -> Verdict:
        del at
        return self._if(self.newcomer is not None and by == self.newcomer[1], newcomer=None)

    # ── disputes and assessments ─────────────────────────────────────────────────────────────────────────────

    def _dispute(self, _: Command, by: UUID, at: datetime) -> Verdict:
        if by not in (self.a, self.b):
            return "refused"
        done = self.status in ENDED - {"released"} or self.unconfirmed(at)
        if done:
            self.raised, self.ends = (by, self.status), {}
        return self._end("disputed", done, "disputed")

    def _settle(self, command: Any, by: UUID, at: datetime) -> Verdict:
        if self.status != "disputed" or by not in (self.a, self.b, self.c):
            return "refused"
        end = (command.outcome, command.fraction)
        if self.ends.get(by) == end:
            return "nothing"
        if by != self.c and end not in self.ends.values():
            self.ends = {**self.ends, by: end}
            return "happened"
        return self._close(*end, at)

    def _withdraw_dispute(self, _: Command, by: UUID, at: datetime) -> Verdict:
        del at
        if self.status != "disputed" or self.raised is None or by != self.raised[0]:
            return "refused"
        status, self.raised = self.raised[1], None
        return self._go(status, done=True)

    def _assess(self, command: Any, by: UUID, at: datetime) -> Verdict:
        if by != self.c or self.status not in {*ENDED, "promised", "reported", "disputed"}:
            return "refused"
        self.raised = None
        if command.outcome != "promised":
            return self._close(command.outcome, command.fraction, at)
        self.fraction = self.delivered_at = self.reported_at = None
        return self._go("promised", done=True)

    def _close(self, outcome: str, fraction: float | None, at: datetime) -> Verdict:
        delivered = outcome in ("kept", "partly_kept")
        self.delivered_at = (self.delivered_at or self.reported_at or at) if delivered else None
        self.fraction, self.raised = fraction, None
        return self._end(outcome, done=True, target=None)
