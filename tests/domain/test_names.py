"""Names: what may be one, and what is said of what may not."""

import pytest
from hypothesis import given as given_text
from hypothesis import strategies as st

from domain.names import fit_name, require_name
from domain.party import RenameParty
from domain.refusal import Refusal
from tests.examples import ANNA, open_ledger, party_registered, register_party
from tests.spec import given

FIT = {
    "Latin": "Anna Abel",
    "an accent of its own": "Zoe\u0308 Núñez",
    "an apostrophe and a dash": "Siobhán O’Neil-Smith",  # noqa: RUF001 - as people write it
    "one letter": "Ö",
    "digits": "113",
    "Arabic": "محمد",
    "Persian with a joiner": "علی\u200cرضا",  # noqa: RUF001 - as people write it
    "Arabic with a mark of direction": "محمد\u200f (2)",
    "a sign before a number": "\u0601\u0661",
    "Devanagari with a joiner": "क्\u200dष",
    "Malayalam that ends in one": "രാജന്\u200d",
    "Bengali with a non-joiner": "উদ্\u200cগম",
    "Sinhala": "ශ්\u200dරී",
    "a family": "👩\u200d👩\u200d👧",
    "a joined emoji with a selector": "❤\ufe0f\u200d🔥",
    "a tone of skin": "👩🏽\u200d🌾 Amina",
    "the flag of Wales": "Dafydd 🏴\U000e0067\U000e0062\U000e0077\U000e006c\U000e0073\U000e007f",
    "CJK": "山田 太郎",
    "a wide space": "山田\u3000太郎",
}
UNFIT = {
    "a line break": ("Anna\nAbel", "U+000A (a control character), which controls"),
    "a tab": ("Anna\tAbel", "U+0009"),
    "a C1 control": ("Anna\x85", "U+0085"),
    "a line separator": ("Anna\u2028", "U+2028 (LINE SEPARATOR)"),
    "an override": ("Anna \u202egnuF", "U+202E (RIGHT-TO-LEFT OVERRIDE), which turns the text around"),
    "an isolate": ("\u2066Anna\u2069", "U+2066 (LEFT-TO-RIGHT ISOLATE)"),
    "a space without width": ("An\u200bna", "U+200B (ZERO WIDTH SPACE), which is not seen"),
    "a byte order mark": ("\ufeffAnna", "U+FEFF"),
    "a soft hyphen": ("An\u00adna", "U+00AD (SOFT HYPHEN)"),
    "a filler": ("\u3164", "U+3164 (HANGUL FILLER), which is not seen"),
    "Braille without dots": ("\u2800", "U+2800"),
    "a joiner between Latin letters": ("An\u200dna", "U+200D (ZERO WIDTH JOINER), which is not seen, and joins"),
    "a joiner after a CJK letter": ("山\u200c\u0627", "U+200C"),
    "a joiner first": ("\u200cعلی", "U+200C (ZERO WIDTH NON-JOINER)"),
    "a joiner last": ("علی\u200d", "U+200D"),
    "two joiners": ("علی\u200c\u200cرضا", "U+200C"),  # noqa: RUF001 - as people write it
    "a joiner before a space": ("علی\u200c رضا", "U+200C"),
    "letters of a flag without one": ("Anna\U000e0067\U000e007f", "U+E0067 (TAG LATIN SMALL LETTER G)"),
    "spaces": (" \u3000\u00a0", "shows nothing"),
    "marks of direction": ("\u200e\u200f", "shows nothing"),
    "an accent alone": ("\u0301", "shows nothing"),
    "a selector alone": ("\ufe0f", "shows nothing"),
}


@pytest.mark.parametrize("name", FIT.values(), ids=FIT)
def test_what_may_be_a_name(name: str) -> None:
    require_name(name)


@pytest.mark.parametrize(("name", "says"), UNFIT.values(), ids=UNFIT)
def test_what_may_not(name: str, says: str) -> None:
    with pytest.raises(Refusal) as refused:
        require_name(name, "title")
    assert refused.value.code == "unfit_name"
    assert refused.value.message.startswith("title ")
    assert says in refused.value.message


@pytest.mark.parametrize("name", FIT.values(), ids=FIT)
def test_what_is_fit_stays_as_it_is(name: str) -> None:
    assert fit_name(name) == name


@given_text(st.text(st.sampled_from("".join([*FIT.values(), *(name for name, _ in UNFIT.values())])) | st.characters()))
def test_what_is_made_fit_is_or_shows_nothing(text: str) -> None:
    fit = fit_name(text)
    assert fit_name(fit) == fit
    if fit:
        require_name(fit)
    elif text:
        with pytest.raises(Refusal):
            require_name(text)


def test_what_nobody_sees_is_left_out() -> None:
    assert fit_name("\u202aAnna\u202c \ufeffAb\u00adel") == "Anna Abel"
    assert fit_name("\u200b\u3164") == ""


def test_what_is_named_asks_for_a_fit_name() -> None:
    for name in ("\u202e", "\u200b"):
        given().when(register_party(name=name), stream=ANNA).then_refused("unfit_name", mentions="name has")
        given(party_registered()).when(RenameParty(name=name), stream=ANNA).then_refused("unfit_name")
        given().when(open_ledger(title=name), capacity="admin").then_refused("unfit_name", mentions="title has")
