"""``requite webhook``: who is told of a ledger's events, how that fares, and telling again."""

from collections.abc import Iterator
from typing import Annotated
from uuid import UUID

from cyclopts import App, Parameter
from cyclopts.validators import Number
from rich.console import Console

from services.cli.ledgers import print_plainly, require_ledger
from services.cli.running import running_service
from services.webhooks import endpoints
from services.webhooks.deliveries import replay as send_again
from services.webhooks.endpoints import Standing, Wish
from services.webhooks.signing import Signing, write_public_key, write_secret

webhook = App(name="webhook", help="Have other services told of a ledger's events.")


@webhook.command
async def add(
    ledger: str,
    url: str,
    /,
    *,
    topic: Annotated[tuple[str, ...], Parameter(negative="")] = (),
    full: Annotated[bool, Parameter(negative="")] = False,
    signing: Signing = "hmac",
    after: Annotated[int | None, Parameter(validator=Number(gte=0))] = None,
) -> None:
    """Have an endpoint told, and print its secret (or public key): that alone on standard output, this once.

    Parameters
    ----------
    ledger
        The ledger's id.
    url
        Where to send to: https, and a public address.
    topic
        Only these: favour.recorded, or favour.* for all of a kind; may be given several times.
    full
        Send each event's canonical form too, rather than ids and places only.
    signing
        By a shared secret (hmac), or by a key pair (ed25519).
    after
        Begin after this position. Without, with what is recorded from now on.
    """
    wish = Wish(url=url, topics=topic or None, payload="full" if full else "thin")
    async with running_service() as service:
        await require_ledger(service.pool, ledger)
        made = await endpoints.add(service, ledger, wish, signing=signing, after=after)
    one = made.endpoint
    Console(stderr=True).print(f"Webhook {one.webhook_id}, signed by {signing}:", markup=False)
    print_plainly(write_secret(one.secret) if signing == "hmac" else write_public_key(one.secret))


@webhook.command(name="list")
async def show(ledger: str, /) -> None:
    """List a ledger's webhooks, and how they fare."""
    async with running_service() as service:
        await require_ledger(service.pool, ledger)
        for one in await endpoints.list_all(service, ledger):
            for line in _lines(one):
                print_plainly(line)


def _lines(standing: Standing) -> Iterator[str]:
    one = standing.endpoint
    if one.disabled_for is not None:
        how = f"disabled ({one.disabled_for})"
    else:
        how = "well" if one.failing_since is None else f"failing since {one.failing_since:%Y-%m-%d %H:%M} UTC"
    yield f"{one.webhook_id}  {how}"
    yield f"    {one.url}"
    yield f"    {' '.join(one.topics or ('*',))}, {one.payload}, by {one.signing}"
    yield f"    told up to position {one.position}; {standing.waiting} waiting, {standing.dead} given up"


@webhook.command
async def replay(
    ledger: str,
    webhook_id: UUID,
    first: Annotated[int, Parameter(validator=Number(gte=1))],
    last: Annotated[int | None, Parameter(validator=Number(gte=1))] = None,
    /,
) -> None:
    """Have events sent again, by a service that runs: those from a position up to another, or to the last one told.

    Parameters
    ----------
    ledger
        The ledger's id.
    webhook_id
        The webhook's id.
    first
        The position of the first event.
    last
        The position of the last event.
    """
    async with running_service() as service:
        await require_ledger(service.pool, ledger)
        until = await send_again(service, ledger, webhook_id, first, last)
    Console(stderr=True).print(f"The events from {first} to {until} will be sent again.", markup=False)


@webhook.command
async def remove(ledger: str, webhook_id: UUID, /) -> None:
    """Remove a webhook, its secret and its deliveries."""
    async with running_service() as service:
        await require_ledger(service.pool, ledger)
        await endpoints.remove(service, ledger, webhook_id)
    Console(stderr=True).print(f"Webhook {webhook_id} is removed.", markup=False)
