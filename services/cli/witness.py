"""``requite witness``: watches logs from another machine, and signs what it saw."""

import asyncio
import base64
import os
import pathlib
import secrets
from typing import Annotated

import httpx
import msgspec
import structlog
from cyclopts import Parameter
from cyclopts.validators import Number
from msgspec import Meta, Struct, field
from rich.console import Console

from services.cli.failure import CommandError
from services.database.master_key import read_key_file
from services.files import make_once
from services.logging import configure_logging
from services.proof.note import COSIGNATURE, NoteError, SignerKey, read_key
from services.proof.witness import Memory, NotSeenError, UnfaithfulLogError, Watched, Witness
from services.settings import MASTER_KEY_BYTES, Settings, decode_master_key

SETTING = "REQUITE_WITNESS_KEY"
TIMEOUT_S = 30.0
UNFAITHFUL, NOT_SEEN = 1, 2
"""Exit codes."""

log = structlog.get_logger()


class _Log(Struct, frozen=True, forbid_unknown_fields=True):
    address: Annotated[str, Meta(pattern="^https?://")]
    keys: Annotated[tuple[str, ...], Meta(min_length=1)]
    access_key: str


class _Config(Struct, frozen=True, forbid_unknown_fields=True):
    name: Annotated[str, Meta(pattern=r"^[^\s+,]{1,100}$")]
    logs: Annotated[tuple[_Log, ...], Meta(min_length=1)] = field(name="log")
    folder: str = "witness"


async def witness(
    config: pathlib.Path,
    /,
    *,
    once: Annotated[bool, Parameter(negative="")] = False,
    interval: Annotated[float, Parameter(validator=Number(gte=1))] = 60,
) -> int:
    """Watch the logs of other services: see to it that none is rewound or forked, and sign what was seen.

    It needs no database. Its own public key, which it prints, belongs into REQUITE_WITNESSES of the services that it
    watches. Exit code 0: all is well; 1: a log is not what it was, and the line on standard error says how; 2: a log
    could not be asked, or did not take the signature.

    Parameters
    ----------
    config
        A TOML file: the witness's name, the logs with their addresses, keys and access keys; see docs/proof.md.
    once
        Look once at every log, and end.
    interval
        Seconds between two looks.
    """
    told = _read(config)
    configure_logging(Settings.from_environment().log_level)
    watched = [_watched(one) for one in told.logs]
    folder = config.parent / told.folder
    signer = SignerKey(told.name, _seed(folder / "witness.key"), COSIGNATURE)
    Console().print(str(signer.verifier), markup=False, highlight=False, soft_wrap=True)
    memory = Memory(folder)
    try:
        async with httpx.AsyncClient(timeout=TIMEOUT_S) as client:
            return await _watch(Witness(signer, memory, client), watched, None if once else interval)
    finally:
        memory.close()


async def _watch(witness: Witness, watched: list[Watched], interval: float | None) -> int:
    """Look at logs, once or for ever; one that is not what it was is left alone. Answers the exit code."""
    code = 0
    while True:
        missed = False
        for one in tuple(watched):
            try:
                await witness.see(one)
            except UnfaithfulLogError as error:
                log.error("witness.unfaithful", log=one.address, wrong=str(error))  # noqa: TRY400 - it says it all
                watched.remove(one)
                code = UNFAITHFUL
            except NotSeenError as error:
                log.warning("witness.not_seen", log=one.address, reason=str(error))
                missed = True
        if interval is None:
            return code or (NOT_SEEN if missed else 0)
        if not watched:
            return code
        await asyncio.sleep(interval)


def _read(config: pathlib.Path) -> _Config:
    try:
        return msgspec.toml.decode(config.read_bytes(), type=_Config)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise CommandError(f"{config} does not say what to watch: {error}; docs/proof.md shows how.") from None


def _watched(one: _Log) -> Watched:
    try:
        return Watched(address=one.address, keys=tuple(read_key(line) for line in one.keys), access_key=one.access_key)
    except NoteError as error:
        raise CommandError(f"{one.address}: {error}") from None


def _seed(path: pathlib.Path) -> bytes:
    """The witness's private key: of the environment, or of the file, where it is made once."""
    if given := os.environ.get(SETTING):
        return decode_master_key(given, SETTING)
    if not path.exists():
        make_once(path, base64.b64encode(secrets.token_bytes(MASTER_KEY_BYTES)) + b"\n")
    return read_key_file(path)
