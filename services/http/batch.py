"""Many commands in one request: answered one by one, in order, and recorded in one commit."""

import asyncio
from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from litestar import post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import Meta, Raw, Struct, field
from msgspec.structs import replace

from domain.catalogue import ACTS
from domain.command import Command
from domain.ledger import LEDGER_STREAM, ChangePolicy, OpenLedger
from domain.refusal import Refusal
from services.access.keys import AccessKey
from services.http.bodies import decode
from services.http.commands import ANSWER_WITHIN_S, IdempotencyKey, order_for, too_late
from services.http.guards import requires, wrong_scope
from services.http.problems import FieldError, Problem, ProblemError, as_problem, describe_problem
from services.http.versions import require_match, versions_in
from services.ledger.job import Outcome
from services.ledger.lane import NOT_RECORDED
from services.ledger.order import Order, Receipt
from services.service import Service
from services.text import VISIBLE

COMMANDS_LIMIT = 1_000
BODY_LIMIT_BYTES = 4 * 1024 * 1024
BATCHED = {act: command for act, command in ACTS.items() if command is not OpenLedger}
OBJECT = {"type": "object", "default": {}}


class BatchCommand(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A command as a line of ``requite import`` has it."""

    act: Annotated[str, Meta(description="Which command it is.", extra_json_schema={"enum": sorted(BATCHED)})]
    id: UUID | None = None
    """The stream that it acts on. May be left out where the act creates one, and for the ledger's policy."""
    body: Annotated[
        Raw,
        Meta(description="What the act's own operation takes.", extra_json_schema={"type": "object", "default": {}}),
    ] = field(default_factory=lambda: Raw(b"{}"))
    idempotency_key: Annotated[str, Meta(min_length=1, max_length=200, pattern=VISIBLE)] | None = None
    """Its own; where it is left out, it has one that follows from the request's, if that has one."""
    if_match: Annotated[str, Meta(max_length=200)] | None = None
    """As the header: the version that the stream has to have."""


class Batch(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Commands that go together."""

    commands: Annotated[tuple[BatchCommand, ...], Meta(min_length=1, max_length=COMMANDS_LIMIT)]
    atomic: bool = False
    """Whether nothing is to be recorded where one of them is refused."""


class BatchResult(Struct, frozen=True, kw_only=True):
    """What one command led to: ``status`` and the receipt or the problem that it would have been answered with."""

    status: int
    receipt: Receipt | None = None
    problem: Problem | None = None


class BatchAnswer(Struct, frozen=True, kw_only=True):
    """What each command led to, in the order in which they were sent."""

    recorded: int
    """How many have a receipt, those that an earlier request recorded too."""
    refused: int
    results: tuple[BatchResult, ...]


@post(
    "/batch",
    status_code=200,
    guards=[requires("record")],
    tags=["ledger"],
    operation_id="ledger_batch",
    summary="Record up to 1,000 commands in one commit",
    response_description="The receipt or the problem of each, in the order in which they were sent.",
    request_max_body_size=BODY_LIMIT_BYTES,
)
async def batch(
    ledger: FromPath[str],
    data: JSONBody[Batch],
    service: NamedDependency[Service],
    access_key: NamedDependency[AccessKey],
    must_match: NamedDependency[bool],
    idempotency_key: IdempotencyKey = None,
) -> BatchAnswer:
    """Record many commands; each gets its receipt or its problem, and one that is refused stands in no other's way.

    With `atomic` none is recorded where one is refused: the others get the problem `batch_not_recorded`. A command sees
    what those before it led to. The `Idempotency-Key` is for the request: each command's follows from it and from its
    place. Receipts come without advice.
    """
    commands = [_command(n, each) for n, each in enumerate(data.commands)]
    _require_different_keys(data.commands)
    outcomes: list[Outcome] = [Refusal(*NOT_RECORDED) for _ in commands]
    orders: dict[int, Order] = {}
    for n, (each, command) in enumerate(zip(data.commands, commands, strict=True)):
        key = each.idempotency_key or (None if idempotency_key is None else f"{idempotency_key} {n}")
        try:
            orders[n] = _order(ledger, access_key, each, command, key, n, must_match=must_match)
        except (Refusal, ProblemError) as error:
            outcomes[n] = error
    if len(orders) == len(commands) or not data.atomic:
        for n, outcome in zip(orders, await _submit(service, list(orders.values()), atomic=data.atomic), strict=True):
            outcomes[n] = outcome
    results = tuple(map(_result, outcomes))
    recorded = sum(result.receipt is not None for result in results)
    return BatchAnswer(recorded=recorded, refused=len(results) - recorded, results=results)


def _command(n: int, each: BatchCommand) -> type[Command]:
    """Which command it is. Raises ``ProblemError`` where that, or its form, is not as the schema has it."""
    command = BATCHED.get(each.act)
    if command is None:
        wrong = FieldError(detail="There is no such act.", pointer=f"#/commands/{n}/act")
        raise ProblemError("invalid_body", "The body does not fit: an act is not known; see 'errors'.", errors=[wrong])
    if not bytes(each.body).lstrip().startswith(b"{"):
        wrong = FieldError(detail="Expected an object.", pointer=f"#/commands/{n}/body")
        raise ProblemError("invalid_body", "The body does not fit: a command's is no object.", errors=[wrong])
    return command


def _require_different_keys(commands: Sequence[BatchCommand]) -> None:
    keys = [each.idempotency_key for each in commands if each.idempotency_key is not None]
    if len(set(keys)) < len(keys):
        raise ProblemError("invalid_body", "Two commands have the same 'idempotency_key'; give each one of its own.")


def _order(  # noqa: PLR0913 - what the request says, and what this command says
    ledger: str,
    access_key: AccessKey,
    each: BatchCommand,
    kind: type[Command],
    idempotency_key: str | None,
    n: int,
    *,
    must_match: bool,
) -> Order:
    """The order that a command amounts to. Raises what its own operation would."""
    stream = each.id
    if kind is ChangePolicy:
        stream = LEDGER_STREAM
        if not access_key.allows("admin"):
            raise wrong_scope("admin", access_key)
    elif not kind.CREATES:
        if stream is None:
            wrong = FieldError(detail="This act is for something there is.", pointer=f"#/commands/{n}/id")
            raise ProblemError("invalid_body", f"{each.act} acts on something there is: give its 'id'.", errors=[wrong])
        require_match(each.if_match, must_match=must_match)
    try:
        command = decode(bytes(each.body), kind)
    except ProblemError as error:
        error.errors = tuple(_within(n, one) for one in error.errors)
        raise
    order = order_for(ledger, access_key, command, stream, idempotency_key)
    return replace(order, if_match=versions_in(each.if_match))


def _within(n: int, error: FieldError) -> FieldError:
    """Where a field of a command's body stands in the request's."""
    return replace(error, pointer=f"#/commands/{n}/body{(error.pointer or '#')[1:]}")


async def _submit(service: Service, orders: Sequence[Order], *, atomic: bool) -> list[Outcome]:
    """Have the clerk record them; gives up a late answer, not the orders."""
    if not orders:
        return []
    try:
        async with asyncio.timeout(ANSWER_WITHIN_S) as limit:
            return await service.clerk.submit_together(orders, atomic=atomic)
    except TimeoutError:
        if not limit.expired():
            raise
    raise too_late(all(order.idempotency_key is not None for order in orders))


def _result(outcome: Outcome) -> BatchResult:
    if isinstance(outcome, Receipt):
        created = bool(outcome.events) and outcome.version == len(outcome.events)
        return BatchResult(status=201 if created else 200, receipt=outcome)
    if not isinstance(outcome, Exception):
        raise outcome
    problem = describe_problem(as_problem(outcome))
    return BatchResult(status=problem.status, problem=problem)
