"""The OpenAPI 3.1 document: what Litestar derives from the handlers, and what it cannot know.

Added here, for every operation alike: the problems it may answer, examples, and which bodies may be left out.
"""

import inspect
from collections.abc import Iterator
from importlib.metadata import version
from typing import Any

import msgspec
from litestar import Litestar
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import (
    Components,
    License,
    OpenAPI,
    OpenAPIMediaType,
    OpenAPIResponse,
    OpenAPIType,
    Operation,
    Parameter,
    Reference,
    RequestBody,
    Schema,
    SecurityScheme,
)
from litestar.routes import HTTPRoute
from msgspec import Struct

from domain.catalogue import ACTS
from services.access.keys import Scope
from services.feeds.cloud_events import BATCH, ONE
from services.http.commands import needs_no_body
from services.http.examples import (
    ANSWERS,
    BODIES,
    CHOSEN_IDS,
    CLOUD_EVENT_EXAMPLE,
    PARAMETERS,
    SSE_EXAMPLE,
    STREAMS,
    UPLOADS,
)
from services.http.guards import Requires
from services.http.problems import MEDIA_TYPE
from services.http.streaming import MEDIA_TYPE as SSE

SECURITY = "accessKey"
DESCRIPTION = """\
A give-and-take ledger: favours, introductions and promises.

Everything under `/v1/ledgers/{ledger}` needs an access key of that ledger: `Authorization: Bearer rq_…`, with the scope
that the operation's `security` names; `keys/own` tells which a key has. Writes answer with a receipt, whose `position`
says from where on they hold, and may be repeated safely with an `Idempotency-Key`. Every error is
`application/problem+json` (RFC 9457) with a stable `code`. Times are RFC 3339 with an offset.
"""

PROBLEMS = {
    "400": "The request cannot be read, or does not fit its schema: `errors` says where.",
    "401": "No access key, or one that is unknown, at its end, or of another ledger.",
    "403": "The access key may not do this, or the party may not.",
    "404": "There is no such thing in this ledger.",
    "405": "This address does not take that method.",
    "409": "It stands otherwise by now, or the place is taken: `code` and `allowed` say how.",
    "412": "The stream has another version than `If-Match` says.",
    "413": "The body is too large.",
    "415": "The body is not declared as JSON.",
    "422": "A rule refused it; nothing was recorded.",
    "428": "This service wants an `If-Match` with every act.",
    "429": "Too much was sent with this access key, or too many wait already; `Retry-After` says when to go on.",
    "500": "Something went wrong on our side.",
    "503": "The database or the service is away for the moment; `Retry-After` says when to ask again.",
}
BODY_OPTIONAL = {"key_rotate"}
"""Beside the commands all of whose fields may be left out."""
CONFLICTING = {"key_end_secret", "import_undo"}
"""Without a body, but not at any time."""
ON_EVERY = ("400", "405", "500", "503")
ON_KEYED = ("401", "403", "404", "429")
ON_VERSIONED = ("412", "428")
ON_BODIES = ("409", "413", "415", "422")
OTHER_FORMS: dict[str, dict[str, OpenAPIMediaType]] = {
    "event_list": {
        SSE: OpenAPIMediaType(schema=Schema(type=OpenAPIType.STRING), example=SSE_EXAMPLE),
        BATCH: OpenAPIMediaType(
            schema=Schema(type=OpenAPIType.ARRAY, items=Schema(type=OpenAPIType.OBJECT)), example=[CLOUD_EVENT_EXAMPLE]
        ),
    },
    "event_read": {ONE: OpenAPIMediaType(schema=Schema(type=OpenAPIType.OBJECT), example=CLOUD_EVENT_EXAMPLE)},
}
"""By operation: what the header ``Accept`` may ask for instead of JSON."""


def openapi_config() -> OpenAPIConfig:
    """What the document says of the API as a whole."""
    return OpenAPIConfig(
        title="Requite",
        version=version("requite"),
        description=DESCRIPTION,
        license=License(name="Apache-2.0", identifier="Apache-2.0"),
        path="/schema",
        use_handler_docstrings=True,
        render_plugins=[JsonRenderPlugin()],
        components=Components(
            security_schemes={
                SECURITY: SecurityScheme(type="http", scheme="bearer", description="An access key of the ledger.")
            },
            responses={f"Problem{status}": _problem(text) for status, text in PROBLEMS.items()},
        ),
    )


def complete(app: Litestar) -> None:
    """Add to an application's document what Litestar cannot know."""
    document = app.openapi_schema
    _describe_structs(document, app)
    scopes = _scopes(app)
    for path, _, operation in operations(document):
        if operation.operation_id in UPLOADS:
            operation.request_body = _upload(UPLOADS[operation.operation_id])
        _add_problems(operation)
        _add_forms(operation)
        if (scope := scopes.get(operation.operation_id or "")) is not None:
            operation.security = [{SECURITY: [scope]}]
        if isinstance(operation.request_body, RequestBody):
            _complete_body(operation, operation.request_body)
        for parameter in operation.parameters or ():
            if isinstance(parameter, Parameter):
                _add_example(path, operation, parameter)
        if operation.operation_id in ANSWERS:
            for media_type in _contents(operation, "200"):
                media_type.example = ANSWERS[operation.operation_id]


def _describe_structs(document: OpenAPI, app: Litestar) -> None:
    """Have msgspec describe its structs: it knows tuples of any length, every limit, and which take no other fields."""
    schemas: dict[str, Any] = document.components.schemas or {}
    _, described = msgspec.json.schema_components(_structs(app), ref_template="#/components/schemas/{name}")
    for name in schemas.keys() & described.keys():
        if "description" in described[name]:
            described[name]["description"] = inspect.cleandoc(described[name]["description"])
        schemas[name] = described[name]


def _structs(app: Litestar) -> set[type[Struct]]:
    """The structs that handlers take and answer."""
    handlers = [handler for route in app.routes if isinstance(route, HTTPRoute) for handler in route.route_handlers]
    fields = [field for handler in handlers for field in (handler.parsed_data_field, handler.parsed_return_field)]
    found = [kind.annotation for field in fields if field is not None for kind in (field, *field.inner_types)]
    return {kind for kind in found if isinstance(kind, type) and issubclass(kind, Struct)}


def _scopes(app: Litestar) -> dict[str, Scope]:
    """By operation: the scope that its key has to have. What Litestar knows of a guard is that there is one."""
    handlers = [handler for route in app.routes if isinstance(route, HTTPRoute) for handler in route.route_handlers]
    asked = [(handler, guard) for handler in handlers for guard in handler.resolve_guards()]
    return {
        str(handler.operation_id): guard.scope
        for handler, guard in asked
        if isinstance(guard, Requires) and guard.scope is not None
    }


def operations(document: OpenAPI) -> Iterator[tuple[str, str, Operation]]:
    """Every operation with its path and method."""
    for path, item in (document.paths or {}).items():
        for method in ("get", "post", "put", "patch", "delete"):
            operation: Operation | None = getattr(item, method)
            if operation is not None:
                yield path, method.upper(), operation


def _problem(description: str) -> OpenAPIResponse:
    text = Schema(type=OpenAPIType.STRING)
    texts = Schema(type=OpenAPIType.ARRAY, items=text)
    error = Schema(
        type=OpenAPIType.OBJECT,
        properties={"detail": text, "pointer": text, "parameter": text},
        required=["detail"],
    )
    schema = Schema(
        type=OpenAPIType.OBJECT,
        properties={
            "type": Schema(type=OpenAPIType.STRING, format="uri"),  # type: ignore[arg-type]
            "title": text,
            "status": Schema(type=OpenAPIType.INTEGER),
            "detail": text,
            "code": text,
            "allowed": texts,
            "errors": Schema(type=OpenAPIType.ARRAY, items=error),
        },
        required=["type", "title", "status", "detail", "code"],
    )
    return OpenAPIResponse(description=description, content={MEDIA_TYPE: OpenAPIMediaType(schema=schema)})


def _upload(example: str) -> RequestBody:
    """A file as it is, or as the part of a form."""
    file = Schema(type=OpenAPIType.STRING, format="binary")  # type: ignore[arg-type]
    form = Schema(type=OpenAPIType.OBJECT, properties={"file": file}, required=["file"])
    content = {
        "application/octet-stream": OpenAPIMediaType(schema=file, example=example),
        "multipart/form-data": OpenAPIMediaType(schema=form),
    }
    return RequestBody(content=content, required=True)


def _add_problems(operation: Operation) -> None:
    statuses = [
        *ON_EVERY,
        *(ON_KEYED if operation.security else ()),
        *(ON_BODIES if operation.request_body else ()),
    ]
    responses = operation.responses = operation.responses or {}
    if operation.operation_id in CONFLICTING:
        statuses.append("409")
    if any(isinstance(one, Parameter) and one.name == "If-Match" for one in operation.parameters or ()):
        statuses += ON_VERSIONED
    for status in sorted(statuses):
        responses[status] = Reference(ref=f"#/components/responses/Problem{status}")


def _add_forms(operation: Operation) -> None:
    answer = (operation.responses or {}).get("200")
    if isinstance(answer, OpenAPIResponse) and answer.content is not None:
        answer.content |= OTHER_FORMS.get(operation.operation_id or "", {})


def _complete_body(operation: Operation, body: RequestBody) -> None:
    if operation.operation_id in UPLOADS:
        return
    command = next((ACTS[act] for act in ACTS if act.replace(".", "_") == operation.operation_id), None)
    body.required = operation.operation_id not in BODY_OPTIONAL and (command is None or not needs_no_body(command))
    if operation.operation_id in BODIES:
        for media_type in body.content.values():
            media_type.example = BODIES[operation.operation_id]


def _add_example(path: str, operation: Operation, parameter: Parameter) -> None:
    if parameter.examples or parameter.example is not None:
        return
    collection = path.removeprefix("/v1/ledgers/{ledger}/").partition("/")[0]
    if parameter.name == "id" and parameter.param_in == "path":
        parameter.example = STREAMS.get(collection)
    elif parameter.name == "id":
        parameter.example = CHOSEN_IDS.get(path.rpartition("/")[2])
    elif parameter.name == "Idempotency-Key":
        parameter.example = f"{operation.operation_id}-1"
    else:
        parameter.example = PARAMETERS.get(parameter.name)


def _contents(operation: Operation, status: str) -> Iterator[OpenAPIMediaType]:
    response = (operation.responses or {}).get(status)
    if isinstance(response, OpenAPIResponse):
        yield from (response.content or {}).values()
