"""docs/import.md does what it says: its files, through its mappings."""

import pathlib
import re

from domain.policy import Policy
from services.imports.formats import FORMATS
from services.ledger.opening import open_ledger
from services.service import Service
from tests.services.imports.conftest import Importer

DOCUMENT = pathlib.Path(__file__).resolve().parents[3] / "docs" / "import.md"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


async def test_every_example(importer: Importer, service: Service) -> None:
    blocks = BLOCK.findall(DOCUMENT.read_text(encoding="utf-8"))
    (commands,) = [text for language, text in blocks if language == "json"]
    members, favours, loans, calls = [text for language, text in blocks if language == "csv"]
    mappings = {text.split()[1]: text for language, text in blocks if language == "toml"}
    assert (await importer.lines(commands)).recorded == 4

    await open_ledger(service, "board", policy=Policy(units=("minute",)))
    assert (await importer.rows(members, mappings["members.toml"], ledger="board")).recorded == 2
    assert (await importer.rows(favours, mappings["favours.toml"], ledger="board")).recorded == 2
    assert (await importer.topics("board")) == ["party.registered"] * 2 + ["favour.recorded"] * 2
    assert (await importer.rows(calls, mappings["calls.toml"], ledger="board")).recorded == 2
    assert (await importer.topics("board"))[4:] == ["contact.recorded"] * 2

    await open_ledger(service, "bank", policy=Policy(units=("crown",)))
    assert (await importer.rows(loans, mappings["made.toml"], ledger="bank")).recorded == 2
    paid = await importer.rows(loans, mappings["paid.toml"], ledger="bank")
    assert (paid.recorded, paid.left_out, importer.rejects) == (1, 1, [])


def test_every_format_is_in_the_table() -> None:
    (table,) = re.findall(r"^\| `--format` \|.*?\n\n", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    names = re.findall(r"^\| `([a-z][a-z-]+)` \|", table, re.MULTILINE)
    assert sorted(names) == sorted(kind.name for kind in FORMATS)
