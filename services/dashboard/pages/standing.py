"""Where one stands: the first page."""

from typing import Any

from litestar import Request, Response, get
from litestar.di import NamedDependency

from services.access.keys import AccessKey
from services.dashboard.charts.bars import diverging
from services.dashboard.charts.calendar import weeks_of
from services.dashboard.render import page
from services.dashboard.standing import CALENDAR_DAYS, LISTED, read_standing
from services.dashboard.visit import open_frame, provide_visit
from services.service import Service


@get("/")
async def show_standing(
    request: Request[Any, Any, Any], visitor: NamedDependency[AccessKey | None], service: NamedDependency[Service]
) -> Response[str]:
    """Where one stands; what this is, for who is not signed in."""
    if visitor is None:
        return page("welcome.html", provider=request.app.state.provider)
    visit = await provide_visit(request, visitor, service)
    async with visit.look() as snapshot:
        frame = open_frame(visit, snapshot)
        standing = await read_standing(visit, snapshot, frame, visit.subject())
    weeks = weeks_of(snapshot.now, CALENDAR_DAYS, standing.dated or ())
    return frame.page("standing.html", standing=standing, weeks=weeks, bars=diverging, listed=LISTED)
