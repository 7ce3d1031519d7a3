"""The way to a distributed database: its plan on plain PostgreSQL, and its steps with Citus' functions noting them."""

import pathlib
from base64 import b64encode

import psycopg
import pytest

from services.database.distribution import LOCAL, REFERENCE, plan
from tests.services.conftest import MASTER_KEY
from tests.serving import requite_here

NOTING = """
CREATE TABLE pg_dist_partition (logicalrelid regclass PRIMARY KEY, beside text);
CREATE FUNCTION create_reference_table(told regclass) RETURNS void LANGUAGE sql AS $$
    INSERT INTO pg_dist_partition VALUES (told, 'everywhere')
$$;
CREATE FUNCTION create_distributed_table(told regclass, told_column text, colocate_with text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM pg_policy AS p WHERE p.polrelid = told AND pg_get_expr(p.polqual, p.polrelid) LIKE '%SELECT%'
    ) THEN
        RAISE 'Subqueries are not supported in policies on distributed tables';
    END IF;
    IF colocate_with <> 'none' AND NOT EXISTS (
        SELECT FROM pg_dist_partition WHERE logicalrelid = colocate_with::regclass
    ) THEN
        RAISE '% is not distributed', colocate_with;
    END IF;
    INSERT INTO pg_dist_partition VALUES (told, told_column || ' beside ' || colocate_with);
END $$;
"""
"""What Citus does not allow is refused here as well, so far as it is known."""
CLOSED = "SELECT count(*) FROM pg_policy WHERE pg_get_expr(polqual, polrelid) LIKE '%named_ledgers()%'"
"""Policies that let a session see the ledgers only that it names."""


def distribute(data: pathlib.Path, url: str, *arguments: str) -> tuple[int, str, str]:
    key = b64encode(MASTER_KEY).decode()
    done = requite_here(data, "db", "distribute", *arguments, DATABASE_URL=url, REQUITE_MASTER_KEY=key)
    return done.returncode, done.stdout, done.stderr


def test_a_dry_run_prints_the_plan_and_changes_nothing(tmp_path: pathlib.Path, database_url: str) -> None:
    code, out, err = distribute(tmp_path, database_url, "--dry-run")
    assert (code, err) == (0, "")
    statements = [line for line in out.splitlines() if not line.startswith("--")]
    with psycopg.connect(database_url) as connection:
        rows = connection.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
        ).fetchall()
        policies = connection.execute(CLOSED).fetchone()
    tables = {name for (name,) in rows} - set(LOCAL)
    planned = {table for table in tables for line in statements if line.startswith("SELECT") and f"'{table}'" in line}
    assert planned == tables
    assert policies == (len(tables - set(REFERENCE)),), "the policies are as they were"
    assert statements[-1].endswith("'ledger_id', colocate_with => 'ledger_head');")


def test_without_citus_it_says_what_to_do(tmp_path: pathlib.Path, database_url: str) -> None:
    code, _, err = distribute(tmp_path, database_url, "--untried")
    assert code == 2
    assert "CREATE EXTENSION citus" in err


def test_it_says_first_that_nobody_has_tried_it(tmp_path: pathlib.Path, database_url: str) -> None:
    code, out, err = distribute(tmp_path, database_url)
    assert (code, out) == (2, "")
    assert "--untried" in err


def test_every_step_is_taken_once_and_an_interrupted_run_is_gone_on_with(
    tmp_path: pathlib.Path, database_url: str
) -> None:
    with psycopg.connect(database_url) as connection:
        connection.execute(NOTING)
        connection.execute("ALTER POLICY named_ledgers ON ledger_head USING (true)")
        connection.execute("SELECT create_distributed_table('ledger_head', 'ledger_id', 'none')")
    code, out, err = distribute(tmp_path, database_url, "--untried")
    assert (code, err) == (0, "")
    assert "create_distributed_table('ledger_head'" not in out, "that was done before"
    assert distribute(tmp_path, database_url, "--untried") == (0, "Everything is distributed.\n", "")
    with psycopg.connect(database_url) as connection:
        beside = connection.execute("SELECT logicalrelid::text, beside FROM pg_dist_partition").fetchall()
        connection.execute("SELECT guard_ledgers()")  # as a later migration does: it leaves the policies open
        assert connection.execute(CLOSED).fetchone() == (0,)
    kinds = {kind for table, kind in beside if table != "ledger_head"} - {"everywhere"}
    assert kinds == {"ledger_id beside ledger_head"}
    assert {table for table, kind in beside if kind == "everywhere"} == set(REFERENCE)


@pytest.mark.parametrize("done", [set(), {"ledger_head"}, {"ledger_head", "event", *REFERENCE}])
def test_the_head_comes_first_and_what_is_done_is_left_out(done: set[str]) -> None:
    steps = [step.sql for step in plan(["event", "ledger_head", "balance"], done) if step.sql.startswith("SELECT")]
    expected = [
        *(f"SELECT create_reference_table('{table}')" for table in REFERENCE if table not in done),
        *(
            f"SELECT create_distributed_table('{table}', 'ledger_id', colocate_with => '{beside}')"
            for table, beside in (("ledger_head", "none"), ("balance", "ledger_head"), ("event", "ledger_head"))
            if table not in done
        ),
    ]
    assert steps == expected
