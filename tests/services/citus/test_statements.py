"""What every statement has to be like for Citus to send it to the one machine that its ledger is on."""

import pathlib
import re
from collections import Counter

import pytest

from services.database.distribution import LOCAL, REFERENCE

ROOT = pathlib.Path(__file__).parents[3]
FILES = sorted(
    path.relative_to(ROOT).as_posix()
    for package in ("services", "projections")
    for path in (ROOT / package).rglob("*.sql")
    if "migrations" not in path.parts
)
MIGRATIONS = "\n".join(path.read_text() for path in sorted((ROOT / "services/database/migrations").glob("*.sql")))
TABLES = frozenset(re.findall(r"CREATE TABLE (\w+)", MIGRATIONS)) - {*REFERENCE, *LOCAL}

SEVERAL = {
    "services/ledger/sql/": "the clerk's, for a batch: on Citus one of ledgers of one shard group",
    "services/access/sql/note_uses.sql": "when keys were last used, once a minute",
    "services/backup/sql/": "restoring, which has the database to itself",
    "services/feeds/sql/heads.sql": "how far the ledgers are that are listened to",
    "services/proof/sql/claim.sql": "the trees that are behind; see docs/scaling.md",
    "services/proof/sql/new_tree.sql": "the same",
}
"""Statements (or folders of them) that take several ledgers, in an array: whose, and why."""
EVERY = {
    "services/access/sql/claims_of_person.sql": "the ledgers in which a person who signed in has claimed a party",
    "services/backup/sql/erased.sql": "who was erased, for the list of erasures",
    "services/backup/sql/keyless.sql": "restoring",
    "services/backup/sql/keys_of_days.sql": "backing up",
    "services/backup/sql/keys_of_subjects.sql": "backing up",
    "services/backup/sql/ledgers.sql": "backing up",
    "services/cli/sql/any_ledger_key.sql": "one key of whichever ledger, as a command starts",
    "services/cli/sql/first_ledgers.sql": "the greeting of requite serve",
    "services/cli/sql/ledger_ids.sql": "the command line's list of ledgers",
    "services/ledger/sql/policies.sql": "which ledgers forget old words, once an hour",
    "services/operations/sql/tree_lag.sql": "metrics",
    "services/proof/sql/behind.sql": "which trees are behind",
    "services/reminders/sql/reminded_ledgers.sql": "which ledgers remind anyone",
    "services/webhooks/sql/candidates.sql": "which webhooks have something to deliver",
}
"""Statements that go over all ledgers, and why. None writes, and none is part of a request but the first."""

COMMENT = re.compile(r"--[^\n]*")
STRING = re.compile(r"E?'(?:[^']|'')*'")
USES = re.compile(r"\b(?:FROM|JOIN|UPDATE|INTO|USING)\s+(?P<table>\w+|\{\w+\})(?:\s+AS\s+(?P<alias>\w+))?")
EQUAL = re.compile(r"(?P<left>(?:\b\w+\.)?ledger_id) = (?P<right>\$\d+|(?:\w+\.)?ledger_id)")
IN_ARRAY = re.compile(r"(?P<left>(?:\b\w+\.)?ledger_id) = ANY \(\$\d+")
INSERTED = re.compile(
    r"INSERT INTO (?P<table>\w+)(?: AS (?P<alias>\w+))? \(\s*ledger_id\b[^)]*\)\s*(?:VALUES \(|SELECT (?:DISTINCT )?)"
    r"(?P<first>\$1|\w+\.ledger_id)"
)
FORBIDDEN = {
    "an advisory lock": r"pg_(try_)?advisory",
    "LISTEN or NOTIFY": r"^\s*(LISTEN|NOTIFY)\b|pg_notify",
    "MERGE": r"\bMERGE\s+INTO\b",
    "a sequence": r"\bnextval\b|\bSERIAL\b|GENERATED (ALWAYS|BY DEFAULT) AS IDENTITY|CREATE SEQUENCE",
    "a trigger": r"CREATE (CONSTRAINT )?TRIGGER",
    "a table lock": r"\bLOCK TABLE\b",
    "SERIALIZABLE": r"\bSERIALIZABLE\b",
}
LOCKS_ITS_OWN = "services/database/migration_lock.sql"
"""Locks schema_migration, which stays on the coordinator."""


def read(file: str) -> str:
    """A statement without comments, and without what is in quotes."""
    return STRING.sub("''", COMMENT.sub("", (ROOT / file).read_text()))


def reach(text: str) -> str:
    """Which ledgers a statement's tables are bound to: ``one`` (a parameter), ``several`` (an array's), or ``every``.

    Each use of a table has to be named in a condition on its ledger_id that leads to a parameter, or to an array.
    """
    uses = [
        (match.start(), match["alias"] or match["table"]) for match in USES.finditer(text) if match["table"] in TABLES
    ]
    used = Counter(name for _, name in uses)
    for match in INSERTED.finditer(text):
        if match["table"] in TABLES:
            used[match["alias"] or match["table"]] -= 1

    def owner(side: str, place: int) -> str:
        """Whose ledger_id is meant: without a name in front that of the table before it."""
        name = side.rpartition(".")[0]
        return side if side.startswith("$") else name or next((one for at, one in reversed(uses) if at < place), "")

    bound: dict[str, str] = {}
    said: Counter[str] = Counter()
    pairs = [
        (owner(match["left"], match.start()), owner(match["right"], match.start())) for match in EQUAL.finditer(text)
    ]
    arrays = [owner(match["left"], match.start()) for match in IN_ARRAY.finditer(text)]
    for left, right in [*pairs, *((one, "") for one in arrays)]:
        said.update({left, right})
    bound.update(dict.fromkeys(arrays, "several"))
    for _ in pairs:
        for left, right in [*pairs, *((right, left) for left, right in pairs)]:
            kind = "one" if right.startswith("$") else bound.get(right) or ("several" if right not in used else None)
            if left in used and kind and bound.get(left) != "one":
                bound[left] = kind
    kinds = {bound.get(one, "every") if said[one] >= count else "every" for one, count in used.items() if count > 0}
    first = {match["first"] for match in INSERTED.finditer(text)}
    if any(one.split(".")[0] not in used and one != "$1" for one in first):
        kinds.add("several")
    return next((kind for kind in ("every", "several") if kind in kinds), "one")


def listed(file: str, names: dict[str, str]) -> bool:
    """Whether a file is in a list, by itself or with its folder."""
    return any(file == name or (name.endswith("/") and file.startswith(name)) for name in names)


@pytest.mark.parametrize("file", FILES)
def test_a_statement_is_bound_to_its_ledger(file: str) -> None:
    if "/database/" in file:
        pytest.skip("migrating, on the coordinator")
    found = reach(read(file))
    if found == "every":
        assert file in EVERY, f"{file} reads or writes over all ledgers: bind each table by ledger_id"
    elif found == "several":
        assert listed(file, SEVERAL), f"{file} takes several ledgers"


def test_the_lists_hold_nothing_that_is_gone() -> None:
    every = {file for file in FILES if "/database/" not in file and reach(read(file)) == "every"}
    assert every == set(EVERY)
    several = [file for file in FILES if reach(read(file)) == "several"]
    assert [name for name in SEVERAL if not any(file.startswith(name) for file in several)] == []


@pytest.mark.parametrize("what", FORBIDDEN)
def test_nothing_that_citus_does_not_have(what: str) -> None:
    sources = {file: read(file) for file in FILES if file != LOCKS_ITS_OWN}
    sources["migrations"] = STRING.sub("''", COMMENT.sub("", MIGRATIONS))
    code = [path for path in (ROOT / "services").rglob("*.py") if "asyncpg" in path.read_text()]
    sources |= {path.relative_to(ROOT).as_posix(): path.read_text() for path in code}
    assert [name for name, text in sources.items() if re.search(FORBIDDEN[what], text, re.MULTILINE)] == []


def test_rows_are_locked_by_ledger() -> None:
    """``FOR UPDATE`` has to find all its rows on one machine."""
    locking = [file for file in FILES if re.search(r"\bFOR (NO KEY )?UPDATE\b", read(file))]
    several = [file for file in locking if reach(read(file)) != "one"]
    assert several == [
        "services/ledger/sql/forget_days.sql",  # on Citus one ledger a call
        "services/ledger/sql/heads_locked.sql",  # a batch: of one shard group
        "services/proof/sql/claim.sql",  # on Citus one ledger a call
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SELECT e.state FROM event AS e WHERE e.ledger_id = $1", "one"),
        ("SELECT state FROM event WHERE position = $1", "every"),
        ("SELECT FROM event AS e JOIN party AS p ON p.party_id = e.giver WHERE e.ledger_id = $1", "every"),
        ("SELECT FROM event AS e JOIN party AS p ON p.ledger_id = e.ledger_id WHERE e.ledger_id = $1", "one"),
        ("SELECT FROM event AS e JOIN party AS p ON p.ledger_id = e.ledger_id", "every"),
        ("SELECT FROM event AS e WHERE e.ledger_id = ANY ($1::text[])", "several"),
        (
            "SELECT FROM event AS e WHERE e.ledger_id = $1 AND EXISTS (SELECT FROM event AS e WHERE e.topic = $2)",
            "every",
        ),
        ("INSERT INTO claim (ledger_id, key_id) VALUES ($1, $2)", "one"),
        ("INSERT INTO claim (key_id) VALUES ($1)", "every"),
    ],
)
def test_the_check_tells_them_apart(text: str, expected: str) -> None:
    assert reach(text) == expected
