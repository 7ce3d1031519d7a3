"""``requite retention``: what people wrote that can still be read, and when it will be forgotten."""

from typing import Annotated

from cyclopts import Parameter
from cyclopts.validators import Number
from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from services.cli.asking import Where, print_json
from services.reading.pages import PAGE_LIMIT
from services.reading.retention import Retention, read_retention


async def retention(
    *,
    where: Where,
    days: Annotated[int | None, Parameter(validator=Number(gte=1, lte=36_500))] = None,
    limit: Annotated[int, Parameter(validator=Number(gte=1, lte=PAGE_LIMIT))] = 14,
) -> None:
    """Print which days' words can be read, and when they will be forgotten: what was written, never what happened.

    Parameters
    ----------
    days
        As if the policy kept words for so many days: to see what it would have forgotten before it is changed.
    limit
        How many days to show at most, the oldest first.
    """
    console = Console()
    async with where.look() as snapshot:
        answer = await read_retention(snapshot, days)
    if where.json:
        print_json(console, answer)
        return
    console.print(_told(answer), style="bold")
    if not answer.days:
        return
    table = Table("recorded on", Column("events with words", justify="right"), "forgotten on", box=None, pad_edge=False)
    for one in answer.days[:limit]:
        ends = "never" if one.forgotten_on is None else str(one.forgotten_on)
        table.add_row(str(one.day), str(one.events), ends)
    console.print(table)
    if len(answer.days) > limit:
        console.print(Text(f"Of {len(answer.days)} days; --limit shows more.", style="dim"))


def _told(answer: Retention) -> str:
    if answer.words_kept_days is None:
        return "What people write is kept without a limit: the policy has no 'words_kept_days'."
    return f"What people write is kept for {answer.words_kept_days} days; what happened is kept for good."
