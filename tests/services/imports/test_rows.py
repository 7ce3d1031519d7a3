"""CSV files: how rows become commands, and what is said of those that do not."""

import pathlib
from datetime import UTC, datetime
from uuid import UUID

import pytest

from domain.command import Reference
from domain.party import RegisterParty
from services.imports.mapping import MappingError, read_mapping
from services.ledger.mapper import decode, open_words
from services.ledger.opening import load_keyring, open_ledger
from services.reading.audit import read_audit
from services.reading.snapshot import open_snapshot
from services.service import Service
from tests.services.conftest import LEDGER, Desk
from tests.services.imports.conftest import Importer, given

FAVOURS = """
act = "favour.record"
source = "board"
[fields]
giver = "from"
receiver = "to"
what = "what"
quantity = "n"
occurred_at = { column = "at", format = "date" }
"""
HEADER = "from,to,what,n,at\n"


async def owner(service: Service, source: str, external_id: str, ledger: str = LEDGER) -> UUID | None:
    """Whose a reference is."""
    hashed = (await load_keyring(service, ledger)).hash_reference(Reference(source, external_id))
    query = "SELECT party_id FROM party_reference WHERE ledger_id = $1 AND reference = $2"
    found: UUID | None = await service.pool.fetchval(query, ledger, hashed)
    return found


async def words(service: Service, topic: str) -> list[object]:
    """What was said in the events of a topic, in order: its first word field."""
    keyring = await load_keyring(service, LEDGER)
    keys = await service.pool.fetch("SELECT subject_id, wrapped FROM data_key WHERE ledger_id = $1", LEDGER)
    for row in keys:
        subject = UUID(int=row["subject_id"].int)
        keyring.keys[subject] = service.master_key.unwrap(LEDGER, subject, row["wrapped"])
    for day, wrapped in await service.pool.fetch("SELECT day, wrapped FROM day_key WHERE ledger_id = $1", LEDGER):
        keyring.day_keys[day] = service.master_key.unwrap(LEDGER, day, wrapped)
    query = "SELECT state FROM event WHERE ledger_id = $1 AND topic = $2 ORDER BY position"
    found = []
    for row in await service.pool.fetch(query, LEDGER, topic):
        opened = open_words(decode(row["state"]), keyring)
        found.append(next(iter(opened.values()), None) if opened else None)
    return found


async def test_rows_become_favours_and_their_parties(importer: Importer, desk: Desk, service: Service) -> None:
    summary = await importer.rows(HEADER + "7,9,a lift,2,2026-01-31\n9,7,,,\n", FAVOURS)
    assert (summary.read, summary.recorded, importer.rejects) == (2, 2, [])
    seven, nine = await owner(service, "board", "7"), await owner(service, "board", "9")
    assert (await given(desk, seven, nine), await given(desk, nine, seven)) == (2, 1)
    assert await words(service, "favour.recorded") == ["a lift", None]
    query = "SELECT occurred_at FROM event WHERE topic = 'favour.recorded' ORDER BY position LIMIT 1"
    assert await service.pool.fetchval(query) == datetime(2026, 1, 31, tzinfo=UTC)


BAD_ROWS: dict[str, tuple[bytes, str]] = {
    "a cell too few": (b"1,2,x,1", "the row has 4 cells where 5 are due"),
    "a cell too many": (b"1,2,x,1,,", "the row has 6 cells where 5 are due"),
    "no giver": (b",2,x,1,", "missing required field `giver`"),
    "not a number": (b"new-1,new-2,x,many,", "Expected `int`"),
    "half a thing": (b"1,2,x,1.5,", "Expected `int`"),
    "not a day": (b"1,2,x,1,31.1.2026", "column 'at' should hold a day like 2026-01-31"),
    "no such day": (b"1,2,x,1,2026-02-30", "column 'at' should hold"),
    "long words": (b"1,2," + b"x" * 501 + b",1,", "length <= 500"),
    "a long id": (b"x" * 201 + b",2,x,1,", "the id in giver is longer than 200 characters"),
    "not UTF-8": (b"1,2,M\xfcll,1,", "not UTF-8"),
    "NUL": (b"1,2,a\0b,1,", "U+0000"),
    "letters behind a quote": (b'1,2,"a"b,1,', "not CSV: "),
    "2 MB": (b"1,2," + b"x" * 2_000_000 + b",1,", "a line longer than 1,048,576 characters"),
    "a quote that opens beyond the limit": (b"1,2," + b"x," * 600_000 + b'"x', "longer than"),
}


async def test_bad_rows_are_listed_and_the_others_go_on(importer: Importer, service: Service) -> None:
    content = HEADER.encode()
    for bad, _ in BAD_ROWS.values():
        content += b"1,2,good,1,\n" + bad + b"\r\n"
    summary = await importer.rows(content + b"1,2,good,1,\n", FAVOURS)
    assert (summary.recorded, summary.refused) == (len(BAD_ROWS) + 1, {"bad_row": len(BAD_ROWS)})
    assert importer.refused() == [(2 * n + 1, "bad_row") for n in range(1, len(BAD_ROWS) + 1)]
    for reject, (case, (bad, detail)) in zip(importer.rejects, BAD_ROWS.items(), strict=True):
        assert detail in reject["detail"], case
        assert reject["text"] == bad.decode(errors="replace")[: 1 << 20], case
    assert (await importer.topics()).count("party.registered") == 2  # a row that does not fit registers nobody
    assert await owner(service, "board", "new-1") is None


async def test_a_quote_left_open_takes_no_more_than_it_has_to(importer: Importer) -> None:
    content = HEADER + '1,2,"open,1,\n' + "1,2,x,1,\n" * 20_000
    summary = await importer.rows(content, FAVOURS)
    (reject,) = importer.rejects
    assert reject["line"] == 2
    assert "is a quote left open?" in reject["detail"]
    assert "lines 2 to" in reject["detail"]
    assert summary.recorded == 20_000 - reject["text"].count("\n")
    assert summary.recorded > 0


async def test_a_quote_left_open_at_the_end(importer: Importer) -> None:
    summary = await importer.rows(HEADER + '1,2,x,1,\n1,2,"x,1,\n1,2,x,1,\n', FAVOURS)
    assert summary.recorded == 1
    assert importer.refused() == [(3, "bad_row")]
    assert importer.rejects[0]["text"] == '1,2,"x,1,\n1,2,x,1,'


async def test_spreadsheets_write_marks_crlf_quotes_and_formulas(importer: Importer, service: Service) -> None:
    content = (
        b"\xef\xbb\xbf" + HEADER.strip().encode() + b"\r\n"
        b'1,2,"two\r\nlines, and ""quotes""",1,\r\n'
        b"\r\n"
        b'1,2,"=HYPERLINK(""http://x"")",1,\r\n'
        b"1,1,to oneself,1,\r\n"
        b'1,2,"a\n\nb",x,\r\n'
        b"1,2,Z\xc3\xbcrich,1,"
    )
    summary = await importer.rows(content, FAVOURS)
    assert summary.recorded == 3
    assert importer.refused() == [(6, "same_party"), (7, "bad_row")]
    assert await words(service, "favour.recorded") == [
        'two\r\nlines, and "quotes"',
        '=HYPERLINK("http://x")',
        "Zürich",
    ]


async def test_a_header_of_one_s_own_and_another_delimiter(importer: Importer, service: Service) -> None:
    mapping = """
    act = "favour.record"
    source = "forum"
    delimiter = " "
    header = ["u", "v", "t"]
    [fields]
    giver = "u"
    receiver = "v"
    occurred_at = { column = "t", format = "unix" }
    unit = { value = "favour" }
    """
    summary = await importer.rows(
        "1 2 1254192988\n2 1 1254192988.25\n1 2 soon\n1 2 1e400\n1 2 nan\n1 2 -1e300\n", mapping
    )
    assert summary.recorded == 2
    assert importer.refused() == [(n, "bad_row") for n in (3, 4, 5, 6)]
    assert {reject["detail"] for reject in importer.rejects} == {"column 't' should hold seconds since 1970"}
    query = "SELECT occurred_at FROM event WHERE topic = 'favour.recorded' ORDER BY position"
    times = [row["occurred_at"] for row in await service.pool.fetch(query)]
    assert times == [
        datetime(2009, 9, 29, 2, 56, 28, tzinfo=UTC),
        datetime(2009, 9, 29, 2, 56, 28, 250_000, tzinfo=UTC),
    ]


async def test_times_in_rfc_3339_need_an_offset(importer: Importer) -> None:
    mapping = FAVOURS.replace('"date"', '"rfc3339"')
    rows = "1,2,x,1,2026-01-31T12:00:00+01:00\n1,2,x,1,2026-01-31T12:00:00\n1,2,x,1,yesterday\n"
    assert (await importer.rows(HEADER + rows, mapping)).recorded == 1
    assert importer.refused() == [(3, "bad_row"), (4, "bad_row")]


async def test_without_register_unknown_ids_are_refused(importer: Importer, desk: Desk, service: Service) -> None:
    known = [
        (await desk.give(RegisterParty(name=name, references=(Reference("board", name),)))).id
        for name in ("Ada", "Ben")
    ]
    mapping = FAVOURS.replace("[fields]", "register = false\n[fields]")
    summary = await importer.rows(HEADER + "Ada,Ben,x,1,\nAda,Cem,x,1,\nDan,Cem,x,1,\n", mapping)
    assert (summary.recorded, summary.refused) == (1, {"unknown_party": 2})
    assert [reject["detail"] for reject in importer.rejects] == [
        "nobody is known under the id in: receiver",
        "nobody is known under the id in: giver, receiver",
    ]
    assert await given(desk, *known) == 1
    assert await owner(service, "board", "Cem") is None


async def test_a_party_of_the_api_is_found_by_its_reference(importer: Importer, desk: Desk, service: Service) -> None:
    ada = (await desk.give(RegisterParty(name="Ada", references=(Reference("board", "7"),)))).id
    assert (await importer.rows(HEADER + "7,8,x,1,\n", FAVOURS)).recorded == 1
    assert await owner(service, "board", "7") == ada
    assert await given(desk, ada, await owner(service, "board", "8")) == 1
    assert (await importer.topics()).count("party.registered") == 2


async def test_names_first_then_favours_then_other_names(importer: Importer, desk: Desk, service: Service) -> None:
    names = '[fields]\nid = "who"\nname = "name"\n'
    registered = await importer.rows(
        "who,name\n1,Ada\n2,Ben\n1,Ida\n,Nobody's\n", f'act="party.register"\nsource="board"\n{names}'
    )
    assert registered.recorded == 3  # one without an id of its own is registered all the same
    assert importer.refused() == [(4, "party_exists")]
    await importer.rows(HEADER + "1,2,x,1,\n1,3,x,1,\n", FAVOURS)
    assert await given(desk, await owner(service, "board", "1"), await owner(service, "board", "2")) == 1
    renames = f'act="party.rename"\nsource="board"\n{names}'
    renamed = await importer.rows("who,name\n3,Cem\n4,Dan\n,Eve\n", renames)
    assert renamed.recorded == 1
    assert importer.refused() == [(3, "unknown_party"), (4, "bad_row")]
    assert await words(service, "party.registered") == ["Ada", "Ben", "Nobody's", "3"]
    assert await words(service, "party.renamed") == ["Cem"]


async def test_an_api_party_is_renamed_by_its_reference(importer: Importer, desk: Desk) -> None:
    ada = (await desk.give(RegisterParty(name="Ada", references=(Reference("crm", "7"),)))).id
    mapping = 'act="party.rename"\nsource="crm"\n[fields]\nid="who"\nname="name"\n'
    assert (await importer.rows("who,name\n7,Ida\n", mapping)).recorded == 1
    query = "SELECT stream_id FROM event WHERE topic = 'party.renamed'"
    assert await importer.service.pool.fetchval(query) == ada


PROMISES = """
act = "promise.make"
source = "bank"
[fields]
id = "loan"
promisor = "client"
promisee = { value = "BANK" }
what = { value = "to pay back" }
"""
DELIVERIES = """
act = "promise.report_delivery"
source = "bank"
[fields]
id = "loan"
by = "client"
[when]
status = ["A", "paid"]
"""
LOANS = "loan,client,status\n1,C1,A\n2,C2,B\n3,C3,paid\n,C4,A\n1,C1,open\n"


async def test_one_mapping_makes_promises_and_another_reports_on_them(importer: Importer, service: Service) -> None:
    made = await importer.rows(LOANS, PROMISES)
    assert (made.recorded, made.left_out) == (4, 0)
    assert importer.refused() == [(6, "promise_exists")]
    reported = await importer.rows(LOANS, DELIVERIES)
    assert (reported.read, reported.recorded, reported.left_out) == (5, 2, 2)
    assert importer.refused() == [(5, "bad_row")]
    assert "the row's id is empty" in importer.rejects[0]["detail"]
    async with open_snapshot(service, LEDGER) as snapshot:
        totals = (await read_audit(snapshot)).totals
    assert totals is not None
    assert totals.made == 4
    again = await importer.rows(LOANS, DELIVERIES)
    assert (again.recorded, again.recorded_before, again.left_out) == (0, 2, 2)


async def test_an_id_of_another_source_or_ledger_is_another_stream(importer: Importer, service: Service) -> None:
    await importer.rows(LOANS, PROMISES)
    await importer.rows(LOANS, DELIVERIES.replace('"bank"', '"other"'))
    assert {code for _, code in importer.refused()} == {"promise_not_found", "bad_row"}
    await open_ledger(service, "town")
    await importer.rows(LOANS, DELIVERIES, ledger="town")
    assert {code for _, code in importer.refused()} == {"promise_not_found", "bad_row"}
    assert await owner(service, "bank", "BANK") != await owner(service, "bank", "BANK", "town")


async def test_a_fixed_id_names_one_stream(importer: Importer) -> None:
    await importer.rows(LOANS, PROMISES)
    mapping = 'act="promise.reword"\nsource="bank"\n[fields]\nid={value="1"}\nwhat="client"\n'
    assert (await importer.rows("client\nC1\n", mapping)).recorded == 1


async def test_text_that_looks_like_null_or_true_stays_text(importer: Importer, service: Service) -> None:
    assert (await importer.rows(HEADER + "null,true,null,1,\n", FAVOURS)).recorded == 1
    assert await words(service, "favour.recorded") == ["null"]


BAD_MAPPINGS: dict[str, tuple[str | bytes, str]] = {
    "not TOML": ("act =", "mapping.toml is not a mapping"),
    "no act": ("[fields]\n", "missing required field `act`"),
    "an unknown setting": ('act="favour.record"\nencoding="latin-1"\n[fields]\n', "unknown field `encoding`"),
    "an unknown act": (
        'act="favour.steal"\n[fields]\n',
        "rows cannot become 'favour.steal'; there are: party.register",
    ),
    "the ledger itself": ('act="ledger.open"\n[fields]\n', "rows cannot become 'ledger.open'"),
    "an unknown field": (
        'act="favour.record"\n[fields]\ncolour="c"\n',
        "favour.record has no colour; it has: by, gift, giver",
    ),
    "a field missing": ('act="favour.record"\n[fields]\ngiver="a"\n', "favour.record needs receiver too"),
    "no id": ('act="promise.accept"\n[fields]\nby="a"\n', "promise.accept acts on something there is"),
    "an unknown format": (
        'act="favour.record"\n[fields]\ngiver={column="a",format="iso"}\n',
        "Invalid enum value 'iso'",
    ),
    "column and value": ('act="favour.record"\n[fields]\ngiver={column="a",value="b"}\n', "either 'column' or 'value'"),
    "neither": ('act="favour.record"\n[fields]\ngiver={format="text"}\n', "either 'column' or 'value'"),
    "a long delimiter": ('act="favour.record"\ndelimiter="::"\n[fields]\n', "length <= 1"),
    "a quote as delimiter": ('act="favour.record"\ndelimiter=\'"\'\n[fields]\n', "regex"),
    "a bad source": ('act="favour.record"\nsource="My CRM"\n[fields]\n', "regex"),
    "not UTF-8": (b"act='\xff'", "mapping.toml is not a mapping"),
}


@pytest.mark.parametrize("case", BAD_MAPPINGS)
def test_a_mapping_that_does_not_fit(tmp_path: pathlib.Path, case: str) -> None:
    content, words = BAD_MAPPINGS[case]
    path = tmp_path / "mapping.toml"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(MappingError) as caught:
        read_mapping(path)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "the file is empty"),
        (b"\n\r\n", "the file is empty"),
        (b"a,b\n1,2\n", "the file has no column 'from'; it has: a, b."),
        (b"from,to,to,what,n,at\n", "the file has 2 columns 'to'"),
        (b"from,to,what,n,\xe9t\n", "the file's header cannot be read: not UTF-8"),
        (b'from,to,"what,n,at\n', "the file's header cannot be read: not CSV"),
    ],
)
async def test_a_file_that_does_not_fit_its_mapping(importer: Importer, content: bytes, words: str) -> None:
    with pytest.raises(MappingError) as caught:
        await importer.rows(content, FAVOURS)
    assert words in str(caught.value)
    assert await importer.topics() == []


async def test_a_header_alone_records_nothing(importer: Importer) -> None:
    assert (await importer.rows(HEADER, FAVOURS)).read == 0


async def test_a_when_that_names_no_column(importer: Importer) -> None:
    with pytest.raises(MappingError, match="no column 'state'"):
        await importer.rows(HEADER, FAVOURS + '[when]\nstate = ["A"]\n')
