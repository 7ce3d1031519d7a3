"""``requite open`` and ``requite link``: a new ledger with its first key, and a way into its pages."""

from datetime import timedelta
from typing import Annotated

import msgspec
from cyclopts import Parameter
from rich.console import Console

from domain.command import What
from domain.policy import Policy, UnitName
from domain.refusal import Refusal
from services.access.keys import AccessKey, Database, create_key, find_key
from services.access.links import LINK_LIFE, create_link
from services.cli.address import find_address
from services.cli.failure import CommandError
from services.cli.hints import called
from services.cli.port import Place
from services.cli.running import running_service
from services.database.pool import load_sql
from services.ledger.opening import open_ledger
from services.service import Service
from services.settings import Settings

LINK_KEY_LIFE = timedelta(days=1)


async def open_new(
    ledger: str, /, *, title: str | None = None, unit: Annotated[tuple[str, ...], Parameter(negative="")] = ()
) -> None:
    """Open a ledger, and print its first admin key.

    The key alone goes to standard output: KEY=$(requite open village)

    Parameters
    ----------
    ledger
        Its id, which stands in every address: lower-case letters, digits and hyphens.
    title
        What people call it.
    unit
        A unit in which favours and promises are counted; may be given several times, the first is the default.
        Without any, things are counted as favours.
    """
    checked_title = msgspec.convert(title, What | None)
    policy = _policy(unit) if unit else Policy()
    async with running_service() as service:
        await open_ledger(service, ledger, title=checked_title, policy=policy)
        token, _ = await create_key(
            service.pool, ledger, "First key, by 'requite open'", ("admin",), clock=service.clock
        )
    Console(stderr=True).print(f"The ledger '{ledger}' is open. Its admin key, which is shown this once:", markup=False)
    print_plainly(token)


def _policy(units: tuple[str, ...]) -> Policy:
    for unit in units:
        try:
            msgspec.convert(unit, UnitName)
        except msgspec.ValidationError:
            raise CommandError(
                f"--unit {unit[:40]!r}: a unit's name is at most 40 lower-case letters, digits, hyphens and"
                " underscores, and begins with a letter."
            ) from None
    return msgspec.convert({"units": units}, Policy)


async def link(ledger: str, /, *, key: str | None = None, address: str | None = None) -> None:
    """Print a sign-in link for a ledger's pages: good once, within a quarter of an hour.

    Parameters
    ----------
    ledger
        The ledger's id.
    key
        The id of the access key that the link stands for ('requite key list'). Without one, a key that may read and
        audit is made, and ends after a day.
    address
        Where 'requite serve' runs, such as http://127.0.0.1:8080. Without it, where it is known to run on this data
        folder, or else what REQUITE_PORT says.
    """
    settings = Settings.from_environment()
    async with running_service(settings) as service:
        await require_ledger(service.pool, ledger)
        base = address or _address(settings)
        url = await sign_in_url(service, await _key_for_link(service, ledger, key), base)
    print_plainly(url)


def _address(settings: Settings) -> str:
    """Where a link may lead: never to a port that was merely guessed, for another program may listen there."""
    known = find_address(settings.data) if settings.database_url is None else None
    if known is not None:
        return known
    if not settings.port_given or not settings.port:
        raise CommandError(
            "It is not known where Requite runs. Say so, as with --address http://127.0.0.1:8080, or start it with"
            f" '{called()} serve'."
        )
    base = Place(settings.host, settings.port).url
    Console(stderr=True).print(f"Requite is not known to run at {base}; REQUITE_PORT says so.", markup=False)
    return base


async def _key_for_link(service: Service, ledger: str, key_id: str | None) -> AccessKey:
    if key_id is None:
        ends = service.clock() + LINK_KEY_LIFE
        label = "Sign-in by 'requite link'"
        _, key = await create_key(service.pool, ledger, label, ("read", "audit"), expires_at=ends, clock=service.clock)
        return key
    stored = await find_key(service.pool, ledger, key_id)
    if stored is None or not stored.key.holds_at(service.clock()):
        raise Refusal("key_not_found", f"There is no such key in use in the ledger '{ledger}'; see 'requite key list'.")
    return stored.key


async def sign_in_url(
    service: Service, key: AccessKey, base: str, life: timedelta = LINK_LIFE, *, only_here: bool = False
) -> str:
    """The address of a fresh sign-in link; with ``only_here`` one that is good on this machine alone."""
    token = await create_link(service.pool, key, clock=service.clock, life=life, only_here=only_here)
    return f"{base}/sign-in/{key.ledger_id}/{token}"


async def require_ledger(database: Database, ledger: str) -> None:
    """Raise ``Refusal`` unless there is such a ledger."""
    if not await database.fetchval(load_sql("services/cli/sql/ledger_exists.sql"), ledger):
        raise Refusal("ledger_not_found", f"There is no ledger '{ledger[:60]}'; '{called()} open' makes one.")


def print_plainly(text: str) -> None:
    """Print a line that can be copied or captured: no colours, never broken."""
    Console(highlight=False).print(text, markup=False, soft_wrap=True)
