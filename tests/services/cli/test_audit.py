"""``requite audit promises``: the tables, the JSON, the CSV, and what is turned down."""

import csv
import io
import pathlib
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import openpyxl
import pytest
from rich.console import Console

from domain.command import Reference
from domain.party import RegisterParty
from domain.promise.commands import MakePromise, RenegePromise, ReportDelivery
from domain.refusal import Refusal
from services.cli.asking import When
from services.cli.audit import audit, print_changes, print_promise_audit, write_file
from services.cli.audit_request import AuditRequest, Scope
from services.reading.as_of import Asked
from services.reading.audit import PromiseAudit, read_audit
from services.reading.audit_changes import AuditChanges
from services.reading.pages import Page
from services.reading.question import BadQuestionError
from services.reading.snapshot import open_snapshot
from services.service import Service
from tests.services.cli.test_commands import KEY
from tests.services.conftest import LEDGER, Desk
from tests.serving import requite

pytestmark = pytest.mark.anyio


async def printed(service: Service, *, as_json: bool = False, width: int = 200, **asked: Any) -> str:
    console = Console(file=io.StringIO(), width=width)
    await print_promise_audit(service, LEDGER, AuditRequest(**asked), as_json=as_json, console=console)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


@pytest.fixture
async def told(service: Service, desk: Desk) -> None:
    """Three promises: reported late, reneged, not started."""
    crm = (Reference("crm", "7"),)
    anna = (await desk.give(RegisterParty(name="Anna [bold]", references=crm))).id
    (ben,) = await desk.register("Ben")
    now = service.clock()
    long_ago, due = now - timedelta(days=30), now - timedelta(days=3)
    made: dict[str, Any] = {"promisor": anna, "promisee": ben, "occurred_at": long_ago}
    shelf = (await desk.give(MakePromise(**made, what="a shelf", due=due))).id
    chair = (await desk.give(MakePromise(**made, what="a chair\x1b[31m"))).id
    await desk.give(MakePromise(promisor=ben, promisee=anna, what="a table"))
    await desk.give(ReportDelivery(by=anna), shelf)
    await desk.give(RenegePromise(by=anna), chair)


@pytest.mark.usefixtures("told")
async def test_tables_show_totals_and_lines(service: Service) -> None:
    text = await printed(service)
    assert text.startswith(f"Promises of {LEDGER} at ")
    assert "position 8" in text
    rows = {" ".join(line.split()[:-1]): line.split()[-1] for line in text.splitlines() if line.strip()}
    assert (rows["made"], rows["open"], rows["reported"], rows["reneged"]) == ("3", "2", "1", "1")
    (shelf,) = (line for line in text.splitlines() if "a shelf" in line)
    assert "reported" in shelf
    assert "3 d" in shelf
    assert "Anna [bold]" in shelf  # no markup
    assert "a chair\N{REPLACEMENT CHARACTER}[31m" in text  # and no control characters
    assert "\x1b" not in text


@pytest.mark.usefixtures("told")
async def test_dates_stay_whole_in_a_narrow_terminal(service: Service) -> None:
    text = await printed(service, width=80)
    due = service.clock() - timedelta(days=3)
    assert f"{due:%Y-%m-%d}" in text


@pytest.mark.usefixtures("told")
async def test_groups_instead_of_lines(service: Service) -> None:
    text = await printed(service, by="promisee")
    assert [line.split()[:2] for line in text.splitlines() if line.startswith(("Ben", "Anna"))] in (
        [["Ben", "2"], ["Anna", "[bold]"]],
        [["Anna", "[bold]"], ["Ben", "2"]],
    )
    assert "a shelf" not in text
    assert f"{service.clock():%Y}" in await printed(service, by="year")


@pytest.mark.usefixtures("told")
async def test_json_is_what_the_api_answers(service: Service) -> None:
    answer = msgspec.json.decode(await printed(service, as_json=True, as_of="8"), type=PromiseAudit)
    async with open_snapshot(service, LEDGER) as snapshot:
        expected = await read_audit(snapshot, asked=Asked(position=8), page=Page())
    assert (answer.position, answer.totals) == (expected.position, expected.totals)
    assert [line.id for line in answer.lines or ()] == [line.id for line in expected.lines or ()]


@pytest.mark.usefixtures("told")
async def test_parties_by_id_or_reference_and_days(service: Service) -> None:
    async def count(**asked: Any) -> int:
        answer = msgspec.json.decode(await printed(service, as_json=True, **asked), type=PromiseAudit)
        assert answer.totals is not None
        return answer.totals.made

    async with open_snapshot(service, LEDGER) as snapshot:
        lines = (await read_audit(snapshot)).lines or ()
    ben = str(next(line.promisor for line in lines if line.promisor_name == "Ben"))
    assert await count(promisor="crm:7") == 2
    assert await count(promisor=ben) == 1
    assert await count(party="crm:7", other=ben) == 3
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    assert await count(made_from=today) == 1
    assert await count(made_to=today) == 2
    assert await count(as_of=today) == 3
    assert await count(as_of=today, clock="occurred") == 3
    week_ago = f"{datetime.now(UTC) - timedelta(days=7):%Y-%m-%d}"
    assert await count(as_of=week_ago, clock="occurred") == 2
    assert await count(as_of=week_ago) == 0
    assert await count(as_of="4") == 1


@pytest.mark.usefixtures("told")
async def test_more_than_the_limit_says_so(service: Service) -> None:
    assert "more than 2" in await printed(service, limit=2)
    assert "more than" not in await printed(service, limit=3)


@pytest.mark.usefixtures("told")
async def test_csv_has_every_line(service: Service, tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "promises.csv"
    await write_file(service, LEDGER, AuditRequest(limit=1, as_of="8"), "csv", file)
    rows = list(csv.reader(io.StringIO(file.read_bytes().decode())))
    assert sorted(row[rows[0].index("what")] for row in rows[1:]) == ["a chair\x1b[31m", "a shelf", "a table"]
    await write_file(service, LEDGER, AuditRequest(limit=1, as_of="8"), "csv")
    assert capsys.readouterr().out == file.read_bytes().decode()
    with pytest.raises(BadQuestionError):
        await write_file(service, LEDGER, AuditRequest(as_of="soon"), "csv", tmp_path / "nothing.csv")
    assert not (tmp_path / "nothing.csv").exists()


@pytest.mark.usefixtures("told")
async def test_a_workbook_and_a_page_that_stand_alone(service: Service, tmp_path: pathlib.Path) -> None:
    file = tmp_path / "promises.xlsx"
    await write_file(service, LEDGER, AuditRequest(by="promisor"), "xlsx", file)
    assert openpyxl.load_workbook(file).sheetnames == ["Totals", "By promisor", "Lines", "Events"]
    with pytest.raises(BadQuestionError):
        await write_file(service, LEDGER, AuditRequest(), "xlsx")
    page = tmp_path / "promises.html"
    await write_file(service, LEDGER, AuditRequest(organisation="none"), "html", page)
    assert "a shelf" in page.read_text()
    assert "@media print" in page.read_text()
    assert "<link" not in page.read_text()


@pytest.mark.usefixtures("told")
async def test_what_changed(service: Service) -> None:
    async def changed(*, as_json: bool = False, **asked: Any) -> str:
        console = Console(file=io.StringIO(), width=200)
        when = When(as_of="4"), When()
        await print_changes(service, LEDGER, when, Scope(**asked), as_json=as_json, console=console)
        assert isinstance(console.file, io.StringIO)
        return console.file.getvalue()

    text = await changed()
    (chair,) = (line for line in text.splitlines() if "a chair" in line)
    assert "not there" in chair
    assert "reneged" in chair
    assert "8:promise.reneged" in chair
    answer = msgspec.json.decode(await changed(as_json=True, promisor="Ben"), type=AuditChanges)
    assert [line.what for line in answer.lines] == ["a table"]
    assert "There are 3" in await changed(limit=1)


@pytest.mark.parametrize(
    "asked",
    [
        {"promisor": "Nobody"},
        {"promisor": "crm:999"},
        {"promisor": ":"},
        {"made_from": "yesterday"},
        {"as_of": "2999-01-01"},
        {"as_of": "9999-12-31"},
        {"as_of": "2024-02-31"},
        {"as_of": "3", "clock": "occurred"},
        {"other": "01920000-0000-7000-8000-000000000bad"},
    ],
)
async def test_what_does_not_fit_is_turned_down(asked: dict[str, Any], service: Service) -> None:
    with pytest.raises(BadQuestionError):
        await printed(service, **asked)


async def test_a_ledger_that_is_not_there(service: Service) -> None:
    with pytest.raises(Refusal):
        await print_promise_audit(service, "nowhere", AuditRequest())


def test_the_command_takes_its_options() -> None:
    command, bound, _ = audit.parse_args(
        ["promises", "village", "--as-of", "1998-12-31", "--clock", "occurred", "--by", "year", "--json"],
        print_error=False,
        exit_on_error=False,
    )
    assert command.__name__ == "promises"
    assert bound.arguments["request"] == AuditRequest(as_of="1998-12-31", clock="occurred", by="year")
    assert bound.arguments["json"] is True


def test_as_a_process(tmp_path: pathlib.Path, database_url: str) -> None:
    def run(*arguments: str) -> tuple[int, str, str]:
        done = requite(tmp_path, *arguments, DATABASE_URL=database_url, REQUITE_MASTER_KEY=KEY)
        return done.returncode, done.stdout, done.stderr

    assert run("open", "village")[0] == 0
    status, tables, _ = run("audit", "promises", "village")
    assert (status, tables.split()[:3]) == (0, ["Promises", "of", "village"])
    status, text, _ = run("audit", "promises", "village", "--json")
    assert msgspec.json.decode(text, type=PromiseAudit).position == 1
    assert run("audit", "promises", "village", "--format", "csv")[1].startswith("id,promisor,")
    status, tables, _ = run("audit", "changes", "village", "--from", "1")
    assert (status, tables.split()[:3]) == (0, ["Promises", "of", "village"])
    status, nothing, complaint = run("audit", "promises", "village", "--as-of", "soon")
    assert (status, nothing, complaint.count("\n")) == (2, "", 1)
