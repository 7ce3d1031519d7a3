"""The page of settings says what the code reads."""

import inspect
import re

from services import settings
from tests.docs.configuration import FILE, rows, write


def test_the_page_is_up_to_date() -> None:
    assert FILE.read_text(encoding="utf-8") == write(), "uv run just configuration"


def test_every_variable_that_is_read_is_listed() -> None:
    code = inspect.getsource(settings).replace(settings.__doc__ or "", "")
    read = set(re.findall(r'"(REQUITE_[A-Z_]+|(?:READ_)?DATABASE_URLS?)"', code))
    assert read == {name for name, _, _ in rows()}
