"""Writes what of ``services/client`` follows from the OpenAPI document: ``uv run just client``."""

import keyword
import pathlib
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
from msgspec import Struct

from services.http.app import build_app
from tests.docs.client_types import default_of, docstring, refs, type_of, write_structs

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "services" / "client"
LEDGER = "/v1/ledgers/{ledger}"
ON_LEDGER = "ledger"
"""The group of what concerns the ledger as a whole."""
AS_OF = "datetime | int | str | None"
"""``as_of`` takes a time or a position."""
FORMATS = {"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx"}
"""What the methods for formats are called whose media type is no name."""

PREFACE = '''\
"""Every operation of the API, {how}. Written from its OpenAPI document by ``just client``; do not edit it."""

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from services.client import structs
from services.client.pages import {pages}
from services.client.transport import {transport}, Call, given, segment
'''


class Argument(Struct, frozen=True):
    """A parameter of a method."""

    name: str
    kind: str
    default: str | None

    @property
    def text(self) -> str:
        """As a signature has it."""
        return f"{self.name}: {self.kind}" + ("" if self.default is None else f" = {self.default}")


class Operation(Struct, frozen=True):
    """An operation as its method needs it."""

    name: str
    group: str
    doc: str
    method: str
    path: str
    in_path: tuple[Argument, ...]
    named: tuple[Argument, ...]
    query: tuple[tuple[str, str], ...]
    """The names in the query, and those of the arguments."""
    body: str | None
    media_type: str | None
    takes_key: bool
    takes_version: bool
    answer: str
    item: str | None
    """The type of a page's items, where the answer is nothing but a page."""
    accept: str


def write() -> dict[pathlib.Path, str]:
    """All files, formatted."""
    document = msgspec.json.decode(msgspec.json.encode(build_app().openapi_schema.to_schema()))
    schemas = document["components"]["schemas"]
    operations = [
        operation
        for path, item in document["paths"].items()
        for method, described in item.items()
        for operation in _operations(path, method.upper(), described, schemas)
    ]
    wanted = {name for one in operations for name in re.findall(r"structs\.(\w+)", repr(one))}
    files = {
        "structs.py": write_structs(schemas, wanted),
        "calls.py": _module(operations, awaited=False),
        "async_calls.py": _module(operations, awaited=True),
    }
    return {FOLDER / name: _format(text) for name, text in files.items()}


def _format(text: str) -> str:
    ruff = str(pathlib.Path(sys.executable).with_name("ruff"))
    for words in (["check", "--select=F401,I001", "--fix", "--quiet"], ["format"]):
        done = subprocess.run(
            [ruff, *words, "--stdin-filename", "services/client/written.py", "-"],
            input=text,
            capture_output=True,
            text=True,
            check=True,
            cwd=FOLDER.parents[1],
        )
        text = done.stdout
    return text


def _operations(
    path: str, method: str, described: Mapping[str, Any], schemas: Mapping[str, Any]
) -> Iterator[Operation]:
    """The methods for an operation: one for each form of its answer."""
    answer = next(response for status, response in described["responses"].items() if status.startswith("2"))
    contents = answer.get("content") or {"application/json": {"schema": {"type": "null"}}}
    for media_type, content in contents.items():
        if media_type == "text/event-stream":
            continue  # it has no end that a call could answer
        yield _operation(path, method, described, schemas, (media_type, content.get("schema", {})), len(contents))


def _operation(
    path: str,
    method: str,
    described: Mapping[str, Any],
    schemas: Mapping[str, Any],
    content: tuple[str, Mapping[str, Any]],
    forms: int,
) -> Operation:
    media_type, schema = content
    name = described["operationId"].partition("_")[2]
    is_json = media_type == "application/json"
    if not is_json and forms > 1:
        name += "_" + FORMATS.get(media_type, re.sub(r"\W+", "_", media_type.partition(";")[0].partition("/")[2]))
    inside = path.removeprefix(LEDGER)
    group = inside.strip("/").partition("/")[0]
    if inside in {"", "/policy", "/batch"} or group.startswith("{"):
        group = ON_LEDGER
    elif inside == path:
        group = path.removeprefix("/v1").strip("/").partition("/")[0]
    parameters = [each for each in described.get("parameters", ()) if each["name"] != "ledger"]
    if forms > 1:
        parameters = [each for each in parameters if each["name"] != "format"]
    places = {each["name"]: each for each in parameters if each["in"] == "path"}
    in_path = tuple(
        Argument(_name(each), type_of(places[each]["schema"]), None) for each in re.findall(r"\{(\w+)\}", inside)
    )
    asked = [each for each in parameters if each["in"] == "query"]
    takes_key = any(each["name"] == "Idempotency-Key" for each in parameters)
    body = described.get("requestBody", {}).get("content", {})
    fields, body_text, body_type = _body(body, schemas)
    taken = {field.name for field in (*fields, *in_path)}
    query = tuple((each["name"], _free(_name(each["name"]), taken)) for each in asked)
    named = [*fields, *(_query_argument(each, name) for each, (_, name) in zip(asked, query, strict=True))]
    takes_version = any(each["name"] == "If-Match" for each in parameters)
    if takes_version:
        named.append(Argument("if_match", "int | str | None", "None"))
    if takes_key:
        named.append(Argument("idempotency_key", "str | None", "None"))
    named.sort(key=lambda argument: argument.default is not None)
    answer = type_of(schema, "structs.") if is_json else "str" if media_type.startswith("text/") else "bytes"
    page = schemas.get(answer.removeprefix("structs."), {}).get("properties", {})
    is_list = is_json and page.keys() <= {"position", "moment", "occurred", "items", "next"} and "next" in page
    return Operation(
        name=name,
        group=group,
        doc=_doc(described),
        method=method,
        path=path,
        in_path=in_path,
        named=tuple(named),
        query=query,
        body=body_text,
        media_type=body_type,
        takes_key=takes_key,
        takes_version=takes_version,
        answer=answer,
        item=type_of(page["items"]["items"], "structs.") if is_list else None,
        accept=media_type.partition(";")[0],
    )


def _doc(described: Mapping[str, Any]) -> str:
    summary = described.get("summary", described["operationId"]).rstrip(".") + "."
    rest = described.get("description") or ""
    return f"{summary}\n\n{rest}" if rest and rest.rstrip(".") + "." != summary else summary


def _name(name: str) -> str:
    return name.replace("-", "_").lower()


def _free(name: str, taken: set[str]) -> str:
    return f"{name}_" if name in taken or keyword.iskeyword(name) else name


def _query_argument(parameter: Mapping[str, Any], name: str) -> Argument:
    schema = parameter["schema"]
    if parameter["name"] == "as_of":
        return Argument(name, AS_OF, "None")
    kind = type_of(schema)
    if parameter.get("required"):
        return Argument(name, kind, None)
    return Argument(name, kind if "None" in kind else f"{kind} | None", "None")


def _body(contents: Mapping[str, Any], schemas: Mapping[str, Any]) -> tuple[list[Argument], str | None, str | None]:
    """The arguments for a body, how it is made of them, and its media type where that is not JSON."""
    if not contents:
        return [], None, None
    media_type, content = next(iter(contents.items()))
    if media_type != "application/json":
        return [Argument("content", "bytes | str", None)], "content", media_type
    (name,) = {*refs({"$ref": content["schema"]["$ref"]})}
    fields = []
    for field, schema in schemas[name]["properties"].items():
        kind = type_of(schema, "structs.")
        if field in schemas[name].get("required", ()):
            assert "None" not in kind, (name, field)
            fields.append(Argument(field, kind, None))
        else:
            default = default_of(schema, schemas)
            fields.append(Argument(field, kind, default))
    return fields, f"given({', '.join(f'{each.name}={each.name}' for each in fields)})", None


def _module(operations: list[Operation], *, awaited: bool) -> str:
    groups: dict[str, list[Operation]] = defaultdict(list)
    for operation in operations:
        groups[operation.group].append(operation)
    inside = sorted({one.group for one in operations if one.path.startswith(LEDGER)} - {ON_LEDGER})
    outside = sorted(groups.keys() - {*inside, ON_LEDGER})
    parts = [
        PREFACE.format(
            how="awaited" if awaited else "for threads",
            pages="AsyncPages" if awaited else "Pages",
            transport="AsyncTransport" if awaited else "Transport",
        )
    ]
    for group in (*inside, *outside):
        within = group in inside
        parts.append(_class(_class_name(group, awaited=awaited), groups[group], within=within, awaited=awaited))
    ledger = _class(
        _class_name(ON_LEDGER, awaited=awaited), groups[ON_LEDGER], within=True, awaited=awaited, has=inside
    )
    parts.append(ledger)
    parts.append(_class(_class_name("outside", awaited=awaited), [], within=False, awaited=awaited, has=outside))
    return "\n\n".join(parts)


def _class_name(group: str, *, awaited: bool) -> str:
    return ("Async" if awaited else "") + "".join(word.capitalize() for word in re.split(r"\W|_", group))


def _class(name: str, operations: list[Operation], *, within: bool, awaited: bool, has: list[str] | None = None) -> str:
    transport = "AsyncTransport" if awaited else "Transport"
    what = {"Ledger": "A ledger.", "Outside": "What belongs to no ledger."}
    doc = what.get(
        name.removeprefix("Async"), f"The operations under ``/{operations[0].group if operations else ''}``."
    )
    takes = ", ledger: str" if within else ""
    lines = [
        f"class {name}:",
        f'    """{doc}"""',
        "",
        f"    def __init__(self, transport: {transport}{takes}) -> None:",
    ]
    lines.append("        self._transport = transport")
    if within:
        lines.append('        self._path = f"/v1/ledgers/{segment(ledger)}"')
    for group in has or ():
        passed = "transport, ledger" if within else "transport"
        lines.append(f"        self.{_name(group)} = {_class_name(group, awaited=awaited)}({passed})")
    for operation in operations:
        lines += ["", *_method(operation, awaited=awaited)]
    return "\n".join(lines) + "\n"


def _method(operation: Operation, *, awaited: bool) -> Iterator[str]:
    """The lines of a method."""
    placed = [argument.text for argument in operation.in_path]
    named = ["*", *(argument.text for argument in operation.named)] if operation.named else []
    signature = ", ".join(["self", *placed, *named])
    pages = "AsyncPages" if awaited else "Pages"
    lazy = operation.item is not None
    answer = f"{pages}[{operation.item}, {operation.answer}]" if lazy else operation.answer
    yield f"    {'async ' if awaited and not lazy else ''}def {operation.name}({signature}) -> {answer}:"
    yield from docstring(operation.doc, 8)
    call = [f'method="{operation.method}"', f"path={_path(operation)}"]
    if operation.query:
        call.append("query={" + ", ".join(f'"{name}": {argument}' for name, argument in operation.query) + "}")
    if operation.body is not None:
        call.append(f"body={operation.body}")
    if operation.media_type is not None:
        call.append(f'media_type="{operation.media_type}"')
    if operation.takes_version:
        call.append("if_match=if_match")
    if operation.takes_key:
        call += ["takes_key=True", "idempotency_key=idempotency_key"]
    if operation.accept != "application/json":
        call.append(f'accept="{operation.accept}"')
    yield f"        call = Call({', '.join(call)})"
    if lazy:
        yield f"        return {pages}(self._transport, call, {operation.answer})"
    else:
        yield f"        return {'await ' if awaited else ''}self._transport.send(call, {operation.answer})"


def _path(operation: Operation) -> str:
    within = operation.path.startswith(LEDGER)
    path = operation.path.removeprefix(LEDGER)
    for argument in operation.in_path:
        value = f"segment({argument.name})" if argument.kind == "str" else argument.name
        path = re.sub(rf"\{{{argument.name}\}}", f"{{{value}}}", path, flags=re.IGNORECASE)
    if not within:
        return f'f"{path}"' if operation.in_path else f'"{path}"'
    return f'f"{{self._path}}{path}"' if path else "self._path"


if __name__ == "__main__":
    for file, text in write().items():
        file.write_text(text, encoding="utf-8")
