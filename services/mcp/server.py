"""The MCP server: lists the tools that an access key may use, and hands calls on to the HTTP API.

What a key may do, whom it acts for and what a rule refuses is thereby decided in one place. A problem comes back as the
tool's error, with its code.
"""

from importlib.metadata import version
from typing import Any

import httpx
import mcp_types
import msgspec
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import Server

from services.client.attempts import PATIENT, Retries
from services.client.problems import NoAnswerError, ProblemError
from services.client.structs import KeyView
from services.client.transport import TIMEOUT, AsyncTransport, Call, http_options, segment
from services.mcp.tools import DESTRUCTIVE, MissingArgumentError, Tool, allowed, tools_of

INSTRUCTIONS = """\
Requite is a ledger of what people do for each other: favours, introductions and promises. You work on the ledger \
"{ledger}", with an access key that may: {scopes}{parties}.

Everyone and everything has an id (a UUID). Find a party with party_list (by name), then use its id. Writing tools \
answer with a receipt: the id of what was recorded, and the position in the log at which it holds. A favour is history \
of two, never a debt that is set off; promises are kept, broken or let go by acts of the parties, so say in 'by' who \
acts. What was recorded stays: an error is taken back with a retract tool. An error of a tool has a 'code' and a \
'detail' that says what would be right; 'allowed' names the acts that are open now."""


class Session:
    """The tools of one access key on one ledger."""

    def __init__(self, transport: AsyncTransport, ledger: str, key: KeyView, tools: dict[str, Tool]) -> None:
        self._transport = transport
        self._ledger = ledger
        self._tools = tools
        parties = "" if key.parties is None else f", for the parties {', '.join(map(str, key.parties))} only"
        self.instructions = INSTRUCTIONS.format(ledger=ledger, scopes=", ".join(key.scopes), parties=parties)

    @classmethod
    async def open(cls, transport: AsyncTransport, ledger: str, only: tuple[str, ...] = ()) -> "Session":
        """Ask the service what there is and what the key may do. Raises what a call may raise."""
        call = Call(method="GET", path="/schema/openapi.json")
        document = await transport.send(call, dict[str, Any])
        own = Call(method="GET", path=f"/v1/ledgers/{segment(ledger)}/keys/own")
        key = await transport.send(own, KeyView)
        return cls(transport, ledger, key, allowed(tools_of(document), key.scopes, only))

    def list(self) -> list[mcp_types.Tool]:
        """All tools of the session."""
        return [
            mcp_types.Tool(
                name=tool.name,
                title=tool.title,
                description=tool.description,
                input_schema=dict(tool.arguments),
                output_schema=None if tool.answer is None else dict(tool.answer),
                annotations=mcp_types.ToolAnnotations(
                    read_only_hint=tool.reads_only,
                    destructive_hint=tool.name in DESTRUCTIVE or tool.method == "DELETE",
                    idempotent_hint=tool.reads_only,
                    open_world_hint=False,
                ),
            )
            for tool in self._tools.values()
        ]

    async def call(self, name: str, arguments: dict[str, Any]) -> mcp_types.CallToolResult:
        """What a tool answers, or what was wrong."""
        tool = self._tools.get(name)
        if tool is None:
            return _error("unknown_tool", "There is no such tool, or this access key may not use it.")
        try:
            call = tool.call(self._ledger, arguments)
            if tool.answer is None:
                return _result(await self._transport.send(call, str), None)
            answer = await self._transport.send(call, dict[str, Any])
        except MissingArgumentError as error:
            return _error("invalid_parameter", str(error))
        except ProblemError as problem:
            errors = [msgspec.to_builtins(each) for each in problem.errors]
            return _error(problem.code, problem.detail, status=problem.status, allowed=problem.allowed, errors=errors)
        except NoAnswerError as error:
            return _error("no_answer", f"{error} Look whether it was recorded before you try again.")
        return _result(msgspec.json.encode(answer).decode(), answer)


def build_server(session: Session) -> "Server[Any]":
    """The server of a session."""

    async def list_tools(
        _: ServerRequestContext[Any], __: mcp_types.PaginatedRequestParams | None
    ) -> mcp_types.ListToolsResult:
        return mcp_types.ListToolsResult(tools=session.list())

    async def call_tool(
        _: ServerRequestContext[Any], params: mcp_types.CallToolRequestParams
    ) -> mcp_types.CallToolResult:
        return await session.call(params.name, params.arguments or {})

    return Server(
        "requite",
        version=version("requite"),
        instructions=session.instructions,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
    )


def open_transport(address: str, key: str, retries: Retries = PATIENT) -> AsyncTransport:
    """The way to the service."""
    return AsyncTransport(httpx.AsyncClient(**http_options(address, key, TIMEOUT)), retries)


def _result(text: str, answer: dict[str, Any] | None) -> mcp_types.CallToolResult:
    return mcp_types.CallToolResult(content=[mcp_types.TextContent(type="text", text=text)], structured_content=answer)


def _error(code: str, detail: str, **more: object) -> mcp_types.CallToolResult:
    told = {"code": code, "detail": detail, **{name: value for name, value in more.items() if value}}
    return mcp_types.CallToolResult(
        content=[mcp_types.TextContent(type="text", text=msgspec.json.encode(told).decode())],
        structured_content=told,
        is_error=True,
    )
