"""Writing over HTTP: one route for every command of the domain's catalogue.

A creating command is a POST to its streams' collection (``POST …/favours``, optionally ``?id=<uuid>`` with an id that
the client chose; where several create, the others go by their act's name: ``POST …/promises/request``). Every other one
is a POST to the act's name under its stream (``POST …/promises/{id}/report-delivery``).
The answer is the receipt: the stream, its version, and the ledger's position at which it holds.
"""

import asyncio
from typing import Annotated, Any
from uuid import UUID

import msgspec
import structlog
from litestar import Response, Router, post
from litestar.datastructures import ResponseHeader
from litestar.di import NamedDependency, Provide
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, HeaderParameter, JSONBody, PathParameter, QueryParameter
from msgspec import Struct
from msgspec.structs import asdict, replace

from domain.catalogue import CONTACT, FAVOUR, INTRODUCTION, PARTY, PROMISE, TIE, StreamType
from domain.command import Command
from domain.ledger import LEDGER_STREAM, ChangePolicy
from services.access.keys import AccessKey, who_acts
from services.http.advice import ADVISED, PromiseReceipt, add_advice
from services.http.guards import requires
from services.http.problems import OUTCOME_UNKNOWN, ProblemError
from services.http.versions import ETAG, IfMatch, etag, require_match, versions_in
from services.ledger.order import Order, Receipt
from services.service import Service
from services.text import VISIBLE

ANSWER_WITHIN_S = 30.0
PLURALS = {
    PARTY: "parties",
    FAVOUR: "favours",
    INTRODUCTION: "introductions",
    PROMISE: "promises",
    CONTACT: "contacts",
    TIE: "ties",
}

IdempotencyKey = Annotated[
    str | None,
    HeaderParameter(
        name="Idempotency-Key",
        min_length=1,
        max_length=200,
        pattern=VISIBLE,
        description="A key of your choice: the same request under the same key is recorded once, and answered alike,"
        " within 30 days.",
    ),
]
StreamId = Annotated[UUID, PathParameter(name="id")]
ChosenId = Annotated[
    UUID | None, QueryParameter(name="id", description="The id to create it under; one is chosen where it is left out.")
]


class Conditions(Struct, frozen=True):
    """Under what an act is to be recorded: once under this key, and while its stream has one of these versions."""

    idempotency_key: str | None
    versions: tuple[int, ...] | None


def provide_conditions(
    must_match: NamedDependency[bool], idempotency_key: IdempotencyKey = None, if_match: IfMatch = None
) -> Conditions:
    """What the headers of an act say."""
    require_match(if_match, must_match=must_match)
    return Conditions(idempotency_key, versions_in(if_match))


async def submit(service: Service, order: Order) -> Receipt:
    """Have the clerk record an order. Raises what the clerk raises; gives up a late answer, not the order."""
    try:
        async with asyncio.timeout(ANSWER_WITHIN_S) as limit:
            with service.tracing.span("ledger.record", act=order.command.ACT, ledger=order.ledger_id):
                receipt = await service.clerk.submit(order)
            structlog.contextvars.bind_contextvars(position=receipt.position)
            return receipt
    except TimeoutError:
        if not limit.expired():
            raise
    raise too_late(order.idempotency_key is not None)


def too_late(has_key: bool) -> ProblemError:  # noqa: FBT001 - the one thing that matters
    """Nobody waits any longer, but the order stands; where it has a key, its answer can be had later."""
    if not has_key:
        return ProblemError(*OUTCOME_UNKNOWN)
    return ProblemError(
        "still_under_way",
        "This is still under way; send it again with the same Idempotency-Key to get its answer.",
        headers={"Retry-After": "1"},
    )


async def answer(service: Service, key: AccessKey, order: Order) -> Receipt:
    """Have the clerk record an order, and answer with its receipt, and with advice where it is about a promise."""
    receipt = await submit(service, order)
    if not isinstance(order.command, ADVISED):
        return receipt
    return await add_advice(service, receipt) if key.allows("read") else PromiseReceipt(**asdict(receipt))


def order_for(ledger: str, key: AccessKey, command: Command, stream: UUID | None, idempotency_key: str | None) -> Order:
    """The order that a request amounts to. Raises ``Refusal`` where the key does not act for the party it names."""
    who = who_acts(key, command.by)
    if who.by != command.by:
        command = replace(command, by=who.by)
    return Order(
        ledger_id=ledger,
        command=command,
        who=who,
        stream=stream or command.stream_id(),
        idempotency_key=idempotency_key,
    )


def create_route(command: type[Command], plural: str, path: str) -> HTTPRouteHandler:
    """The handler for a command that creates a stream."""

    async def create(
        *,
        ledger: FromPath[str],
        data: JSONBody[Command],
        service: NamedDependency[Service],
        access_key: NamedDependency[AccessKey],
        stream: ChosenId = None,
        idempotency_key: IdempotencyKey = None,
    ) -> Response[Receipt]:
        order = order_for(ledger, access_key, data, stream, idempotency_key)
        receipt = await answer(service, access_key, order)
        location = f"/v1/ledgers/{ledger}/{plural}/{receipt.id}"
        return Response(receipt, headers={"Location": location, **etag(receipt.version)})

    location = ResponseHeader(
        name="Location", value=f"/v1/ledgers/demo/{plural}/…", description="Where it is.", documentation_only=True
    )
    return post(path, response_headers=[location, ETAG], **_described(command))(_taking(create, command))


def act_route(command: type[Command]) -> HTTPRouteHandler:
    """The handler for a command to a stream that is there."""

    async def act(
        *,
        ledger: FromPath[str],
        stream: StreamId,
        data: JSONBody[Command],
        service: NamedDependency[Service],
        access_key: NamedDependency[AccessKey],
        conditions: NamedDependency[Conditions],
    ) -> Response[Receipt]:
        order = order_for(ledger, access_key, data, stream, conditions.idempotency_key)
        receipt = await answer(service, access_key, replace(order, if_match=conditions.versions))
        return Response(receipt, headers=etag(receipt.version))

    path = f"/{{id:uuid}}/{act_name(command)}"
    return post(path, status_code=200, response_headers=[ETAG], **_described(command))(_taking(act, command))


def _taking(handler: Any, command: type[Command]) -> Any:  # noqa: ANN401 - a function, whose default types do not show
    """Have a handler take this very command as its body, and say what it answers.

    A body without required fields may be left out.
    """
    body: Any = JSONBody
    handler.__annotations__["data"] = body[command]
    if issubclass(command, ADVISED):
        handler.__annotations__["return"] = Response[PromiseReceipt]
    if needs_no_body(command):
        handler.__kwdefaults__ = {**(handler.__kwdefaults__ or {}), "data": command()}
    return handler


def _described(command: type[Command]) -> dict[str, Any]:
    summary, _, rest = (command.__doc__ or "").partition(". ")
    return {
        "operation_id": command.ACT.replace(".", "_"),
        "summary": summary.rstrip("."),
        "description": rest or None,
        "response_description": "The receipt: what it led to, and the position at which it holds.",
    }


def act_name(command: type[Command]) -> str:
    """The act's name in an address: ``report-delivery`` for ``promise.report_delivery``."""
    return command.ACT.partition(".")[2].replace("_", "-")


def needs_no_body(command: type[Command]) -> bool:
    """Whether all of a command's fields may be left out."""
    return all(not field.required for field in msgspec.structs.fields(command))


def command_router(kind: StreamType) -> Router:
    """The routes of all commands of a stream type."""
    plural = PLURALS[kind]
    *named, plain = [command for command in kind.commands if command.CREATES]
    routes = [create_route(plain, plural, "/")]
    routes += [create_route(command, plural, f"/{act_name(command)}") for command in named]
    routes += [act_route(command) for command in kind.commands if not command.CREATES]
    conditions = Provide(provide_conditions, sync_to_thread=False)
    return Router(
        f"/{plural}",
        route_handlers=routes,
        guards=[requires("record")],
        tags=[plural],
        dependencies={"conditions": conditions},
    )


@post("/policy", status_code=200, guards=[requires("admin")], tags=["ledger"], **_described(ChangePolicy))
async def change_policy(
    ledger: FromPath[str],
    data: JSONBody[ChangePolicy],
    service: NamedDependency[Service],
    access_key: NamedDependency[AccessKey],
    idempotency_key: IdempotencyKey = None,
) -> Receipt:
    """Replace the ledger's policy."""
    return await submit(service, order_for(ledger, access_key, data, LEDGER_STREAM, idempotency_key))


COMMAND_ROUTES: list[Router | HTTPRouteHandler] = [*(command_router(kind) for kind in PLURALS), change_policy]
