"""The HTTP fixtures, for what is sent without an end."""

from tests.services.http.conftest import (  # noqa: F401 - fixtures
    _built,
    admin,
    app,
    client,
    headers_of,
    people,
    recorder,
    stranger,
)
