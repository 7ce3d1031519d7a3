"""How well opinions foretell: on stories whose figures can be told by hand."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from domain.policy import Policy
from domain.trust import Evidence, decay, form_opinion
from services.reading.calibration import Ended, foretell, parts_of
from services.reading.interval import share_interval

ANNA, BEN = UUID(int=1), UUID(int=2)
FIRST = datetime(2024, 1, 1, tzinfo=UTC)
POLICY = Policy(base_rate=0.5)


def ended(party: UUID, made: int, said: int, *, kept: float) -> Ended:
    """A promise by the days on which it was made and on which somebody said how it ended."""
    moment = FIRST + timedelta(days=said)
    return Ended(party, FIRST + timedelta(days=made), Evidence(kept, 1 - kept, moment))


def test_a_promise_is_foretold_from_what_was_said_before_it_was_made() -> None:
    story = [
        ended(ANNA, 0, 10, kept=1.0),
        ended(ANNA, 5, 20, kept=0.0),  # made before the first was said to be kept
        ended(BEN, 11, 12, kept=0.5),
        ended(ANNA, 30, 40, kept=1.0),
    ]
    foretold = foretell(story, POLICY)
    assert [came for _expected, came in foretold] == [1.0, 0.0, 0.5, 1.0]
    assert [expected for expected, _came in foretold[:3]] == [0.5, 0.5, 0.5]
    known = [story[0].evidence, story[1].evidence]
    then = form_opinion(known, story[3].made_at, POLICY.half_life_days, POLICY.base_rate)
    assert foretold[3][0] == pytest.approx(then.expected)
    assert decay(timedelta(), POLICY.half_life_days) == 1.0


def test_foretellings_are_put_together_by_tenths() -> None:
    parts = parts_of([(0.05, 0.0), (0.5, 1.0), (0.59, 0.0), (1.0, 1.0), (1.0, 0.5)])
    assert [(part.low, part.n, part.kept) for part in parts] == [(0.0, 1, 0.0), (0.5, 2, 0.5), (0.9, 2, 0.75)]
    assert [part.foretold for part in parts] == pytest.approx([0.05, 0.545, 1.0])
    assert parts[1].fits
    assert not parts_of([(0.05, 1.0)] * 20)[0].fits


def test_the_interval_of_a_share() -> None:
    """Jeffreys' at 90 % for 4 of 10, from R: qbeta(c(0.05, 0.95), 4.5, 6.5)."""
    assert share_interval(4, 10) == pytest.approx((0.1855, 0.6537), abs=0.005)
    assert share_interval(0, 10)[0] == 0.0
    assert share_interval(10, 10)[1] == 1.0
