"""``requite balance``: what a party gave and received, in all and with whom."""

from collections.abc import Sequence
from typing import Annotated

from cyclopts import Parameter
from cyclopts.validators import Number
from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from services.cli.asking import Asking, called, day, heading, party_of, plain, print_json
from services.reading.balance import KindBalance, UnitBalance, list_relationships, read_party_balance
from services.reading.pages import PAGE_LIMIT, Page
from services.reading.words import read_names

FIGURES = ("given", "received", "net", "disputed")


async def balance(
    party: str,
    /,
    *,
    asking: Asking,
    limit: Annotated[int, Parameter(validator=Number(gte=1, lte=PAGE_LIMIT))] = 20,
) -> None:
    """Print what a party gave and received: in all, never set off against each other, and with whom.

    Parameters
    ----------
    party
        The party's id, a partner's reference such as crm:4711, or its name as it is written.
    limit
        How many relationships to show at most.
    """
    console = Console()
    async with asking.look() as snapshot:
        who, asked = await party_of(snapshot, "PARTY", party), asking.asked(snapshot)
        answer = await read_party_balance(snapshot, who, asked)
        page = await list_relationships(snapshot, who, asked, Page(limit=limit))
        names = await read_names(snapshot, [who, *(one.b for one in page.items)])
    if asking.json:
        print_json(console, answer)
        return
    console.print(heading(f"Balance of {called(who, names)}", answer))
    console.print(_totals(answer.units))
    others = Table(Column(f"with {answer.relationships}"), "unit", *_figures(), box=None, pad_edge=False)
    for one in page.items:
        for unit in one.units:
            others.add_row(called(one.b, names), plain(unit.unit), *_row(unit))
    if page.items:
        console.print(others)
    if page.next is not None:
        console.print(Text(f"There are more than {limit}; --limit shows more.", style="dim"))


def _totals(units: Sequence[UnitBalance]) -> Table:
    """All units, each with its kinds below it."""
    table = Table("unit", *_figures(), "last given", "last received", box=None, pad_edge=False)
    for unit in units:
        table.add_row(plain(unit.unit), *_row(unit), *_last(unit))
        for kind in unit.kinds:
            table.add_row(plain(f"  {kind.kind}"), *_row(kind), *_last(kind))
    return table


def _figures() -> list[Column]:
    return [Column(name, justify="right") for name in FIGURES]


def _row(line: UnitBalance | KindBalance) -> list[str]:
    disputed = line.given.disputed + line.received.disputed
    figures = (line.given.quantity, line.received.quantity, line.net)
    return [*map(str, figures), str(disputed) if disputed else ""]


def _last(line: UnitBalance | KindBalance) -> list[str]:
    return [day(line.given.last_at), day(line.received.last_at)]
