"""The same file again, after a run that ended or one that was cut off: nothing is recorded twice."""

import asyncio
from uuid import uuid4

import pytest

from services.imports.run import WINDOW
from tests.services.conftest import Desk
from tests.services.imports.conftest import Importer, given, line

MAPPING = """
act = "favour.record"
source = "board"
[fields]
giver = "from"
receiver = "to"
"""


async def test_a_second_run_records_nothing(importer: Importer, desk: Desk) -> None:
    a, b = await desk.register("Ada", "Ben")
    content = line("favour.record", {"giver": a, "receiver": b}) * 5
    first = await importer.lines(content)
    again = await importer.lines(content)
    assert (first.recorded, first.recorded_before) == (5, 0)
    assert (again.read, again.recorded, again.recorded_before) == (5, 0, 5)
    assert await given(desk, a, b) == 5


async def test_another_file_with_the_same_lines_is_another_file(importer: Importer, desk: Desk) -> None:
    a, b = await desk.register("Ada", "Ben")
    content = line("favour.record", {"giver": a, "receiver": b})
    await importer.lines(content)
    assert (await importer.lines(content + "\n")).recorded == 1


async def test_the_first_line_was_refused(importer: Importer, desk: Desk) -> None:
    a, b = await desk.register("Ada", "Ben")
    content = line("favour.record", {"giver": a, "receiver": a}) + line("favour.record", {"giver": a, "receiver": b})
    for recorded, before in ((1, 0), (0, 1)):
        summary = await importer.lines(content)
        assert (summary.recorded, summary.recorded_before, summary.refused) == (recorded, before, {"same_party": 1})
        assert importer.refused() == [(1, "same_party")]


async def test_a_whole_window_was_refused(importer: Importer, desk: Desk) -> None:
    a, b = await desk.register("Ada", "Ben")
    content = line("favour.record", {"giver": a, "receiver": a}) * WINDOW
    content += line("favour.record", {"giver": a, "receiver": b}) * 3
    for recorded, before in ((3, 0), (0, 3)):
        summary = await importer.lines(content)
        assert (summary.recorded, summary.recorded_before) == (recorded, before)
        assert summary.refused == {"same_party": WINDOW}
    assert await given(desk, a, b) == 3


async def test_what_was_refused_is_taken_once_its_reason_is_gone(importer: Importer, desk: Desk) -> None:
    new = uuid4()
    (ada,) = await desk.register("Ada")
    content = line("favour.record", {"giver": ada, "receiver": new}) * WINDOW + line("party.register", {"name": "B"})
    assert (await importer.lines(content)).recorded == 1
    await importer.lines(line("party.register", {"name": "Ben"}, new))
    summary = await importer.lines(content)
    assert (summary.recorded, summary.recorded_before) == (WINDOW, 1)


async def test_a_run_that_was_cut_off_goes_on(importer: Importer, desk: Desk) -> None:
    a, b = await desk.register("Ada", "Ben")
    self_favour = line("favour.record", {"giver": a, "receiver": a})
    path = importer.write(self_favour + line("favour.record", {"giver": a, "receiver": b}) * (WINDOW + 10))
    done = await importer.cut_off(path)
    assert (done.read, done.recorded) == (WINDOW, WINDOW - 1)
    summary = await importer.run(path)
    assert (summary.recorded, summary.recorded_before) == (11, WINDOW - 1)
    assert await given(desk, a, b) == WINDOW + 10


async def test_rows_that_were_cut_off_go_on(importer: Importer) -> None:
    path = importer.write("from,to\n" + "1,2\n" * (WINDOW + 10))
    await importer.cut_off(path, MAPPING)
    summary = await importer.run(path, MAPPING)
    assert (summary.recorded, summary.recorded_before) == (10, WINDOW)
    assert (await importer.topics()).count("favour.recorded") == WINDOW + 10
    assert (await importer.topics()).count("party.registered") == 2


async def test_lines_without_effect_count_as_recorded(importer: Importer, desk: Desk) -> None:
    (ada,) = await desk.register("Ada")
    content = line("party.add_reference", {"reference": {"source": "crm", "id": "1"}}, ada) * 2
    for recorded, before in ((2, 0), (0, 2)):
        summary = await importer.lines(content)
        assert (summary.recorded, summary.recorded_before) == (recorded, before)


async def test_two_runs_at_once(importer: Importer, desk: Desk) -> None:
    a, b = await desk.register("Ada", "Ben")
    path = importer.write(line("favour.record", {"giver": a, "receiver": b}) * 50)
    await asyncio.gather(importer.run(path), importer.run(path))
    assert await given(desk, a, b) == 50


@pytest.mark.parametrize("changed", [MAPPING.replace("board", "other"), MAPPING + 'what = { value = "help" }\n'])
async def test_the_same_rows_by_another_mapping_are_other_commands(importer: Importer, changed: str) -> None:
    await importer.rows("from,to\n1,2\n", MAPPING)
    assert (await importer.rows("from,to\n1,2\n", changed)).recorded == 1
