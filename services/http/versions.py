"""Versions over HTTP: a stream's version as an ``ETag``, and the ``If-Match`` with which a tool writes on what it read.

RFC 9110, sections 8.8.3 and 13.1.1. The version is compared where the command is decided, with the ledger's head held:
nothing comes in between.
"""

import re
from typing import Annotated, Any
from uuid import UUID

from litestar import Request
from litestar.datastructures import ResponseHeader
from litestar.openapi.spec import Example
from litestar.params import HeaderParameter

from services.http.problems import FieldError, ProblemError
from services.reading.as_of import NOW, Asked
from services.reading.snapshot import Snapshot, sql
from services.text import IF_MATCH, TAGS

GIVEN = re.compile(TAGS)
VERSION = re.compile(r'(?<!W/)"v([1-9][0-9]{0,17})"')
ANY = "*"

IfMatch = Annotated[
    str | None,
    HeaderParameter(
        name="If-Match",
        max_length=200,
        pattern=IF_MATCH,
        description='The version that the stream has to have, as an `ETag` named it: `"v7"`. Where it has another by'
        " then, the answer is 412 and nothing is recorded.",
        examples=[Example(value=ANY)],
    ),
]
ETAG = ResponseHeader(
    name="ETag", value='"v7"', description="The stream's version, for `If-Match`.", documentation_only=True
)


def etag(version: int) -> dict[str, str]:
    """The header that names a version."""
    return {"ETag": f'"v{version}"'}


def versions_in(if_match: str | None) -> tuple[int, ...] | None:
    """The versions that an ``If-Match`` allows; ``None`` where any will do. Raises ``ProblemError`` on a bad one.

    A tag that is not of this form names no version, and neither does a weak one.
    """
    if if_match is None or if_match.strip() == ANY:
        return None
    if GIVEN.fullmatch(if_match.strip()) is None:
        wrong = FieldError(detail='Expected "v7", or *.', parameter="If-Match")
        raise ProblemError("invalid_parameter", "A parameter does not fit: If-Match; see 'errors'.", errors=[wrong])
    return tuple(int(version) for version in VERSION.findall(if_match))


def require_match(if_match: str | None, *, must_match: bool) -> None:
    """Raise ``ProblemError`` where this service wants to know what a write builds on, and it was not said."""
    if must_match and if_match is None:
        raise ProblemError(
            "precondition_required",
            "Say with 'If-Match' which version this builds on; reading the stream answers it as 'ETag', '*' is any.",
        )


def provide_must_match(request: Request[Any, Any, Any]) -> bool:
    """Whether acts have to come with ``If-Match``, for handlers that name ``must_match``."""
    must_match: bool = request.app.state.limits.must_match
    return must_match


async def etag_of(snapshot: Snapshot, stream: UUID, asked: Asked) -> dict[str, str]:
    """The header that names a stream's version; none where the past was asked about, on which nobody can build."""
    if asked != NOW:
        return {}
    return etag(await snapshot.fetchval(sql("version"), snapshot.ledger_id, stream))
