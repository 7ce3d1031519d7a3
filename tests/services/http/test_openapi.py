"""The OpenAPI document: every operation has examples, and they work."""

import pytest
from litestar import Litestar
from litestar.openapi.spec import OpenAPIResponse, Parameter

from services.http.openapi import operations
from services.service import Service
from tests.services.http.conftest import Client, Headers
from tests.services.http.statements import prepared_meanwhile, shaped_by_tables
from tests.services.http.story import Story, body, example_of

pytestmark = pytest.mark.anyio


async def test_it_is_served_as_openapi_3_1(client: Client) -> None:
    response = await client.get("/schema/openapi.json")
    assert response.status_code == 200
    document = response.json()
    assert document["openapi"].startswith("3.1")
    assert document["components"]["securitySchemes"]["accessKey"]["scheme"] == "bearer"


async def test_every_operation_has_an_example_of_all_it_takes(app: Litestar) -> None:
    for path, method, operation in operations(app.openapi_schema):
        name = f"{method} {path}"
        takes = [parameter for parameter in operation.parameters or () if isinstance(parameter, Parameter)]
        for parameter in takes:
            assert example_of(parameter) is not None, f"{name}: {parameter.name} has no example"
        if operation.request_body is not None:
            assert body(operation) is not None, f"{name}: its body has no example"
        if not takes and operation.request_body is None:
            answer = (operation.responses or {})["200"]
            assert isinstance(answer, OpenAPIResponse)
            assert any(content.example for content in (answer.content or {}).values()), f"{name} has no example"


NO_PROJECTIONS = {
    "import_list",
    "import_read",
    "key_list",
    "key_own",
    "log_consistency",
    "log_cosignatures",
    "log_keys",
    "webhook_deliveries",
    "webhook_list",
}
"""What is read of imports, access keys, webhooks and the tree, which no event leads to."""


async def test_every_answer_of_a_projection_names_its_position(client: Client) -> None:
    document = (await client.get("/schema/openapi.json")).json()
    schemas = document["components"]["schemas"]
    unnamed = set()
    for path, item in document["paths"].items():
        content = item.get("get", {}).get("responses", {}).get("200", {}).get("content", {})
        if "{ledger}" in path and "application/json" in content:
            schema = content["application/json"]["schema"]
            required = schemas[schema["$ref"].rpartition("/")[2]].get("required", [])
            unnamed |= set() if "position" in required else {item["get"]["operationId"]}
    assert unnamed == NO_PROJECTIONS


@pytest.mark.usefixtures("people")
async def test_every_example_is_taken(app: Litestar, client: Client, admin: Headers, service: Service) -> None:
    story = Story(app, client, admin)
    with prepared_meanwhile() as statements:
        for operation_id, (_, _, operation) in story.operations.items():
            assert operation_id is not None
            path = await story.path_for(operation_id)
            response = await story.send(operation_id, path, examples=True)
            assert response.is_success, f"{operation_id}: {response.status_code} {response.text}"
            answered = str(response.status_code)
            assert answered in (operation.responses or {}), f"{operation_id}: {answered} is not documented"
    assert len(statements) > 100
    assert await shaped_by_tables(service, statements) == []
