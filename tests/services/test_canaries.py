"""Words and secrets are planted through every way in, and looked for in all that the service tells of itself.

A running ``requite serve`` at its most talkative, its database's logs, its metrics, its traces, and what its other
commands say on standard error.
"""

import asyncio
import base64
import contextlib
import json
import pathlib
import re
import secrets
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import psycopg
import pytest
from mcp.client import Client as Session
from mcp.client.stdio import StdioServerParameters, stdio_client

from services.database.embedded import EmbeddedServer
from tests.serving import COMMAND, WITHIN_S, Serving, environment, put_down, requite

WORD = "kanarie"
"""In all that is typed."""
METRICS_TOKEN, MAIL_PASSWORD, PROVIDER_SECRET = (secrets.token_hex(16) for _ in range(3))
LEDGER = "village"
TOKEN = re.compile(r"rq_\w+?_[\w-]+")
UNCHANGED = "2099-06-01T18:00:00Z"


class Collector(ThreadingHTTPServer):
    """Takes traces, and refuses webhooks."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Take)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.traces: list[bytes] = []
        self.hooks: list[bytes] = []


class Take(BaseHTTPRequestHandler):
    """One request."""

    server: Collector

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        is_trace = self.path == "/v1/traces"
        (self.server.traces if is_trace else self.server.hooks).append(body)
        self.send_response(200 if is_trace else 500)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def collector() -> Iterator[Collector]:
    with Collector() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def data() -> Iterator[pathlib.Path]:
    with tempfile.TemporaryDirectory(prefix="requite-canaries-") as folder:
        yield pathlib.Path(folder) / "data"
        put_down(pathlib.Path(folder) / "data")


class Planted:
    """What must not be found, and what the commands said."""

    def __init__(self, data: pathlib.Path) -> None:
        self.data = data
        self.secrets = {METRICS_TOKEN, MAIL_PASSWORD, PROVIDER_SECRET}
        self.said: list[str] = []

    def command(self, *words: str) -> str:
        """Run a command of ours; what it prints is for who ran it, what it logs is looked through."""
        done = requite(self.data, *words, REQUITE_LOG_LEVEL="debug")
        self.said.append(done.stderr)
        assert done.returncode == 0, done.stderr
        self.secrets |= {token.split("_")[2] for token in TOKEN.findall(done.stdout)}
        return done.stdout.strip()

    def found_in(self, text: str) -> list[str]:
        """Where any of it is in a text."""
        plain = text.casefold()
        places = [plain.find(one.casefold()) for one in (WORD, *self.secrets)]
        return [text[max(0, place - 200) : place + 50] for place in places if place >= 0]


def send(client: httpx.Client, path: str, body: object, **headers: str) -> Any:
    """A write that is taken."""
    answer = client.post(f"/v1/ledgers/{LEDGER}/{path}", json=body, headers=headers)
    assert answer.is_success, answer.text
    return answer.json() if answer.content else None


def plant_by_http(client: httpx.Client, planted: Planted, collector: Collector) -> None:
    """Through the API: what is taken, what is refused, and what makes no sense."""
    anna = send(client, "parties", {"name": f"Anna {WORD}", "references": [{"source": WORD, "id": WORD}]})["id"]
    ben = send(client, "parties", {"name": f"Ben {WORD}"})["id"]
    favour = {"giver": anna, "receiver": ben, "what": WORD, "note": WORD, "topic": WORD}
    send(client, "favours", favour, **{"Idempotency-Key": f"{WORD}-1", "User-Agent": WORD})
    client.post(f"/v1/ledgers/{LEDGER}/favours", json={**favour, "what": "x"}, headers={"Idempotency-Key": f"{WORD}-1"})
    send(client, "promises", {"promisor": anna, "promisee": ben, "what": WORD, "due": UNCHANGED})
    send(client, "batch", {"commands": [{"act": "favour.record", "body": {**favour, "giver": ben}}]})
    send(client, f"parties/{anna}/set-reminders", {"by": anna, "mail": f"{WORD}@example.org"})
    planted.secrets.add(send(client, f"parties/{anna}/calendar", {})["path"].rpartition("/")[2].removesuffix(".ics"))
    webhook = send(client, "webhooks", {"url": f"{collector.url}/{WORD}?token={WORD}", "topics": ["*"]})
    planted.secrets.add(webhook["secret"].removeprefix("whsec_"))
    send(client, f"webhooks/{webhook['id']}/test", {})
    planted.secrets.add(send(client, "keys", {"label": WORD, "scopes": ["read"]})["token"].split("_")[2])
    for path, body in bad_requests(anna):
        client.post(path, content=body, headers={"Content-Type": "application/json"})
        client.get(path, params={WORD: WORD, "as_of": WORD, "after": WORD, "limit": WORD})
    client.get(f"/v1/ledgers/{LEDGER}", headers={"Authorization": f"Bearer rq_{WORD}_{WORD}"})
    client.get(f"/v1/ledgers/{LEDGER}", headers={"Authorization": f"Basic {WORD}", "Cookie": f"session={WORD}"})
    client.request(WORD.upper(), f"/v1/ledgers/{LEDGER}")
    vcard = f"BEGIN:VCARD\nVERSION:3.0\nFN:{WORD}\nUID:{WORD}\nEND:VCARD\n".encode()
    for content in (vcard, f"BEGIN:VCARD\n{WORD}".encode()):
        headers = {"Content-Type": "application/octet-stream", "Content-Disposition": f'attachment; filename="{WORD}"'}
        client.post(f"/v1/ledgers/{LEDGER}/imports", content=content, headers=headers)


def bad_requests(anna: str) -> list[tuple[str, bytes]]:
    """Addresses and bodies that are refused."""
    own = f"/v1/ledgers/{LEDGER}"
    return [
        (f"/{WORD}/{WORD}", WORD.encode()),
        (f"/v1/ledgers/{WORD}/favours", b"{}"),
        (f"{own}/favours", f'{{"{WORD}": "{WORD}"}}'.encode()),
        (f"{own}/favours", f'{{"giver": "{WORD}"'.encode()),
        (f"{own}/favours", json.dumps({"giver": anna, "receiver": anna, "what": WORD}).encode()),
        (f"{own}/promises/{WORD}/accept", json.dumps({"by": anna, "note": WORD}).encode()),
        (f"{own}/parties/{anna}/{WORD}", b"{}"),
        (f"{own}/batch", json.dumps({"commands": [{"act": WORD, "body": {"what": WORD}}]}).encode()),
        (f"{own}/webhooks", json.dumps({"url": f"ftp://{WORD}:{WORD}@{WORD}"}).encode()),
    ]


def break_reads_and_writes(url: str, client: httpx.Client) -> None:
    """Requests that fail on our side: the database lacks a table for a while."""
    parties = client.get(f"/v1/ledgers/{LEDGER}/parties").json()["items"]
    promise = {"promisor": parties[0]["id"], "promisee": parties[1]["id"], "what": WORD, "note": WORD}
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute("ALTER TABLE promise RENAME TO promise_away")
        statuses = [
            client.post(f"/v1/ledgers/{LEDGER}/promises", json=promise).status_code,
            client.get(f"/v1/ledgers/{LEDGER}/promises/audit", params={"topic": WORD}).status_code,
        ]
        owner.execute("ALTER TABLE promise_away RENAME TO promise")
    assert statuses == [500, 500]


def plant_by_pages(address: str, planted: Planted) -> None:
    """By a link as a person gets it, with a session from then on; by links and forms that are none; by a provider."""
    link = re.findall(r"http://\S+/sign-in/\S+", planted.command("link", LEDGER, "--address", address))[0]
    planted.secrets.add(link.rpartition("/")[2])
    with httpx.Client(base_url=address, headers={"Origin": address}) as browser:
        assert browser.post(link).status_code == 303
        planted.secrets |= {str(value) for value in browser.cookies.values()}
        browser.get(f"/sign-in/{LEDGER}/{WORD}")
        browser.get(f"/claim/{LEDGER}/{WORD}")
        browser.get("/sign-in/with/back", params={"code": WORD, "state": WORD, "error": WORD})
        browser.get("/sign-in/with")
        browser.get(f"/{LEDGER}/people", params={"q": WORD, "after": WORD})
        browser.post(f"/{LEDGER}/favours", data={"what": WORD, "token": WORD})


def plant_by_commands(planted: Planted, folder: pathlib.Path) -> None:
    """Keys with labels, and files with words."""
    planted.command("key", "create", LEDGER, "--label", f"Desk {WORD}", "--scope", "read")
    lines = folder / "lines.ndjson"
    lines.write_text(
        json.dumps({"act": "party.register", "body": {"name": WORD}}) + f'\n{{"act": "{WORD}"}}\n{WORD}\n', "utf-8"
    )
    done = requite(planted.data, "import", str(lines), "--ledger", LEDGER, REQUITE_LOG_LEVEL="debug")
    planted.said += [line for line in done.stderr.splitlines() if line.startswith("{")]


async def plant_by_assistant(planted: Planted, key: str, folder: pathlib.Path) -> None:
    """Tools with words, right and wrong."""
    variables = environment(planted.data, REQUITE_KEY=key, REQUITE_LOG_LEVEL="debug")
    server = StdioServerParameters(command=COMMAND, args=["mcp", LEDGER], env=variables)
    with (folder / "mcp.log").open("w+", encoding="utf-8") as log:
        async with Session(stdio_client(server, errlog=log)) as assistant:
            await assistant.call_tool("party_register", {"name": WORD})
            with contextlib.suppress(Exception):
                await assistant.call_tool("favour_record", {"giver": WORD, "what": WORD})
        log.seek(0)
        planted.said.append(log.read())


def settings(collector: Collector) -> Mapping[str, str]:
    return {
        "REQUITE_LOG_LEVEL": "debug",
        "REQUITE_METRICS_TOKEN": METRICS_TOKEN,
        "REQUITE_WEBHOOKS_ALLOW_PRIVATE": "1",
        "REQUITE_OIDC_ISSUER": "https://127.0.0.1:9",
        "REQUITE_OIDC_CLIENT_ID": "requite",
        "REQUITE_OIDC_CLIENT_SECRET": PROVIDER_SECRET,
        "REQUITE_SMTP_URL": f"smtp://requite:{MAIL_PASSWORD}@127.0.0.1:9",
        "REQUITE_MAIL_FROM": "requite@example.org",
        "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
    }


def test_nothing_of_it_is_told(data: pathlib.Path, tmp_path: pathlib.Path, collector: Collector) -> None:
    planted = Planted(data)
    key = planted.command("open", LEDGER, "--title", f"Village {WORD}", "--unit", "favour")
    planted.secrets.add(base64.b64encode((data / "master.key").read_bytes().strip()).decode())
    with Serving(data, "--port", "0", **settings(collector)) as serving, EmbeddedServer(data) as database:
        with httpx.Client(
            base_url=serving.address, headers={"Authorization": f"Bearer {key}"}, timeout=WITHIN_S
        ) as client:
            plant_by_http(client, planted, collector)
            break_reads_and_writes(database.url(), client)
            plant_by_pages(serving.address, planted)
            plant_by_commands(planted, tmp_path)
            asyncio.run(plant_by_assistant(planted, key, tmp_path))
            metrics = client.get("/metrics", headers={"Authorization": f"Bearer {METRICS_TOKEN}"})
        assert metrics.is_success
        until = time.monotonic() + WITHIN_S
        while not collector.hooks and time.monotonic() < until:
            time.sleep(0.05)
        assert serving.interrupt() == 0
    log = serving.log
    told = {
        "the log": log,
        "the metrics": metrics.text,
        "the traces": b"".join(collector.traces).decode("latin-1"),
        "the database's log": "".join(path.read_text("utf-8") for path in (data / "postgres" / "log").glob("*.log")),
        "the commands": "\n".join(planted.said),
    }
    assert {name: planted.found_in(text) for name, text in told.items()} == {name: [] for name in told}
    assert log.count('"http.unexpected"') >= 1
    assert '"favour.record"' in log or "favours" in log
    assert collector.traces
    assert WORD.encode() not in b"".join(collector.hooks)
