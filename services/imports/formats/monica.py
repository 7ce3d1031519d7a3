"""Monica 4's JSON export: contacts become parties, and what stands with each of them becomes what happened.

- A task is a promise of yours to the contact; one that is done is reported as delivered.
- A debt is a promise of whoever owes to pay it back, in the currency's unit; a settled one is kept.
- A gift offered or received is a favour on the gift register; ideas are left out.
- ``first_met_through`` is an introduction that was made.
- Calls and activities are contacts.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec
from msgspec import Struct

from services.imports.formats.reading import (
    ME,
    NEEDS_ME,
    NOTE_LIMIT,
    WHAT_LIMIT,
    Deed,
    Item,
    LeftOutError,
    Person,
    Roles,
    Someone,
    Step,
    Told,
    UnreadableEntryError,
    UnreadableFileError,
    reference,
    settle,
)
from services.imports.formats.text import (
    addresses_of,
    decode,
    join_words,
    line_of,
    name_of,
    read_money,
    read_number,
    read_time,
)

TIMES = ("%Y-%m-%dT%H:%M:%S.%fZ", "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d")
Resource = Mapping[str, Any]
Findings = Iterator[Person | Deed]


def recognise(content: bytes) -> bool:
    """Whether the file is JSON with an account and the version of its format."""
    begin = decode(content[:4096]).lstrip()
    return begin.startswith("{") and '"version"' in begin and '"account"' in decode(content)


class _Export(Struct, frozen=True):
    """An export, opened: who is who by uuid, and what amounts are in."""

    told: Told
    people: Mapping[str, Someone]
    currency: str | None
    activities: Mapping[str, Resource]


def read(content: bytes, told: Told) -> Iterator[Item]:
    """The people of an account and what stands with them; an entry's place is the contact's number."""
    try:
        whole = msgspec.json.decode(decode(content))
    except (msgspec.DecodeError, RecursionError):
        raise UnreadableFileError("not JSON (RFC 8259)") from None
    account = whole.get("account") if isinstance(whole, dict) else None
    if not isinstance(account, dict):
        raise UnreadableFileError("there is no account in it, as Monica's export of version 4 has")
    users = [_properties(user) for user in _children(account, "user")]
    mine = {_text(user, "me_contact") for user in users} - {""}
    contacts = list(_children(account, "contact"))
    people: dict[str, Someone] = {}
    for contact in contacts:
        uuid = _text(contact, "uuid")
        if uuid in mine:
            people[uuid] = ME
        elif uuid and (person := _person(contact)) is not None:
            people[uuid] = person
    currency = next((iso for user in users if (iso := _currency(user))), told.currency)
    activities = {_text(one, "uuid"): one for one in _children(account, "activity")}
    export = _Export(told, people, currency, activities)
    for place, contact in enumerate(contacts, 1):
        yield from _contact(place, contact, export)


def _contact(place: int, contact: Resource, export: _Export) -> Iterator[Item]:
    """A contact's own items: the party, then each of the things that stand with it, one by one."""
    someone = export.people.get(_text(contact, "uuid"))
    yield from settle(place, _party(someone))
    if not isinstance(someone, Person):
        return
    yield from settle(place, _introduction(contact, someone, export))
    kinds = (("call", _call), ("debt", _debt), ("gift", _gift), ("task", _task))
    for kind, find in kinds:
        seen: dict[str, int] = defaultdict(int)
        for one in _children(contact, kind):
            name = _identity(one)
            seen[name] += 1
            identity = ("monica", kind, name, str(seen[name]))
            yield from settle(place, _needs_me(export, find(identity, _properties(one), one, someone, export)))
    for uuid in _values(contact, "activity"):
        activity = export.activities.get(uuid) if isinstance(uuid, str) else None
        if activity is not None:
            yield from settle(place, _needs_me(export, _activity(activity, someone, export)))


def _party(someone: Someone | None) -> Findings:
    if someone is None:
        raise UnreadableEntryError("the contact has no uuid, or no name")
    if someone is ME:
        raise LeftOutError("that is you")
    assert isinstance(someone, Person)
    yield someone


def _person(contact: Resource) -> Person | None:
    said = _properties(contact)
    name = name_of(" ".join(_text(said, part) for part in ("first_name", "middle_name", "last_name")))
    name = name or name_of(_text(said, "nickname"))
    if not name:
        return None
    emails = addresses_of([_text(_properties(field), "data") for field in _children(contact, "contact_field")])
    work = ", ".join(part for name in ("job", "company") if (part := _text(said, name).strip()))
    note = join_words(work, _text(said, "description"), limit=NOTE_LIMIT)
    return Person(name, (reference("monica", _text(contact, "uuid")), *emails), note=note)


def _needs_me(export: _Export, findings: Findings) -> Findings:
    if not export.told.has_me:
        raise LeftOutError(NEEDS_ME)
    yield from findings


def _introduction(contact: Resource, person: Person, export: _Export) -> Findings:
    said = _properties(contact)
    through = _text(said, "first_met_through")
    if not through:
        return
    if not export.told.has_me:
        raise LeftOutError(NEEDS_ME)
    introducer = export.people.get(through)
    if not isinstance(introducer, Person) or introducer is person:
        raise LeftOutError("introduced by somebody who is not in the file")
    met = said.get("first_met_date")
    met = met if isinstance(met, dict) and not met.get("is_year_unknown") else {}
    met = {**_properties(met), **met}
    at = {"occurred_at": _moment(met, export, "date") if _text(met, "date") else _moment(contact, export, "created_at")}
    yield Deed(
        ("monica", "introduction", _text(contact, "uuid"), through),
        (
            Step(
                "introduction.propose", {"by": introducer, "introducer": introducer, "first": ME, "second": person}, at
            ),
            Step("introduction.consent", {"by": ME}, at),
            Step("introduction.consent", {"by": person}, at),
            Step("introduction.make", {"by": introducer}, at),
            Step("introduction.record_outcome", {"by": ME}, {**at, "outcome": "met"}),
        ),
    )


def _call(identity: tuple[str, ...], said: Resource, call: Resource, person: Person, export: _Export) -> Findings:
    del call
    roles: Roles = (
        {"initiator": person, "other": ME} if said.get("contact_called") is True else {"initiator": ME, "other": person}
    )
    fields = {"channel": "call", "occurred_at": _moment(said, export, "called_at")}
    learnt = join_words(_text(said, "content"), limit=NOTE_LIMIT)
    yield Deed(identity, (Step("contact.record", roles, fields | ({"learnt": learnt} if learnt else {})),))


def _activity(activity: Resource, person: Person, export: _Export) -> Findings:
    said = _properties(activity)
    fields = {"channel": "in_person", "occurred_at": _moment(said, export, "happened_at")}
    learnt = join_words(_text(said, "summary"), _text(said, "description"), limit=NOTE_LIMIT)
    step = Step("contact.record", {"initiator": ME, "other": person}, fields | ({"learnt": learnt} if learnt else {}))
    yield Deed(("monica", "activity", _text(activity, "uuid"), person.references[0].id), (step,))


def _debt(identity: tuple[str, ...], said: Resource, debt: Resource, person: Person, export: _Export) -> Findings:
    unit, quantity = _money(said, _currency(said) or export.currency)
    debtor, creditor = (ME, person) if said.get("in_debt") is True else (person, ME)
    fields = {"what": "To pay back a debt", "unit": unit, "quantity": quantity}
    begun = _moment(debt, export, "created_at")
    made = Step(
        "promise.make", {"by": debtor, "promisor": debtor, "promisee": creditor}, {**fields, "occurred_at": begun}
    )
    steps = [made]
    if _text(said, "status") == "complete":
        at = {"occurred_at": max(begun, _moment(debt, export, "updated_at"))}
        steps += [Step("promise.report_delivery", {"by": debtor}, at), Step("promise.accept", {"by": creditor}, at)]
    yield Deed(identity, tuple(steps))


def _gift(identity: tuple[str, ...], said: Resource, gift: Resource, person: Person, export: _Export) -> Findings:
    status = _text(said, "status")
    if status == "idea":
        raise LeftOutError("an idea for a gift")
    if status not in ("offered", "received"):
        raise UnreadableEntryError("a gift is an idea, offered or received")
    other = export.people.get(_text(said, "recipient"), person)
    if other is ME:
        raise LeftOutError("a gift to yourself")
    roles: Roles = {"giver": ME, "receiver": other} if status == "offered" else {"giver": person, "receiver": ME}
    fields: dict[str, Any] = {"gift": "declared"}
    fields["occurred_at"] = (
        _moment(said, export, "date") if _text(said, "date") else _moment(gift, export, "created_at")
    )
    if _text(said, "amount").strip("0.") and export.currency:
        fields["unit"], fields["quantity"] = _money(said, export.currency)
    if what := line_of(_text(said, "name"), WHAT_LIMIT):
        fields["what"] = what
    if note := join_words(_text(said, "comment"), _text(said, "url"), limit=NOTE_LIMIT):
        fields["note"] = note
    yield Deed(identity, (Step("favour.record", roles, fields),))


def _task(identity: tuple[str, ...], said: Resource, task: Resource, person: Person, export: _Export) -> Findings:
    what = line_of(_text(said, "title"), WHAT_LIMIT)
    if not what:
        raise UnreadableEntryError("a task has a title")
    begun = _moment(task, export, "created_at")
    fields: dict[str, Any] = {"what": what, "occurred_at": begun}
    if note := join_words(_text(said, "description"), limit=NOTE_LIMIT):
        fields["note"] = note
    steps = [Step("promise.make", {"by": ME, "promisor": ME, "promisee": person}, fields)]
    if said.get("completed") is True or said.get("completed") == 1:
        done = _moment(said, export, "completed_at") if _text(said, "completed_at") else begun
        steps.append(Step("promise.report_delivery", {"by": ME}, {"occurred_at": max(begun, done)}))
    yield Deed(identity, tuple(steps))


def _money(said: Resource, currency: str | None) -> tuple[str, int]:
    if currency is None:
        raise UnreadableEntryError("it does not say its currency; name one (--currency, or the parameter 'currency')")
    try:
        amount = read_number(_text(said, "amount"))
    except ValueError:
        amount = Decimal(0)
    if amount <= 0:
        raise UnreadableEntryError("its amount should be a number above 0")
    return read_money(amount, currency)


def _currency(said: Resource) -> str | None:
    """An ISO code, which stands for itself or in a currency's record."""
    found = said.get("currency")
    iso = found.get("iso") if isinstance(found, dict) else found
    return iso if isinstance(iso, str) and iso else None


def _moment(said: Resource, export: _Export, name: str) -> datetime:
    try:
        moment = read_time(_text(said, name), *TIMES)
    except ValueError:
        raise UnreadableEntryError(f"its {name} should be a time like 2026-01-31T12:00:00Z") from None
    if moment > export.told.now:
        raise LeftOutError("not yet")
    return moment


def _identity(resource: Resource) -> str:
    """The resource's own id; before version 4 some had none, and go by when they were made."""
    return _text(resource, "uuid") or _text(resource, "created_at")


def _properties(resource: object) -> Resource:
    """A resource's properties; PHP writes none as an empty list."""
    found = resource.get("properties") if isinstance(resource, dict) else None
    return found if isinstance(found, dict) else {}


def _values(resource: Resource, kind: str) -> Iterator[object]:
    """The members of a resource's collection of one kind."""
    for collection in _listed(resource.get("data")):
        if isinstance(collection, dict) and collection.get("type") == kind:
            yield from _listed(collection.get("values"))


def _children(resource: Resource, kind: str) -> Iterator[Resource]:
    return (one for one in _values(resource, kind) if isinstance(one, dict))


def _listed(found: object) -> list[object]:
    """A list, which PHP may have written as an object with numbers for names."""
    if isinstance(found, dict):
        return list(found.values())
    return found if isinstance(found, list) else []


def _text(resource: Resource, name: str) -> str:
    """A field as text; blank where there is none."""
    found = resource.get(name)
    return "" if found is None or isinstance(found, bool | dict | list) else str(found)
