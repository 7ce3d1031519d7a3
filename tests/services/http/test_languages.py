"""The pages' languages: every text is in every catalogue, with the same places for values; and who gets which."""

import pathlib
import re
from datetime import UTC, datetime

import pytest
from babel.messages.extract import extract_from_dir

from services.dashboard.language import (
    SOURCE,
    accepted,
    choose_language,
    direction,
    languages,
    speak,
    translate,
    translate_plural,
)
from services.dashboard.render import day, minute, number, weekday
from tests.services.http.conftest import Client

FOLDER = pathlib.Path(__file__).resolve().parents[3] / "services" / "dashboard"
METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2")]
OPTIONS = {"**/templates/**.html": {"extensions": "jinja2.ext.i18n", "trim_blocks": "true", "lstrip_blocks": "true"}}
KEYWORDS = {"_": None, "mark": None, "translate": None}
PLACE = re.compile(r"%\(\w+\)s|\{\d\}")


@pytest.fixture(autouse=True)
def _in_the_source() -> None:
    speak(SOURCE)


def texts() -> set[str]:
    """Every text that a person reads."""
    found = extract_from_dir(FOLDER, METHODS, OPTIONS, KEYWORDS)
    return {message for _, _, message, _, _ in found if isinstance(message, str)}


@pytest.mark.parametrize("code", [code for code in languages() if code != SOURCE])
def test_every_text_is_translated(code: str) -> None:
    speak(code)
    there = texts()
    assert len(there) > 700
    missing = [text for text in there if translate(text) == text and re.search(r"[a-z]{3}", text)]
    assert set(missing) <= {
        "Name",
        "Organisation",
        "video",
        "In %(unit)s",
        "Webhook",
        "Webhooks",
    }  # the same words in another language
    broken = [text for text in there if set(PLACE.findall(text)) != set(PLACE.findall(translate(text)))]
    assert not broken


def test_there_are_three() -> None:
    assert languages() == ("en", "ar", "de")


def test_who_gets_which() -> None:
    assert choose_language(accepted("fr-FR, de;q=0.8, en;q=0.9")) == "en"
    assert choose_language(accepted("de-AT")) == "de"
    assert choose_language(accepted("x;q=nonsense, ar")) == "ar"
    assert choose_language(accepted("")) == "en"


def test_values_dates_and_numbers() -> None:
    moment = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
    assert (day(moment), minute(moment), weekday(moment.date())) == ("1 Mar 2026", "1 Mar 2026, 09:30 UTC", "Sun")
    assert translate("Event %(number)s", number=number(1200)) == "Event 1\N{NARROW NO-BREAK SPACE}200"
    assert translate_plural("%(num)s day", "%(num)s days", 1) == "1 day"
    assert translate_plural("%(num)s day", "%(num)s days", 3) == "3 days"
    speak("de")
    assert (day(moment), weekday(moment.date())) == ("01.03.2026", "So.")
    assert (translate("Not a text of ours"), direction()) == ("Not a text of ours", "ltr")
    speak("ar")
    assert direction() == "rtl"


@pytest.mark.anyio
async def test_a_page_is_in_the_readers_language(client: Client) -> None:
    german = await client.get("/", headers={"Accept-Language": "de"})
    assert "Gib so viel, wie du nimmst" in german.text
    assert '<html lang="de" dir="ltr">' in german.text
    arabic = await client.get("/", headers={"Accept-Language": "ar"})
    assert '<html lang="ar" dir="rtl">' in arabic.text
    assert "Nicht gefunden" not in arabic.text
    chosen = await client.post("/language", data={"language": "de", "back": "//evil.example"})
    assert (chosen.status_code, chosen.headers["location"]) == (303, "/")
    assert "Gib so viel" in (await client.get("/", headers={"Accept-Language": "en"})).text
    assert (await client.post("/language", data={"language": "tlh"})).status_code == 400
