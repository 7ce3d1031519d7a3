"""Which tools there are, read from the service's OpenAPI document: one for each operation on a ledger.

A tool takes what its operation takes, in one object: what stands in the path, in the query and in the body. The ledger
is the session's, and an idempotency key is made for every call.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
from msgspec import Struct

from services.client.transport import Call, segment

LEDGER = "/v1/ledgers/{ledger}"
REF = "#/components/schemas/"
CREATED = {"id"}
"""Of the query of an operation that creates: an id of the caller's choice, which an assistant has no use for."""
DESTRUCTIVE = frozenset(
    {
        "contact_retract",
        "favour_retract",
        "key_revoke",
        "ledger_change_policy",
        "party_erase",
        "party_create_calendar",
        "party_merge",
        "party_revoke_calendar",
        "promise_retract",
        "tie_undeclare",
    }
)
"""Operations that take something away, or change what is there for everybody; all others only add."""
MEANINGS = {
    "by": "The party who acts, by id. Left out: the access key's own party, or whoever recorded it.",
    "occurred_at": "When it happened; left out: now.",
}
"""Said of the fields of a body that say nothing of themselves."""

VERSION = "if_match"
IF_MATCH = {
    "name": VERSION,
    "schema": {
        "type": "integer",
        "description": "The version that it builds on: with another, nothing is recorded.",
    },
}
"""An argument in place of the header."""

Schema = Mapping[str, Any]


class MissingArgumentError(ValueError):
    """A call lacks an argument that it cannot be made without."""


class Tool(Struct, frozen=True, kw_only=True):
    """An operation as an assistant sees it."""

    name: str
    group: str
    """The part of the path that it belongs to: ``promises``."""
    title: str
    description: str
    scope: str | None
    """What its access key has to be allowed; ``None``: any key may."""
    method: str
    path: str
    in_path: tuple[str, ...]
    in_query: frozenset[str]
    has_body: bool
    takes_key: bool
    takes_version: bool
    arguments: Schema
    answer: Schema | None
    """The schema of a JSON answer; ``None`` where the answer is text."""

    @property
    def reads_only(self) -> bool:
        """Whether it changes nothing."""
        return self.method == "GET"

    def call(self, ledger: str, arguments: Mapping[str, Any]) -> Call:
        """The call that arguments amount to. Raises ``MissingArgumentError``; whether they fit, the service tells."""
        path = self.path.replace("{ledger}", segment(ledger))
        for name in self.in_path:
            if arguments.get(name) is None:
                raise MissingArgumentError(f"'{name}' is required.")
            path = path.replace(f"{{{name}}}", segment(str(arguments[name])))
        rest = {name: value for name, value in arguments.items() if name not in self.in_path}
        version = rest.pop(VERSION, None) if self.takes_version else None
        asked = {name: value for name, value in rest.items() if name in self.in_query or not self.has_body}
        body = {name: value for name, value in rest.items() if name not in asked}
        return Call(
            method=self.method,
            path=path,
            query=asked,
            body=body if self.has_body else msgspec.UNSET,
            takes_key=self.takes_key,
            if_match=version,
            accept="application/json" if self.answer is not None else "text/plain",
        )


def tools_of(document: Schema) -> Iterator[Tool]:
    """The tools of an OpenAPI document, by name."""
    found = [
        _tool(path, method.upper(), operation, document["components"]["schemas"])
        for path, item in document["paths"].items()
        if path.startswith(LEDGER)
        for method, operation in item.items()
    ]
    yield from sorted((tool for tool in found if tool is not None), key=lambda tool: tool.name)


def allowed(tools: Iterator[Tool], scopes: tuple[str, ...], only: tuple[str, ...] = ()) -> dict[str, Tool]:
    """The tools that a key with these scopes may use, by name; ``only``: of these groups, where any are named."""
    return {
        tool.name: tool
        for tool in tools
        if (tool.scope is None or tool.scope in scopes or "admin" in scopes) and (not only or tool.group in only)
    }


def _tool(path: str, method: str, operation: Schema, schemas: Mapping[str, Schema]) -> Tool | None:
    contents = next(iter(response.get("content", {}) for status, response in _answers(operation) if status < "3"))
    answer = contents.get("application/json", {}).get("schema")
    if answer is None and not any(kind.startswith("text/plain") for kind in contents):
        return None  # a file is nothing to put into a conversation
    body = operation.get("requestBody", {}).get("content", {"application/json": {}}).get("application/json")
    if body is None:
        return None
    parameters = [one for one in operation.get("parameters", ()) if one["name"] != "ledger"]
    in_path = tuple(one["name"] for one in parameters if one["in"] == "path")
    unused = {"format"} if method == "GET" else CREATED
    asked = [one for one in parameters if one["in"] == "query" and one["name"] not in unused]
    name = operation["operationId"]
    takes_version = any(one["name"] == "If-Match" for one in parameters)
    security = (operation.get("security") or [{}])[0]
    return Tool(
        name=name,
        group=path.removeprefix(LEDGER).strip("/").partition("/")[0] or "ledger",
        title=operation["summary"],
        description=_description(operation),
        scope=next((scope for scopes in security.values() for scope in scopes), None),
        method=method,
        path=path,
        in_path=in_path,
        in_query=frozenset(one["name"] for one in asked),
        has_body=bool(body),
        takes_key=any(one["name"] == "Idempotency-Key" for one in parameters),
        takes_version=takes_version,
        arguments=_arguments(
            [one for one in parameters if one["in"] == "path"] + asked + [IF_MATCH] * takes_version, body, schemas
        ),
        answer=None if answer is None else _whole(schemas[_name(answer)], schemas),
    )


def _answers(operation: Schema) -> Iterator[tuple[str, Schema]]:
    yield from sorted(operation["responses"].items())


def _description(operation: Schema) -> str:
    summary = operation["summary"].rstrip(".") + "."
    rest = operation.get("description") or ""
    return summary if rest.rstrip(".") + "." == summary else f"{summary} {rest}".strip()


def _arguments(parameters: list[Schema], body: Schema, schemas: Mapping[str, Schema]) -> Schema:
    """The schema of all that a tool takes."""
    properties = {one["name"]: _parameter(one) for one in parameters}
    required = [one["name"] for one in parameters if one.get("required")]
    if body:
        of = schemas[_name(body["schema"])]
        for name, schema in of["properties"].items():
            properties[name] = {"description": MEANINGS[name], **schema} if name in MEANINGS else schema
        required += of.get("required", [])
    return _whole(
        {"type": "object", "properties": properties, "required": required, "additionalProperties": False}, schemas
    )


def _parameter(parameter: Schema) -> Schema:
    schema = {key: value for key, value in parameter["schema"].items() if key != "examples"}
    return {"description": "The id.", **schema} if parameter["name"] == "id" else schema


def _whole(schema: Schema, schemas: Mapping[str, Schema]) -> Schema:
    """A schema with all that it refers to."""
    needed: dict[str, Schema] = {}
    waiting = list(_refs(schema))
    while waiting:
        name = waiting.pop()
        if name not in needed:
            needed[name] = schemas[name]
            waiting += _refs(schemas[name])
    whole = {key: value for key, value in schema.items() if key not in {"title", "description"}}
    if needed:
        whole["$defs"] = {name: needed[name] for name in sorted(needed)}
    rewritten = _rewritten(whole)
    assert isinstance(rewritten, dict)
    return rewritten


def _refs(schema: object) -> Iterator[str]:
    if isinstance(schema, Mapping):
        if "$ref" in schema:
            yield _name(schema)
        for value in schema.values():
            yield from _refs(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from _refs(value)


def _rewritten(schema: object) -> object:
    """The same, referring to ``$defs``."""
    if isinstance(schema, Mapping):
        return {
            key: value.replace(REF, "#/$defs/") if key == "$ref" and isinstance(value, str) else _rewritten(value)
            for key, value in schema.items()
        }
    return [_rewritten(value) for value in schema] if isinstance(schema, list) else schema


def _name(schema: Schema) -> str:
    return str(schema["$ref"]).removeprefix(REF)
