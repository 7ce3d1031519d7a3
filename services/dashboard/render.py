"""Templates and the files beside them, and the headers under which they leave."""

import hashlib
import importlib.resources
from datetime import UTC, date, datetime
from typing import Any

from babel.dates import format_date, format_time
from jinja2 import Environment, PackageLoader, StrictUndefined
from litestar import MediaType, Response
from markupsafe import Markup, escape

from services.dashboard.language import direction, languages, mark, spoken, translate, translate_plural

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self';"
    " connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none';"
    " require-trusted-types-for 'script'; trusted-types 'none'"
)
PAGE_HEADERS = {
    "Cache-Control": "private, no-store",
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Referrer-Policy": "same-origin",  # so that a form's Origin tells where it stood
    "Vary": "Accept-Language",
}
MEDIA_TYPES = {".css": "text/css", ".svg": "image/svg+xml", ".js": "text/javascript"}
FILES = ("audit.css", "base.css", "parts.css", "charts.css", "dashboard.js", "icon.svg")


class Asset:
    """A file that is served under a name with its hash in it, so that it may be kept for ever."""

    def __init__(self, name: str) -> None:
        self.content = importlib.resources.files("services.dashboard").joinpath("static", name).read_bytes()
        stem, dot, suffix = name.rpartition(".")
        self.name = f"{stem}.{hashlib.sha256(self.content).hexdigest()[:12]}{dot}{suffix}"
        self.media_type = MEDIA_TYPES[dot + suffix]


_FILES = {name: Asset(name) for name in FILES}
ASSETS = {asset.name: asset for asset in _FILES.values()}
"""By the name in their address."""


def asset_url(name: str) -> str:
    """The address of a file."""
    return f"/assets/{_FILES[name].name}"


def style_sheet(name: str) -> str:
    """The text of a style sheet, for a page that is kept as a file and has no server beside it."""
    return _FILES[name].content.decode()


def number(value: int) -> str:
    """A whole number with its thousands apart, and a minus that is one."""
    return f"{value:,}".replace(",", "\N{NARROW NO-BREAK SPACE}").replace("-", "\N{MINUS SIGN}")


def signed(value: int) -> str:
    """A whole number with its sign, where it has one."""
    return f"+{number(value)}" if value > 0 else number(value)


def share(value: float | None, digits: int = 2) -> str:
    """A figure between 0 and 1, or another that is no whole number."""
    return "\N{EN DASH}" if value is None else f"{value:.{digits}f}".replace("-", "\N{MINUS SIGN}")


def percent(value: float | None) -> str:
    """A share in hundredths."""
    return "\N{EN DASH}" if value is None else f"{100 * value:.0f}\N{NARROW NO-BREAK SPACE}%"


PLURALS = {
    "favour": mark("favours"),
    "minute": mark("minutes"),
    "hour": mark("hours"),
    "day": mark("days"),
    "point": mark("points"),
    "pound": mark("pounds"),
}


def units(unit: str) -> str:
    """Several of a unit: ledgers name their own, and only of some we know how."""
    return translate(PLURALS.get(unit, unit))


def amount(quantity: int, unit: str) -> str:
    """How much of a unit."""
    return f"{number(quantity)} {translate(unit) if abs(quantity) == 1 else units(unit)}"


def day(moment: datetime | date) -> str:
    """A date as people write it."""
    if isinstance(moment, datetime):
        moment = moment.astimezone(UTC).date()
    return f"{moment:%-d %b %Y}" if spoken() == "en" else format_date(moment, "medium", locale=spoken())


def weekday(moment: date) -> str:
    """The short name of a day of the week."""
    return format_date(moment, "EEE", locale=spoken())


def minute(moment: datetime) -> str:
    """A date and time as people write it."""
    return f"{day(moment)}, {format_time(moment.astimezone(UTC), 'HH:mm', locale=spoken())} UTC"


def time_tag(moment: datetime, *, exact: bool = False) -> Markup:
    """A moment as a page shows it: in UTC, until the page's module puts it in the reader's own zone."""
    kind = "minute" if exact else "day"
    text = minute(moment) if exact else day(moment)
    stamp = moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    title, shown = escape(minute(moment)), escape(text)
    return Markup(f'<time datetime="{stamp}" data-show="{kind}" title="{title}">{shown}</time>')  # noqa: S704 - escaped


def said(text: str, /, **values: object) -> Markup:
    """A text in the reader's language, with values put in by name.

    As Jinja's own, which takes three times as long: a page says hundreds.
    """
    translated = Markup(translate(text))  # noqa: S704 - ours: what is put in is escaped
    return translated % values if "%" in translated else translated


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("services.dashboard"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
        auto_reload=False,
    )
    environment.install_gettext_callables(translate, translate_plural, newstyle=True)  # type: ignore[attr-defined]
    environment.filters |= {
        "number": number,
        "signed": signed,
        "share": share,
        "percent": percent,
        "units": units,
        "day": day,
        "minute": minute,
        "weekday": weekday,
        "when": time_tag,
    }
    environment.globals |= {
        "_": said,
        "asset_url": asset_url,
        "amount": amount,
        "spoken": spoken,
        "direction": direction,
        "languages": languages,
    }
    return environment


_templates = _environment()


def render(template: str, **context: Any) -> str:  # noqa: ANN401 - as templates take it
    """The text of a template."""
    return _templates.get_template(template).render({"frame": None, **context})


def share_with_templates(**functions: Any) -> None:  # noqa: ANN401 - functions of any kind
    """Have templates know functions of other modules under these names."""
    _templates.globals |= functions


def page(template: str, *, status_code: int = 200, **context: Any) -> Response[str]:  # noqa: ANN401 - as templates take it
    """A page from its template."""
    return Response(
        render(template, **context), status_code=status_code, media_type=MediaType.HTML, headers=PAGE_HEADERS
    )
