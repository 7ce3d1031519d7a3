"""``requite witness`` as a real process beside a real service."""

import json
import pathlib
import re
import subprocess
import time

import httpx
import psycopg

from tests.serving import COMMAND, WITHIN_S, Serving, environment, requite


def write_config(folder: pathlib.Path, address: str, key: str, access_key: str) -> pathlib.Path:
    path = folder / "witness.toml"
    path.write_text(
        f'name = "witness.example"\n[[log]]\naddress = "{address}/v1/ledgers/village"\n'
        f'keys = ["{key}"]\naccess_key = "{access_key}"\n'
    )
    return path


def vkey(folder: pathlib.Path) -> str:
    """The key of a witness whose config watches nothing that is there."""
    log_key = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
    config = write_config(folder, "http://127.0.0.1:9", log_key, "rq_none")
    done = requite(folder, "witness", str(config), "--once")
    assert (done.returncode, "does not answer" in done.stderr) == (2, True), done
    assert (folder / "witness" / "witness.key").stat().st_mode & 0o077 == 0
    return done.stdout.strip()


def wait_for_tree(address: str, headers: dict[str, str]) -> None:
    until = time.monotonic() + WITHIN_S
    while True:
        position = httpx.get(f"{address}/v1/ledgers/village", headers=headers).json()["position"]
        checkpoint = httpx.get(f"{address}/v1/ledgers/village/log/checkpoint", headers=headers).text
        if int(checkpoint.splitlines()[1]) == position:
            return
        assert time.monotonic() < until
        time.sleep(0.2)


def test_a_witness_is_killed_and_goes_on_and_tells_of_another_past(tmp_path: pathlib.Path, database_url: str) -> None:
    own = vkey(tmp_path)
    master = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
    given = {"DATABASE_URL": database_url, "REQUITE_MASTER_KEY": master, "REQUITE_WITNESSES": own}
    (token,) = re.findall(r"rq_\w+?_[\w-]+", requite(tmp_path, "open", "village", **given).stdout)
    with Serving(tmp_path, "--port", "0", **given) as serving:
        headers = {"Authorization": f"Bearer {token}"}
        at = f"{serving.address}/v1/ledgers/village"
        key = httpx.get(f"{at}/log/public-keys", headers=headers).json()["keys"][0]
        config = write_config(tmp_path, serving.address, key, token)
        for name in ("Anna", "Ben"):
            httpx.post(f"{at}/parties", json={"name": name}, headers=headers).raise_for_status()
        wait_for_tree(serving.address, headers)
        for number in range(3):  # killed wherever it is
            running = subprocess.Popen(
                [COMMAND, "witness", str(config), "--interval", "1"],
                env=environment(tmp_path),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            time.sleep(1.5 + 0.4 * number)
            running.kill()
            running.wait(WITHIN_S)
        done = requite(tmp_path, "witness", str(config), "--once")
        assert (done.returncode, done.stdout.strip()) == (0, own), done
        (kept,) = httpx.get(f"{at}/log/cosignatures", headers=headers).json()["items"]
        memory = (tmp_path / "witness" / "requite.local%2Fvillage.checkpoint").read_text()
        assert (kept["witness"], kept["note"]) == (own, memory)

        file = tmp_path / "village.requite"
        assert requite(tmp_path, "export", "village", "--to", str(file), **given).returncode == 0
        done = requite(tmp_path, "verify", str(file), "--key", key, "--witness", own)
        assert (done.returncode, "witness.example saw the first" in " ".join(done.stdout.split())) == (0, True), done
        done = requite(tmp_path, "verify", str(file), "--witness", own, "--json")
        assert json.loads(done.stdout)["seen"][0]["size"] == kept["size"]
        assert requite(tmp_path, "verify", str(file), "--witness", key).returncode == 2

        with psycopg.connect(database_url) as connection:  # a superuser writes the past anew
            connection.execute("UPDATE event SET state = state || ' ' WHERE position = 2")
            connection.execute("DELETE FROM log_head")
            connection.execute("DELETE FROM log_tile")
        wait_for_tree(serving.address, headers)
        for arguments in (("--once",), ("--interval", "1")):  # it ends also where it would go on
            done = requite(tmp_path, "witness", str(config), *arguments)
            assert (done.returncode, "village was forked" in done.stderr) == (1, True), done
            assert '"event":"witness.unfaithful"' in done.stderr


def test_what_is_wrong_with_the_config_is_said_in_one_line(tmp_path: pathlib.Path) -> None:
    config = write_config(tmp_path, "http://127.0.0.1:9", "nothing", "rq_none")
    done = requite(tmp_path, "witness", str(config), "--once")
    assert (done.returncode, "no key of a log" in done.stderr) == (2, True), done
    config.write_text("name = 5")
    done = requite(tmp_path, "witness", str(config), "--once")
    assert (done.returncode, "does not say what to watch" in done.stderr) == (2, True), done
