"""What a call may raise: one class for each kind of problem, all of them ``RequiteError``."""

from typing import Any

import msgspec
from msgspec import Struct


class RequiteError(Exception):
    """Anything that a call may raise."""


class NoAnswerError(RequiteError):
    """The service did not answer, or answered nothing that it would say: it may or may not have done what was asked.

    Calling again with the same ``idempotency_key`` tells, and does nothing twice.
    """

    def __init__(self, message: str, idempotency_key: str | None) -> None:
        super().__init__(message)
        self.idempotency_key = idempotency_key


class FieldProblem(Struct, frozen=True):
    """What is wrong with one field of the body (``pointer``, RFC 6901), or one parameter."""

    detail: str
    pointer: str | None = None
    parameter: str | None = None


class Problem(Struct, frozen=True):
    """A problem as the service tells it (RFC 9457)."""

    status: int
    code: str
    detail: str
    allowed: tuple[str, ...] = ()
    errors: tuple[FieldProblem, ...] = ()


class ProblemError(RequiteError):
    """The service answered with a problem; ``code`` is stable and meant for programs."""

    def __init__(self, problem: Problem, *, request_id: str | None = None, idempotency_key: str | None = None) -> None:
        super().__init__(problem)
        self.status = problem.status
        self.code = problem.code
        self.detail = problem.detail
        self.allowed = problem.allowed
        """The acts that are open now, where a refusal names them."""
        self.errors = problem.errors
        """What is wrong with which field or parameter."""
        self.request_id = request_id
        """Finds the request in the service's log."""
        self.idempotency_key = idempotency_key

    def __str__(self) -> str:
        """Tell what was wrong, and where."""
        where = "; ".join(f"{each.pointer or each.parameter}: {each.detail}" for each in self.errors)
        return f"{self.code}: {self.detail}" + (f" ({where})" if where else "")


class BadRequestError(ProblemError):
    """The request does not fit: ``errors`` says where (400, 405, 413, 415, 428)."""


class UnauthorizedError(ProblemError):
    """There is no access key, or it is unknown, at its end, or of another ledger (401)."""


class ForbiddenError(ProblemError):
    """The access key may not do this, or the party may not (403)."""


class NotFoundError(ProblemError):
    """There is no such thing in this ledger (404)."""


class ConflictError(ProblemError):
    """It stands otherwise by now, or the place is taken: ``code`` and ``allowed`` say how (409, 412)."""


class RefusedError(ProblemError):
    """A rule refused it; nothing was recorded (422)."""


class TooManyRequestsError(ProblemError):
    """Too much was asked at a time, and still after waiting (429)."""


class UnavailableError(ProblemError):
    """Something is wrong on the service's side (500 and above)."""


BY_STATUS: dict[int, type[ProblemError]] = {
    401: UnauthorizedError,
    403: ForbiddenError,
    404: NotFoundError,
    409: ConflictError,
    412: ConflictError,
    422: RefusedError,
    429: TooManyRequestsError,
}


def read_problem(content: bytes, status: int, **more: Any) -> ProblemError:  # noqa: ANN401 - what the error keeps
    """The error for an answer; what is no problem of the service's (a proxy's page) has the code ``http_<status>``."""
    try:
        problem = msgspec.json.decode(content, type=Problem)
    except msgspec.DecodeError:
        problem = Problem(
            status=status, code=f"http_{status}", detail=f"The answer was {status}, with no problem told."
        )
    kind = BY_STATUS.get(status, UnavailableError if status >= 500 else BadRequestError)
    return kind(problem, **more)
