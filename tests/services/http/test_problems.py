import pytest

from tests.services.http.conftest import Client

pytestmark = pytest.mark.anyio


async def test_nothing_at_an_unknown_address(client: Client) -> None:
    response = await client.get("/nowhere")
    assert response.status_code == 404
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json() == {
        "type": "urn:requite:problem:not_found",
        "title": "Not found",
        "status": 404,
        "detail": "There is nothing at this address; /schema/openapi.json lists what there is.",
        "code": "not_found",
    }
