"""What a validator says, for people: rules in words."""

from collections.abc import Iterator
from typing import Annotated, Any

import msgspec
import pytest

from services.http.app import build_app
from services.text import FORMS, in_words


def patterns(document: Any) -> Iterator[str]:
    """All patterns of a schema."""
    match document:
        case dict():
            if isinstance(document.get("pattern"), str):
                yield document["pattern"]
            for inner in document.values():
                yield from patterns(inner)
        case list():
            for inner in document:
                yield from patterns(inner)
        case _:
            pass


def said(pattern: str) -> str:
    """What is said of a text that does not have this form."""
    with pytest.raises(msgspec.ValidationError) as refused:
        msgspec.convert(["\x01~ "], tuple[Annotated[str, msgspec.Meta(pattern=pattern)]])
    return in_words(str(refused.value))


def test_every_form_that_the_api_asks_for_is_said_in_words() -> None:
    asked_for = set(patterns(build_app().openapi_schema.to_schema()))
    assert len(asked_for) > 10
    for pattern in asked_for:
        words = said(pattern)
        assert words.startswith("Expected "), pattern
        assert "regex" not in words, pattern
        assert "another form" not in words, pattern


def test_the_words_say_what_to_write() -> None:
    assert said(r"^(vcard|google-contacts)$") == "Expected one of: vcard, google-contacts - at `$[0]`"
    assert said(r"^[A-Z]{3}$") == "Expected three capital letters, as EUR - at `$[0]`"
    assert said(r"^'[\x20]'$") == "Expected another form - at `$[0]`"
    assert in_words("Expected `int`, got `str`") == "Expected `int`, got `str`"
    assert len(set(FORMS.values())) >= len(FORMS) - 1
