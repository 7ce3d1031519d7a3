"""A witness: a small process of somebody else's that watches logs, and signs what it saw of them.

It needs no database. Of each log it keeps the last checkpoint it saw, on its own disk. A new one has to be signed by
the log's key and to go on from that one; then it is cosigned (C2SP tlog-cosignature), kept, and handed in. It is kept
before anyone else has it: killed at any moment, a witness never vouches for trees that do not go on from each other.
"""

import asyncio
import contextlib
import pathlib
import time
import urllib.parse
from collections.abc import Callable, Sequence

import httpx
import msgspec
import structlog
from msgspec import Struct

from services.database.holders import FileLock
from services.files import write_whole
from services.proof.note import (
    Checkpoint,
    Note,
    NoteError,
    SignerKey,
    VerifierKey,
    decode,
    read_checkpoint,
    read_note,
    require_signed,
    signature_of,
)
from services.proof.tree import HASH_BYTES, is_consistent

PATIENCE_S = 10.0
"""How long a log may be shorter than it was: after a crash its tree takes some seconds to follow its events again."""
ASK_AGAIN_S = 1.0
ANSWER_LIMIT = 1 << 20
"""The longest answer that is read, in bytes."""

log = structlog.get_logger()


class Watched(Struct, frozen=True, kw_only=True):
    """A log to watch: the ledger's address, the keys that may sign its checkpoints, and a key to read it with."""

    address: str
    keys: tuple[VerifierKey, ...]
    access_key: str


class UnfaithfulLogError(Exception):
    """A log is not what it was: rewound, forked, or signed by another key. The message says what was seen."""


class NotSeenError(Exception):
    """A log could not be asked, or did not take the cosignature. The message says why; nothing is wrong with it yet."""


class _Hashes(Struct):
    hashes: tuple[str, ...]


class Memory:
    """What a witness saw last of each log, in a folder that one process at a time uses. Raises ``NotSeenError``."""

    def __init__(self, folder: pathlib.Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._lock = FileLock(folder / "witness.lock")
        if not self._lock.try_lock(exclusive=True):
            raise NotSeenError(f"Another witness uses {folder}.")

    def close(self) -> None:
        """Let the next process in."""
        self._lock.unlock()

    def last(self, origin: str) -> Note | None:
        """The last checkpoint that was seen of a log, as it was signed."""
        try:
            note = read_note(self._path(origin).read_text(encoding="utf-8"))
            read_checkpoint(note)
        except FileNotFoundError:
            return None
        except (NoteError, UnicodeDecodeError):
            raise NotSeenError(f"{self._path(origin)} is damaged: put it back from a copy.") from None
        return note

    def keep(self, origin: str, note: Note) -> None:
        """Keep a checkpoint, whole or not at all, also through a power cut."""
        write_whole(self._path(origin), str(note).encode())

    def keep_evidence(self, origin: str, notes: Sequence[Note]) -> pathlib.Path:
        """Keep checkpoints that contradict each other: together they prove what a log did."""
        path = self._path(origin).with_suffix(f".evidence-{time.time_ns()}")
        write_whole(path, "\n\n".join(map(str, notes)).encode())
        return path

    def _path(self, origin: str) -> pathlib.Path:
        return self._folder / f"{urllib.parse.quote(origin, safe='')}.checkpoint"


class Witness:
    """Watches logs under its key; ``client`` asks them."""

    def __init__(
        self,
        signer: SignerKey,
        memory: Memory,
        client: httpx.AsyncClient,
        *,
        clock: Callable[[], float] = time.time,
        patience_s: float = PATIENCE_S,
    ) -> None:
        self._signer = signer
        self._memory = memory
        self._client = client
        self._clock = clock
        self._patience_s = patience_s

    async def see(self, watched: Watched) -> Note:
        """Look at a log once: check, keep, cosign, hand in; answers the cosigned checkpoint.

        Raises ``UnfaithfulLogError``, or ``NotSeenError`` where it could not look, or the log did not take it.
        """
        note, checkpoint = await self._fetch(watched)
        last = self._memory.last(checkpoint.origin)
        if last is not None:
            note, checkpoint = await self._require_same(watched, last, note)
        own = self._signer.sign(note.text, int(self._clock()))
        cosigned = Note(note.text, (*note.signatures, own))
        self._memory.keep(checkpoint.origin, cosigned)
        await self._ask(watched, "POST", "cosignatures", msgspec.json.encode({"note": str(cosigned)}))
        log.info("witness.seen", log=checkpoint.origin, size=checkpoint.size)
        return cosigned

    async def _fetch(self, watched: Watched) -> tuple[Note, Checkpoint]:
        """The log's checkpoint, signed by nobody but the keys that may."""
        text = await self._ask(watched, "GET", "checkpoint")
        try:
            note = read_note(text.decode())
        except (NoteError, UnicodeDecodeError):
            raise NotSeenError(f"{watched.address} answers with no checkpoint.") from None
        try:
            checkpoint = require_signed(note, watched.keys)
            signatures = [signature_of(note, key) for key in watched.keys]
        except NoteError as error:
            raise UnfaithfulLogError(f"{watched.address}: {error}") from None
        return Note(note.text, tuple(one for one in signatures if one is not None)), checkpoint

    async def _require_same(self, watched: Watched, last: Note, note: Note) -> tuple[Note, Checkpoint]:
        """A log's checkpoint, if it goes on from the last one. Raises ``UnfaithfulLogError``."""
        before, now = read_checkpoint(last), read_checkpoint(note)
        time_left = self._patience_s
        while now.size < before.size and time_left > 0:
            await asyncio.sleep(min(ASK_AGAIN_S, time_left))
            time_left -= ASK_AGAIN_S
            note, now = await self._fetch(watched)
        if now.size < before.size:
            wrong = f"was rewound: it had {before.size} events, and has {now.size} now"
        elif await self._goes_on(watched, before, now):
            return note, now
        else:
            wrong = f"was forked: its {now.size} events do not begin with the {before.size} that were there before"
        evidence = self._memory.keep_evidence(now.origin, [last, note])
        raise UnfaithfulLogError(f"{now.origin} {wrong}. Both checkpoints, signed by the log, are in {evidence}.")

    async def _goes_on(self, watched: Watched, before: Checkpoint, now: Checkpoint) -> bool:
        proof = [] if before.size == now.size else await self._consistency(watched, before.size, now.size)
        return is_consistent(before.size, before.root, now.size, now.root, proof)

    async def _consistency(self, watched: Watched, first: int, second: int) -> list[bytes]:
        """The hashes that the log gives as proof; what is no proof becomes one that does not hold."""
        answer = await self._ask(watched, "GET", f"proof/consistency/{first}/{second}")
        try:
            hashes = [decode(text) for text in msgspec.json.decode(answer, type=_Hashes).hashes]
        except msgspec.MsgspecError:
            hashes = [None]
        return [b"" if one is None or len(one) != HASH_BYTES else one for one in hashes]

    async def _ask(self, watched: Watched, method: str, path: str, body: bytes | None = None) -> bytes:
        headers = {"Authorization": f"Bearer {watched.access_key}"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        address = f"{watched.address.rstrip('/')}/log/{path}"
        answer = bytearray()
        try:
            async with self._client.stream(method, address, headers=headers, content=body) as response:
                async for piece in response.aiter_bytes():
                    answer += piece
                    if len(answer) > ANSWER_LIMIT:
                        raise NotSeenError(f"{address} answers with more than it should.")
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise NotSeenError(f"{address} does not answer ({type(error).__name__}).") from None
        if not response.is_success:
            raise NotSeenError(f"{address} answers {response.status_code}: {_detail(bytes(answer))}")
        return bytes(answer)


class _Problem(Struct):
    detail: str = ""


def _detail(answer: bytes) -> str:
    with contextlib.suppress(msgspec.MsgspecError):
        return msgspec.json.decode(answer, type=_Problem).detail[:300] or "no reason"
    return "no reason"
