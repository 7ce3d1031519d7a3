"""The readers: every real file against its reference, and every header's variant with rows of our own."""

import json
import pathlib
import time
from datetime import UTC, datetime

import pytest

from domain.command import Reference
from services.imports.formats import FORMATS, find_format
from services.imports.formats.reading import UnreadableFileError
from services.imports.formats.text import decode, read_number
from tests.services.imports.files import (
    GOOGLE_NEW,
    GOOGLE_OLD,
    GOOGLE_OLDEST,
    INVITATIONS_2018,
    INVITATIONS_2024,
    LINKEDIN_2018,
    LINKEDIN_2024,
    RECOMMENDATIONS,
    deeds,
    linkedin,
    monica,
    people,
    read,
    reasons,
    resource,
    table,
    told_of,
)


def email(address: str) -> Reference:
    return Reference("email", address)


# ── vCard ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_every_real_card_becomes_a_party(shared_data: pathlib.Path) -> None:
    known = json.loads((shared_data / "vcards" / "reference.json").read_text())["files"]
    assert len(known) == 8
    for name, expected in known.items():
        content = (shared_data / "vcards" / name).read_bytes()
        assert find_format(content).name == "vcard"
        items = read(content)
        assert [one.name for one in people(items)] == expected["fn"], name
        assert sum(len(one.references) for one in people(items)) == expected["emails"], name
        assert reasons(items) == []


@pytest.mark.parametrize("line", ["N" + ";E" * 40, "N" + ';E="' * 41 + ":x", "N" + ";E=a," * 60 + ":x"])
def test_many_parameters_take_no_longer(line: str) -> None:
    """Found by fuzzing: a reader that tries them in every combination would take minutes."""
    began = time.process_time()
    assert [one.name for one in people(read(card(line, "FN:Anna").encode()))] == ["Anna"]
    assert time.process_time() - began < 1


def test_marks_that_nobody_sees_are_left_out_of_names() -> None:
    (anna, choir) = people(
        read((card("FN:\u202aAnna\u202c \ufeffAb\u00adel") + card("FN:\u200b", "ORG:Choir")).encode())
    )
    assert (anna.name, choir.name, choir.kind) == ("Anna Abel", "Choir", "organisation")


def test_quoted_printable_notes_are_whole(shared_data: pathlib.Path) -> None:
    (person,) = people(read((shared_data / "vcards" / "outlook-2003.vcf").read_bytes()))
    assert person.note is not None
    assert person.note.endswith("This is the note field!!\nSecond line\n\nThird line is empty")
    (person,) = people(read((shared_data / "vcards" / "outlook-2007.vcf").read_bytes()))
    assert person.note is not None
    assert "=0D" not in person.note
    assert "NOTE vCard type.\n" in person.note


def card(*lines: str) -> str:
    return "\r\n".join(["BEGIN:VCARD", "VERSION:3.0", *lines, "END:VCARD", ""])


def test_a_card_that_is_broken_spoils_no_other() -> None:
    content = "BEGIN:VCARD\r\nFN:Lost\r\n" + card("FN:Anna") + card("NOTE:nobody") + card("KIND:group", "FN:All")
    items = read(content.encode())
    assert [one.name for one in people(items)] == ["Anna"]
    assert [place for place, _ in reasons(items)] == [1, 3, 4]


def test_names_are_found_where_fn_is_missing() -> None:
    found = people(
        read(
            (
                card("N:Abel;Anna;Maria;Dr.;")
                + card("ORG:Library;Loans")
                + card("EMAIL:x@example.org")
                + card("FN:Choir", "X-ABSHOWAS:COMPANY", "UID:urn:uuid:17")
            ).encode()
        )
    )
    assert [(one.name, one.kind) for one in found] == [
        ("Dr. Anna Maria Abel", "person"),
        ("Library, Loans", "organisation"),
        ("x@example.org", "person"),
        ("Choir", "organisation"),
    ]
    assert found[3].references == (Reference("vcard", "17"),)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"])
def test_every_encoding_is_read(encoding: str) -> None:
    (person,) = people(read(card("FN:Zoë Müller", "EMAIL:Zoe@Example.ORG").encode(encoding)))
    assert person.name == "Zoë Müller"
    assert person.references == (email("zoe@example.org"),)


def test_quoted_printable_of_a_charset() -> None:
    lines = ["BEGIN:VCARD", "VERSION:2.1", "FN;CHARSET=ISO-8859-1;ENCODING=QUOTED-PRINTABLE:Zo=EB =", "M=FCller"]
    (person,) = people(read("\r\n".join([*lines, "END:VCARD"]).encode()))
    assert person.name == "Zoë Müller"


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(UnreadableFileError, match="not text"):
        decode(b"\x81\x8d\xff")
    with pytest.raises(UnreadableFileError, match="there is no format"):
        find_format(b"", "docx")
    with pytest.raises(UnreadableFileError, match="of no kind"):
        find_format(b"Dear diary")
    with pytest.raises(UnreadableFileError, match="larger than"):
        find_format(b" " * (33 << 20))


# ── LinkedIn ───────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("header", "connected"), [(LINKEDIN_2024, "22 Nov 2020"), (LINKEDIN_2018, "11/22/20, 5:46 AM")]
)
def test_a_connection_is_a_party_and_a_contact(header: list[str], connected: str) -> None:
    row = {
        "First Name": "Anna",
        "Last Name": 'Abel, "PhD"',
        "URL": "https://www.linkedin.com/in/Anna-Abel",
        "Email Address": "Anna@example.org",
        "Company": "Library",
        "Position": "Librarian",
        "Connected On": connected,
    }
    items = read(linkedin(header, row, {"Company": "Closed", "Connected On": connected}, {**row, "Connected On": "?"}))
    (anna,) = people(items)
    assert anna.name == 'Anna Abel, "PhD"'
    assert anna.note == "Librarian, Library"
    assert email("anna@example.org") in anna.references
    assert (Reference("linkedin", "in/anna-abel") in anna.references) == ("URL" in header)
    (deed,) = deeds(items)
    assert told_of(deed) == [("contact.record", {"initiator": "me", "other": anna.name})]
    assert deed.steps[0].fields["occurred_at"].date() == datetime(2020, 11, 22, tzinfo=UTC).date()
    assert [reason.split(":")[0] for _, reason in reasons(items)] == [
        "it names nobody",
        "the column Connected On should hold a time such as 22 Nov 2020",
    ]
    assert deeds(read(linkedin(header, row), has_me=False)) == []


@pytest.mark.parametrize("header", [INVITATIONS_2018, INVITATIONS_2024])
def test_an_invitation_is_a_contact_of_who_sent_it(header: list[str]) -> None:
    base = {"Sent At": "11/22/20, 5:46 AM", "inviterProfileUrl": "https://de.linkedin.com/in/ben"}
    content = table(
        header,
        {**base, "From": "Me", "To": "Anna", "Direction": "OUTGOING"},
        {**base, "From": "Ben", "To": "Me", "Direction": "INCOMING"},
        {**base, "From": "Ben", "To": "Me", "Direction": "SIDEWAYS"},
    )
    items = read(content)
    assert [told_of(one)[0][1] for one in deeds(items)] == [
        {"initiator": "me", "other": "Anna"},
        {"initiator": "Ben", "other": "me"},
    ]
    assert len(reasons(items)) == 1
    assert {reason[:10] for _, reason in reasons(read(content, has_me=False))} == {"say who yo"}


def test_a_recommendation_is_a_favour() -> None:
    base = {"First Name": "Anna", "Last Name": "Abel", "Text": "A joy.", "Creation Date": "09/12/19, 05:24 PM"}
    content = table(RECOMMENDATIONS, {**base, "Status": "VISIBLE"}, {**base, "Status": "DRAFT"})
    given, received = read(content), read(content, filename="Recommendations_Received.csv")
    assert told_of(deeds(given)[0])[0][1] == {"giver": "me", "receiver": "Anna Abel"}
    assert told_of(deeds(received)[0])[0][1] == {"receiver": "me", "giver": "Anna Abel"}
    assert [len(deeds(given)), len(reasons(given))] == [1, 1]


# ── Google ─────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("header", [GOOGLE_NEW, GOOGLE_OLD, GOOGLE_OLDEST])
def test_a_google_contact_is_a_party(header: list[str]) -> None:
    row = {
        "Name": "Anna Abel",
        "First Name": "Anna",
        "Last Name": "Abel",
        "E-mail 1 - Value": "a@example.org ::: B@example.org",
        "Phone 1 - Value": "+49 30 1234 ::: 5678",
        "Notes": "two\nlines",
        "Organization Name": "Library",
        "Organization 1 - Name": "Library",
    }
    company = {"Organization Name": "Choir", "Organization 1 - Name": "Choir"}
    items = read(table(header, row, company, {"Labels": "* myContacts", "Group Membership": "* myContacts"}))
    anna, choir = people(items)
    assert (anna.name, anna.references) == ("Anna Abel", (email("a@example.org"), email("b@example.org")))
    assert (anna.note, anna.detail) == ("Library\ntwo\nlines", "49301234 5678")
    assert (choir.name, choir.kind) == ("Choir", "organisation")
    assert [place for place, _ in reasons(items)] == [5]


def test_a_row_with_too_many_cells_or_an_open_quote_is_told() -> None:
    content = table(GOOGLE_NEW, ["x"] * (len(GOOGLE_NEW) + 1)) + b'"open\n'
    assert [place for place, _ in reasons(read(content))] == [2, 3]


# ── Splitwise ──────────────────────────────────────────────────────────────────────────────────────────────────

SPLITWISE = ["Date", "Description", "Category", "Cost", "Currency", "Anna", "Ben", "Cara"]


@pytest.mark.parametrize(
    ("header", "comma", "total", "delimiter"),
    [
        (SPLITWISE, False, "Total balance", ","),
        (["Fecha", "Descripción", "Categoría", "Coste", "Moneda", "Anna", "Ben", "Cara"], True, "Saldo total", ","),
        (["date", "Description", "Category", "cost", "Currency", "Anna", "Ben", "Cara"], False, "Current balance", ";"),
    ],
)
def test_shares_become_favours(header: list[str], comma: bool, total: str, delimiter: str) -> None:  # noqa: FBT001
    def amounts(*texts: str) -> list[str]:
        return [text.replace(".", ",") if comma else text for text in texts]

    content = table(
        header,
        [],
        ["2024-01-05", "Dinner", "Dining out", *amounts("30.00"), "EUR", *amounts("20.00", "-10.00", "-10.00")],
        ["2024-01-05", "Dinner", "Dining out", *amounts("30.00"), "EUR", *amounts("20.00", "-10.00", "-10.00")],
        ["2024-01-06", "Taxi", "Taxi", "1200", "JPY", "400", "200", "-600"],
        ["2024-01-07", "Ben paid Anna", "Payment", *amounts("5.00"), "EUR", *amounts("-5.00", "5.00", "0.00")],
        ["2024-01-08", "Nothing", "General", *amounts("5.00"), "EUR", "0", "0", "0"],
        ["2024-01-08", "Wrong", "General", *amounts("5.00"), "EUR", "1", "0", "0"],
        ["2024-01-08", "Fine", "General", *amounts("5.001"), "EUR", *amounts("1.001", "-1.001"), ""],
        ["2027-01-08", "Later", "General", *amounts("5.00"), "EUR", "1", "-1", "0"],
        [],
        ["2024-01-09", total, " ", " ", "EUR", "30", "-10", "-20"],
        delimiter=delimiter,
    )
    items = read(content)
    found = deeds(items)
    assert [(*told_of(one)[0][1].values(), one.steps[0].fields["quantity"]) for one in found] == [
        ("Anna", "Ben", 1000),
        ("Anna", "Cara", 1000),
        ("Anna", "Ben", 1000),
        ("Anna", "Cara", 1000),
        ("Anna", "Cara", 400),
        ("Ben", "Cara", 200),
        ("Ben", "Anna", 500),
    ]
    assert [one.steps[0].fields["unit"] for one in found] == ["eur"] * 4 + ["jpy"] * 2 + ["eur"]
    assert len({one.identity for one in found}) == len(found)
    assert [reason.split(";")[0] for _, reason in reasons(items)] == [
        "nobody owes anybody anything for it",
        "what was paid and the shares do not add up",
        "the amount has more decimals than its currency",
        "not yet",
        "the balance of all, which follows from the rest",
    ]


@pytest.mark.parametrize(
    ("text", "number"),
    [("1,234.56", "1234.56"), ("1.234,56", "1234.56"), ("-12,5", "-12.5"), ("1 234", "1234"), ("1.234.567", "1234567")],
)
def test_numbers_of_every_locale(text: str, number: str) -> None:
    assert str(read_number(text)) == number


@pytest.mark.parametrize("text", ["", "x", "1e5", "--1", "NaN", "1" * 50])
def test_what_is_no_number(text: str) -> None:
    with pytest.raises(ValueError, match="not a number"):
        read_number(text)


# ── TimeOverflow ───────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "header", [["Date", "From", "To", "Post", "Quantity"], ["Fecha", "De", "A", "Anuncio", "Cantidad"]]
)
def test_reported_transfers_become_favours_of_who_was_paid(header: list[str]) -> None:
    content = table(
        header,
        ["2024-01-05", "Ben Bold (23)", "Anna Abel (17)", "Mended a bicycle", "1:30"],
        ["05/01/2024", "Ben Bold (23)", "Time Bank", "", "0:05"],
        ["2024-01-05", "Ben Bold (23)", "Anna Abel (17)", "", "-0:05"],
        ["2024-01-05", "Ben Bold (23)", "Anna Abel (17)", "", "0:00"],
        ["someday", "Ben Bold (23)", "Anna Abel (17)", "", "0:10"],
        ["2024-01-05", "", "Anna Abel (17)", "", "0:10"],
    )
    items = read(content)
    assert [(*told_of(one)[0][1].values(), one.steps[0].fields["quantity"]) for one in deeds(items)] == [
        ("Anna Abel", "Ben Bold", 90),
        ("Time Bank", "Ben Bold", 5),
        ("Ben Bold", "Anna Abel", 5),
    ]
    assert [place for place, _ in reasons(items)] == [5, 6, 7]


def test_the_importers_file_of_transfers() -> None:
    content = (
        b"17,member,23,member,5400,2024-01-05 10:00:00 UTC,Mended a bicycle,\n"
        b"1,organization,23,member,60,2024-01-05,,5\n"
        b"17,member,23,member,61,2024-01-05,,\n"
        b"x,member,23,member,60,2024-01-05,,\n"
    )
    items = read(content)
    assert [(*told_of(one)[0][1].values(), one.steps[0].fields["quantity"]) for one in deeds(items)] == [
        ("Member 23", "Member 17", 90),
        ("Member 23", "Time bank 1", 1),
    ]
    assert [place for place, _ in reasons(items)] == [3, 4]


# ── Monica ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_monica_account() -> None:
    anna = resource(
        "c-anna",
        {
            "contact_field": [resource("f-1", data="Anna@example.org"), resource("f-2", data="+49 30")],
            "debt": [
                resource("d-1", in_debt=True, amount="12.50", currency="EUR", status="inprogress"),
                resource("d-2", in_debt=False, amount=3, currency={"iso": "USD"}, status="complete"),
                resource("d-3", in_debt=False, amount="nothing", currency="EUR"),
            ],
            "gift": [
                resource("g-1", name="A scarf", status="offered", amount="20.00", date="2024-12-24"),
                resource("g-2", name="A book", status="received", comment="Signed."),
                resource("g-3", name="A trip", status="idea"),
            ],
            "task": [
                resource("t-1", title="Send the photographs", completed=False),
                resource("t-2", title="Call back", completed=True, completed_at="2024-03-02T00:00:00Z"),
                resource("t-3"),
            ],
            "call": [resource("l-1", called_at="2024-03-05T00:00:00Z", content="All well.", contact_called=True)],
            "activity": ["y-1", "y-unknown"],
        },
        first_name="Anna",
        last_name="Abel",
        job="Librarian",
        first_met_through="c-ben",
        first_met_date={"date": "2020-05-01", "is_year_unknown": False},
    )
    ben = resource("c-ben", None, first_name="Ben", first_met_through="c-gone")
    me = resource("c-me", None, first_name="Myself")
    nameless = resource("c-x", None)
    walk = resource("y-1", None, summary="A walk", happened_at="2024-03-06")
    items = read(monica([anna, ben, me, nameless], {"currency": "EUR", "me_contact": "c-me"}, [walk]))
    assert [(one.name, one.references) for one in people(items)] == [
        ("Anna Abel", (Reference("monica", "c-anna"), email("anna@example.org"))),
        ("Ben", (Reference("monica", "c-ben"),)),
    ]
    acts = [[act for act, _ in told_of(one)] for one in deeds(items)]
    assert acts == [
        ["introduction.propose", *["introduction.consent"] * 2, "introduction.make", "introduction.record_outcome"],
        ["contact.record"],
        ["promise.make"],
        ["promise.make", "promise.report_delivery", "promise.accept"],
        ["favour.record"],
        ["favour.record"],
        ["promise.make"],
        ["promise.make", "promise.report_delivery"],
        ["contact.record"],
    ]
    amounts = [(one.steps[0].fields.get("unit"), one.steps[0].fields.get("quantity")) for one in deeds(items)[2:6]]
    assert amounts == [("eur", 1250), ("usd", 300), ("eur", 2000), (None, None)]
    assert told_of(deeds(items)[2])[0][1] == {"by": "me", "promisor": "me", "promisee": "Anna Abel"}
    assert told_of(deeds(items)[1])[0][1] == {"initiator": "Anna Abel", "other": "me"}
    assert len(reasons(items)) == 6


def test_a_monica_account_that_is_none() -> None:
    for content in (b'{"version": 1, "account": 5}', b'{"version": "1", "account": {', b"[" * 50_000):
        with pytest.raises(UnreadableFileError):
            read(content, "monica")
    assert read(b'{"version": 1, "account": {"data": {"0": {"type": "contact", "values": {"0": {}}}}}}') != []


# ── all of them ────────────────────────────────────────────────────────────────────────────────────────────────


def test_each_format_is_named_once() -> None:
    names = [one.name for one in FORMATS]
    assert len(set(names)) == len(names) == 10
