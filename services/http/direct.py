"""Answers ordinary requests to the API directly, by what was worked out once about each operation.

Litestar finds out anew for every request what its handler takes and where that comes from, which was half of what a
read cost. Operations are declared as Litestar has it; and whatever is odd about a request, down to a parameter that
does not fit, goes the long way, through Litestar: so there is one place that says what is wrong with it.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, cast
from urllib.parse import parse_qsl

import msgspec
from litestar import Litestar, Response
from litestar.enums import ParamType, ScopeType
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute
from litestar.serialization import default_serializer, encode_json
from litestar.types import ASGIApp, Receive, Scope, Send
from msgspec import Struct

from services.http.bodies import JsonRequest
from services.http.guards import Requires, look_over
from services.http.parameters import parameters_of
from services.http.problems import no_body

HOST = re.compile(rb"[A-Za-z0-9.:\[\]-]*")
"""What a plain host looks like."""
JSON = (b"content-type", b"application/json")

Values = dict[str, Any]
"""What functions take, by the names that they have for it."""


def directly(app: Litestar) -> ASGIApp:
    """How an application answers: directly where it can be done, else its own way."""
    start = Crossing()
    for route in app.routes:
        if isinstance(route, HTTPRoute):
            start.lead_to(route)
    long_way = app.asgi_handler

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        found = start.find(scope) if scope["type"] == ScopeType.HTTP else None
        if found is None:
            await long_way(scope, receive, send)
        else:
            operation, values = found
            await operation.answer(JsonRequest(scope, receive, send), values)

    return answer


class Crossing:
    """Where addresses part: the steps that may come next, and what is here."""

    def __init__(self) -> None:
        self.named: dict[str, Crossing] = {}
        self.other: Crossing | None = None
        """Where any step leads that has no name: a parameter."""
        self.operations: dict[str, Operation] = {}

    def lead_to(self, route: HTTPRoute) -> None:
        """Lay the steps to a route, and put its operations there, as far as they can be answered directly."""
        at = self
        for step in route.path_components:
            if isinstance(step, str):
                at = at.named.setdefault(step, Crossing())
            else:
                at.other = at = at.other or Crossing()
        for method, (handler, _) in route.route_handler_map.items():
            if _is_plain(handler):
                at.operations[method] = Operation(route, handler)

    def find(self, scope: Scope) -> "tuple[Operation, Values] | None":
        """What a request asks for, and its parameters; ``None`` where there is anything odd about it."""
        at, given = self, []
        for step in scope["path"].split("/")[1:]:
            if (named := at.named.get(step)) is not None:
                at = named
            elif at.other is not None and step:
                at = at.other
                given.append(step)
            else:
                return None
        operation = at.operations.get(cast("Any", scope)["method"])
        if operation is None or scope.get("root_path"):
            return None
        values = operation.read(scope, given)
        return None if values is None else (operation, values)


class Operation:
    """A handler, and all that there is to know about it before a request comes."""

    def __init__(self, route: HTTPRoute, handler: HTTPRouteHandler) -> None:
        self._handler = handler
        self._template = route.path_format
        (self._guard,) = handler.resolve_guards()
        self._errors = handler.resolve_exception_handlers()
        self._parameters = Parameters(route, handler)
        self._body = handler.parsed_data_field
        model = next(model for one, model in route.route_handler_map.values() if one is handler)
        self._provided = [
            (one.key, one.provide.dependency, one.provide.signature_model.__struct_fields__)
            for batch in model.dependency_batches
            for one in batch
        ]
        self._function = handler.fn
        self._takes = handler.signature_model.__struct_fields__

    def read(self, scope: Scope, given: list[str]) -> Values | None:
        """A request's parameters, noting in its scope what was found; ``None`` where one is odd, or does not fit."""
        try:
            path, values = self._parameters.read(scope, given)
        except (OddError, msgspec.ValidationError, UnicodeError):
            return None
        found = cast("Values", scope)
        found["path_params"], found["path_template"], found["route_handler"] = path, self._template, self._handler
        return values

    async def answer(self, request: JsonRequest, values: Values) -> None:
        """Let a request in or not, do what it asks for, and answer it."""
        try:
            await self._guard(request, self._handler)  # type: ignore[misc]
            response = await self._do(request, values)
        except Exception as error:  # noqa: BLE001 - as Litestar does: whatever it is, it is answered
            answer = next(self._errors[kind] for kind in type(error).__mro__ if kind in self._errors)
            response = answer(request, error).to_asgi_response(None, request)
        await response(request.scope, request.receive, request.send)

    async def _do(self, request: JsonRequest, values: Values) -> ASGIApp:
        values["request"] = request
        if self._body is not None:
            if await request.body():
                values["data"] = await request.json()
            elif self._body.has_default:
                values["data"] = self._body.default
            else:
                raise no_body()
        for name, provide, takes in self._provided:
            values[name] = provide(**{one: values[one] for one in takes})
        found = await self._function(**{one: values[one] for one in self._takes})
        if isinstance(found, Struct):
            return JsonAnswer(self._handler.status_code, found)
        if type(found) is Response and isinstance(found.content, Struct) and _is_bare(found):
            return JsonAnswer(found.status_code or self._handler.status_code, found.content, found.headers)
        return await self._handler.to_response(request.app, found, request)


class OddError(Exception):
    """Something about a request is not as it is meant to be, or not often so."""


class Parameters:
    """What an operation takes from the address and the headers, with all that it depends on."""

    def __init__(self, route: HTTPRoute, handler: HTTPRouteHandler) -> None:
        taken = parameters_of(handler)
        in_path = {one.name: one for one in taken if one.place is ParamType.PATH}
        self._path = [(name, in_path.get(name), step.type) for name, step in route.path_parameters.items()]
        self._headers = [(one.name.lower().encode(), one) for one in taken if one.place is ParamType.HEADER]
        self._query = {one.name: one for one in taken if one.place is ParamType.QUERY and not one.many}
        self._defaults = {one.field: one.default for one in taken if not one.required}
        self._fields = {one.field for one in taken}

    def read(self, scope: Scope, given: list[str]) -> tuple[Values, Values]:
        """Those of the path by their names, and all by the names that the code has for them.

        Raises ``OddError``, or ``msgspec.ValidationError`` where one does not fit.
        """
        sent = list(scope["headers"])
        headers = dict(sent)
        if len(headers) < len(sent) or not HOST.fullmatch(headers.get(b"host", b"")):
            raise OddError
        path, values = {}, self._defaults.copy()
        for step, (name, parameter, kind) in zip(given, self._path, strict=True):
            path[name] = value = msgspec.convert(step, kind if parameter is None else parameter.kind, strict=False)
            if not isinstance(value, str) and str(value) != step.lower():
                raise OddError
            if parameter is not None:
                values[parameter.field] = value
        for header, parameter in self._headers:
            if header in headers:
                text = headers[header].decode("latin-1")
                values[parameter.field] = msgspec.convert(text, parameter.kind, strict=False)
        if query := scope["query_string"]:
            self._read_query(query, values)
        if len(values) < len(self._fields):
            raise OddError
        return path, values

    def _read_query(self, query: bytes, values: Values) -> None:
        pairs = parse_qsl(query.decode("latin-1"), keep_blank_values=True)
        texts = dict(pairs)
        if len(texts) < len(pairs) or not texts.keys() <= self._query.keys() or b"%00" in query:
            raise OddError
        for name, text in texts.items():
            parameter = self._query[name]
            values[parameter.field] = msgspec.convert(text, parameter.kind, strict=False)


class JsonAnswer:
    """An answer that is sent as JSON."""

    def __init__(self, status: int, content: Struct, headers: Mapping[str, str] = MappingProxyType({})) -> None:
        self._status = status
        self._body = encode_json(content, default_serializer)
        self._headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]

    async def __call__(self, _: Scope, __: Receive, send: Send) -> None:
        """Send it."""
        headers = [*self._headers, JSON, (b"content-length", b"%d" % len(self._body))]
        await send({"type": "http.response.start", "status": self._status, "headers": headers})
        await send({"type": "http.response.body", "body": self._body, "more_body": False})


def _is_plain(handler: HTTPRouteHandler) -> bool:
    """Whether a handler takes what is dealt with here. One that takes the request itself may do anything with it."""
    return (
        [type(guard) for guard in handler.resolve_guards()] == [Requires]
        and handler.resolve_before_request() is look_over
        and not handler.resolve_middleware()
        and not handler.has_sync_callable
        and all(header.documentation_only for header in handler.resolve_response_headers())
        and "request" not in handler.signature_model.__struct_fields__
    )


def _is_bare(response: Response[Any]) -> bool:
    """Whether there is no more to a response than content, status and headers."""
    return not (response.media_type or response.cookies or response.background)
