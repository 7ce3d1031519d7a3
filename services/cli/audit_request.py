"""Which promises ``requite audit`` is asked about, as it was typed."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from cyclopts import Parameter
from cyclopts.validators import Number
from msgspec.structs import replace

from services.cli.asking import When, moment_of, party_of
from services.reading.audit import GroupBy
from services.reading.audit_links import NONE
from services.reading.snapshot import Snapshot
from services.reading.standing import NO_ORGANISATION, Lateness, Notice, NoticeShare, PromiseFilter, Wanted

ROWS_LIMIT = 10_000
NARROWING = (
    "standing",
    "overdue",
    "behind",
    "dated",
    "came_due",
    "on_time",
    "lateness",
    "notice",
    "notice_share",
)
"""The filters that only an audit of one moment has."""


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Scope:
    """Which promises are asked about, as it was typed. Parties as ``party_of`` takes them."""

    promisor: Annotated[str | None, Parameter(help="Promised by this party.")] = None
    promisee: Annotated[str | None, Parameter(help="Promised to this party.")] = None
    party: Annotated[str | None, Parameter(help="With this party, whoever promised.")] = None
    other: Annotated[str | None, Parameter(help="With --party: between the two.")] = None
    organisation: Annotated[str | None, Parameter(help="Promised by its members of then; none: by no member.")] = None
    topic: Annotated[str | None, Parameter(help="About this.")] = None
    unit: Annotated[str | None, Parameter(help="In this unit.")] = None
    made_from: Annotated[str | None, Parameter(help="Made at this time, or on this day, or later.")] = None
    made_to: Annotated[str | None, Parameter(help="Made before this time, or before this day.")] = None
    limit: Annotated[
        int,
        Parameter(validator=Number(gte=1, lte=ROWS_LIMIT), help="How many rows to show at most."),
    ] = 100

    async def chosen(self, snapshot: Snapshot) -> PromiseFilter:
        """The same for the read side. Raises ``BadQuestionError``."""

        async def party(parameter: str, text: str | None) -> UUID | None:
            return None if text is None else await party_of(snapshot, f"--{parameter}", text)

        none = self.organisation == NONE
        return PromiseFilter(
            promisor=await party("promisor", self.promisor),
            promisee=await party("promisee", self.promisee),
            party=await party("party", self.party),
            other=await party("other", self.other),
            organisation=NO_ORGANISATION if none else await party("organisation", self.organisation),
            topic=self.topic,
            unit=self.unit,
            made_from=None if self.made_from is None else moment_of("made_from", self.made_from),
            made_to=None if self.made_to is None else moment_of("made_to", self.made_to),
        )


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class AuditRequest(Scope, When):
    """What is asked for, as it was typed."""

    standing: Annotated[Wanted | None, Parameter(help="Only those that stand so.")] = None
    overdue: Annotated[bool | None, Parameter(help="Only those that are overdue, or are not.")] = None
    behind: Annotated[bool | None, Parameter(help="Only those last said to be coming late, or not.")] = None
    dated: Annotated[bool | None, Parameter(help="Only those with a due date, or without.")] = None
    came_due: Annotated[bool | None, Parameter(help="Only those that came due, or did not.")] = None
    on_time: Annotated[bool | None, Parameter(help="Only those delivered on time, or late.")] = None
    lateness: Annotated[Lateness | None, Parameter(help="Only those delivered so early or late.")] = None
    notice: Annotated[Notice | None, Parameter(help="Only those reneged with so much notice.")] = None
    notice_share: Annotated[NoticeShare | None, Parameter(help="The same, of the time there was.")] = None
    by: Annotated[GroupBy | None, Parameter(help="Show the figures of groups, rather than promises.")] = None

    async def chosen(self, snapshot: Snapshot) -> PromiseFilter:
        """The same for the read side. Raises ``BadQuestionError``."""
        scope = await super().chosen(snapshot)
        return replace(scope, **{name: getattr(self, name) for name in NARROWING})
