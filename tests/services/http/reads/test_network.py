"""The network over HTTP, where its figures are not there."""

import pytest

from services.network.networks import Networks, NotReadyError, TooLargeError
from tests.services.conftest import LEDGER
from tests.services.http.conftest import Client, Headers

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("people")]


@pytest.mark.parametrize(
    ("error", "code"), [(NotReadyError(), "network_not_ready"), (TooLargeError(), "network_too_large")]
)
async def test_figures_that_are_not_there(
    client: Client, recorder: Headers, monkeypatch: pytest.MonkeyPatch, error: Exception, code: str
) -> None:
    async def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(Networks, "figures", fail)
    response = await client.get(f"/v1/ledgers/{LEDGER}/network", headers=recorder)
    assert (response.status_code, response.json()["code"]) == (503, code)
    assert "Retry-After" in response.headers


async def test_a_position_that_is_not_there(client: Client, recorder: Headers) -> None:
    response = await client.get(f"/v1/ledgers/{LEDGER}/network", headers=recorder, params={"at_least": 10_000})
    assert (response.status_code, response.json()["code"]) == (400, "invalid_parameter")
