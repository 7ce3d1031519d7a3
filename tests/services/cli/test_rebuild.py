"""``requite rebuild`` as a real process."""

import pathlib
from base64 import b64encode

import psycopg

from projections.catalogue import PROJECTIONS
from tests.serving import requite, requite_here

KEY = b64encode(bytes(range(32))).decode()


def test_rebuild_mends_and_says_so_by_its_exit_code(tmp_path: pathlib.Path, database_url: str) -> None:
    given = {"DATABASE_URL": database_url, "REQUITE_MASTER_KEY": KEY}
    assert requite_here(tmp_path, "open", "village", **given).returncode == 0
    done = requite(tmp_path, "rebuild", **given)
    assert done.returncode == 0, done.stderr
    assert "Every row says what the log says." in done.stdout
    with psycopg.connect(database_url) as connection:
        connection.execute(
            "INSERT INTO party (ledger_id, party_id, kind, registered_at, position, named_in, findable)"
            " SELECT ledger_id, gen_random_uuid(), 'person', recorded_at, 1, 1, false FROM ledger_head"
        )
    done = requite(tmp_path, "rebuild", "village", "--read-model", "balance", **given)
    assert done.returncode == 0, done.stderr
    done = requite(tmp_path, "rebuild", "village", "--read-model", "directory", "--json", **given)
    assert done.returncode == 1, done.stderr
    assert '"live_only": 1' in done.stdout
    assert requite(tmp_path, "rebuild", **given).returncode == 0


def test_rebuild_of_what_is_not_there_ends_in_one_line(tmp_path: pathlib.Path, database_url: str) -> None:
    given = {"DATABASE_URL": database_url, "REQUITE_MASTER_KEY": KEY}
    for arguments, line in (
        (("nowhere",), "requite: There is no ledger 'nowhere'.\n"),
        (
            ("--read-model", "trust"),
            f"requite: There is no read model 'trust'; there are: {', '.join(one.name for one in PROJECTIONS)}.\n",
        ),
    ):
        done = requite_here(tmp_path, "rebuild", *arguments, **given)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.endswith(line)
