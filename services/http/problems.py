"""Every error that leaves the API, as RFC 9457 problem+json: the one place that gives errors a status and a code.

``code`` is stable and meant for programs, ``detail`` says what was wrong and what would be right. What the client sent
is never repeated.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, cast

import asyncpg
import msgspec
import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException
from msgspec import Struct

from domain.refusal import Refusal
from services.archive.stub import ArchiveError
from services.feeds.feed import TooManyReadersError
from services.http.observe import PROBLEM
from services.http.parameters import TakenParameter, parameters_of
from services.ledger.order import IdempotencyMismatchError, NotTakenError, OutcomeUnknownError
from services.logging import describe
from services.network.figures import PAIR_LIMIT, PARTY_LIMIT
from services.network.networks import NotReadyError, TooLargeError
from services.text import in_words

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_S = "1"
READERS_RETRY_AFTER_S = "10"

STATUS = {
    # the request itself
    "bad_request": 400,
    "malformed_json": 400,
    "invalid_utf8": 400,
    "invalid_body": 400,
    "invalid_parameter": 400,
    "no_key": 401,
    "bad_key": 401,
    "wrong_scope": 403,
    "not_for_you": 403,
    "not_found": 404,
    "method_not_allowed": 405,
    "still_under_way": 409,
    "version_moved": 412,
    "import_under_way": 409,
    "too_large": 413,
    "wrong_content_type": 415,
    "idempotency_key_reused": 422,
    "unreadable_file": 422,
    "too_many_readers": 429,
    "precondition_required": 428,
    "too_many_requests": 429,
    # our side
    "unexpected": 500,
    "outcome_unknown": 503,
    "not_taken": 503,
    "database_unavailable": 503,
    "archive_unavailable": 503,
    "took_too_long": 503,
    "stopping": 503,
    "network_not_ready": 503,
    "network_too_large": 503,
    # refusals of the domain that do not follow from the form of their code
    "wrong_party": 403,
    "admin_only": 403,
    "recorder_only": 403,
    "unknown_witness": 403,
    "id_taken": 409,
    "reference_taken": 409,
    "already_answered": 409,
    "batch_not_recorded": 409,
    "no_capacity_left": 409,
    "out_of_order": 409,
    "unit_in_use": 409,
}
"""The status of a code; a refusal that is not in here has that of ``status_of_refusal``."""

FORMS = (
    (re.compile(r".*_not_found"), 404),
    (re.compile(r".*_exists"), 409),
    (re.compile(r"[a-z]+_is_[a-z_]+"), 409),
)
"""The status of refusals by the form of their code: no such stream, a place that is taken, a standing that forbids."""

BY_HTTP_STATUS = {
    400: ("bad_request", "The request cannot be read as HTTP that this API understands."),
    401: ("no_key", "Send an access key of this ledger in the header 'Authorization: Bearer rq_…'."),
    403: ("wrong_scope", "This access key may not do this."),
    404: ("not_found", "There is nothing at this address; /schema/openapi.json lists what there is."),
    405: ("method_not_allowed", "This address does not take that method; the header 'Allow' says which it takes."),
    413: ("too_large", "The body is larger than this API takes."),
}
"""What an error that Litestar raises becomes."""

DATABASE_LOST = (
    asyncpg.PostgresConnectionError,
    asyncpg.InsufficientResourcesError,  # no connection is left, or the disk is full
    asyncpg.OperatorInterventionError,  # it is stopping, starting or recovering
    asyncpg.PostgresSystemError,  # its disk fails
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # a connection broke in the middle of what asyncpg was doing
    asyncpg.SerializationError,  # a read replica replayed what was in the way
    asyncpg.InvalidCachedStatementError,  # a newer version has changed a table; the next try prepares anew
    asyncpg.OutdatedSchemaCacheError,
    OSError,
)
OUTCOME_UNKNOWN = (
    "outcome_unknown",
    "The database went away meanwhile: this may have been recorded or not. Look, or repeat it with an Idempotency-Key.",
)
TOOK_TOO_LONG = (
    "took_too_long",
    "This took longer than this service allows: ask for less. A write may be recorded: use an Idempotency-Key.",
)
BY_CLASS: tuple[tuple[type[Exception] | tuple[type[Exception], ...], tuple[str, str]], ...] = (
    (
        IdempotencyMismatchError,
        (
            "idempotency_key_reused",
            "This Idempotency-Key was sent with another command before; give each command a key of its own.",
        ),
    ),
    (OutcomeUnknownError, OUTCOME_UNKNOWN),
    (NotTakenError, ("not_taken", "The service is stopping and recorded nothing; send the request again.")),
    (
        NotReadyError,
        (
            "network_not_ready",
            "The network's figures are being computed; ask again in some seconds, or for an earlier position.",
        ),
    ),
    (
        TooLargeError,
        (
            "network_too_large",
            f"Networks of up to {PARTY_LIMIT:,} parties and {PAIR_LIMIT:,} pairs are computed; this one is larger.",
        ),
    ),
    (asyncpg.QueryCanceledError, TOOK_TOO_LONG),
    (
        ArchiveError,
        (
            "archive_unavailable",
            "Events that this needs lie in files that cannot be read now; the operator has to look.",
        ),
    ),
    (DATABASE_LOST, ("database_unavailable", "The database does not answer at the moment; send the request again.")),
)
"""What other exceptions become: the first that fits."""

log = structlog.get_logger()


class FieldError(Struct, frozen=True, omit_defaults=True):
    """What is wrong with one field of the body (``pointer``, RFC 6901) or one parameter."""

    detail: str
    pointer: str | None = None
    parameter: str | None = None


class Problem(Struct, frozen=True, omit_defaults=True):
    """An RFC 9457 problem."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    allowed: tuple[str, ...] = ()
    """The acts that are open now, where a refusal names them."""
    errors: tuple[FieldError, ...] = ()
    """What is wrong with which field or parameter."""


class ProblemError(Exception):
    """Something is wrong with the request; ``code`` is one of ``STATUS``."""

    def __init__(
        self,
        code: str,
        detail: str,
        *,
        errors: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
        allowed: tuple[str, ...] = (),
    ) -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail
        self.errors = tuple(errors)
        self.headers = dict(headers or {})
        self.allowed = allowed


def status_of_refusal(code: str) -> int:
    """The status of a refusal: 404, 409 and 403 where its code says so, else 422: understood, and refused by a rule."""
    if code in STATUS:
        return STATUS[code]
    return next((status for form, status in FORMS if form.fullmatch(code)), 422)


def no_body() -> ProblemError:
    """There has to be one."""
    return ProblemError("invalid_body", "This request needs a body: JSON, with 'Content-Type: application/json'.")


def answer_error(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """The response to any exception."""
    problem = _invalid_parameters(request, error) if isinstance(error, ValidationException) else as_problem(error)
    described = describe_problem(problem)
    if problem.code == "unexpected":
        log.error("http.unexpected", **describe(error))
    if isinstance(error, ArchiveError):
        log.error("archive.unavailable", detail=str(error))  # a file's name, and what to do: nobody typed it
    headers = problem.headers if described.status != 503 else {"Retry-After": RETRY_AFTER_S, **problem.headers}
    cast("dict[str, Any]", request.scope)[PROBLEM] = problem.code
    body = msgspec.json.encode(described)
    return Response(body, status_code=described.status, media_type=MEDIA_TYPE, headers=headers)


def describe_problem(problem: ProblemError) -> Problem:
    """A problem as it is answered."""
    return Problem(
        type=f"urn:requite:problem:{problem.code}",
        title=problem.code.replace("_", " ").capitalize(),
        status=status_of_refusal(problem.code),
        detail=problem.detail,
        code=problem.code,
        allowed=problem.allowed,
        errors=problem.errors,
    )


def as_problem(error: Exception) -> ProblemError:
    """What an exception means to the client; unexpected ones tell nothing of the inside."""
    match error:
        case ProblemError():
            return error
        case Refusal(code=code, message=message, allowed=allowed):
            return ProblemError(code, message, allowed=allowed)
        case TooManyReadersError():
            return ProblemError("too_many_readers", str(error), headers={"Retry-After": READERS_RETRY_AFTER_S})
        case HTTPException(status_code=status) if status in BY_HTTP_STATUS:
            code, detail = BY_HTTP_STATUS[status]
            return ProblemError(code, detail, headers=error.headers)
        case _:
            return next(
                (ProblemError(*meaning) for kinds, meaning in BY_CLASS if isinstance(error, kinds)),
                ProblemError("unexpected", "Something went wrong on our side; X-Request-Id finds it in our log."),
            )


PLAIN_NAME = re.compile(r"[A-Za-z0-9_-]{1,60}")
"""A name that the client chose may be repeated where it has this form."""
SAFE = re.compile(r"(Expected|Invalid UUID|Invalid RFC3339|Integer value out of range|Number out of range)")
MISSING = re.compile(r"Missing required (\w+) parameter '([A-Za-z0-9_-]{1,60})'")


def _invalid_parameters(request: Request[Any, Any, Any], error: ValidationException) -> ProblemError:
    """Litestar tells of parameters in ``extra`` or in its text; a body that is missing altogether comes here too."""
    found = error.extra if isinstance(error.extra, list) else []
    if any(entry.get("key") == "data" for entry in found):
        return no_body()
    taken = {one.field: one for one in parameters_of(request.route_handler)}
    errors = [_wrong(entry["message"], entry["key"].partition(".")[0], taken) for entry in found if "key" in entry]
    if missing := MISSING.match(error.detail):
        errors.append(FieldError(detail=f"This {missing[1]} parameter is required.", parameter=missing[2]))
    names = ", ".join(dict.fromkeys(entry.parameter for entry in errors if entry.parameter))
    return ProblemError(
        "invalid_parameter", f"A parameter does not fit{f': {names}' if names else ''}; see 'errors'.", errors=errors
    )


def _wrong(message: str, field: str, taken: Mapping[str, TakenParameter]) -> FieldError:
    """What is wrong with a parameter, by the name that it has in a request."""
    parameter = taken.get(field)
    if parameter is None:
        return FieldError(detail=_safe(message), parameter=field)
    detail = f"Expected one of: {', '.join(parameter.choices)}." if parameter.choices else _safe(message)
    return FieldError(detail=detail, parameter=parameter.name)


def _safe(message: str) -> str:
    """What a validator says, where it says nothing of the value."""
    if SAFE.match(message):
        return in_words(message)
    return "Invalid UUID" if "hexadecimal UUID" in message else "This value does not fit."
