"""Requests that schemathesis makes up from the OpenAPI, fit and unfit, sent to a real service with a real key.

The cases are drawn first, from a fixed seed, and sent afterwards in the service's own loop.
"""

import zlib
from collections import Counter
from itertools import islice
from typing import Any

import httpx
import hypothesis
import pytest
import requests
import schemathesis
from litestar import Litestar
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
)

from services.feeds.feed import Limits
from services.service import Service
from tests.services.conftest import LEDGER
from tests.services.http.conftest import Client, Headers
from tests.services.http.story import Story

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("people")]

CASES = {schemathesis.GenerationMode.POSITIVE: 10, schemathesis.GenerationMode.NEGATIVE: 6}
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
URL = "http://requite.test"
PARTS = 4
"""The operations are tested in so many parts, that several processes may share in."""


def draw(operation: Any, mode: schemathesis.GenerationMode, fixed: dict[str, str], headers: Headers) -> list[Any]:
    """Cases for an operation, the same in every run."""
    cases: list[Any] = []

    @hypothesis.seed(zlib.crc32(operation.label.encode()))
    @hypothesis.settings(
        max_examples=CASES[mode],
        database=None,
        deadline=None,
        phases=[hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.given(operation.as_strategy(generation_mode=mode, path_parameters=fixed, headers=headers))
    def collect(case: Any) -> None:
        cases.append(case)

    try:
        collect()
    except hypothesis.errors.Unsatisfiable:
        assert mode is schemathesis.GenerationMode.NEGATIVE  # nothing that could be wrong with it
    return cases


async def send(client: Client, case: Any, headers: Headers) -> httpx.Response:
    """Send a case as schemathesis would."""
    kwargs = case.as_transport_kwargs(base_url=URL, headers=headers)
    kept = {name: kwargs.get(name) for name in ("method", "url", "headers", "params", "json", "data", "cookies")}
    request = requests.Request(**kept).prepare()
    assert request.method is not None
    assert request.url is not None
    assert request.body is None or isinstance(request.body, str | bytes)
    sent = httpx.Headers({name: str(value) for name, value in request.headers.items()}, encoding="latin-1")
    return await client.request(request.method, request.url, headers=sent, content=request.body)


@pytest.fixture(autouse=True)
def _waits_briefly(service: Service) -> None:
    service.feed.limits = Limits(wait_s=0.05)


@pytest.mark.parametrize("part", range(PARTS))
async def test_whatever_is_sent_gets_a_documented_answer(
    app: Litestar, client: Client, admin: Headers, part: int
) -> None:
    document = (await client.get("/schema/openapi.json")).json()
    schema = schemathesis.openapi.from_dict(document)
    story = Story(app, client, admin)
    succeeded: Counter[str] = Counter()
    failures: list[str] = []
    for result in islice(schema.get_all_operations(), part, None, PARTS):
        assert isinstance(result, Ok)
        operation = result.ok()
        operation_id = operation.definition.raw["operationId"]
        path = await story.path_for(operation_id)
        example = await story.send(operation_id, path)
        succeeded[operation_id] += example.is_success
        names = {part[1:-1] for part in operation.path.split("/") if part.startswith("{")}
        there = dict(zip(operation.path.split("/"), path.split("/"), strict=True))
        fixed = {name: there[f"{{{name}}}"] for name in names}
        for mode in CASES:
            for case in draw(operation, mode, fixed, admin):
                response = await send(client, case, admin)
                succeeded[operation_id] += response.is_success
                checks = CHECKS if mode is schemathesis.GenerationMode.POSITIVE else [*CHECKS, negative_data_rejection]
                try:
                    case.validate_response(response, checks=checks)
                except FailureGroup as group:  # not an Exception: it would take the test's loop down with it
                    failures.append(f"{operation_id}: {group} {group.exceptions} {response.text}")
    assert failures == []
    assert sorted(name for name, count in succeeded.items() if not count) == []
    assert len(succeeded) == len(range(part, len(story.operations), PARTS))
    assert (await client.get(f"/v1/ledgers/{LEDGER}", headers=admin)).status_code == 200
