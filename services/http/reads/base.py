"""What all reading controllers share: the guard, the parameters, and what a bad question is answered with."""

import functools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any
from uuid import UUID

from litestar import Controller, Request, Response
from litestar.di import NamedDependency, Provide
from litestar.openapi.spec import Example
from litestar.params import FromPath, PathParameter, QueryParameter

from services.access.keys import AccessKey
from services.http.examples import ANNA, BEN
from services.http.guards import requires
from services.http.limits import Limits
from services.http.problems import FieldError, ProblemError, answer_error
from services.reading.as_of import Asked, Clock, parse_asked
from services.reading.begun import Order
from services.reading.pages import CURSOR_LENGTH, PAGE_LIMIT, Page
from services.reading.question import BadQuestionError
from services.reading.reader import Reader
from services.reading.snapshot import Look, Snapshot, open_snapshot
from services.service import Service
from services.text import SUBJECT

StreamId = Annotated[UUID, PathParameter(name="id")]
PartyChoice = Annotated[
    UUID | None, QueryParameter(name="party", description="Only those of this party.", examples=[Example(value=ANNA)])
]
OtherChoice = Annotated[
    UUID | None,
    QueryParameter(
        name="other", description="With `party`: only those between the two.", examples=[Example(value=BEN)]
    ),
]

OrderName = Annotated[Order, QueryParameter(description="Which come first.", examples=[Example(value="newest")])]

TopicChoice = Annotated[
    str | None,
    QueryParameter(
        name="topic",
        min_length=1,
        max_length=40,
        pattern=SUBJECT,
        description="Only what is about this.",
        examples=[Example(value="joinery")],
    ),
]


def provide_look(request: Request[Any, Any, Any], ledger: FromPath[str], service: NamedDependency[Service]) -> Look:
    """Opens snapshots of the address's ledger."""
    limits: Limits = request.app.state.limits
    return functools.partial(open_snapshot, service, ledger, statement_s=limits.statement_s)


def provide_look_at_least(
    request: Request[Any, Any, Any],
    ledger: FromPath[str],
    service: NamedDependency[Service],
    at_least: Annotated[
        int | None,
        QueryParameter(
            ge=0,
            le=2**63 - 1,
            description="The position that the answer has to hold for, or a later one: say that of your last write. "
            "Then a read replica may answer that has got there; without it the primary does.",
            examples=[Example(value=1)],
        ),
    ] = None,
) -> Look:
    """The same, at a replica where it has got to the position that the address names."""
    limits: Limits = request.app.state.limits
    if at_least is None:
        return functools.partial(open_snapshot, service, ledger, statement_s=limits.statement_s)
    return OnwardLook(service, ledger, limits.statement_s, at_least)


class OnwardLook:
    """Opens snapshots one after the other, none earlier than the one before: replicas do not follow in step."""

    def __init__(self, service: Service, ledger_id: str, statement_s: float | None, at_least: int) -> None:
        self._service = service
        self._ledger_id = ledger_id
        self._statement_s = statement_s
        self._at_least = at_least

    @asynccontextmanager
    async def __call__(self) -> AsyncIterator[Snapshot]:
        """A snapshot of at least the position that was asked for."""
        async with open_snapshot(
            self._service, self._ledger_id, statement_s=self._statement_s, at_least=self._at_least
        ) as snapshot:
            self._at_least = snapshot.position
            yield snapshot


def provide_reader(access_key: NamedDependency[AccessKey]) -> Reader:
    """Who asks."""
    return Reader(access_key.parties, admin=access_key.allows("admin"))


def provide_asked(
    as_of: Annotated[
        str | None,
        QueryParameter(
            min_length=1,
            max_length=60,
            description="The moment asked about: an RFC 3339 time with an offset, a position, or both as the links of "
            "an audit join them; now if left out.",
            examples=[Example(value="2024-06-15T12:00:00Z")],
        ),
    ] = None,
    clock: Annotated[
        Clock,
        QueryParameter(
            description="What `as_of` means: `recorded`, as it was known then; `occurred`, as it was true then.",
            examples=[Example(value="occurred")],
        ),
    ] = "recorded",
) -> Asked:
    """The moment that the address asks about."""
    return parse_asked(as_of, clock)


def page_after(example: str, limit_at_most: int = PAGE_LIMIT) -> Provide:
    """Provides the page that the address asks for; ``example`` is a cursor of the list."""

    def provide_page(
        after: Annotated[
            str | None,
            QueryParameter(
                min_length=1,
                max_length=CURSOR_LENGTH,
                description="`next` of the page before this one; the list begins anew where it is left out.",
                examples=[Example(value=example)],
            ),
        ] = None,
        limit: Annotated[
            int, QueryParameter(ge=1, le=limit_at_most, description="How many at most.", examples=[Example(value=50)])
        ] = 100,
    ) -> Page:
        return Page(after, limit)

    return Provide(provide_page, sync_to_thread=False)


def answer_bad_question(request: Request[Any, Any, Any], error: BadQuestionError) -> Response[bytes]:
    """A 400 that names the parameter and says what would be right."""
    wrong = FieldError(detail=error.message, parameter=error.parameter)
    detail = f"A parameter does not fit: {error.parameter}; see 'errors'."
    return answer_error(request, ProblemError("invalid_parameter", detail, errors=[wrong]))


class ReadController(Controller):
    """Base of the controllers that answer from a snapshot."""

    guards = [requires("read")]  # noqa: RUF012 - Litestar's own form
    exception_handlers = {BadQuestionError: answer_bad_question}  # noqa: RUF012 - the same
    dependencies = {  # noqa: RUF012 - the same
        "look": Provide(provide_look_at_least, sync_to_thread=False),
        "reader": Provide(provide_reader, sync_to_thread=False),
        "asked": Provide(provide_asked, sync_to_thread=False),
    }
