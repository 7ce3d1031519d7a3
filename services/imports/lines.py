"""Files of commands: one JSON object a line, in the API's own shapes.

    {"act": "promise.make", "id": "…", "body": {"promisor": "…", "promisee": "…", "what": "…"}}

``act`` names the command, ``id`` the stream it is about (optional where the act creates one), ``body`` is what the
HTTP API takes as its body.
"""

from uuid import UUID

import msgspec
from msgspec import Raw, Struct

from domain.catalogue import ACTS
from domain.command import Command
from domain.ledger import LEDGER_STREAM, ChangePolicy, OpenLedger
from services.imports.source import LINE_LIMIT_BYTES
from services.text import has_nul

NUL_ESCAPE = b"\\u0000"


class _Line(Struct, frozen=True, forbid_unknown_fields=True):
    act: str
    body: Raw = Raw(b"{}")
    id: UUID | None = None


class BadLineError(ValueError):
    """A line is not a command. The message says what is wrong with it, and repeats nothing of it but field names."""


_decode = msgspec.json.Decoder(_Line).decode
_bodies = {act: msgspec.json.Decoder(command).decode for act, command in ACTS.items()}


def read_line(line: bytes) -> tuple[Command, UUID | None]:
    """The command and the stream it is about. Raises ``BadLineError``."""
    if len(line) > LINE_LIMIT_BYTES:
        raise BadLineError(f"longer than {LINE_LIMIT_BYTES:,} bytes")
    try:
        read = _decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise BadLineError(f"not a command line: {error}") from None
    decode = _bodies.get(read.act)
    if decode is None:
        raise BadLineError(f"no such act; there are: {', '.join(ACTS)}")
    try:
        command = decode(read.body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise BadLineError(f"the body does not fit {read.act}: {error}") from None
    if NUL_ESCAPE in line and has_nul(msgspec.to_builtins(command)):
        raise BadLineError("a text has the character U+0000; leave it out")
    if isinstance(command, OpenLedger | ChangePolicy):
        return command, LEDGER_STREAM  # the ledger itself, which needs no id
    if read.id is None and not command.CREATES:
        raise BadLineError(f"{read.act} acts on something there is: give its 'id'")
    return command, read.id
