"""``requite mcp`` as an assistant meets it: a client session over standard input and output, on a running server."""

import json
import pathlib
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import mcp_types
import msgspec
import pytest
from mcp.client import Client as Session
from mcp.client.stdio import StdioServerParameters, stdio_client

from services.client import NEVER, Client
from services.http.app import build_app
from services.mcp.server import Session as Tools
from services.mcp.server import open_transport
from services.mcp.tools import DESTRUCTIVE, MEANINGS, Tool, tools_of
from tests.serving import COMMAND, Serving, environment, put_down, requite

ADMIN = "admin"


@pytest.fixture(scope="module")
def data() -> Iterator[pathlib.Path]:
    with tempfile.TemporaryDirectory(prefix="requite-mcp-") as folder:
        yield pathlib.Path(folder)
        put_down(pathlib.Path(folder))


@pytest.fixture(scope="module")
def keys(data: pathlib.Path) -> dict[str, str]:
    """By what they may do."""
    opened = requite(data, "open", "village", "--title", "The village", "--unit", "favour")
    assert opened.returncode == 0, opened.stderr
    return {ADMIN: opened.stdout.strip()}


@pytest.fixture(scope="module")
def serving(data: pathlib.Path, keys: dict[str, str]) -> Iterator[Serving]:
    with Serving(data, "--port", "0") as server:
        with Client(server.address, keys[ADMIN]) as client:
            ledger = client.ledger("village")
            for scope in ("read", "record"):
                keys[scope] = ledger.keys.create(label=scope, scopes=(scope,)).token
            ben = ledger.parties.register(name="Ben Bound").id
            keys["ben"] = ledger.keys.create(label="Ben's", scopes=("read", "record"), parties=(ben,)).token
            keys["ben's id"] = str(ben)
        yield server
        assert server.interrupt() == 0


@asynccontextmanager
async def session(data: pathlib.Path, key: str, *words: str) -> AsyncIterator[Session]:
    """It finds the server by its data folder."""
    variables = environment(data, REQUITE_KEY=key)
    server = StdioServerParameters(command=COMMAND, args=["mcp", "village", *words], env=variables)
    async with Session(stdio_client(server)) as opened:
        yield opened


async def told(assistant: Session, tool: str, **arguments: Any) -> dict[str, Any]:
    """The structured answer of a tool, whose text says the same."""
    result = await assistant.call_tool(tool, arguments)
    assert isinstance(result, mcp_types.CallToolResult)
    (content,) = result.content
    assert isinstance(content, mcp_types.TextContent)
    assert json.loads(content.text) == result.structured_content
    answer: dict[str, Any] = result.structured_content
    return {**answer, "is_error": result.is_error}


async def test_an_assistant_records_and_reads(data: pathlib.Path, keys: dict[str, str], serving: Serving) -> None:
    assert serving.address
    async with session(data, keys[ADMIN]) as assistant:
        assert assistant.instructions is not None
        assert '"village"' in assistant.instructions
        anna = (await told(assistant, "party_register", name="Anna Abel"))["id"]
        found = await told(assistant, "party_list", name="anna", limit=1)
        assert [party["id"] for party in found["items"]] == [anna]
        promise = await told(
            assistant, "promise_make", by=anna, promisor=anna, promisee=keys["ben's id"], what="Mend the gate"
        )
        await told(assistant, "promise_report_delivery", id=promise["id"], by=anna)
        stale = await told(assistant, "promise_accept", id=promise["id"], by=keys["ben's id"], if_match=1)
        assert stale["status"] == 412
        read = await told(assistant, "promise_read", id=promise["id"], as_of=str(promise["position"]))
        assert read["promise"]["standing"] == "not_started"
        checkpoint = await assistant.call_tool("log_checkpoint", {})
        assert isinstance(checkpoint, mcp_types.CallToolResult)
        assert isinstance(checkpoint.content[0], mcp_types.TextContent)
        assert checkpoint.content[0].text.startswith("requite.local/")


async def test_errors_tell_what_would_be_right(data: pathlib.Path, keys: dict[str, str], serving: Serving) -> None:
    assert serving.address
    async with session(data, keys["ben"]) as assistant:
        ben = keys["ben's id"]
        same = await told(assistant, "favour_record", giver=ben, receiver=ben)
        assert (same["is_error"], same["code"], same["status"]) == (True, "same_party", 422)
        misfit = await told(assistant, "favour_record", giver=ben, receiver="Anna")
        assert misfit["code"] == "invalid_body"
        assert misfit["errors"][0]["pointer"] == "#/receiver"
        unknown = await told(assistant, "favour_list", colour="red")
        assert unknown["code"] == "invalid_parameter"
        missing = await told(assistant, "promise_read")
        assert missing["detail"] == "'id' is required."
        outside = await told(assistant, "promise_read", id="../keys")
        assert outside["status"] in {400, 404}
        hidden = await told(assistant, "key_create", label="Mine", scopes=["admin"])
        assert hidden["code"] == "unknown_tool"


async def offered(serving: Serving, key: str, *only: str) -> set[str]:
    transport = open_transport(serving.address, key)
    tools = await Tools.open(transport, "village", only)
    await transport.close()
    return {tool.name for tool in tools.list()}


async def test_a_key_sees_what_it_may_use(keys: dict[str, str], serving: Serving) -> None:
    reader = await offered(serving, keys["read"])
    assert {"promise_read", "favour_list", "key_own"} <= reader
    assert not {"promise_make", "event_list", "key_list"} & reader
    recorder = await offered(serving, keys["record"])
    assert {"promise_make", "key_own"} <= recorder
    assert not {"promise_read", "key_list"} & recorder
    some = await offered(serving, keys[ADMIN], "promises", "parties")
    assert {name.partition("_")[0] for name in some} == {"promise", "party"}


async def test_what_a_server_that_went_away_is_told(keys: dict[str, str], serving: Serving) -> None:
    transport = open_transport(serving.address, keys["read"], NEVER)
    tools = await Tools.open(transport, "village")
    gone = open_transport("http://127.0.0.1:9", keys["read"], NEVER)
    tools._transport = gone
    result = await tools.call("ledger_read", {})
    assert result.is_error
    assert result.structured_content["code"] == "no_answer"
    await transport.close()
    await gone.close()


def test_it_says_why_it_does_not_start(data: pathlib.Path, keys: dict[str, str], serving: Serving) -> None:
    nobody = requite(data, "mcp", "village")
    assert (nobody.returncode, "REQUITE_KEY is not set" in nobody.stderr) == (2, True)
    other = requite(data, "mcp", "harbour", "--address", serving.address, REQUITE_KEY=keys["read"])
    assert (other.returncode, "bad_key" in other.stderr) == (2, True)


@pytest.fixture(scope="module")
def tools() -> dict[str, Tool]:
    document = msgspec.json.decode(msgspec.json.encode(build_app().openapi_schema.to_schema()))
    return {tool.name: tool for tool in tools_of(document)}


def test_every_tool_is_described(tools: dict[str, Tool]) -> None:
    assert len(tools) > 100
    assert tools.keys() >= DESTRUCTIVE
    assert not any(tools[name].reads_only for name in DESTRUCTIVE)
    for tool in tools.values():
        assert len(tool.description) > 20, tool.name
        assert tool.scope is not None or tool.name == "key_own"
        assert "ledger" not in tool.arguments["properties"]
        assert "#/components" not in json.dumps([tool.arguments, tool.answer])
    fields = {name for tool in tools.values() for name in tool.arguments["properties"]}
    assert fields >= MEANINGS.keys()


def test_hints(tools: dict[str, Tool]) -> None:
    assert tools["promise_audit"].reads_only
    assert not tools["promise_make"].reads_only
    assert {"by", "overdue"} <= tools["promise_audit"].arguments["properties"].keys()
    assert "format" not in tools["promise_audit"].arguments["properties"]
    assert "id" not in tools["promise_make"].arguments["properties"]
    assert tools["promise_make"].arguments["required"] == ["promisor", "promisee", "what"]
