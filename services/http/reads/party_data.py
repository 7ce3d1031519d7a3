"""All that a ledger says about a party, for the party: as JSON, or as one page to print."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from litestar import MediaType, Request, Response, get
from litestar.di import NamedDependency, Provide
from litestar.openapi.spec import Example, OpenAPIMediaType, OpenAPIResponse, Operation, Schema
from litestar.openapi.spec.enums import OpenAPIType
from litestar.params import QueryParameter

from services.dashboard.party_data import HEADERS, write_page
from services.http.reads.base import StreamId
from services.http.reads.network import NetworkController
from services.network.networks import Networks
from services.reading.party_data import PartyData, read_party_data
from services.reading.reader import Reader
from services.reading.snapshot import Look

Form = Literal["json", "html"]


def provide_as_page(
    request: Request[Any, Any, Any],
    form: Annotated[
        Form | None,
        QueryParameter(
            name="format",
            description="The same as asking by `Accept`, which it overrules.",
            examples=[Example(value="json")],
        ),
    ] = None,
) -> bool:
    """Whether the address, or the header, asks for the page."""
    preferred = request.accept.best_match(["application/json", "text/html"])
    return form == "html" or (form is None and preferred == "text/html")


@dataclass
class PageOperation(Operation):
    """An operation that may answer with a page as well."""

    def __post_init__(self) -> None:
        """Say so beside what Litestar derives from the handler."""
        answer = (self.responses or {})["200"]
        assert isinstance(answer, OpenAPIResponse)
        assert answer.content is not None
        answer.content["text/html"] = OpenAPIMediaType(schema=Schema(type=OpenAPIType.STRING))


class PartyDataReads(NetworkController):
    """A party's right of access."""

    path = "/parties/{id:uuid}/data"
    tags = ["parties"]  # noqa: RUF012 - Litestar's own form
    dependencies = {  # noqa: RUF012 - the same
        **NetworkController.dependencies,
        "as_page": Provide(provide_as_page, sync_to_thread=False),
    }

    @get(
        "/",
        operation_id="party_data",
        summary="All that the ledger says about a party",
        operation_class=PageOperation,
    )
    async def read(
        self,
        stream: StreamId,
        look: NamedDependency[Look],
        networks: NamedDependency[Networks],
        reader: NamedDependency[Reader],
        as_page: NamedDependency[bool],
    ) -> Response[PartyData]:
        """Read all about a party in one document: for a key that acts for it, or an administrator's.

        It has everything but the events before the latest 5,000, which `party_timeline` has from `earlier` on. As a
        page (`Accept: text/html`, or `format=html`) it can be printed, and needs no other file.
        """
        data = await read_party_data(look, networks, stream, reader)
        if as_page:
            page: Response[Any] = Response(write_page(data), media_type=MediaType.HTML, headers=HEADERS)
            return page
        return Response(data)
