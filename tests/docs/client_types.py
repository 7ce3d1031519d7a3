"""From the schemas of the OpenAPI document to the Python of ``services/client/structs.py``."""

import inspect
import keyword
import textwrap
from collections.abc import Iterator, Mapping
from graphlib import TopologicalSorter
from typing import Any

Schema = Mapping[str, Any]
PLAIN = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None"}
FORMATS = {"uuid": "UUID", "date-time": "datetime", "date": "date"}
REF = "#/components/schemas/"

PREFACE = '''\
"""What the service is given and answers. Written from its OpenAPI document by ``just client``; do not edit it."""

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from msgspec import Struct
'''


def write_structs(schemas: Mapping[str, Schema], wanted: set[str]) -> str:
    """The module of all structs that the wanted ones are made of."""
    order = list(TopologicalSorter(_uses(schemas, wanted)).static_order())
    return PREFACE + "".join(f"\n\n{_struct(name, schemas[name], schemas)}" for name in order) + "\n"


def _uses(schemas: Mapping[str, Schema], wanted: set[str]) -> dict[str, list[str]]:
    """Each struct that is needed, with those that it uses, in an order that never changes."""
    uses: dict[str, list[str]] = {}
    waiting = sorted(wanted, reverse=True)
    while waiting:
        name = waiting.pop()
        if name not in uses:
            uses[name] = sorted(set(refs(schemas[name])))
            waiting += uses[name]
    return {name: uses[name] for name in sorted(uses)}


def refs(schema: object) -> Iterator[str]:
    """The names of the schemas that a schema refers to."""
    if isinstance(schema, Mapping):
        if isinstance(schema.get("$ref"), str):
            yield schema["$ref"].removeprefix(REF)
        for value in schema.values():
            yield from refs(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from refs(value)


def _struct(name: str, schema: Schema, schemas: Mapping[str, Schema]) -> str:
    assert schema.get("type") == "object", (name, schema)
    lines = [f"class {name}(Struct, frozen=True, kw_only=True, omit_defaults=True):"]
    lines += docstring(schema.get("description", name), 4)
    for field, of in schema.get("properties", {}).items():
        assert field.isidentifier(), (name, field)
        assert not keyword.iskeyword(field), (name, field)
        kind = type_of(of)
        default = "" if field in schema.get("required", ()) else f" = {default_of(of, schemas)}"
        lines.append(f"    {field}: {kind}{default}")
    return "\n".join(lines)


def docstring(text: str, indent: int) -> list[str]:
    """The lines of a docstring."""
    text = inspect.cleandoc(text.replace("\\", "\\\\"))
    summary, _, rest = text.partition("\n")
    rest = "\n\n".join(
        textwrap.fill(part, 116 - indent, break_long_words=False, break_on_hyphens=False)
        for part in rest.strip().split("\n\n")
    )
    lines = [f'"""{summary}', "", *rest.splitlines()] if rest else [f'"""{summary}']
    closing = [*lines, '"""'] if rest else [f'{lines[0]}"""']
    return [" " * indent + line if line else "" for line in closing]


def type_of(schema: Schema, prefix: str = "") -> str:  # noqa: C901, PLR0911 - one flat list of forms
    """The annotation for a schema; ``prefix`` goes before the names of structs."""
    if "$ref" in schema:
        return prefix + str(schema["$ref"]).removeprefix(REF)
    if "enum" in schema:
        words = [repr(value) for value in schema["enum"] if value is not None]
        return f"Literal[{', '.join(words)}]" + (" | None" if None in schema["enum"] else "")
    if "const" in schema:
        return f"Literal[{schema['const']!r}]"
    if choices := schema.get("anyOf") or schema.get("oneOf"):
        # What the choices share stands beside them.
        shared = {key: value for key, value in schema.items() if key == "format"}
        kinds = [type_of({**shared, **choice}, prefix) for choice in choices]
        return " | ".join(dict.fromkeys([*(k for k in kinds if k != "None"), *(k for k in kinds if k == "None")]))
    match schema.get("type"):
        case None:
            return "Any"
        case "string":
            return FORMATS.get(schema.get("format", ""), "str")
        case "array" if "prefixItems" in schema:
            return f"tuple[{', '.join(type_of(each, prefix) for each in schema['prefixItems'])}]"
        case "array":
            return f"tuple[{type_of(schema.get('items', {}), prefix)}, ...]"
        case "object":
            values = schema.get("additionalProperties", {})
            return f"dict[str, {type_of(values, prefix) if isinstance(values, Mapping) else 'Any'}]"
        case [*kinds]:
            return type_of({"anyOf": [{**schema, "type": kind} for kind in kinds]}, prefix)
        case kind:
            return PLAIN[kind]


def default_of(schema: Schema, schemas: Mapping[str, Schema]) -> str:
    """The default of a field that may be left out."""
    default = schema.get("default")
    match default:
        case list():
            return repr(tuple(default))
        case {**fields} if not fields:
            return "{}"  # which a struct makes anew each time
        case {**fields}:
            name = str(schema["$ref"]).removeprefix(REF)
            known = schemas[name]["properties"]
            return f"{name}({', '.join(f'{key}={value!r}' for key, value in fields.items() if key in known)})"
        case None:
            kind = type_of(schema)
            assert kind == "Any" or kind.endswith("None"), schema
            return "None"
        case _:
            return repr(default)
