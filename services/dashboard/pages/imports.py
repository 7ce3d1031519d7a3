"""Import: a file that somebody has in hand is looked through first, then recorded, and undone as one act.

Nothing is kept between looking through it and recording it: the page that shows what would be recorded brings the file
along, where it is small enough, and else asks for it again. The same file is the same import, however often it is sent.
"""

import binascii
from base64 import b64decode, b64encode
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect
from msgspec import Struct

from domain.refusal import Refusal
from services.dashboard.errors import PageError
from services.dashboard.language import mark
from services.dashboard.language import translate as _
from services.dashboard.names import Names
from services.dashboard.sessions import require_own_form
from services.dashboard.visit import Visit, open_frame
from services.http.imports import PART, keeper_of
from services.imports.background import Workbench
from services.imports.files import Upload, preview, start
from services.imports.formats import BY_NAME, FORMATS, SIZE_LIMIT_BYTES
from services.imports.formats.reading import UnreadableFileError
from services.imports.kept import ImportView, begin_undoing, list_imports, read_import
from services.imports.tally import Preview, Tally
from services.imports.undo import Undoing

IMPORTS_SHOWN = 20
LINES_SHOWN = 200
"""Of people, and of refused entries; the counts are of all."""
CARRIED_BYTES = 2 << 20
"""A file up to this size comes along with the page that shows what it holds."""
FORM_BYTES = SIZE_LIMIT_BYTES + 4 * CARRIED_BYTES
CARRIED, FILENAME = "carried", "filename"
FIELDS_LIMIT = 200
SAID_OF_FILES = (
    mark("Monica's JSON export"),
    mark("LinkedIn's Connections.csv"),
    mark("LinkedIn's Invitations.csv"),
    mark("LinkedIn's Recommendations_Given.csv"),
    mark("LinkedIn's Recommendations_Received.csv"),
    mark("TimeOverflow's transfers"),
    mark("it names nobody"),
    mark("it names nobody: whoever it was closed the account"),
    mark("a group of other cards"),
    mark("the card names nobody: FN, N, ORG and EMAIL are empty"),
    mark("the card does not end: a line END:VCARD is missing"),
    mark("not a vCard that can be read"),
    mark("not an event that can be read"),
    mark("cancelled"),
    mark("nobody else was there"),
    mark("not yet"),
    mark("it recurs, but did not take place in the window"),
    mark("it was not published"),
    mark("that is you"),
    mark("introduced by somebody who is not in the file"),
    mark("an idea for a gift"),
    mark("a gift to yourself"),
    mark("the balance of all, which follows from the rest"),
    mark("nobody owes anybody anything for it"),
    mark("a transfer of nothing"),
    mark("with oneself"),
    mark("the same as an entry before"),
    mark("what was paid and the shares do not add up"),
)
"""What formats are called, and why entries are left out or cannot be read, where no figure is in it: named here, so
that catalogues have them."""


class Given(Struct, frozen=True):
    """A form as it came back: the file, and what is said about it."""

    content: bytes
    filename: str
    fields: Mapping[str, str]

    @property
    def carried(self) -> str | None:
        """The file as the next page brings it along, where it is small enough."""
        return b64encode(self.content).decode() if len(self.content) <= CARRIED_BYTES else None


NOTHING = Given(b"", "", {})


@get("/import")
async def show_imports(visit: NamedDependency[Visit]) -> Response[str]:
    """The form that takes a file, and what was imported before."""
    _require_keeper(visit)
    return await _ask(visit, NOTHING)


@post("/import/preview", status_code=200, request_max_body_size=FORM_BYTES)
async def preview_import(
    request: Request[Any, Any, Any], visit: NamedDependency[Visit], names: NamedDependency[Names]
) -> Response[str]:
    """What the file holds: what would be recorded, what refused and why, and who is taken for whom."""
    given = await _read(request, visit)
    try:
        upload = await _upload(visit, names, given)
        foreseen = await preview(visit.service, visit.key.ledger_id, upload, keeper_of(visit.key))
    except (UnreadableFileError, Refusal) as error:
        return await _ask(visit, given, problem=_said(error))
    return await _show_preview(visit, given, foreseen)


@post("/import/run", status_code=303, request_max_body_size=FORM_BYTES)
async def run_import(
    request: Request[Any, Any, Any],
    visit: NamedDependency[Visit],
    names: NamedDependency[Names],
    workbench: NamedDependency[Workbench],
) -> Response[Any]:
    """Begin to record what the file holds, in the background; where it is under way already, show how far it is."""
    given = await _read(request, visit)
    try:
        upload = await _upload(visit, names, given)
        run = await start(visit.service, visit.key.ledger_id, upload, keeper_of(visit.key))
    except (UnreadableFileError, Refusal) as error:
        return await _ask(visit, given, problem=_said(error))
    if isinstance(run, ImportView):
        return Redirect(f"/import/{run.id}", status_code=303)
    workbench.take(run)
    return Redirect(f"/import/{run.claim.import_id}", status_code=303)


@get("/import/{import_id:uuid}")
async def show_import(import_id: FromPath[UUID], visit: NamedDependency[Visit]) -> Response[str]:
    """One import: how far it is, what it recorded and what it did not, and undoing it."""
    _require_keeper(visit)
    one = await read_import(visit.service, visit.key.ledger_id, import_id)
    async with visit.look() as snapshot:
        frame = open_frame(visit, snapshot)
        await frame.name(snapshot, [one.me, *(kept.id for kept in one.kept[:LINES_SHOWN] if kept.kind == "party")])
    may_undo = visit.allows("admin") or one.key == visit.key.key_id
    return frame.page("import.html", one=one, title=BY_NAME[one.format].title, may_undo=may_undo, shown=LINES_SHOWN)


@post("/import/{import_id:uuid}/undo", status_code=303)
async def undo_import(
    import_id: FromPath[UUID],
    request: Request[Any, Any, Any],
    visit: NamedDependency[Visit],
    workbench: NamedDependency[Workbench],
) -> Redirect:
    """Begin to retract all that an import recorded, in the background."""
    _require_keeper(visit)
    require_own_form(request, {name: str(value) for name, value in (await request.form()).items()})
    claim = await begin_undoing(visit.service, visit.key.ledger_id, import_id, keeper_of(visit.key))
    if claim is None:
        raise PageError(409, _("It is under way"), _("Undo it once it is done. Nothing was changed."))
    workbench.take(Undoing(claim, Tally()))
    return Redirect(f"/import/{import_id}", status_code=303)


async def _ask(visit: Visit, given: Given, *, problem: str | None = None) -> Response[str]:
    """The form, with what was said before; a file has to be chosen again, as browsers have it."""
    before = await list_imports(visit.service, visit.key.ledger_id, IMPORTS_SHOWN)
    async with visit.look() as snapshot:
        frame = open_frame(visit, snapshot)
        await frame.name(snapshot)
    return frame.page(
        "imports.html",
        status_code=200 if problem is None else 422,
        formats=FORMATS,
        by_name=BY_NAME,
        given=given.fields,
        problem=problem,
        before=before.items,
    )


async def _show_preview(visit: Visit, given: Given, foreseen: Preview) -> Response[str]:
    matches = foreseen.matches[:LINES_SHOWN]
    async with visit.look() as snapshot:
        frame = open_frame(visit, snapshot)
        await frame.name(snapshot, [party for one in matches for party in (one.party, *one.suggestions)])
    return frame.page(
        "import_preview.html",
        foreseen=foreseen,
        title=BY_NAME[foreseen.format].title,
        matches=matches,
        refusals=foreseen.refusals[:LINES_SHOWN],
        given=given,
        fields={name: value for name, value in given.fields.items() if name in {"format", "me", "since", "currency"}},
    )


async def _read(request: Request[Any, Any, Any], visit: Visit) -> Given:
    """The form that came back. Raises ``PageError``."""
    _require_keeper(visit)
    form = await request.form()
    file = form.get(PART)
    texts = {name: value.strip() for name, value in form.items() if isinstance(value, str)}
    require_own_form(request, texts)
    carried = texts.pop(CARRIED, "")
    fields = {name: value[:FIELDS_LIMIT] for name, value in texts.items()}
    if isinstance(file, UploadFile):
        return Given(await file.read(), file.filename[:FIELDS_LIMIT], fields)
    try:
        return Given(b64decode(carried, validate=True), fields.get(FILENAME, ""), fields)
    except binascii.Error:
        return Given(b"", "", fields)


async def _upload(visit: Visit, names: Names, given: Given) -> Upload:
    """The file, and what is said about it. Raises ``Refusal``."""
    fields = given.fields
    if not given.content:
        raise Refusal("unreadable_file", _("Choose a file that is not empty."))
    return Upload(
        content=given.content,
        filename=given.filename,
        format=fields.get("format") or None,
        me=await names.only(visit.looks, fields["me"]) if fields.get("me") else None,
        match_names=bool(fields.get("match_names")),
        since=_since(fields.get("since", "")),
        currency=_currency(fields.get("currency", "")),
    )


def _since(text: str) -> datetime | None:
    """The first moment of a day, in UTC. Raises ``Refusal``."""
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC) if text else None
    except ValueError:
        raise Refusal("invalid_parameter", _("Give a day, as 2026-05-31.")) from None


def _currency(text: str) -> str | None:
    """Three letters. Raises ``Refusal``."""
    if text and not (len(text) == 3 and text.isascii() and text.isalpha()):
        raise Refusal("invalid_parameter", _("A currency is three letters, such as EUR."))
    return text.upper() or None


def _said(error: UnreadableFileError | Refusal) -> str:
    if isinstance(error, Refusal):
        return error.message
    return _("The file cannot be read: %(why)s.", why=_(str(error)))


def _require_keeper(visit: Visit) -> None:
    """Refuse whoever acts for listed parties only, and those who may not record. Raises ``PageError``."""
    visit.require_acting()
    if visit.key.parties is not None:
        raise PageError(
            403, _("Not with this key"), _("Importing is for the keeper of the book. Ask an administrator to do it.")
        )
