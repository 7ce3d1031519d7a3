"""What pages are made with: the live stream, and the files beside them."""

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.response import Stream

from services.dashboard.live import watch_ledger
from services.dashboard.render import ASSETS
from services.dashboard.visit import Visit

FOREVER = "public, max-age=31536000, immutable"


@get("/live")
async def watch(visit: NamedDependency[Visit]) -> Stream:
    """Where the ledger is, and each time that it moves on."""
    visit.require("read")
    visit.service.feed.check_room(visit.key.ledger_id, visit.key.key_id)
    headers = {"Cache-Control": "private, no-store", "X-Accel-Buffering": "no"}
    return Stream(watch_ledger(visit.service, visit.key), media_type="text/event-stream", headers=headers)


@get("/assets/{name:str}")
async def send_asset(name: FromPath[str]) -> Response[bytes]:
    """A style sheet, a module or a picture."""
    asset = ASSETS.get(name)
    if asset is None:
        raise NotFoundException
    return Response(asset.content, media_type=asset.media_type, headers={"Cache-Control": FOREVER})
