"""``requite key``: access keys of a ledger."""

import sys
from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated
from uuid import UUID

import msgspec
from cyclopts import App, Parameter
from cyclopts.validators import Number
from rich.console import Console
from rich.table import Column, Table

from domain.refusal import Refusal
from services.access import rotation
from services.access.keys import AccessKey, Label, Scope, create_key, list_keys, revoke_key
from services.access.rotation import OVERLAP, OVERLAP_MAX, rotate_key
from services.cli.asking import day
from services.cli.ledgers import print_plainly, require_ledger
from services.cli.running import running_service

KEY_ID_LENGTH = 13
HOUR = timedelta(hours=1)
PIPE_WIDTH = 200
"""Of a line that no terminal folds."""

key = App(name="key", help="Make, list, rotate and end the access keys of a ledger.")


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
        "last used",
        "ends",
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
    Console(markup=False, width=None if sys.stdout.isatty() else PIPE_WIDTH).print(table)


def _columns(one: AccessKey) -> tuple[str, ...]:
    acts_for = "all" if one.parties is None else "\n".join(map(str, one.parties))
    used = "never" if one.last_used_at is None else day(one.last_used_at)
    ends = "\n".join(_ends(one))
    return one.key_id, one.label, " ".join(one.scopes), acts_for, day(one.created_at), used, ends


def _ends(one: AccessKey) -> Iterator[str]:
    """When the key ended or will end, and which secret of it."""
    if one.revoked_at is not None:
        yield f"{day(one.revoked_at)} revoked"
    elif one.expires_at is not None:
        yield day(one.expires_at)
    yield from (f"{day(secret.ends_at)} secret {secret.number}" for secret in one.secrets if secret.ends_at is not None)


@key.command
async def rotate(
    ledger: str,
    key_id: str,
    /,
    *,
    overlap_hours: Annotated[int, Parameter(validator=Number(gte=0, lte=OVERLAP_MAX // HOUR))] = OVERLAP // HOUR,
) -> None:
    """Give an access key a new secret, and print it: the key alone on standard output, this once.

    The new one opens at once, the old one for some hours more. 'requite key list' shows which secrets a key has, and
    'requite key end-secret' ends one before its time.

    Parameters
    ----------
    ledger
        The ledger's id.
    key_id
        The key's id.
    overlap_hours
        For how many hours the old secret goes on to open; 0 ends it at once.
    """
    async with running_service() as service:
        await require_ledger(service.pool, ledger)
        rotated = await rotate_key(service.pool, ledger, key_id, overlap_hours * HOUR, clock=service.clock)
    if rotated is None:
        raise _not_found(ledger)
    token, one = rotated
    Console(stderr=True).print(f"Key {key_id}, secret {one.secrets[-1].number}:", markup=False)
    print_plainly(token)


@key.command
async def end_secret(ledger: str, key_id: str, number: int, /) -> None:
    """End a former secret of an access key. A service that runs honours it for about a second more."""
    async with running_service() as service:
        await require_ledger(service.pool, ledger)
        if await rotation.end_secret(service.pool, ledger, key_id, number, clock=service.clock) is None:
            raise _not_found(ledger)
    Console(stderr=True).print(f"Secret {number} of key {key_id} has ended.", markup=False)


@key.command
async def revoke(ledger: str, key_id: str, /) -> None:
    """End an access key. A service that runs honours it for about a second more."""
    async with running_service() as service:
        await require_ledger(service.pool, ledger)
        ended = await revoke_key(service.pool, ledger, key_id, clock=service.clock)
    if ended is None:
        raise _not_found(ledger)
    Console(stderr=True).print(f"Key {key_id} has ended.", markup=False)


def _not_found(ledger: str) -> Refusal:
    return Refusal("key_not_found", f"There is no such key in the ledger '{ledger}'; see 'requite key list'.")
