"""The application: routes, what they share, and the two ways to make it."""

import asyncio
import gc
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from litestar import Litestar, Router
from litestar.di import Provide
from litestar.routes import HTTPRoute

from services.access.doorkeeper import Doorkeeper
from services.dashboard import DASHBOARD
from services.dashboard.names import Names
from services.database.master_key import load_master_key
from services.feeds.signals import ending_at_a_signal
from services.http.batch import batch
from services.http.bodies import JsonRequest
from services.http.commands import COMMAND_ROUTES
from services.http.deadline import within
from services.http.direct import directly
from services.http.guards import (
    look_over,
    provide_access_key,
    provide_doorkeeper,
    provide_service,
    provide_workbench,
)
from services.http.health import live, ready
from services.http.imports import ImportController
from services.http.keys import KeyController, read_own_key
from services.http.ledgers import read_ledger
from services.http.limits import Limits, Meter, Rate
from services.http.metrics import metrics
from services.http.observe import observed
from services.http.openapi import SECURITY, complete, openapi_config
from services.http.problems import answer_error
from services.http.reads import READ_CONTROLLERS
from services.http.reminders import STOP_MAILS, ReminderController, send_calendar
from services.http.versions import provide_must_match
from services.http.webhooks import WebhookController
from services.imports.background import Workbench, working
from services.ledger.forgetting import forgetting
from services.logging import configure_logging, log_loop_error
from services.operations.draining import draining_on_signal
from services.operations.metrics import CountingWatch, watching
from services.operations.tracing import tracing_from_environment
from services.proof.builder import building
from services.proof.notary import Notary
from services.reminders.mail import MailServer
from services.reminders.sending import reminding
from services.service import Service, open_service
from services.settings import OidcSettings, Settings, SettingsError
from services.webhooks.courier import delivering

BODY_LIMIT_BYTES = 256 * 1024
LIMITS = Limits()


def create_app(service: Service) -> Litestar:
    """The application of a service that is open already, and stays its owner's to close."""
    app = build_app()
    serve(app, service)
    return app


def app_from_environment() -> Litestar:
    """The application of a worker process: opens the service of the environment's settings as long as it runs."""
    settings = Settings.from_environment()
    configure_logging(settings.log_level)
    url = settings.database_url
    if url is None:
        raise SettingsError("A worker needs DATABASE_URL; 'requite serve' sets it, and starts a database if need be.")

    @asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncIterator[None]:
        asyncio.get_running_loop().set_exception_handler(log_loop_error)
        master_key = load_master_key(settings)
        notary = Notary.of(settings, master_key)
        rate = None if settings.rate_limit is None else Rate(*settings.rate_limit)
        limits = Limits(rate=rate, must_match=settings.must_match)
        app.state.metrics_token = settings.metrics_token
        tracing = tracing_from_environment()
        opening = open_service(
            url,
            master_key,
            notary=notary,
            erasures=settings.erasures,
            archive=settings.archive,
            allow_private_webhooks=settings.webhooks_allow_private,
            read_urls=settings.read_database_urls,
            watch=CountingWatch(),
            tracing=tracing,
        )
        async with (
            opening as service,
            building(service),
            forgetting(service),
            delivering(service),
            watching(service),
            serve(app, service, limits, settings.oidc).noting(),
            reminding(service, MailServer.of(settings)),
        ):
            with draining_on_signal(service.feed.end) as app.state.draining, ending_at_a_signal(service.feed):
                async with working(app.state.workbench):
                    gc.collect()
                    gc.freeze()  # routes, schemas, modules: they stay, and no collection need go through them again
                    yield
        tracing.stop()

    return build_app([lifespan])


def serve(app: Litestar, service: Service, limits: Limits = LIMITS, oidc: OidcSettings | None = None) -> Doorkeeper:
    """Have an application answer from this service from now on; answers its doorkeeper, whose notes want writing."""
    app.state.service = service
    app.state.limits = limits
    app.state.meter = None if limits.rate is None else Meter(limits.rate)
    app.state.doorkeeper = doorkeeper = Doorkeeper(service.ledgers, service.clock)
    app.state.names = Names()
    app.state.provider = None
    if oidc is not None:
        from services.dashboard.provider import Provider  # noqa: PLC0415 - large: loaded when first needed

        app.state.provider = Provider(oidc.issuer, oidc.client_id, oidc.client_secret)
    app.state.workbench = Workbench()
    return doorkeeper


def build_app(lifespan: Sequence[Callable[[Litestar], AbstractAsyncContextManager[None]]] = ()) -> Litestar:
    """The application with all its routes, without a service as yet."""
    ledger = Router(
        "/v1/ledgers/{ledger:str}",
        route_handlers=[
            read_ledger,
            batch,
            *COMMAND_ROUTES,
            read_own_key,
            KeyController,
            WebhookController,
            ImportController,
            ReminderController,
            *READ_CONTROLLERS,
        ],
        before_request=look_over,
        security=[{SECURITY: []}],
    )
    app = Litestar(
        route_handlers=[ledger, live, ready, metrics, send_calendar, STOP_MAILS, DASHBOARD],
        dependencies={
            "service": Provide(provide_service, sync_to_thread=False),
            "access_key": Provide(provide_access_key, sync_to_thread=False),
            "doorkeeper": Provide(provide_doorkeeper, sync_to_thread=False),
            "must_match": Provide(provide_must_match, sync_to_thread=False),
            "workbench": Provide(provide_workbench, sync_to_thread=False),
        },
        exception_handlers={Exception: answer_error},
        lifespan=lifespan,
        logging_config=None,
        openapi_config=openapi_config(),
        request_class=JsonRequest,
        request_max_body_size=BODY_LIMIT_BYTES,
    )
    app.state.limits = LIMITS
    complete(app)
    resolve_in_turn(app)
    app.asgi_handler = observed(within(directly(app), lambda: app.state.limits))
    return app


def resolve_in_turn(app: Litestar) -> None:
    """Have dependencies resolved one after the other, in the order of their names where none needs another.

    Side by side each is a task of its own. Ours wait for nothing, so that only costs.
    """
    for route in app.routes:
        if isinstance(route, HTTPRoute):
            for _, model in route.route_handler_map.values():
                batches = [sorted(batch, key=lambda one: one.key) for batch in model.dependency_batches]
                model.dependency_batches = [{one} for batch in batches for one in batch]
