"""The audit as files, and as a page to print."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from typing import Any

from litestar import Response
from litestar.response import Stream

from services.dashboard.addresses import to_print
from services.dashboard.audit_page import read_page
from services.dashboard.render import page
from services.reading.as_of import Asked
from services.reading.audit import GroupBy
from services.reading.audit_csv import write_csv
from services.reading.snapshot import Look
from services.reading.standing import PromiseFilter

CSV = "text/csv"
HTML = "text/html"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CHUNK = 64 * 1024


async def as_csv(look: Look, chosen: PromiseFilter, asked: Asked, by: GroupBy | None) -> Response[Any]:
    """A file that is written while it is read; what is wrong with the question is told before it begins."""
    pieces = write_csv(look, chosen, asked, by=by)
    first = await anext(pieces)

    async def stream() -> AsyncIterator[str]:
        yield first
        async for piece in pieces:
            yield piece

    return Stream(
        stream(),
        media_type=f"{CSV}; charset=utf-8; header=present",
        headers={"Content-Disposition": 'attachment; filename="promises.csv"'},
    )


async def as_xlsx(look: Look, chosen: PromiseFilter, asked: Asked, by: GroupBy | None) -> Response[Any]:
    """A workbook. It is written to a temporary file first, since a workbook ends with its directory."""
    from services.reading.audit_xlsx import write_xlsx  # noqa: PLC0415 - large: loaded when first needed

    file = await asyncio.to_thread(tempfile.TemporaryFile)
    try:
        await write_xlsx(look, file, chosen, asked, by=by)
    except BaseException:
        file.close()
        raise

    async def stream() -> AsyncIterator[bytes]:
        with file:
            file.seek(0)
            while piece := await asyncio.to_thread(file.read, CHUNK):
                yield piece

    return Stream(stream(), media_type=XLSX, headers={"Content-Disposition": 'attachment; filename="promises.xlsx"'})


async def as_page(look: Look, chosen: PromiseFilter, asked: Asked, by: GroupBy | None) -> Response[Any]:
    """A page to print, under the dashboard's strict policy."""
    return page(
        "audit.html", audit=await read_page(look, chosen, asked, by), css=None, at=to_print, back=None, title=None
    )
