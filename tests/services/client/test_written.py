"""The client says what the API says, and needs nothing of the service."""

import json
import subprocess
import sys
from typing import Any

import msgspec

from services.http.app import build_app
from tests.docs import client as written
from tests.docs.client_types import default_of, docstring, type_of

LIGHT = """
import json, sys, time
before = set(sys.modules)
import httpx, msgspec
started = time.perf_counter()
import services.client
took = time.perf_counter() - started
print(json.dumps([took, sorted({name.partition(".")[0] for name in set(sys.modules) - before})]))
"""


def test_it_is_up_to_date() -> None:
    for file, text in written.write().items():
        assert file.read_text(encoding="utf-8") == text, "uv run just client"


def test_every_operation_has_a_method() -> None:
    document = msgspec.json.decode(msgspec.json.encode(build_app().openapi_schema.to_schema()))
    files = written.write()
    for name in ("calls.py", "async_calls.py"):
        text = files[written.FOLDER / name]
        for item in document["paths"].values():
            for operation in item.values():
                method = operation["operationId"].partition("_")[2]
                assert f"def {method}(" in text, operation["operationId"]


def test_importing_it_imports_nothing_of_the_service() -> None:
    done = subprocess.run([sys.executable, "-c", LIGHT], capture_output=True, text=True, check=True)
    took_s, modules = json.loads(done.stdout)
    assert not {"asyncpg", "domain", "projections", "litestar", "eventsourcing", "granian", "structlog"} & {*modules}
    assert took_s < 1.0  # some 50 ms on a machine that is not busy


def test_forms_of_schemas() -> None:
    forms: dict[str, dict[str, Any]] = {
        "UUID | None": {"oneOf": [{"type": "null"}, {"type": "string", "format": "uuid"}]},
        "datetime | None": {"oneOf": [{"type": "string"}, {"type": "null"}], "format": "date-time"},
        "str | None": {"type": ["null", "string"]},
        "Literal['a', 1] | None": {"enum": ["a", 1, None]},
        "Literal['tag']": {"const": "tag"},
        "tuple[int, float]": {"type": "array", "prefixItems": [{"type": "integer"}, {"type": "number"}]},
        "tuple[structs.Who, ...]": {"type": "array", "items": {"$ref": "#/components/schemas/Who"}},
        "dict[str, bool]": {"type": "object", "additionalProperties": {"type": "boolean"}},
        "dict[str, Any]": {"type": "object"},
        "Any": {},
    }
    for text, schema in forms.items():
        assert type_of(schema, "structs.") == text
    known: dict[str, dict[str, Any]] = {"Cadence": {"properties": {"good": {}}}}
    assert default_of({"$ref": "#/components/schemas/Cadence", "default": {"good": 9}}, known) == "Cadence(good=9)"
    assert default_of({"type": "array", "default": ["favour"]}, {}) == "('favour',)"
    assert docstring("One.\n\nTwo.", 2) == ['  """One.', "", "  Two.", '  """']
