"""The README's commands are run as they stand there: what it promises a new user is what happens."""

import json
import pathlib
import re
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from typing import Any

import pytest

from tests.serving import COMMAND, Serving, put_down, requite

ROOT = pathlib.Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(heading: str) -> list[str]:
    """The shell blocks of a section."""
    section = re.split(r"^## ", README, flags=re.MULTILINE)
    (text,) = (part for part in section if part.startswith(heading))
    return re.findall(r"^```sh\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def data() -> Iterator[pathlib.Path]:
    with tempfile.TemporaryDirectory(prefix="requite-readme-") as folder:
        yield pathlib.Path(folder)
        put_down(pathlib.Path(folder))


def serve_command() -> list[str]:
    """The command that starts it, by uv where there is one; what comes before it installs uv."""
    first = blocks("Start")[0].strip()
    install, _, serve = first.partition(" && ")
    assert install == "python3 -m pip install uv"
    command = shlex.split(serve)
    assert command[:3] == ["uv", "run", "requite"]
    return command if shutil.which("uv") else [COMMAND, *command[3:]]


def test_the_two_commands_are_there() -> None:
    assert blocks("Start")[1].strip() == "uv run pytest"


@pytest.mark.skipif(shutil.which("curl") is None, reason="the README's session is one with curl")
def test_a_first_session(data: pathlib.Path) -> None:
    # The tests' environment is there already: uv need not look for newer packages, nor touch what is running.
    with Serving(data, command=serve_command(), UV_NO_SYNC="1") as serving:
        answers = first_session(serving, data)
        assert serving.interrupt() == 0
    check_session(answers)


def first_session(serving: Serving, folder: pathlib.Path) -> list[dict[str, Any]]:
    """What a running demo answers to each step of the page's session."""
    variables, *steps = blocks("A first session")
    assert re.fullmatch(r"ADDRESS=http://\S+\nKEY=rq_…\n", variables)
    more = [*blocks("What else it does"), *blocks("Plug in your own tool")]
    session = "\n".join([f"ADDRESS={serving.address}", f"KEY={serving.key}", *steps, *more])
    done = subprocess.run(
        ["sh", "-eu", "-c", session], capture_output=True, text=True, timeout=60, check=False, cwd=folder
    )
    assert done.returncode == 0, done.stderr + done.stdout
    return [json.loads(line) for line in done.stdout.splitlines()]


def check_session(answers: list[dict[str, Any]]) -> None:
    """What the page says of each step."""
    anna, ben, favour, made, reported, accepted, relationship, of_ben, as_of, refused, *more = answers
    assert favour["events"] == [{"position": ben["position"] + 1, "topic": "favour.recorded"}]
    topics = [receipt["events"][0]["topic"] for receipt in (made, reported, accepted)]
    assert topics == ["promise.made", "promise.reported", "promise.accepted"]
    between = relationship["relationship"]
    assert (between["a"], between["b"]) == (anna["id"], ben["id"])
    favours = next(unit for unit in between["units"] if unit["unit"] == "favour")
    assert (favours["given"]["quantity"], favours["received"]["quantity"], favours["net"]) == (2, 1, 1)
    assert (of_ben["totals"]["made"], of_ben["totals"]["kept_on_time"]) == (1, 1)
    assert of_ben["lines"][0]["what"] == "Build a bookshelf"
    assert as_of["totals"]["made"] > 0
    assert refused["code"] == "same_party"
    check_more(more)


def check_more(answers: list[dict[str, Any]]) -> None:
    """What it does besides: after a request, a contact and a tie."""
    *receipts, attention, trust, timeline, network = answers[:7]
    check_partner(answers[7:])
    topics = [receipt["events"][0]["topic"] for receipt in receipts]
    assert topics == ["promise.requested", "contact.recorded", "tie.declared"]
    assert [(one["kind"], one["what"]) for one in attention["waiting"]] == [("request", "Mend the gate")]
    assert (trust["r"], trust["s"], len(trust["evidence"])) == (pytest.approx(1, abs=0.001), 0, 1)
    assert timeline["items"]
    assert network["position"] > 0


def check_partner(answers: list[dict[str, Any]]) -> None:
    """What a partner's tool sends and follows."""
    ride, batch, chosen, first, webhook = answers
    assert ride["events"][0]["topic"] == "favour.recorded"
    assert [result["status"] for result in batch["results"]] == [201, 422]
    assert [event["event"]["topic"] for event in chosen["items"]] == ["favour.recorded"] * 2
    assert [event["position"] for event in first["items"]] == [1]
    assert webhook["secret"].startswith("whsec_")


def test_a_ledger_of_ones_own(data: pathlib.Path) -> None:
    serve, commands, variables = blocks("A ledger of your own")
    assert serve.strip() == "uv run requite serve"
    assert re.fullmatch(r"KEY=rq_…\nLEDGER=\$ADDRESS/v1/ledgers/village\n", variables)
    with Serving(data, "--port", "0") as serving:
        for line in commands.strip().splitlines():
            command = shlex.split(line)
            assert command[:3] == ["uv", "run", "requite"]
            done = requite(data, *command[3:])
            assert done.returncode == 0, (line, done.stderr)
        assert serving.interrupt() == 0


def test_the_csv_example(data: pathlib.Path, tmp_path: pathlib.Path) -> None:
    (text,) = (part for part in README.split("\n## ") if part.startswith("Bring in"))
    for language, name in (("csv", "favours.csv"), ("toml", "favours.toml")):
        (found,) = re.findall(rf"^```{language}\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)
        (tmp_path / name).write_text(found, encoding="utf-8")
    (line,) = blocks("Bring in")
    command = shlex.split(line.replace("village", "board").replace("favours.", f"{tmp_path}/favours."))
    assert requite(data, "open", "board").returncode == 0
    done = requite(data, *command[3:], "--json")
    assert (done.returncode, json.loads(done.stdout)["recorded"]) == (0, 2), done.stderr


def test_what_it_links_to_is_there() -> None:
    links = re.findall(r"\]\(([^)#]+)\)", README)
    assert links
    for link in links:
        assert link.startswith("https://") or (ROOT / link).exists(), link
    for path in re.findall(r"`((?:domain|projections|services|tests)/[\w/.]+)`", README):
        assert (ROOT / path).exists(), path
