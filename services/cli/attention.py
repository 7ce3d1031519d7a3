"""``requite attention``: whom a party may want to reach out to, who waits for it, and what it promised comes due."""

from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from services.cli.asking import Asking, called, day, heading, party_of, plain, print_json
from services.reading.attention import Attention, read_attention
from services.reading.words import read_names


async def attention(party: str, /, *, asking: Asking) -> None:
    """Print what wants a party's attention: whom to reach out to, who waits for its answer, and what comes due.

    Parameters
    ----------
    party
        The party's id, a partner's reference such as crm:4711, or its name as it is written.
    """
    console = Console()
    async with asking.look() as snapshot:
        who = await party_of(snapshot, "PARTY", party)
        answer = await read_attention(snapshot, who, asking.asked(snapshot))
        names = await read_names(snapshot, [who])
    if asking.json:
        print_json(console, answer)
        return
    console.print(heading(f"For {called(who, names)}", answer))
    tables = [table for table in (_reach_out(answer), _waiting(answer), _promises(answer)) if table.rows]
    for table in tables:
        console.print(table)
    if not tables:
        console.print("Nothing wants attention.")


def _reach_out(answer: Attention) -> Table:
    table = _table("reach out to", "closeness", "every", "last", "due")
    for one in answer.reach_out:
        name, last = one.name or str(one.party), day(one.last_at) or "never"
        table.add_row(plain(name), one.closeness, f"{one.cadence_days} d", last, day(one.due_at))
    return table


def _waiting(answer: Attention) -> Table:
    table = _table("waiting for an answer", "asks", "what", "since")
    for one in answer.waiting:
        table.add_row(plain(one.name or str(one.asked_by)), one.kind, _what(one.what), day(one.since))
    return table


def _promises(answer: Attention) -> Table:
    table = _table("promised to", "what", "due", "")
    for one in answer.promises:
        overdue = "overdue" if one.overdue else ""
        table.add_row(plain(one.name or str(one.promisee)), _what(one.what), day(one.due), overdue)
    return table


def _table(*names: str) -> Table:
    return Table(*(Column(name) for name in names), box=None, pad_edge=False)


def _what(text: str | None) -> Text:
    return plain(text or "(not readable)")
