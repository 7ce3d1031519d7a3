"""``requite db``: where the database's tables are."""

from typing import Annotated

from cyclopts import App, Parameter
from rich.console import Console

from services.cli.failure import CommandError
from services.cli.running import database, prepare
from services.database.distribution import Step, read_plan, run
from services.database.master_key import load_master_key
from services.database.pool import connect
from services.settings import Settings

UNTRIED = (
    "Nobody has run Requite on Citus so far, and docs/scaling.md lists what will not run there, some of recording"
    " among it. --dry-run prints what would be done; --untried does it, on a copy of your database for preference."
)

db = App(name="db")


@db.command
async def distribute(
    *,
    dry_run: Annotated[bool, Parameter(negative="")] = False,
    untried: Annotated[bool, Parameter(negative="")] = False,
) -> None:
    """Spread the ledgers of a filled database over the machines of its Citus cluster, one ledger on one machine.

    Nobody has run Requite on Citus so far, and some of it will not run there: docs/scaling.md says what. So this is for
    trying it, on a copy, with Requite stopped. What was done already is left out, so a run that was interrupted is gone
    on with.

    Parameters
    ----------
    dry_run
        Only print what would be run.
    untried
        Run it, knowing that.
    """
    if not dry_run and not untried:
        raise CommandError(UNTRIED)
    settings = Settings.from_environment()
    master_key = load_master_key(settings)
    async with database(settings) as url:
        await prepare(url, master_key)
        connection = await connect(url)
        try:
            steps = await read_plan(connection)
            console = Console(highlight=False)
            for step in steps:
                _print(console, step)
                if not dry_run:
                    await run(connection, step)
            if not steps:
                console.print("Everything is distributed.")
        finally:
            await connection.close()


def _print(console: Console, step: Step) -> None:
    console.print(f"-- {step.why}", style="dim", markup=False, soft_wrap=True)
    console.print(f"{step.sql};", markup=False, soft_wrap=True)
