"""No page asks the database more than five times.

Counted is every statement that reads once it is known who looks, the snapshot's own among them; so the look-up of the
session's key is not, nor what only begins and ends the transaction. Pages are looked at twice, and the second time
counts: names are in memory then, and the figures of the network are computed.
"""

from collections.abc import Iterable

from services.dashboard.router import DASHBOARD
from services.database.pool import load_sql
from services.demo.fill import fill_demo
from services.demo.story import LEDGER, party_id
from services.proof.builder import build_whole
from services.service import Service
from tests.browser.pages import paths_of
from tests.services.http.conftest import Client, SignIn

LIMIT = 5
NOT_COUNTED = ("SELECT set_config(", load_sql("services/access/sql/find_key.sql"))
ELSEWHERE = {
    "/assets/{name:str}": "no page: a file in memory",
    "/live": "no page: a stream",
    "/people/named": "no page: names for a form's field",
    "/import/{import_id:uuid}": "three: the import, the snapshot and names; test_import_pages",
    "/people/{party:uuid}/data": "a document of all there is, in as many statements as it has parts: test_party_data",
    "/settings/webhooks/{webhook:uuid}": "four: the webhook twice, its deliveries, the snapshot; test_webhook_pages",
    "/ledgers": "as many ledgers as a person has: test_claims",
    "/claim/{ledger:str}/{token:str}": "before signing in: test_claims",
    "/sign-in/{ledger:str}/{token:str}": "before signing in: asks nothing",
    "/sign-in/with": "leads to the provider",
    "/sign-in/with/back": "comes back from it",
}
"""What may be got beside the pages that are counted here, and why it isn't."""


async def test_no_page_asks_more_than_five_times(
    client: Client, service: Service, link_for: SignIn, asked: list[str]
) -> None:
    await fill_demo(service)
    await build_whole(service.pool, LEDGER)
    edith = party_id("edith")
    pages = await paths_of(service) | {
        "promises-then": "/promises?as_of=100",
        "promises-then-party": f"/promises?party={edith}&side=made&as_of=2024-05-01",
        "relationship-then": f"/relationships/{edith}/{party_id('walter')}?as_of=100",
        "log-party": f"/log?party={edith}",
        "people-sought": "/people?q=e",
    }
    counts: dict[str, int] = {}
    for side, link in (
        ("admin", await link_for("admin", ledger=LEDGER)),
        ("party", await link_for("read", "record", ledger=LEDGER, parties=[edith])),
    ):
        await client.post(link)
        for name, path in pages.items():
            answers = []
            for _ in range(2):
                asked.clear()
                answers.append(await client.get(path))
            if side == "admin":
                assert answers[-1].status_code == 200, (path, answers[-1].text[:300])
            counts[f"{side} {name}"] = sum(not text.startswith(NOT_COUNTED) for text in asked)
    assert {name: count for name, count in counts.items() if count > LIMIT} == {}
    assert all(count for name, count in counts.items() if name.startswith("admin")), "nothing was counted"
    assert _uncounted(pages.values()) == []


def _uncounted(paths: Iterable[str]) -> list[str]:
    """The pages that none of these addresses leads to."""
    walked = [path.partition("?")[0].split("/") for path in paths]
    return [
        route.path
        for route in DASHBOARD.routes
        if "GET" in route.methods and route.path not in ELSEWHERE and not any(_leads(route.path, one) for one in walked)
    ]


def _leads(route: str, walked: list[str]) -> bool:
    parts = route.split("/")
    return len(parts) == len(walked) and all(
        part.startswith("{") or part == one for part, one in zip(parts, walked, strict=True)
    )
