"""``requite trust``: what is thought of one party's promises, and why."""

from collections.abc import Iterator, Mapping
from typing import Annotated
from uuid import UUID

from cyclopts import Parameter
from cyclopts.validators import Number
from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from services.cli.asking import Asking, called, day, heading, party_of, plain, print_json
from services.reading.pages import PAGE_LIMIT, Page
from services.reading.trust import TrustAnswer, View, read_trust
from services.reading.words import read_names


async def trust(
    party: str,
    /,
    *,
    asking: Asking,
    seen_by: str | None = None,
    topic: str | None = None,
    limit: Annotated[int, Parameter(validator=Number(gte=1, lte=PAGE_LIMIT))] = 20,
) -> None:
    """Print what is thought of a party's promises, with the evidence that it rests on: an opinion, not a grade.

    Parameters
    ----------
    party
        The party's id, a partner's reference such as crm:4711, or its name as it is written.
    seen_by
        Only as this other party saw it.
    topic
        Only promises on this topic.
    limit
        How many lines of evidence to show at most, the latest first.
    """
    console = Console()
    async with asking.look() as snapshot:
        who = await party_of(snapshot, "PARTY", party)
        by = None if seen_by is None else await party_of(snapshot, "--seen-by", seen_by)
        asked, page = asking.asked(snapshot), Page(limit=limit)
        answer = await read_trust(snapshot, who, View(seen_by=by, topic=topic), asked, page)
        others = [party for line in answer.evidence for party in (line.said_by, line.promisee)]
        names = await read_names(snapshot, [who, *others])
    if asking.json:
        print_json(console, answer)
        return
    console.print(heading(f"What is thought of {called(who, names)}", answer))
    for line in _explained(answer):
        console.print(plain(line))
    if answer.evidence:
        console.print(_evidence(answer, names))
    if answer.next is not None:
        console.print(Text(f"There are more than {limit}; --limit shows more.", style="dim"))


def _explained(answer: TrustAnswer) -> Iterator[str]:
    """The figures in sentences."""
    interval, opinion, share = answer.interval, answer.opinion, answer.plain
    yield (
        f"The next promise is kept with a likelihood of {answer.expected:.0%}"
        f" (9 times in 10 between {interval.low:.0%} and {interval.high:.0%})."
    )
    yield (
        f"Belief {opinion.belief:.2f}, disbelief {opinion.disbelief:.2f}, uncertainty {opinion.uncertainty:.2f}:"
        f" evidence for {answer.r:.2f}, against {answer.s:.2f}, halved every {answer.half_life_days} days"
        f" ({answer.formula})."
    )
    yield f"Counted plainly: {share.kept} of {share.of} kept."
    conduct = answer.conduct
    yield (
        f"Beside it: gave {conduct.reciprocity.given} times and took {conduct.reciprocity.taken};"
        f" {conduct.disputes.count} of {conduct.disputes.of} were disputed;"
        f" {conduct.improper_asks} requests were declined as improper."
    )


def _evidence(answer: TrustAnswer, names: Mapping[UUID, str | None]) -> Table:
    weights = [Column(name, justify="right") for name in ("for", "against")]
    events = Column("events", overflow="fold")
    table = Table("said by", "promised to", "outcome", "said on", *weights, events, box=None, pad_edge=False)
    for line in answer.evidence:
        table.add_row(
            called(line.said_by, names),
            called(line.promisee, names),
            line.outcome.replace("_", " "),
            day(line.said_at),
            f"{line.r:.2f}",
            f"{line.s:.2f}",
            " ".join(map(str, line.positions)),
        )
    return table
