"""docs/client.md is run as it stands there."""

import contextlib
import io
import pathlib
import re

from tests.services.client.conftest import Place
from tests.serving import Serving

PAGE = pathlib.Path(__file__).resolve().parents[3] / "docs" / "client.md"


def test_every_block_runs(serving: Serving, place: Place) -> None:
    text = PAGE.read_text(encoding="utf-8")
    text = text.replace("http://127.0.0.1:8080", serving.address).replace("rq_…", place.key)
    text = text.replace('ledger("demo")', 'ledger("village")')
    blocks = re.findall(r"^```python\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)
    assert len(blocks) > 5
    names: dict[str, object] = {"__name__": "docs"}
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        for block in blocks:
            exec(compile(block, str(PAGE), "exec"), names)  # noqa: S102 - our own page
        for name in ("client", "patient", "hasty"):
            names[name].close()  # type: ignore[attr-defined]
    assert "promise.accepted" in printed.getvalue()
