"""Uploads over HTTP: as bytes or as a form, previewed, going on after the answer, undone."""

import asyncio
from typing import Any
from uuid import UUID

import httpx
import pytest
from litestar import Litestar

from services.http.app import create_app
from services.http.examples import ANNA
from services.imports.background import Workbench, working
from services.imports.formats import SIZE_LIMIT_BYTES
from services.service import Service
from tests.services.conftest import LEDGER
from tests.services.http.conftest import Client, Headers, MakeHeaders, head
from tests.services.imports.files import GOOGLE_NEW, INVITATIONS_2018, table

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("people")]
URL = f"/v1/ledgers/{LEDGER}/imports"
PEOPLE = table(GOOGLE_NEW, *({"First Name": f"P{n}", "E-mail 1 - Value": f"p{n}@example.org"} for n in range(3)))


class Uploads:
    """Sends files as a recorder."""

    def __init__(self, client: Client, headers: Headers) -> None:
        self.client = client
        self.headers = headers

    async def send(self, content: bytes, **params: Any) -> httpx.Response:
        return await self.client.post(URL, content=content, params=params, headers=self.headers)

    async def begun(self, import_id: str) -> None:
        """Wait until something is recorded."""
        for _ in range(3000):
            if (await self.client.get(f"{URL}/{import_id}", headers=self.headers)).json()["done"]:
                return
            await asyncio.sleep(0.01)

    async def ended(self, import_id: str) -> dict[str, Any]:
        """The import, once nobody is at it."""
        for _ in range(3000):
            view: dict[str, Any] = (await self.client.get(f"{URL}/{import_id}", headers=self.headers)).json()
            if view["ended_at"] is not None or view["state"] == "interrupted":
                return view
            await asyncio.sleep(0.01)
        raise AssertionError(view)


@pytest.fixture
def uploads(client: Client, recorder: Headers) -> Uploads:
    return Uploads(client, recorder)


async def test_a_preview_records_nothing(uploads: Uploads, service: Service) -> None:
    before = await head(service)
    response = await uploads.send(PEOPLE, preview="true")
    assert response.status_code == 200
    assert response.json()["imported"] is None
    foreseen = response.json()["preview"]
    assert (foreseen["format"], foreseen["recorded"]) == ("google-contacts", {"party": 3})
    assert [one["name"] for one in foreseen["matches"]] == ["P0", "P1", "P2"]
    assert await head(service) == before
    assert (await uploads.client.get(URL, headers=uploads.headers)).json() == {"items": []}


async def test_an_upload_goes_on_after_its_answer_and_is_undone(uploads: Uploads) -> None:
    response = await uploads.send(PEOPLE)
    assert response.status_code == 202
    view = await uploads.ended(response.json()["imported"]["id"])
    assert (view["state"], view["recorded"], view["things"], view["done"]) == ("done", {"party": 3}, 3, 3)
    again = await uploads.send(PEOPLE)
    assert again.json()["imported"]["id"] == view["id"]
    await uploads.ended(view["id"])
    listed = (await uploads.client.get(URL, headers=uploads.headers)).json()["items"]
    assert [one["id"] for one in listed] == [view["id"]]
    undone = await uploads.client.post(f"{URL}/{view['id']}/undo", headers=uploads.headers)
    assert undone.status_code == 202
    view = await uploads.ended(view["id"])
    assert (view["state"], view["undone"], view["kept"]) == ("undone", 3, [])


async def test_a_form_with_a_file(uploads: Uploads) -> None:
    header = ["First Name", "Last Name", "Company", "Job Title", "Text", "Creation Date", "Status"]
    content = table(header, ["Zoe", "", "", "", "A joy.", "09/12/19, 05:24 PM", "VISIBLE"])
    files = {"file": ("Recommendations_Received.csv", content)}
    params = {"preview": "true", "me": ANNA}
    response = await uploads.client.post(URL, files=files, params=params, headers=uploads.headers)
    assert response.json()["preview"]["format"] == "linkedin-recommendations-received", response.text
    params["filename"] = "Recommendations_Given.csv"
    response = await uploads.client.post(URL, content=content, params=params, headers=uploads.headers)
    assert response.json()["preview"]["format"] == "linkedin-recommendations-given"


async def test_what_is_said_about_a_file_counts(uploads: Uploads) -> None:
    content = table(INVITATIONS_2018, ["Anna", "Zoe", "11/22/20, 5:46 AM", "", "OUTGOING"])
    response = await uploads.send(content, preview="true")
    assert sum(response.json()["preview"]["left_out"].values()) == 1
    response = await uploads.send(content, preview="true", me=ANNA, match_names="true", since="2024-01-31")
    assert response.json()["preview"]["recorded"] == {"party": 1, "contact": 1}


@pytest.mark.parametrize(
    ("content", "params", "status", "code"),
    [
        (b"", {}, 422, "unreadable_file"),
        (b"Dear diary", {}, 422, "unreadable_file"),
        (PEOPLE, {"format": "monica"}, 422, "unreadable_file"),
        (PEOPLE, {"format": "docx"}, 400, "invalid_parameter"),
        (PEOPLE, {"since": "2024-02-31"}, 400, "invalid_parameter"),
        (PEOPLE, {"me": str(UUID(int=7))}, 422, "unknown_party"),
        (PEOPLE, {"mine": "true"}, 400, "invalid_parameter"),
        (b" " * (SIZE_LIMIT_BYTES + (1 << 20)), {}, 413, "too_large"),
    ],
)
async def test_what_is_wrong_is_said_and_changes_nothing(
    uploads: Uploads, service: Service, content: bytes, params: dict[str, str], status: int, code: str
) -> None:
    before = await head(service)
    response = await uploads.send(content, **params)
    assert (response.status_code, response.json()["code"]) == (status, code), response.text
    assert await head(service) == before


async def test_a_form_without_the_file(uploads: Uploads) -> None:
    response = await uploads.client.post(URL, files={"other": b"x"}, headers=uploads.headers)
    assert response.json()["code"] == "unreadable_file"
    response = await uploads.client.post(URL, data={"file": "x"}, headers=uploads.headers)
    assert response.status_code == 422


async def test_who_may_import(client: Client, headers_of: MakeHeaders, uploads: Uploads) -> None:
    reader, party = await headers_of("read"), await headers_of("read", "record", parties=[ANNA])
    assert (await client.post(URL, content=PEOPLE, headers=reader)).json()["code"] == "wrong_scope"
    assert (await client.post(URL, content=PEOPLE, headers=party)).json()["code"] == "recorder_only"
    begun = (await uploads.send(PEOPLE)).json()["imported"]
    await uploads.ended(begun["id"])
    assert (await client.post(f"{URL}/{begun['id']}/undo", headers=party)).json()["code"] == "recorder_only"
    other = await headers_of("read", "record")
    await client.post(f"{URL}/{begun['id']}/undo", headers=other)
    view = await uploads.ended(begun["id"])
    assert {one["code"] for one in view["kept"]} == {"wrong_party"}
    missing = await client.get(f"{URL}/{UUID(int=7)}", headers=other)
    assert (missing.status_code, missing.json()["code"]) == (404, "import_not_found")


async def test_a_process_that_ends_lets_go_and_the_same_upload_goes_on(service: Service, recorder: Headers) -> None:
    many = table(GOOGLE_NEW, *({"First Name": f"M{n}", "E-mail 1 - Value": f"m{n}@example.org"} for n in range(4000)))

    async def upload(app: Litestar) -> tuple[Uploads, dict[str, Any]]:
        transport = httpx.ASGITransport(app)  # type: ignore[arg-type]
        uploads = Uploads(httpx.AsyncClient(transport=transport, base_url="http://requite.test"), recorder)
        response = await uploads.send(many)
        view: dict[str, Any] = response.json()["imported"]
        return uploads, view

    first = create_app(service)
    async with working(first.state.workbench):
        uploads, begun = await upload(first)
        await uploads.begun(begun["id"])
        busy = await uploads.client.post(f"{URL}/{begun['id']}/undo", headers=recorder)
        assert (busy.status_code, busy.json()["code"]) == (409, "import_under_way")
        standing = (await uploads.send(many)).json()["imported"]
        assert (standing["id"], standing["state"]) == (begun["id"], "running")
    cut = await uploads.ended(begun["id"])
    assert cut["state"] == "interrupted"
    assert 0 < cut["recorded"]["party"] < 4000
    uploads, resumed = await upload(create_app(service))
    assert resumed["id"] == begun["id"]
    assert (await uploads.ended(begun["id"]))["recorded"] == {"party": 4000}


async def test_an_import_that_fails_says_that_it_was_interrupted(uploads: Uploads, service: Service) -> None:
    begun = (await uploads.send(PEOPLE)).json()["imported"]
    await uploads.ended(begun["id"])
    await service.pool.execute("UPDATE file_import SET state = 'running', beat_at = beat_at - interval '1 hour'")
    assert (await uploads.ended(begun["id"]))["state"] == "interrupted"
    await Workbench().clear()  # with nothing on it
