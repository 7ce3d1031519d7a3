"""Where ``serve`` runs: believed only while it does."""

import pathlib

from services.cli.address import ADDRESS, announce, find_address

URL, OTHER = "http://127.0.0.1:8081", "http://127.0.0.1:8082"


def test_known_while_it_runs(tmp_path: pathlib.Path) -> None:
    assert find_address(tmp_path) is None
    with announce(tmp_path, URL):
        assert find_address(tmp_path) == URL
        with announce(tmp_path, OTHER):
            assert find_address(tmp_path) == URL
        assert find_address(tmp_path) == URL
    assert find_address(tmp_path) is None


def test_what_a_killed_one_left_is_not_believed(tmp_path: pathlib.Path) -> None:
    (tmp_path / ADDRESS).write_text(f"1 {URL}\n", encoding="utf-8")
    assert find_address(tmp_path) is None
    with announce(tmp_path, OTHER):
        assert find_address(tmp_path) == OTHER
        (tmp_path / ADDRESS).write_text(f"{2**22 + 1} {URL}\n", encoding="utf-8")  # no process has this number
        assert find_address(tmp_path) is None
