"""``requite who-knows``: whom to ask about something."""

from typing import Annotated

from cyclopts import Parameter
from cyclopts.validators import Number
from msgspec.structs import replace
from rich.console import Console
from rich.table import Table
from rich.text import Text

from services.cli.asking import Where, plain, print_json
from services.reading.directory import who_knows as look_up
from services.reading.pages import PAGE_LIMIT, Page


async def who_knows(
    about: str, /, *, where: Where, limit: Annotated[int, Parameter(validator=Number(gte=1, lte=PAGE_LIMIT))] = 50
) -> None:
    """Print who knows about something, as the parties say themselves.

    Parameters
    ----------
    about
        What it is about, or a part of it.
    limit
        How many to show at most.
    """
    console = Console()
    async with where.look() as snapshot:
        page = await look_up(snapshot, about, Page(limit=limit))
        found = list(page.items)
        while page.next is not None and len(found) < limit:
            page = await look_up(snapshot, about, Page(page.next, limit - len(found)))
            found += page.items
    if where.json:
        print_json(console, replace(page, items=tuple(found)))
        return
    table = Table("who", "knows about", "id", box=None, pad_edge=False)
    for one in found:
        table.add_row(plain(one.name or "(not readable)"), plain(", ".join(one.subjects)), str(one.party))
    console.print(table if found else "Nobody says so.")
    if page.next is not None:
        console.print(Text(f"There are more than {limit}; --limit shows more.", style="dim"))
