"""``requite promises``: a party's promises, those that it made and those made to it."""

from typing import Annotated

from cyclopts import Parameter
from cyclopts.validators import Number

from services.cli.asking import Asking
from services.cli.audit import print_promise_audit
from services.cli.audit_request import ROWS_LIMIT, AuditRequest
from services.cli.ledgers import require_ledger
from services.cli.running import running_service
from services.reading.standing import Wanted


async def promises(
    party: str,
    /,
    *,
    asking: Asking,
    standing: Wanted | None = None,
    limit: Annotated[int, Parameter(validator=Number(gte=1, lte=ROWS_LIMIT))] = 100,
) -> None:
    """Print the promises that a party made, and those made to it, with their totals.

    Parameters
    ----------
    party
        The party's id, a partner's reference such as crm:4711, or its name as it is written.
    standing
        Only those that stand so.
    limit
        How many to show at most.
    """
    request = AuditRequest(party=party, standing=standing, limit=limit, as_of=asking.as_of, clock=asking.clock)
    async with running_service() as service:
        await require_ledger(service.pool, asking.ledger)
        await print_promise_audit(service, asking.ledger, request, as_json=asking.json)
