"""One favour: what it was, what may be done with it, and all that was said of it."""

from uuid import UUID

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from services.dashboard.openacts import offers_of
from services.dashboard.stories import tell_history
from services.dashboard.visit import Visit, open_frame
from services.reading.as_of import now
from services.reading.favours import read_favour
from services.reading.history import load_histories


@get("/favours/{favour:uuid}")
async def show_favour(favour: FromPath[UUID], visit: NamedDependency[Visit]) -> Response[str]:
    """One favour."""
    visit.require("read")
    async with visit.look() as snapshot:
        frame = open_frame(visit, snapshot)
        answer, histories = await snapshot.together.all(
            read_favour(snapshot, favour),
            load_histories(snapshot, [favour], now(snapshot)),
        )
        view, history = answer.favour, histories[favour]
        offers = await offers_of(visit, snapshot, history, favour)
        told = await tell_history(visit, snapshot, frame, history)
        await frame.name(snapshot, [view.giver, view.receiver, *(offer.by for offer in offers)])
    return frame.page("favour.html", favour=view, told=told, offers_now=offers)
