"""Files that people have in hand, over HTTP: previewed, imported in the background, and undone as one act."""

from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Controller, Request, Response, get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.enums import RequestEncodingType
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import Example
from litestar.params import FromPath, PathParameter, QueryParameter
from msgspec import Struct

from domain.event import Who
from domain.refusal import Refusal
from services.access.keys import AccessKey, who_acts
from services.http.examples import ANNA
from services.http.guards import requires
from services.http.problems import FieldError, ProblemError
from services.imports.background import Workbench
from services.imports.files import Upload, preview, start
from services.imports.formats import BY_NAME, SIZE_LIMIT_BYTES
from services.imports.formats.reading import UnreadableFileError
from services.imports.kept import ImportPage, ImportView, begin_undoing, list_imports, read_import
from services.imports.tally import Preview, Tally
from services.imports.undo import Undoing
from services.service import Service
from services.text import CURRENCY, DAY

PART = "file"
"""The name of the part that holds the file, where it is sent as a form."""
FORM_BYTES = 64 * 1024
"""Room for what a form puts around the file."""

ImportId = Annotated[UUID, PathParameter(name="id")]
FormatName = Annotated[
    str | None,
    QueryParameter(
        name="format",
        pattern=f"^({'|'.join(BY_NAME)})$",
        description=f"What the file is, where its content does not show it: {', '.join(BY_NAME)}.",
        examples=[Example(value="vcard")],
    ),
]
FileName = Annotated[
    str,
    QueryParameter(
        max_length=200,
        description="What the file is called; it tells LinkedIn's recommendations given from those received.",
        examples=[Example(value="contacts.vcf")],
    ),
]
Me = Annotated[
    UUID | None, QueryParameter(name="me", description="The party whose file it is.", examples=[Example(value=ANNA)])
]
MatchNames = Annotated[
    bool,
    QueryParameter(
        description="Take somebody new for the party of the same name, where there is one alone.",
        examples=[Example(value=True)],
    ),
]
Since = Annotated[
    str | None,
    QueryParameter(
        name="since",
        pattern=DAY,
        description="From which day on recurring meetings count; two years before today, if left out.",
        examples=[Example(value="2024-01-01")],
    ),
]
Currency = Annotated[
    str | None,
    QueryParameter(
        name="currency",
        pattern=CURRENCY,
        description="The currency of amounts whose file does not say.",
        examples=[Example(value="EUR")],
    ),
]
IsPreview = Annotated[
    bool,
    QueryParameter(
        name="preview", description="Only say what would be recorded; record nothing.", examples=[Example(value=False)]
    ),
]


class ImportAnswer(Struct, frozen=True, kw_only=True):
    """What became of an upload: a preview where one was asked for, and else the import that was begun."""

    preview: Preview | None = None
    imported: ImportView | None = None


class ImportController(Controller):
    """The imports of a ledger."""

    path = "/imports"
    tags = ["imports"]  # noqa: RUF012 - Litestar's own form

    @post(
        "/",
        status_code=202,
        operation_id="import_start",
        summary="Import a file that people have in hand, or preview that",
        guards=[requires("record")],
        request_max_body_size=SIZE_LIMIT_BYTES + FORM_BYTES,
        response_description="The import, which goes on in the background.",
        responses={200: ResponseSpec(data_container=ImportAnswer, description="The preview.", generate_examples=False)},
    )
    async def start(  # noqa: PLR0913 - each of them is a parameter of the request
        self,
        *,
        ledger: FromPath[str],
        request: Request[Any, Any, Any],
        service: NamedDependency[Service],
        access_key: NamedDependency[AccessKey],
        workbench: NamedDependency[Workbench],
        kind: FormatName = None,
        filename: FileName = "",
        me: Me = None,
        match_names: MatchNames = False,
        since: Since = None,
        currency: Currency = None,
        is_preview: IsPreview = False,
    ) -> Response[ImportAnswer]:
        """Send the file's bytes as they are, or as a form with one part called `file`.

        The same file is the same import: sent again it goes on where it stopped, and records nothing twice.
        """
        content, name = await _read_file(request)
        upload = Upload(
            content=content,
            filename=name or filename,
            format=kind,
            me=me,
            match_names=match_names,
            since=_day(since),
            currency=currency,
        )
        who = keeper_of(access_key)
        try:
            if is_preview:
                foreseen = await preview(service, ledger, upload, who)
                return Response(ImportAnswer(preview=foreseen), status_code=200)
            run = await start(service, ledger, upload, who)
        except UnreadableFileError as error:
            raise ProblemError("unreadable_file", f"The file cannot be read: {error}.") from None
        if isinstance(run, ImportView):
            return Response(ImportAnswer(imported=run))
        workbench.take(run)
        return Response(ImportAnswer(imported=await read_import(service, ledger, run.claim.import_id)))

    @get("/", operation_id="import_list", summary="The imports, the latest first", guards=[requires("read")])
    async def list(
        self,
        ledger: FromPath[str],
        service: NamedDependency[Service],
        limit: Annotated[int, QueryParameter(ge=1, le=100, description="How many at most.")] = 20,
    ) -> ImportPage:
        """List imports, those that were undone too."""
        return await list_imports(service, ledger, limit)

    @get("/{id:uuid}", operation_id="import_read", summary="An import, and how far it is", guards=[requires("read")])
    async def read(self, ledger: FromPath[str], import_id: ImportId, service: NamedDependency[Service]) -> ImportView:
        """Read how an import stands: what it recorded so far, and what it refused."""
        return await read_import(service, ledger, import_id)

    @post(
        "/{id:uuid}/undo",
        status_code=202,
        operation_id="import_undo",
        summary="Retract all that an import recorded",
        guards=[requires("record")],
    )
    async def undo(
        self,
        ledger: FromPath[str],
        import_id: ImportId,
        service: NamedDependency[Service],
        access_key: NamedDependency[AccessKey],
        workbench: NamedDependency[Workbench],
    ) -> ImportView:
        """Undo an import in the background; what cannot be undone is in `kept`, with the code of why.

        For the access key that imported, or an administrator's. May be repeated.
        """
        claim = await begin_undoing(service, ledger, import_id, keeper_of(access_key))
        if claim is None:
            raise ProblemError(
                "import_under_way", "This import is under way; undo it once it is done, or was interrupted."
            )
        workbench.take(Undoing(claim, Tally()))
        return await read_import(service, ledger, import_id)


def keeper_of(key: AccessKey) -> Who:
    """Who imports. Raises ``Refusal`` where the key acts for listed parties only."""
    if key.parties is not None:
        raise Refusal("recorder_only", "Importing is for a recorder's or an administrator's key, not for a party's.")
    return who_acts(key, None)


async def _read_file(request: Request[Any, Any, Any]) -> tuple[bytes, str]:
    """The file's bytes, and its name where the form says it. Raises ``ProblemError``."""
    content, name = b"", ""
    if request.content_type[0] == RequestEncodingType.MULTI_PART:
        part = (await request.form()).get(PART)
        if isinstance(part, UploadFile):
            content, name = await part.read(), part.filename
    else:
        content = await request.body()
    if not content:
        raise ProblemError(
            "unreadable_file", f"There is no file: send its bytes as the body, or as the part '{PART}' of a form."
        )
    return content, name


def _day(text: str | None) -> datetime | None:
    """A day's first moment in UTC. Raises ``ProblemError``."""
    if text is None:
        return None
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        wrong = FieldError(detail="A day is written like 2026-01-31.", parameter="since")
        raise ProblemError(
            "invalid_parameter", "A parameter does not fit: since; see 'errors'.", errors=[wrong]
        ) from None
