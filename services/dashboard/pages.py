"""The pages: where one stands, signing in, signing out."""

from typing import Any
from urllib.parse import urlsplit

import msgspec
from litestar import Request, Response, Router, get, post
from litestar.di import NamedDependency, Provide
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.response import Redirect

from services.access.keys import AccessKey
from services.access.links import redeem_link
from services.dashboard.render import ASSETS, page
from services.dashboard.sessions import Sessions, provide_visitor, sign_in
from services.dashboard.standing import read_standing
from services.http.problems import Problem, answer_error
from services.ledger.opening import LEDGER_ID
from services.reading.snapshot import open_snapshot
from services.service import Service

FOREVER = "public, max-age=31536000, immutable"


class PageError(Exception):
    """Something that a person has to be told instead of the page."""

    def __init__(self, status_code: int, title: str, text: str) -> None:
        super().__init__(title)
        self.status_code = status_code
        self.title = title
        self.text = text


def answer_page_error(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """The page instead of the one that was asked for."""
    if isinstance(error, PageError):
        return page("message.html", status_code=error.status_code, title=error.title, text=error.text)
    answer = answer_error(request, error)  # which also logs it
    problem = msgspec.json.decode(answer.content, type=Problem)
    return page("message.html", status_code=problem.status, title=problem.title, text=problem.detail)


def require_same_origin(request: Request[Any, Any, Any]) -> None:
    """Refuse a form that stands on another site: nobody else signs a browser in or out.

    Browsers say where a form stood, by Sec-Fetch-Site where the connection is safe, else by Origin.
    """
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site is not None:
        same = site in {"same-origin", "none"}
    else:
        same = origin is None or urlsplit(origin).netloc == request.headers.get("host")
    if not same:
        raise PageError(403, "Not from here", "This form was sent from another site, so nothing was done.")


@get("/")
async def show_standing(visitor: NamedDependency[AccessKey | None], service: NamedDependency[Service]) -> Response[str]:
    """Where one stands; what this is, for who is not signed in."""
    if visitor is None:
        return page("welcome.html")
    async with open_snapshot(service, visitor.ledger_id) as snapshot:
        standing = await read_standing(snapshot, visitor)
    return page("standing.html", standing=standing)


@get("/sign-in/{ledger:str}/{token:str}")
async def ask_to_sign_in(ledger: FromPath[str], token: FromPath[str]) -> Response[str]:
    """A button. Programs that look at links before people do would use the link up, so looking does nothing."""
    del token
    if LEDGER_ID.fullmatch(ledger) is None:
        raise NotFoundException
    return page("sign_in.html", ledger=ledger)


@post("/sign-in/{ledger:str}/{token:str}", status_code=303)
async def redeem(
    ledger: FromPath[str], token: FromPath[str], request: Request[Any, Any, Any], service: NamedDependency[Service]
) -> Redirect:
    """Use the link up."""
    require_same_origin(request)
    key = await redeem_link(service.pool, ledger, token, clock=service.clock)
    if key is None:
        raise PageError(
            410,
            "This link no longer works",
            "A sign-in link is good once, within a quarter of an hour. Ask for a new one.",
        )
    sign_in(request, key)
    return Redirect("/", status_code=303)


@post("/sign-out", status_code=303)
async def sign_out(request: Request[Any, Any, Any]) -> Redirect:
    """End the session."""
    require_same_origin(request)
    request.clear_session()
    return Redirect("/", status_code=303)


@get("/assets/{name:str}")
async def send_asset(name: FromPath[str]) -> Response[bytes]:
    """A style sheet or a picture."""
    asset = ASSETS.get(name)
    if asset is None:
        raise NotFoundException
    return Response(asset.content, media_type=asset.media_type, headers={"Cache-Control": FOREVER})


DASHBOARD = Router(
    "/",
    route_handlers=[
        Router(
            "/",
            route_handlers=[show_standing, ask_to_sign_in, redeem, sign_out],
            middleware=[Sessions()],
            dependencies={"visitor": Provide(provide_visitor)},
        ),
        send_asset,
    ],
    exception_handlers={Exception: answer_page_error},
    include_in_schema=False,
)
