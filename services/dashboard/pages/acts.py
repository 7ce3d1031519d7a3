"""Acting: the form of every command, and what comes back from it.

A form works without JavaScript. What was refused is said above the form, which keeps what was typed; a form that is
sent twice is recorded once.
"""

import secrets
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect
from msgspec import Struct

from domain.catalogue import ACTS, STREAM_TYPE_OF
from domain.command import Command
from domain.refusal import Refusal
from services.access.keys import who_acts
from services.dashboard.errors import PageError
from services.dashboard.forms.fields import BY, Field, as_id, fields_of, show_values
from services.dashboard.forms.reading import Wrong, read_command
from services.dashboard.forms.words import said
from services.dashboard.language import translate as _
from services.dashboard.names import Names
from services.dashboard.sessions import require_own_form
from services.dashboard.stories import page_of
from services.dashboard.visit import Frame, Visit, open_frame
from services.http.advice import ADVISED
from services.http.commands import submit
from services.http.problems import status_of_refusal
from services.ledger.order import Order, Receipt
from services.reading.as_of import now
from services.reading.capacity import Capacity, read_capacity
from services.reading.history import Past, load_histories
from services.reading.snapshot import Snapshot
from services.reading.words import word

LEDGER_ACTS = frozenset({"ledger.open", "ledger.change_policy"})
WORDED = ("what", "why", "learnt", "name")
OWN_SIDE = {
    "favour.record": ("giver", "receiver"),
    "promise.make": ("promisor", "promisee"),
    "promise.offer": ("promisor", "promisee"),
    "promise.request": ("promisee", "promisor"),
    "introduction.propose": ("introducer", "first"),
    "contact.record": ("initiator", "other"),
    "tie.declare": ("party", "other"),
}
"""Of the acts that begin something: the field that is the acting party's own, and the one that is the other's."""


class Form(Struct, kw_only=True):
    """A form as it is shown."""

    act: str
    stream: UUID | None
    fields: list[Field]
    about: list[Past]
    actors: list[UUID]
    by: UUID | None
    once: str
    back: str
    understood: bool = False
    refusal: Refusal | None = None
    capacity: Capacity | None = None

    @property
    def needs_consent(self) -> bool:
        """Whether one has to say that one has understood."""
        return self.act == "party.erase"


@get("/do/{act:str}")
async def show_form(act: FromPath[str], visit: NamedDependency[Visit]) -> Response[str]:
    """The form of an act."""
    command = _command(act, visit)
    async with visit.look() as snapshot:
        frame = open_frame(visit, snapshot)
        form = await _form(command, dict(visit.query.fields), snapshot, frame)
    return _show(form, frame)


@post("/do/{act:str}", status_code=303)
async def submit_form(
    act: FromPath[str], request: Request[Any, Any, Any], visit: NamedDependency[Visit], names: NamedDependency[Names]
) -> Response[Any]:
    """Do it, and go back to where the form was asked for; or say why not."""
    command = _command(act, visit)
    typed = {name: str(value) for name, value in (await request.form()).items()}
    require_own_form(request, typed)
    async with visit.look() as snapshot:
        frame = open_frame(visit, snapshot)
        form = await _form(command, typed, snapshot, frame)
        try:
            given = await read_command(command, form.fields, typed, snapshot, names)
            order = _order(visit, given, form)
        except Wrong:
            return _show(form, frame, status_code=422)
        except Refusal as refusal:
            form.refusal = refusal
            return _show(form, frame, status_code=422)
    try:
        receipt = await submit(visit.service, order)
    except Refusal as refusal:
        form.refusal = refusal
        return _show(form, frame, status_code=status_of_refusal(refusal.code))
    return Redirect(_where_to(form, receipt, given), status_code=303)


def _command(act: str, visit: Visit) -> type[Command]:
    visit.require_acting()
    command = ACTS.get(act)
    if command is None or act in LEDGER_ACTS:
        raise PageError(404, _("There is no such act"), _("Go back and choose another."))
    return command


async def _form(command: type[Command], values: dict[str, str], snapshot: Snapshot, frame: Frame) -> Form:
    visit, stream = frame.visit, as_id(values.get("stream", ""))
    about = []
    if stream is not None:
        history = (await load_histories(snapshot, [stream], now(snapshot))).get(stream, [])
        about = [past for past in history if visit.reader.may_see(past.recorded.event)]
        if not about:
            raise PageError(404, _("There is no such thing"), _("It may be in another ledger. Go back and try again."))
    involved = dict.fromkeys(one for past in about for one in past.recorded.event.parties)
    own, other = OWN_SIDE.get(command.ACT, ("", ""))
    if visit.me is not None and own and other and own not in values and values.get(other) != str(visit.me):
        values = {own: str(visit.me), **values}
    chosen = [as_id(value) for name, value in values.items() if name != "stream"]
    promisor = as_id(values.get("promisor", "")) if issubclass(command, ADVISED) else None
    capacity, _named = await snapshot.together.all(
        _capacity(snapshot, promisor), frame.name(snapshot, [*involved, *chosen, *(visit.key.parties or ())])
    )
    fields = fields_of(command, snapshot.policy.units)
    show_values(fields, values, frame.names)
    return Form(
        act=command.ACT,
        stream=stream,
        fields=fields,
        about=about,
        actors=list(visit.key.parties) if visit.key.parties is not None else list(involved),
        by=as_id(values.get(BY, "")) or _speaker(command, values),
        once=values.get("once") or secrets.token_urlsafe(16),
        understood=bool(values.get("understood")),
        back=_local(values.get("back", "")),
        capacity=capacity,
    )


async def _capacity(snapshot: Snapshot, promisor: UUID | None) -> Capacity | None:
    """What whoever would promise has open already; nothing of a party that the ledger does not know."""
    if promisor is None:
        return None
    try:
        return await read_capacity(snapshot, promisor)
    except Refusal:
        return None


def _speaker(command: type[Command], values: dict[str, str]) -> UUID | None:
    """As whom the keeper of the book acts where nothing else is said: the one whose act it is."""
    own, _other = OWN_SIDE.get(command.ACT, ("", ""))
    return as_id(values.get(own, "")) if own else None


def _order(visit: Visit, command: Command, form: Form) -> Order:
    if command.by is None and visit.key.parties is None:
        own, _other = OWN_SIDE.get(form.act, ("", ""))
        by = getattr(command, own, None) if own and form.act not in {"favour.record", "promise.make"} else None
        command = msgspec.structs.replace(command, by=by)
    if form.needs_consent and not form.understood:
        raise Refusal("not_understood", _("Say that you have understood it: nothing was done."))
    who = who_acts(visit.key, command.by)
    if who.by != command.by:
        command = msgspec.structs.replace(command, by=who.by)
    return Order(
        ledger_id=visit.key.ledger_id,
        command=command,
        who=who,
        stream=form.stream or command.stream_id(),
        idempotency_key=f"form:{form.once}"[:200],
    )


def _show(form: Form, frame: Frame, *, status_code: int = 200) -> Response[str]:
    words = said(form.act)
    about = form.about[0] if form.about else None
    subject = None
    for past in reversed(form.about):
        subject = subject or next((word(past.words, name) for name in WORDED if word(past.words, name)), None)
    return frame.page("form.html", status_code=status_code, form=form, said=words, about=about, subject=subject)


def _where_to(form: Form, receipt: Receipt, command: Command) -> str:
    kind = STREAM_TYPE_OF[type(command)].name
    path = form.back or page_of(kind, receipt.id) or "/"
    if form.act == "party.erase":
        path = "/people"
    shown = {"done": receipt.position, **({"notice": receipt.notices[0].code} if receipt.notices else {})}
    return f"{path}{'&' if '?' in path else '?'}{urlencode(shown)}"


def _local(path: str) -> str:
    """A place of ours to go back to, or none."""
    fits = path.startswith("/") and not path.startswith(("//", "/\\")) and len(path) <= 300 and path.isprintable()
    return path.partition("?done=")[0].partition("&done=")[0] if fits else ""
