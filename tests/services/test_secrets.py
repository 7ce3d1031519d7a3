"""Secrets are compared in a time that does not tell how much of one was right: by ``hmac.compare_digest``."""

import ast
import pathlib
import re
from collections.abc import Iterator

SERVICES = pathlib.Path(__file__).resolve().parents[2] / "services"
SECRET = re.compile(r"(secret|token|password|passphrase|cookie|nonce|mac|hash|hashed|digest|seal|sealed)s?$")
PUBLIC = {
    "services/proof": "hashes of logs, which are public",
    "services/database/migrate.py": "hashes of files",
    "services/backup": "hashes of logs",
    "services/cli/restoring.py": "a passphrase that one person types twice",
}
"""Where such a name means something that everybody may know, or that is known to who compares."""


def compared() -> Iterator[str]:
    """Comparisons by == of anything that is named like a secret, with anything but a constant."""
    for path in sorted(SERVICES.rglob("*.py")):
        place = path.relative_to(SERVICES.parent).as_posix()
        if any(place.startswith(public) for public in PUBLIC):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Compare) or not isinstance(node.ops[0], ast.Eq | ast.NotEq):
                continue
            sides = [node.left, *node.comparators]
            if any(map(_is_secret, sides)) and not any(isinstance(side, ast.Constant) for side in sides):
                yield f"{place}:{node.lineno}"


def _is_secret(side: ast.expr) -> bool:
    name = side.id if isinstance(side, ast.Name) else side.attr if isinstance(side, ast.Attribute) else ""
    return SECRET.search(name) is not None


def test_no_secret_is_compared_by_its_letters() -> None:
    assert list(compared()) == []


def test_what_is_public_is_there() -> None:
    assert all((SERVICES.parent / place).exists() for place in PUBLIC)
