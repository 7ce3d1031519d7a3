"""Templates and the files beside them, and the headers under which they leave."""

import hashlib
import importlib.resources
from datetime import UTC, datetime
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from litestar import MediaType, Response

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
PAGE_HEADERS = {
    "Cache-Control": "private, no-store",
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Referrer-Policy": "same-origin",  # so that a form's Origin tells where it stood
}
MEDIA_TYPES = {".css": "text/css", ".svg": "image/svg+xml"}


class Asset:
    """A file that is served under a name with its hash in it, so that it may be kept for ever."""

    def __init__(self, name: str) -> None:
        self.content = importlib.resources.files("services.dashboard").joinpath("static", name).read_bytes()
        stem, dot, suffix = name.rpartition(".")
        self.name = f"{stem}.{hashlib.sha256(self.content).hexdigest()[:12]}{dot}{suffix}"
        self.media_type = MEDIA_TYPES[dot + suffix]


_FILES = {name: Asset(name) for name in ("dashboard.css", "icon.svg")}
ASSETS = {asset.name: asset for asset in _FILES.values()}
"""By the name in their address."""


def asset_url(name: str) -> str:
    """The address of a file."""
    return f"/assets/{_FILES[name].name}"


def number(value: int) -> str:
    """A whole number with its thousands apart, and a minus that is one."""
    return f"{value:,}".replace(",", "\N{NARROW NO-BREAK SPACE}").replace("-", "\N{MINUS SIGN}")


PLURALS = {"favour": "favours", "minute": "minutes", "hour": "hours", "day": "days", "point": "points"}


def units(unit: str) -> str:
    """Several of a unit: ledgers name their own, and only of some we know how."""
    return PLURALS.get(unit, unit)


def amount(quantity: int, unit: str) -> str:
    """How much of a unit."""
    return f"{number(quantity)} {unit if abs(quantity) == 1 else units(unit)}"


def day(moment: datetime) -> str:
    """A date as people write it."""
    return f"{moment.astimezone(UTC):%-d %b %Y}"


def minute(moment: datetime) -> str:
    """A date and time as people write it."""
    return f"{moment.astimezone(UTC):%-d %b %Y, %H:%M} UTC"


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("services.dashboard"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"number": number, "units": units, "day": day, "minute": minute}
    environment.globals |= {"asset_url": asset_url, "amount": amount}
    return environment


_templates = _environment()


def render(template: str, **context: Any) -> str:  # noqa: ANN401 - as templates take it
    """The text of a template."""
    return _templates.get_template(template).render(**context)


def page(template: str, *, status_code: int = 200, **context: Any) -> Response[str]:  # noqa: ANN401 - as templates take it
    """A page from its template."""
    return Response(
        render(template, **context), status_code=status_code, media_type=MediaType.HTML, headers=PAGE_HEADERS
    )
