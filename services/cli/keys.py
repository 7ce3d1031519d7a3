"""``requite key``: access keys of a ledger."""

from datetime import timedelta
from typing import Annotated
from uuid import UUID

import msgspec
from cyclopts import App, Parameter
from cyclopts.validators import Number
from rich.console import Console
from rich.table import Column, Table

from domain.refusal import Refusal
from services.access.keys import AccessKey, Label, Scope, create_key, list_keys, revoke_key
from services.cli.ledgers import print_plainly, require_ledger
from services.cli.running import running_service

KEY_ID_LENGTH = 13

key = App(name="key", help="Make, list and end the access keys of a ledger.")


@key.command
async def create(
    ledger: str,
    /,
    *,
    label: str,
    scope: Annotated[tuple[Scope, ...], Parameter(negative="")],
    party: Annotated[tuple[UUID, ...], Parameter(negative="")] = (),
    days: Annotated[int | None, Parameter(validator=Number(gte=1, lte=36500))] = None,
) -> None:
    """Make an access key, and print it: the key alone on standard output, this once.

    Parameters
    ----------
    ledger
        The ledger's id.
    label
        What the key is for.
    scope
        What it may do; give it several times for several. An admin key may do everything.
    party
        The id of a party that it acts for; may be given several times. Without any it is a recorder's, for all.
    days
        After how many days it ends. Without, it holds until it is revoked.
    """
    checked = msgspec.convert(label, Label)
    async with running_service() as service:
        await require_ledger(service.pool, ledger)
        ends = None if days is None else service.clock() + timedelta(days=days)
        token, made = await create_key(
            service.pool, ledger, checked, scope, party or None, expires_at=ends, clock=service.clock
        )
    until = "" if made.expires_at is None else f", until {made.expires_at:%Y-%m-%d}"
    Console(stderr=True).print(f"Key {made.key_id} for {', '.join(made.scopes)}{until}:", markup=False)
    print_plainly(token)


@key.command(name="list")
async def show(ledger: str, /) -> None:
    """List the access keys of a ledger, those no longer in use too."""
    table = Table(
        Column("id", no_wrap=True, min_width=KEY_ID_LENGTH),
        "label",
        "scopes",
        "acts for",
        "made",
        "ends",
        "revoked",
        box=None,
        pad_edge=False,
    )
    async with running_service() as service:
        await require_ledger(service.pool, ledger)
        page = await list_keys(service.pool, ledger)
        while page:
            for one in page:
                table.add_row(*_columns(one))
            page = await list_keys(service.pool, ledger, after=page[-1].key_id)
    Console(markup=False).print(table)


def _columns(one: AccessKey) -> tuple[str, ...]:
    ends, revoked = (f"{at:%Y-%m-%d}" if at is not None else "" for at in (one.expires_at, one.revoked_at))
    acts_for = "all" if one.parties is None else "\n".join(map(str, one.parties))
    return one.key_id, one.label, " ".join(one.scopes), acts_for, f"{one.created_at:%Y-%m-%d}", ends, revoked


@key.command
async def revoke(ledger: str, key_id: str, /) -> None:
    """End an access key. A service that runs honours it for about a second more."""
    async with running_service() as service:
        await require_ledger(service.pool, ledger)
        ended = await revoke_key(service.pool, ledger, key_id, clock=service.clock)
    if ended is None:
        raise Refusal("key_not_found", f"There is no such key in the ledger '{ledger}'; see 'requite key list'.")
    Console(stderr=True).print(f"Key {key_id} has ended.", markup=False)
