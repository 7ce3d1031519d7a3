"""Chains of requests that schemathesis makes up: what one answers, the next ones ask for, change and remove.

The service has nothing but its two roles (``services/database/migrations/0009_roles.sql``), and the chains go on in
whatever state the ones before left the ledger.
"""

from collections import Counter
from contextlib import suppress
from functools import partial
from typing import Any

import hypothesis
import pytest
import schemathesis
from anyio import from_thread, to_thread
from hypothesis.errors import FlakyStrategyDefinition
from litestar import Litestar
from schemathesis.core.failures import FailureGroup
from schemathesis.core.transport import Response
from schemathesis.specs.openapi.checks import ensure_resource_availability, use_after_free

from services.feeds.feed import Limits
from services.http.openapi import operations
from services.service import Service
from tests.services.conftest import LEDGER
from tests.services.http.conftest import PEOPLE, Client, Headers, MakeHeaders
from tests.services.http.story import body
from tests.services.http.test_schemathesis import CHECKS, send

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("people")]

REQUESTS = hypothesis.settings().max_examples * 10
"""More of them where more is asked of all tests: ``HYPOTHESIS_PROFILE=ci``."""
CHAINS, STEPS = 10, 25
IN_THE_WAY = ("If-Match", "Idempotency-Key")


def steer(case: Any, examples: dict[str, Any]) -> None:
    """Have a case be about this ledger and its people: with ids that nobody has, hardly any chain would go on."""
    case.path_parameters["ledger"] = LEDGER
    if case.meta is None or case.meta.generation.mode is not schemathesis.GenerationMode.POSITIVE:
        return
    for name in IN_THE_WAY:
        case.headers.pop(name, None)
    if case.query:
        case.query.pop("id", None)
    example = examples.get(case.operation.definition.raw["operationId"])
    if isinstance(case.body, dict) and isinstance(example, dict):
        case.body.pop("occurred_at", None)
        case.body |= {name: value for name, value in example.items() if isinstance(value, str) and value in PEOPLE}


async def test_whatever_follows_gets_a_documented_answer(
    app: Litestar, client: Client, service: Service, headers_of: MakeHeaders
) -> None:
    service.feed.limits = Limits(wait_s=0.05)
    schema = schemathesis.openapi.from_dict((await client.get("/schema/openapi.json")).json())
    examples = {str(found.operation_id): body(found) for _path, _method, found in operations(app.openapi_schema)}
    answers: Counter[tuple[str, int]] = Counter()
    failures: list[str] = []

    async def admin_key() -> Headers:
        return await headers_of("admin")

    class Chain(schema.as_state_machine()):  # type: ignore[misc]
        """One chain, with a key of its own: a chain may revoke it."""

        headers: Headers

        def setup(self) -> None:
            self.headers = from_thread.run(admin_key)

        def before_call(self, case: Any) -> None:
            steer(case, examples)

        def call(self, case: Any, **kwargs: Any) -> Response:
            del kwargs
            answer = Response.from_any(from_thread.run(send, client, case, self.headers))
            answers[case.operation.label, answer.status_code] += 1
            return answer

        def validate_response(self, response: Response, case: Any, **kwargs: Any) -> None:
            checks = [*CHECKS, use_after_free, ensure_resource_availability]
            try:
                case.validate_response(response, checks=checks, transport_kwargs=kwargs or None, recorder=self.recorder)
            except FailureGroup as group:
                failures.append(f"{case.operation.label}: {group} {group.exceptions} {response.text}")

    settings = hypothesis.settings(
        max_examples=CHAINS,
        stateful_step_count=STEPS,
        database=None,
        deadline=None,
        phases=[hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    for seed in range(REQUESTS):
        with suppress(FlakyStrategyDefinition):  # ids are others each time, so what may follow is too
            await to_thread.run_sync(partial(hypothesis.seed(seed)(Chain).run, settings=settings))
        if answers.total() >= REQUESTS:
            break
    assert failures == []
    assert len({operation for operation, _status in answers}) > len(examples) / 3
    assert {200, 201, 404} <= {status for _operation, status in answers}
    assert (await client.get(f"/v1/ledgers/{LEDGER}", headers=await headers_of("read"))).status_code == 200
