"""A visit: who looks at a page, by which key, and what every page shows around its own matter."""

from collections.abc import Iterable
from contextlib import AbstractAsyncContextManager
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from litestar import Request, Response
from litestar.di import NamedDependency
from msgspec import Struct, field

from services.access.keys import AccessKey, Scope
from services.dashboard.errors import NotSignedInError, PageError
from services.dashboard.language import mark
from services.dashboard.language import translate as _
from services.dashboard.query import Query
from services.dashboard.render import page
from services.dashboard.sessions import form_token, person_of
from services.ledger.mapper import decode, open_words
from services.reading.promise_lines import PromiseLine
from services.reading.reader import Reader
from services.reading.snapshot import Look, Snapshot, open_snapshot
from services.reading.words import read_names, word
from services.service import Service

PASSING = frozenset({"done", "notice"})
"""Fields of an address that only say what was just done."""
SCOPE_WORDS = {
    "read": mark("read balances and promises"),
    "record": mark("record anything"),
    "audit": mark("read the log and the audit"),
    "admin": mark("administer this ledger"),
}


class Visit(Struct, frozen=True):
    """Someone who signed in looks at a page."""

    key: AccessKey
    service: Service
    query: Query
    path: str
    token: str
    person: UUID | None = None
    """Who looks, across ledgers, where it claimed a party in one."""

    @property
    def me(self) -> UUID | None:
        """The party that looks, where the key acts for one."""
        return None if self.key.parties is None else self.key.parties[0]

    @property
    def reader(self) -> Reader:
        """Who asks, for what is one party's own matter."""
        return Reader(self.key.parties, admin=self.key.allows("admin"))

    def look(self) -> AbstractAsyncContextManager[Snapshot]:
        """A snapshot of the ledger."""
        return open_snapshot(self.service, self.key.ledger_id)

    @property
    def looks(self) -> Look:
        """Opens snapshots."""
        return self.look

    def allows(self, scope: Scope) -> bool:
        """Whether the key has a scope."""
        return self.key.allows(scope)

    def require(self, scope: Scope) -> None:
        """Refuse the page unless the key has a scope. Raises ``PageError``."""
        if not self.key.allows(scope):
            may = _(SCOPE_WORDS[scope])
            raise PageError(403, _("Not with this key"), _("The key that you signed in with may not %(may)s.", may=may))

    def address(self, **changes: object) -> str:
        """This page's address with some of its fields changed; ``None`` leaves one out."""
        fields: dict[str, object] = {**self.query.fields, **changes}
        kept = {name: value for name, value in fields.items() if value is not None and name not in PASSING}
        return f"{self.path}?{urlencode(kept)}" if kept else self.path

    def subject(self) -> UUID | None:
        """Whose side the page is seen from: the party that the address names, else the one that looks."""
        return self.query.party("party") or self.me

    @property
    def acts(self) -> bool:
        """Whether the key may act by forms: they name people and show what was said, so it has to read as well."""
        return self.allows("record") and self.allows("read")

    @property
    def keeps(self) -> bool:
        """Whether the key keeps the whole book: it acts for everyone, not for listed parties."""
        return self.acts and self.key.parties is None

    def require_acting(self) -> None:
        """Refuse whoever may not act by forms. Raises ``PageError``."""
        self.require("record")
        if not self.allows("read"):
            text = _("A form names people and shows what was said, so the key has to read as well. Record by the API.")
            raise PageError(403, _("Not with this key"), text)

    def is_own(self, party: UUID) -> bool:
        """Whether this party's own matter is shown."""
        return self.reader.is_own(party)

    def acts_for(self, party: UUID | None) -> bool:
        """Whether the key can act as this party."""
        if not self.key.allows("record"):
            return False
        return self.key.parties is None or party in self.key.parties


class Frame(Struct, kw_only=True):
    """What stands around a page: of which ledger it is, who looks, and what parties are called."""

    visit: Visit
    ledger: str
    title: str
    position: int
    now: Any
    names: dict[UUID, str | None] = field(default_factory=dict)

    async def name(self, snapshot: Snapshot, parties: Iterable[UUID | None] = ()) -> None:
        """Have these parties' names at hand for the page, and that of the one who looks. Every page asks for some."""
        missing = {one for one in (*parties, self.visit.me) if one is not None and one not in self.names}
        self.names |= dict.fromkeys(missing) | await read_names(snapshot, missing)

    def name_sides(self, lines: Iterable[PromiseLine]) -> None:
        """Take over the names that promises bring along."""
        for line in lines:
            self.names |= {line.promisor: line.promisor_name, line.promisee: line.promisee_name}

    def called(self, party: UUID) -> str:
        """What a party is called."""
        return self.names.get(party) or _("someone erased")

    def page(self, template: str, *, status_code: int = 200, **context: Any) -> Response[str]:  # noqa: ANN401 - as templates take it
        """The page from its template."""
        assert self.visit.me is None or self.visit.me in self.names, "a page names whoever looks at it"
        return page(template, status_code=status_code, **context, frame=self, visit=self.visit)


def ledger_title(snapshot: Snapshot) -> str:
    """What the ledger is called, or its id."""
    return word(open_words(decode(snapshot.opened), snapshot.keyring), "title") or snapshot.ledger_id


def open_frame(visit: Visit, snapshot: Snapshot) -> Frame:
    """What stands around a page."""
    return Frame(
        visit=visit,
        ledger=snapshot.ledger_id,
        title=ledger_title(snapshot),
        position=snapshot.position,
        now=snapshot.now,
    )


async def provide_visit(
    request: Request[Any, Any, Any],
    visitor: NamedDependency[AccessKey | None],
    service: NamedDependency[Service],
) -> Visit:
    """The visit of a request. Raises ``NotSignedInError``."""
    if visitor is None:
        raise NotSignedInError
    query = Query(request.query_params.multi_items())
    token, person = form_token(service, request.session), person_of(request)
    return Visit(visitor, service, query, request.url.path, token, person)
