"""Short phrases that templates ask for by a code: what waits, what was chosen, what a notice says, how one deals."""

from services.dashboard.forms.words import CHOICES, SAID, said
from services.dashboard.language import mark
from services.dashboard.language import translate as _
from services.dashboard.render import number, percent
from services.dashboard.visit import SCOPE_WORDS
from services.ledger.order import NOTICES
from services.reading.conduct import Conduct

ASKS = {
    "request": mark("a promise is asked for"),
    "offer": mark("a promise is offered"),
    "counter": mark("other terms are named"),
    "report": mark("delivery was reported"),
    "terms": mark("new terms are proposed"),
    "date": mark("a date is asked for"),
    "handover": mark("a promise to take over"),
    "dispute": mark("it is disputed"),
    "introduction": mark("an introduction wants your answer"),
}
READ_BY_CODE = (
    *(mark("asked"), mark("open"), mark("kept"), mark("requested"), mark("offered"), mark("countered"), mark("lapsed")),
    *(mark("declined"), mark("withdrawn"), mark("not started"), mark("in progress"), mark("awaiting an answer")),
    *(mark("reported"), mark("kept on time"), mark("kept late"), mark("partly kept"), mark("broken")),
    *(mark("taken back"), mark("reneged"), mark("released"), mark("disputed"), mark("unconfirmed"), mark("retracted")),
    *(
        mark("ledger"),
        mark("party"),
        mark("favour"),
        mark("introduction"),
        mark("promise"),
        mark("contact"),
        mark("tie"),
    ),
    *(mark("made"), mark("delivered"), mark("overdue"), mark("behind")),
    *(mark("minute"), mark("hour"), mark("day"), mark("point"), mark("pound")),
)
"""Texts that templates read by a standing, a kind or a unit: named here, so that catalogues have them."""
NOTICE_TEXTS = {notice.code: notice.detail for notice in NOTICES.values()}
DAY_S, HOUR_S = 86_400, 3_600


def asks(kind: str) -> str:
    """What waits for an answer."""
    return _(ASKS[kind])


def choice(value: str) -> str:
    """A word that a command takes, as people say it."""
    return _(CHOICES.get(value, value.replace("_", " ")))


def notice(code: str) -> str:
    """What a receipt draws attention to; nothing, for a code that there is not."""
    return _(NOTICE_TEXTS.get(code, ""))


def title_of(act: str) -> str:
    """What an act is called."""
    return said(act).title


def title_meaning(act: str) -> str:
    """What an act means."""
    return _(SAID[act].meaning)


def scope_words(scope: str) -> str:
    """What a scope allows."""
    return _(SCOPE_WORDS[scope])


def conduct_of(conduct: Conduct) -> list[tuple[str, str]]:
    """How a party deals with others, line by line."""
    reciprocity, answers = conduct.reciprocity, conduct.answer_time
    return [
        (
            _("Gave and took"),
            _("%(gave)s times and %(took)s times", gave=number(reciprocity.given), took=number(reciprocity.taken)),
        ),
        (_("Acknowledged what was received"), _of(conduct.acknowledgement.count, conduct.acknowledgement.of)),
        (_("Was in dispute"), _of(conduct.disputes.count, conduct.disputes.of)),
        (_("Answered within"), _within(answers.median_s)),
        (_("Asked for something improper"), _("%(count)s times", count=number(conduct.improper_asks))),
    ]


def _of(count: int, of: int) -> str:
    text = _("%(count)s of %(of)s", count=number(count), of=number(of))
    return f"{text} ({percent(count / of)})" if of else text


def _within(seconds: float | None) -> str:
    if seconds is None:
        return "\N{EN DASH}"
    if seconds >= 2 * DAY_S:
        return _("%(count)s days, at the median", count=number(round(seconds / DAY_S)))
    return _("%(count)s hours, at the median", count=number(max(1, round(seconds / HOUR_S))))
