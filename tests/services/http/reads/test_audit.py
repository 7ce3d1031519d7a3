"""The audit over HTTP: every figure leads to the lines it counts, in every grouping and at every moment."""

import io
import re
from collections.abc import AsyncIterator, Iterator
from datetime import datetime, timedelta
from html.parser import HTMLParser
from typing import Any
from uuid import UUID

import openpyxl
import pytest

from domain.party import JoinOrganisation, LeaveOrganisation, RegisterParty
from domain.promise.commands import AcceptDelivery, AcceptInPart, MakePromise, RenegePromise, ReportDelivery
from services.dashboard import audit_page
from services.dashboard.render import CONTENT_SECURITY_POLICY
from services.http.reads import audit_files
from services.ledger.opening import open_ledger
from services.reading import audit_xlsx
from services.reading.audit import BY
from services.reading.audit_figures import COUNTS
from services.reading.standing import DELIVERED
from services.service import Service, open_service
from tests.services.conftest import LEDGER, MASTER_KEY, Desk
from tests.services.http.conftest import Client, Headers
from tests.services.reading.conftest import POLICY, START, Clock
from tests.services.reading.story import Story

pytestmark = pytest.mark.anyio
AUDIT = f"/v1/ledgers/{LEDGER}/promises/audit"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def service(database_url: str, clock: Clock) -> AsyncIterator[Service]:
    async with open_service(database_url, MASTER_KEY, clock) as opened:
        await open_ledger(opened, LEDGER, policy=POLICY)
        yield opened


@pytest.fixture
async def story(desk: Desk, clock: Clock) -> Story:
    """Among three, of whom one is in two organisations, one was in one for a while, and one is in none."""
    told = Story(desk, clock, seed=11)
    await told.begin(3)
    first, second = [(await desk.give(RegisterParty(name=name, kind="organisation"))).id for name in ("A", "B")]
    for party, organisation in ((0, first), (0, second), (1, second)):
        await desk.give(JoinOrganisation(organisation=organisation), told.parties[party])
    await tell_ends(desk, clock, told.parties)
    await told.go_on(70)
    await desk.give(LeaveOrganisation(organisation=second), told.parties[1])
    await told.go_on(30)
    return told


async def tell_ends(desk: Desk, clock: Clock, parties: list[UUID]) -> None:
    """Promises that came to the ends of which the measures tell: in part and late, on time, reneged soon and late."""
    one, other, third = parties
    due = clock.now + timedelta(days=20)
    made = []
    for promisor, promisee in ((one, other), (one, third), (other, one), (other, third), (one, other)):
        made.append((await desk.give(MakePromise(promisor=promisor, promisee=promisee, what="x", due=due))).id)
    clock.go_on(days=8)
    await desk.give(RenegePromise(by=one), made[1])
    clock.go_on(days=8)
    await desk.give(ReportDelivery(by=other), made[2])
    await desk.give(AcceptDelivery(by=one), made[2])
    clock.go_on(days=6)
    await desk.give(ReportDelivery(by=one), made[0])
    await desk.give(AcceptInPart(by=other, fraction=0.25), made[0])
    await desk.give(RenegePromise(by=other), made[3])


def figures(answer: Any) -> Iterator[tuple[str, int, str | None]]:
    """Every figure of an answer that counts lines, by name, with its address."""
    if isinstance(answer, list):
        for part in answer:
            yield from figures(part)
    if not isinstance(answer, dict):
        return
    if "made" in answer and "lines" in answer:
        for name in COUNTS:
            yield name, answer[name], answer["lines"][name]
    elif "of_lines" in answer:
        yield "of", answer["of"], answer["of_lines"]
    elif "n" in answer:
        yield "n", answer["n"], answer["lines"]
    elif "count" in answer:
        yield answer["name"], answer["count"], answer["lines"]
    for part in answer.values():
        yield from figures(part)


class Follower:
    """Follows addresses, each once."""

    def __init__(self, client: Client, headers: Headers) -> None:
        self.client, self.headers = client, headers
        self.found: dict[str, list[Any]] = {}

    async def get(self, path: str, **asked: str) -> Any:
        answer = await self.client.get(path, params=asked or None, headers=self.headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def lines(self, path: str | None) -> list[Any]:
        if path is None:
            return []
        if path not in self.found:
            answer = await self.get(f"{path}&limit=200")
            assert answer["next"] is None
            self.found[path] = answer["lines"]
        return self.found[path]


MIDDLE = "2024-01-20T00:00:00Z"
ASKED: list[dict[str, str]] = [
    {},
    *[{"by": str(by)} for by in BY],
    {"by": "organisation", "organisation": "none"},
    {"by": "month", "made_from": "2024-01-01T00:00:00Z", "made_to": MIDDLE},
    {"standing": "open"},
    {"standing": "partly_kept"},
    {"overdue": "false", "unit": "favour"},
    {"on_time": "false", "by": "promisor"},
    {"as_of": MIDDLE},
    {"as_of": MIDDLE, "clock": "occurred", "by": "promisee"},
    {"as_of": "2023-01-01T00:00:00Z"},
]


@pytest.mark.parametrize("asked", ASKED, ids=lambda asked: "-".join(asked.values()) or "all")
async def test_every_figure_leads_to_its_lines(
    asked: dict[str, str], story: Story, clock: Clock, client: Client, recorder: Headers
) -> None:
    follow = Follower(client, recorder)
    answer = await follow.get(AUDIT, **asked)
    clock.go_on(days=25)  # an address means the moment of its answer, whatever came later
    await story.go_on(10)
    seen = 0
    for name, count, path in figures(answer):
        assert len(await follow.lines(path)) == count, (name, path)
        seen += count
    assert seen > 0 or asked.get("as_of", "").startswith("2023")
    for part in [answer, *(answer["groups"] or [])]:
        await check_shares(follow, part)


async def check_shares(follow: Follower, part: Any) -> None:
    measures, totals = part["measures"], part["totals"]
    on_time, delivered = measures["on_time"], measures["delivered"]
    assert len(await follow.lines(on_time["lines"])) == on_time["count"]
    kept = [line["fraction"] or 1 for line in await follow.lines(delivered["lines"])]
    assert sum(kept) == pytest.approx(delivered["count"])
    for share in (on_time, delivered):
        assert share["share"] == (None if share["of"] == 0 else pytest.approx(share["count"] / share["of"]))
    for quantity in totals["quantities"]:
        lines = await follow.lines(quantity["lines"])
        for name, field in (("promised", "quantity"), ("delivered", "delivered")):
            assert sum(line[field] for line in lines) == quantity[name]
    for name, field in (("lateness_s", "lateness_s"), ("notice_s", "notice_s"), ("notice_share", "notice_share")):
        spread = measures[name]
        assert spread["n"] == sum(one["count"] for one in spread["bins"])
        values = sorted(line[field] for line in await follow.lines(spread["lines"]))
        if not values:
            assert spread["quantiles"] is None
            continue
        assert (spread["quantiles"]["lowest"], spread["quantiles"]["highest"]) == pytest.approx((values[0], values[-1]))
        middle = values[len(values) // 2] / 2 + values[(len(values) - 1) // 2] / 2
        assert spread["quantiles"]["median"] == pytest.approx(middle)


async def test_a_promisor_in_two_organisations_counts_in_each(story: Story, client: Client, recorder: Headers) -> None:
    follow = Follower(client, recorder)
    answer = await follow.get(AUDIT, by="organisation")
    summed = sum(group["totals"]["made"] for group in answer["groups"])
    assert answer["in_several"] > 0
    assert summed == answer["totals"]["made"] + answer["in_several"]
    assert [group["key"] for group in answer["groups"]][-1] == "none"
    assert (await follow.get(AUDIT, by="promisor"))["in_several"] is None
    rows = (await client.get(AUDIT, params={"by": "organisation", "format": "csv"}, headers=recorder)).text
    assert f"sum,{answer['in_several']} of those made are in several groups and here once," in rows
    assert story.parties


async def test_a_line_leads_to_its_history_events_and_proofs(story: Story, client: Client, recorder: Headers) -> None:
    follow = Follower(client, recorder)
    line = next(line for line in await follow.lines(f"{AUDIT}?standing=delivered") if line["standing"] in DELIVERED)
    history = await follow.get(line["history"])
    assert [entry["position"] for entry in history["history"]] == line["positions"]
    assert [link["position"] for link in line["events"]] == line["positions"]
    for link in line["events"]:
        event = (await follow.get(link["event"]))["event"]
        assert (event["position"], link["proof"].rpartition("/")[2]) == (link["position"], str(link["position"]))
    assert story.clock.now > START


async def test_a_workbook_of_the_same_figures_and_lines(
    story: Story, client: Client, recorder: Headers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_xlsx, "ROWS", 28)
    monkeypatch.setattr(audit_xlsx, "BATCH", 9)
    follow = Follower(client, recorder)
    answer = await follow.get(AUDIT, limit="200")
    response = await client.get(AUDIT, headers={**recorder, "Accept": audit_files.XLSX})
    assert response.headers["content-type"] == audit_files.XLSX
    book = openpyxl.load_workbook(io.BytesIO(response.content))
    sheets = {name: [[cell.value for cell in row] for row in book[name].iter_rows()] for name in book.sheetnames}
    totals = {row[0]: row for row in sheets["Totals"]}
    for name in COUNTS:
        assert totals[name][1] == answer["totals"][name]
        assert len(await follow.lines(str(totals[name][3]))) == totals[name][1]
    for by in BY:
        groups = await follow.get(AUDIT, by=by, limit="200")
        head, *rows, summed = sheets[f"By {by}"]
        assert [(row[0], row[head.index("made")]) for row in rows] == [
            (group["key"], group["totals"]["made"]) for group in groups["groups"]
        ]
        assert (summed[0], summed[head.index("made")]) == ("sum", answer["totals"]["made"])
    lines = whole(sheets, "Lines")
    assert [row["id"] for row in lines] == [line["id"] for line in answer["lines"]]
    assert [row["quantity"] for row in lines] == [line["quantity"] for line in answer["lines"]]
    assert [row["begun_at"].isoformat() for row in lines] == [
        datetime.fromisoformat(line["begun_at"]).replace(tzinfo=None).isoformat() for line in answer["lines"]
    ]
    assert "Events 2" in sheets  # where a sheet is full, another one goes on
    events = [(row["promise"], row["position"]) for row in whole(sheets, "Events")]
    assert events == [(line["id"], position) for line in answer["lines"] for position in line["positions"]]
    narrowed = await client.get(AUDIT, params={"format": "xlsx", "by": "year", "as_of": "1"}, headers=recorder)
    names = openpyxl.load_workbook(io.BytesIO(narrowed.content)).sheetnames
    assert names == ["Totals", "Totals 2", "By year", "Lines", "Events"]
    assert story.parties


def whole(sheets: dict[str, list[list[Any]]], name: str) -> list[dict[str, Any]]:
    """The rows of a sheet and of those that it goes on in."""
    found = [rows for sheet, rows in sheets.items() if sheet.partition(" ")[0] == name]
    return [dict(zip(rows[0], row, strict=True)) for rows in found for row in rows[1:]]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "http://x.example", "{=1}"])
async def test_a_workbook_holds_no_formulas(text: str, client: Client, recorder: Headers, desk: Desk) -> None:
    anna = (await desk.give(RegisterParty(name=text))).id
    (ben,) = await desk.register("Ben")
    await desk.give(MakePromise(promisor=anna, promisee=ben, what=text))
    response = await client.get(AUDIT, params={"format": "xlsx"}, headers=recorder)
    book = openpyxl.load_workbook(io.BytesIO(response.content))
    head = [cell.value for cell in book["Lines"][1]]
    for name in ("promisor_name", "what"):
        cell = book["Lines"].cell(2, head.index(name) + 1)
        assert (cell.value, cell.data_type, cell.hyperlink) == (text, "s", None)
    assert book["By promisor"].cell(2, 2).data_type == "s"


class Anchors(HTMLParser):
    """Collects the links of a page and their texts, and what a strict policy would not let through."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[tuple[str, str]] = []
        self.inline: list[str] = []
        self._href: str | None = None
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        self.inline += [tag] if tag in {"style", "script"} or "style" in named else []
        self._href = named.get("href") if tag == "a" else self._href

    def handle_data(self, data: str) -> None:
        if self._href is not None:
            self.links.append((data.strip(), self._href))
            self._href = None


async def test_a_page_to_print_whose_figures_are_links(
    story: Story, client: Client, recorder: Headers, monkeypatch: pytest.MonkeyPatch
) -> None:
    follow = Follower(client, recorder)
    for asked in ({}, {"by": "organisation"}, {"standing": "kept"}):
        response = await client.get(AUDIT, params=asked, headers={**recorder, "Accept": "text/html"})
        assert response.headers["content-security-policy"] == CONTENT_SECURITY_POLICY
        found = Anchors(response.text)
        assert not found.inline
        figures_found = [(text, href) for text, href in found.links if "/promises/audit?" in href and text.isdecimal()]
        assert len(figures_found) > 20
        for text, href in figures_found:
            assert href.endswith("&format=html")
            assert len(await follow.lines(href.removesuffix("&format=html"))) == int(text)
        lines = [] if "by" in asked else (await follow.get(AUDIT, **asked, limit="200"))["lines"]
        linked = {href for _, href in found.links}
        for line in lines:
            assert {link[kind] for link in line["events"] for kind in ("event", "proof")} <= linked
    stylesheet = re.search(r'href="(/assets/audit\.\w+\.css)"', response.text)
    assert stylesheet is not None
    assert "@media print" in (await client.get(stylesheet[1])).text
    monkeypatch.setattr(audit_page, "ROWS", 3)
    short = await client.get(AUDIT, params={"format": "html"}, headers=recorder)
    assert "This is not all" in short.text
    assert short.text.count('<tr><th scope="row">') == 3
    assert story.parties


@pytest.mark.parametrize("form", ["csv", "xlsx", "html"])
async def test_what_is_wrong_is_told_before_a_file_begins(form: str, client: Client, recorder: Headers) -> None:
    for asked in ({"as_of": "999"}, {"other": str(UUID(int=1))}, {"organisation": "nobody"}):
        response = await client.get(AUDIT, params={"format": form, **asked}, headers=recorder)
        assert (response.status_code, response.headers["content-type"]) == (400, "application/problem+json")


async def test_what_changed_between_two_moments(story: Story, clock: Clock, client: Client, recorder: Headers) -> None:
    """As the two audits of the moments say, line by line, and the events are those that lie in between."""
    follow = Follower(client, recorder)
    now = clock.now.isoformat().replace("+00:00", "Z")
    one = f"{story.parties[0]}"
    for asked in ({"from": "12"}, {"from": MIDDLE, "to": now, "clock": "occurred"}, {"from": MIDDLE, "party": one}):
        answer = await follow.get(f"{AUDIT}/changes", **asked, limit="200")
        clock_of = asked.get("clock", "recorded")
        sides = {"clock": clock_of, **({"party": one} if "party" in asked else {}), "limit": "200"}
        later = f"{answer['later']['position']}@{answer['later']['moment']}"
        audits = [await follow.get(AUDIT, as_of=moment, **sides) for moment in (asked["from"], later)]
        before, after = ({line["id"]: line for line in audit["lines"]} for audit in audits)
        expected = {
            promise: (stood(before.get(promise)), stood(after.get(promise)))
            for promise in before.keys() | after.keys()
            if stood(before.get(promise)) != stood(after.get(promise))
        }
        assert {line["id"]: (line["before"], line["after"]) for line in answer["lines"]} == expected
        assert answer["moved"] == len(expected) > 3
        for line in answer["lines"]:
            earlier, later = (side.get(line["id"], {"positions": []})["positions"] for side in (before, after))
            between = [event["position"] for event in line["events"]]
            assert between == [position for position in later if position not in earlier]
        for moment, audit in zip(("earlier", "later"), audits, strict=True):
            assert answer[moment]["totals"] == audit["totals"]
            for name, count, path in figures(answer[moment]):
                assert len(await follow.lines(path)) == count, name
        pages = [await follow.get(f"{AUDIT}/changes", **asked, limit="2")]
        clock.go_on(days=1)  # which no page sees
        while pages[-1]["next"]:
            pages.append(await follow.get(f"{AUDIT}/changes", **asked, limit="2", after=pages[-1]["next"]))
        assert [line for page in pages for line in page["lines"]] == answer["lines"]
        now = clock.now.isoformat().replace("+00:00", "Z")


def stood(line: Any) -> Any:
    return None if line is None else {name: line[name] for name in ("standing", "overdue", "behind")}


@pytest.mark.parametrize(
    ("asked", "parameter"),
    [
        ({"from": "soon"}, "from"),
        ({"from": "1", "to": "99999"}, "to"),
        ({"from": "3", "to": "2"}, "from"),
        ({"from": "1", "after": "1~2"}, "after"),
        ({"from": "1", "standing": "kept"}, None),
        ({}, "from"),
    ],
)
async def test_what_no_changes_can_be_told_of(
    asked: dict[str, str], parameter: str | None, client: Client, recorder: Headers, desk: Desk
) -> None:
    await desk.register("Anna", "Ben")
    answer = await client.get(f"{AUDIT}/changes", params=asked, headers=recorder)
    assert answer.status_code == 400
    if parameter is not None:
        assert [error["parameter"] for error in answer.json()["errors"]] == [parameter]
