"""Who the people of a file are: the same entry twice, a party that the ledger knows, or somebody new.

Somebody is a party that the ledger knows where they share an external reference: an id of the same source, or an
e-mail address. Of equal names alone nothing follows; they are shown, and taken for the same only where that is asked.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from uuid import UUID

from msgspec import Struct

from domain.command import Reference
from services.database.pool import load_sql
from services.imports.formats.reading import Deed, Found, Item, Person
from services.reading.aliases import read_aliases
from services.reading.as_of import now
from services.reading.directory import normal
from services.reading.snapshot import Snapshot, sql
from services.reading.words import read_names

EMAIL = "email"
REFERENCES_LIMIT = 20
NAMES_LIMIT = 50_000
"""Of how many parties at most the names are compared: some 5 s of opening them."""
NAMES_AT_ONCE = 1_000


class Somebody(Struct):
    """One of the people of a file, however often it names them, and who that is to the ledger."""

    number: int
    place: int
    person: Person
    references: list[Reference]
    party: UUID | None = None
    matched_by: str | None = None
    """The source of the reference that they share with the party; ``name`` where a suggestion was taken."""
    suggestions: tuple[UUID, ...] = ()
    """Parties of the same name."""

    @property
    def sought(self) -> list[Reference]:
        """Under what the ledger may know them, the surest first."""
        own = [one for one in self.references if one.source != EMAIL]
        return [*own, self.person.last_resort, *(one for one in self.references if one.source == EMAIL)]


class Folk:
    """The people of one file, each once."""

    def __init__(self, items: Iterable[Item]) -> None:
        self.everybody: list[Somebody] = []
        self._by_reference: dict[Reference, Somebody] = {}
        self._by_person: dict[Person, Somebody] = {}
        for item in items:
            match item:
                case Found(place=place, what=Person() as person):
                    self._enter(place, person)
                case Found(place=place, what=Deed() as deed):
                    self._take_part(place, deed)
                case _:
                    pass  # an entry with nobody in it

    def find(self, person: Person) -> Somebody:
        """Who a person of the file is."""
        return self._by_person[person]

    def _enter(self, place: int, person: Person) -> None:
        """An entry of its own: an address that it shares with an entry of another name or id is not what it goes by."""
        if person in self._by_person:
            return
        free = []
        for reference in person.references:
            known = self._by_reference.get(reference)
            if known is None:
                free.append(reference)
            elif reference.source != EMAIL or _may_be_one(known, person):
                self._join(known, person)
                return
        self._join(self._new(place, person, free), person)

    def _take_part(self, place: int, deed: Deed) -> None:
        for step in deed.steps:
            for person in step.parties.values():
                if isinstance(person, Person) and person not in self._by_person:
                    known = (self._by_reference.get(reference) for reference in person.references)
                    found = next((one for one in known if one is not None), None)
                    self._join(found or self._new(place, person, list(person.references)), person)

    def _new(self, place: int, person: Person, references: list[Reference]) -> Somebody:
        if not references:
            known = self._by_reference.get(person.last_resort)
            if known is not None:
                return known
            references = [person.last_resort]
        somebody = Somebody(len(self.everybody), place, person, references[:REFERENCES_LIMIT])
        self.everybody.append(somebody)
        return somebody

    def _join(self, somebody: Somebody, person: Person) -> None:
        self._by_person[person] = somebody
        for reference in person.references:
            if reference not in self._by_reference and len(somebody.references) < REFERENCES_LIMIT:
                somebody.references.append(reference)
        somebody.references = list(dict.fromkeys(somebody.references))
        for reference in somebody.references:
            self._by_reference.setdefault(reference, somebody)


def _may_be_one(known: Somebody, person: Person) -> bool:
    """Whether two entries that share an address may be one: of one name, and not told apart by ids of one source."""
    if normal(known.person.name) != normal(person.name):
        return False
    sources = {one.source for one in known.references if one.source != EMAIL}
    return not any(one.source in sources for one in person.references)


async def match(snapshot: Snapshot, everybody: Sequence[Somebody], *, by_name: bool) -> None:
    """Find out who of them the ledger knows, and leave each the references that nobody else has."""
    owners = await _owners(snapshot, {reference for one in everybody for reference in one.sought})
    for somebody in everybody:
        found = next((reference for reference in somebody.sought if reference in owners), None)
        if found is not None:
            somebody.party, somebody.matched_by = owners[found], found.source
        free = [one for one in somebody.references if one not in owners]
        somebody.references = free or [somebody.person.last_resort]
    strangers = [one for one in everybody if one.party is None]
    if not strangers:
        return
    parties_of = await _names(snapshot)
    for somebody in strangers:
        somebody.suggestions = parties_of.get(normal(somebody.person.name), ())
        if by_name and len(somebody.suggestions) == 1:
            somebody.party, somebody.matched_by = somebody.suggestions[0], "name"


async def _owners(snapshot: Snapshot, references: set[Reference]) -> dict[Reference, UUID]:
    hashes = {snapshot.keyring.hash_reference(reference): reference for reference in references}
    rows = await snapshot.connection.fetch(
        load_sql("services/ledger/sql/references.sql"), [snapshot.ledger_id] * len(hashes), list(hashes)
    )
    return {hashes[row["reference"]]: UUID(int=row["party_id"].int) for row in rows}


async def _names(snapshot: Snapshot) -> dict[str, tuple[UUID, ...]]:
    """The parties of each name; none where the ledger has too many to compare."""
    aliases = await read_aliases(snapshot, now(snapshot))
    rows = await snapshot.fetch(sql("parties"), snapshot.ledger_id, None, NAMES_LIMIT + 1, aliases.merged)
    found: dict[str, list[UUID]] = defaultdict(list)
    ids = [row["party_id"] for row in rows] if len(rows) <= NAMES_LIMIT else []
    for begin in range(0, len(ids), NAMES_AT_ONCE):
        for party, name in (await read_names(snapshot, ids[begin : begin + NAMES_AT_ONCE])).items():
            found[normal(name)].append(UUID(int=party.int))
    return {name: tuple(parties) for name, parties in found.items()}
