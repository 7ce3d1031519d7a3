"""All pages, and what they share: the session, the visit, and what is told instead of an error."""

from typing import Any

from litestar import Request, Router
from litestar.di import Provide

from services.dashboard.charts.bars import diverging
from services.dashboard.charts.funnel import funnel, parts_of
from services.dashboard.charts.lanes import mark_of
from services.dashboard.charts.rows import days
from services.dashboard.errors import answer_page_error
from services.dashboard.names import Names
from services.dashboard.pages.acts import show_form, submit_form
from services.dashboard.pages.attention import show_attention
from services.dashboard.pages.claims import ask_to_claim, claim, invite_party, show_ledgers, switch_ledger
from services.dashboard.pages.favours import show_favour
from services.dashboard.pages.imports import preview_import, run_import, show_import, show_imports, undo_import
from services.dashboard.pages.introductions import show_introduction, show_introductions
from services.dashboard.pages.log import show_event, show_log
from services.dashboard.pages.network import show_network
from services.dashboard.pages.people import show_data, show_party, show_people, suggest_people
from services.dashboard.pages.promises import show_calibration, show_promise, show_promises, take_promises
from services.dashboard.pages.provider import come_back, go_to_provider
from services.dashboard.pages.relationship import show_relationship, show_relationships
from services.dashboard.pages.settings import change_policy, end_key, make_key, show_settings
from services.dashboard.pages.signing import ask_to_sign_in, redeem, set_language, sign_out
from services.dashboard.pages.standing import show_standing
from services.dashboard.pages.stream import send_asset, watch
from services.dashboard.pages.trust import show_trust
from services.dashboard.pages.webhooks import act_on_webhook, make_webhook, show_webhook, show_webhooks
from services.dashboard.phrases import asks, choice, conduct_of, notice, scope_words, title_meaning, title_of
from services.dashboard.render import share_with_templates
from services.dashboard.sessions import Sessions, provide_visitor
from services.dashboard.visit import provide_visit

share_with_templates(
    asks=asks,
    choice=choice,
    conduct_of=conduct_of,
    days=days,
    diverging=diverging,
    funnel=funnel,
    mark_of=mark_of,
    notice=notice,
    parts_of=parts_of,
    scope_words=scope_words,
    title_meaning=title_meaning,
    title_of=title_of,
)


def provide_names(request: Request[Any, Any, Any]) -> Names:
    """The names that this process keeps."""
    names: Names = request.app.state.names
    return names


PAGES = [
    show_standing,
    show_people,
    suggest_people,
    show_party,
    show_data,
    show_trust,
    show_relationships,
    show_relationship,
    show_promises,
    take_promises,
    show_calibration,
    show_promise,
    show_favour,
    show_introductions,
    show_introduction,
    show_attention,
    show_network,
    show_log,
    show_event,
    show_imports,
    preview_import,
    run_import,
    show_import,
    undo_import,
    show_form,
    submit_form,
    show_settings,
    change_policy,
    make_key,
    end_key,
    show_webhooks,
    make_webhook,
    show_webhook,
    act_on_webhook,
    invite_party,
    ask_to_claim,
    claim,
    show_ledgers,
    switch_ledger,
    go_to_provider,
    come_back,
    ask_to_sign_in,
    redeem,
    sign_out,
    set_language,
    watch,
]

DASHBOARD = Router(
    "/",
    route_handlers=[
        Router(
            "/",
            route_handlers=PAGES,
            middleware=[Sessions()],
            dependencies={
                "visitor": Provide(provide_visitor),
                "visit": Provide(provide_visit),
                "names": Provide(provide_names, sync_to_thread=False),
            },
        ),
        send_asset,
    ],
    exception_handlers={Exception: answer_page_error},
    include_in_schema=False,
)
