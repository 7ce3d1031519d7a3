"""A witness of a real service: it signs what goes on, and tells of a log that was rewound, forked or re-signed."""

import pathlib
from collections.abc import AsyncIterator

import httpx
import pytest
from litestar import Litestar
from msgspec.structs import replace

from services.http.app import serve
from services.proof.builder import build_whole
from services.proof.notary import Notary
from services.proof.note import COSIGNATURE, Note, SignerKey, read_checkpoint, read_note, require_signed, signature_of
from services.proof.tree import EMPTY_ROOT
from services.proof.witness import Memory, NotSeenError, UnfaithfulLogError, Watched, Witness
from services.service import Service
from tests.services.conftest import LEDGER, WITNESS, Desk, as_owner
from tests.services.http.conftest import Client, Headers

pytestmark = pytest.mark.anyio
AT = f"/v1/ledgers/{LEDGER}"


@pytest.fixture
def folder(tmp_path: pathlib.Path) -> pathlib.Path:
    return tmp_path / "witness"


@pytest.fixture
async def memory(folder: pathlib.Path) -> AsyncIterator[Memory]:
    opened = Memory(folder)
    yield opened
    opened.close()


@pytest.fixture
def witness(memory: Memory, client: Client) -> Witness:
    return Witness(WITNESS, memory, client, clock=lambda: 1_800_000_000.9, patience_s=0)


@pytest.fixture
def watched(service: Service, recorder: Headers) -> Watched:
    return Watched(
        address=AT,
        keys=tuple(service.notary.keys(LEDGER)),
        access_key=recorder["Authorization"].removeprefix("Bearer "),
    )


async def grow(service: Service, desk: Desk, *names: str) -> None:
    await desk.register(*names)
    await build_whole(service.pool, LEDGER)


async def rewind(service: Service, position: int) -> None:
    """What putting an old copy of the database back does."""
    for table in ("log_tile", "log_head", "log_cosignature"):
        await service.pool.execute(f"DELETE FROM {table} WHERE ledger_id = $1", LEDGER)
    await as_owner(service, "DELETE FROM event WHERE ledger_id = $1 AND position > $2", LEDGER, position)
    await as_owner(service, "UPDATE ledger_head SET position = $2 WHERE ledger_id = $1", LEDGER, position)
    await build_whole(service.pool, LEDGER)


def size_of(note: Note) -> int:
    return read_checkpoint(note).size


async def test_it_cosigns_a_log_that_goes_on(
    service: Service, desk: Desk, client: Client, recorder: Headers, witness: Witness, watched: Watched
) -> None:
    sizes = []
    for names in (("Anna",), ("Ben", "Cara"), (), ("Dora",)):
        await grow(service, desk, *names)
        seen = await witness.see(watched)
        shown = read_note((await client.get(f"{AT}/log/checkpoint", headers=recorder)).text)
        assert shown == seen
        assert require_signed(shown, service.notary.keys(LEDGER)).size == size_of(seen)
        signature = signature_of(shown, WITNESS.verifier)
        assert signature is not None
        assert signature.seen_at.timestamp() == 1_800_000_000
        sizes.append(size_of(seen))
    assert sizes == [2, 4, 4, 5]


async def test_it_begins_with_an_empty_log(service: Service, desk: Desk, witness: Witness, watched: Watched) -> None:
    assert read_checkpoint(await witness.see(watched)).root == EMPTY_ROOT
    await grow(service, desk, "Anna")
    assert size_of(await witness.see(watched)) == 2


async def refused(witness: Witness, watched: Watched, folder: pathlib.Path, reason: str) -> None:
    """It is told, nothing is signed, and what was seen before stays, with the log's own signatures as evidence."""
    path = folder / "requite.local%2Fvillage.checkpoint"
    before = path.read_bytes()
    with pytest.raises(UnfaithfulLogError, match=reason):
        await witness.see(watched)
    assert path.read_bytes() == before


async def test_a_rewound_log_is_told(
    service: Service, desk: Desk, witness: Witness, watched: Watched, folder: pathlib.Path
) -> None:
    await grow(service, desk, "Anna", "Ben", "Cara")
    await witness.see(watched)
    await rewind(service, 2)
    await refused(witness, watched, folder, "was rewound: it had 4 events, and has 2 now")
    old, new = (require_signed(read_note(text), watched.keys) for text in _evidence(folder))
    assert (old.size, new.size) == (4, 2)
    assert await service.pool.fetchval("SELECT count(*) FROM log_cosignature") == 0


def _evidence(folder: pathlib.Path) -> tuple[str, str]:
    (evidence,) = folder.glob("*.evidence-*")
    first, second = evidence.read_text().split("\n\n\n")
    return f"{first}\n", second


async def test_a_log_that_is_shorter_for_a_moment_is_waited_for(
    service: Service, desk: Desk, memory: Memory, client: Client, watched: Watched
) -> None:
    witness = Witness(WITNESS, memory, client, patience_s=0.01)
    await grow(service, desk, "Anna", "Ben")
    await witness.see(watched)
    await service.pool.execute("DELETE FROM log_tile")
    await service.pool.execute("DELETE FROM log_head")
    asked: list[str] = []

    async def rebuild(request: httpx.Request) -> None:
        asked.append(request.url.path)
        if len(asked) == 2:
            await build_whole(service.pool, LEDGER)

    client.event_hooks = {"request": [rebuild]}
    assert size_of(await witness.see(watched)) == 3


@pytest.mark.parametrize("more", [2, 3])
async def test_a_forked_log_is_told(
    service: Service, desk: Desk, witness: Witness, watched: Watched, folder: pathlib.Path, more: int
) -> None:
    await grow(service, desk, "Anna", "Ben", "Cara")
    await witness.see(watched)
    await rewind(service, 2)
    await grow(service, desk, *(f"P{number}" for number in range(more)))
    await refused(witness, watched, folder, f"was forked: its {2 + more} events do not begin with the 4")
    await refused(witness, watched, folder, "was forked")


async def test_a_changed_event_is_told(
    service: Service, desk: Desk, witness: Witness, watched: Watched, folder: pathlib.Path
) -> None:
    await grow(service, desk, "Anna", "Ben", "Cara")
    await witness.see(watched)
    await as_owner(service, "UPDATE event SET state = state || ' ' WHERE position = 2")
    await rewind(service, 4)
    await refused(witness, watched, folder, "was forked: its 4 events")


async def test_another_key_is_told(
    app: Litestar, service: Service, desk: Desk, witness: Witness, watched: Watched, folder: pathlib.Path
) -> None:
    await grow(service, desk, "Anna")
    await witness.see(watched)
    old, new = bytes(range(32)), bytes(32)
    serve(app, replace(service, notary=Notary([new])))
    await refused(witness, watched, folder, "not signed by a key that is trusted")
    serve(app, replace(service, notary=Notary([new], "elsewhere")))
    await refused(witness, watched, folder, "elsewhere/village is not signed by a key")
    both = Notary([new, old], witnesses=[WITNESS.verifier])
    serve(app, replace(service, notary=both))
    announced = replace(watched, keys=tuple(both.keys(LEDGER)))
    assert size_of(await witness.see(announced)) == 2


async def test_what_was_kept_and_not_handed_in_is_handed_in_next_time(
    service: Service, desk: Desk, client: Client, recorder: Headers, watched: Watched, memory: Memory
) -> None:
    await grow(service, desk, "Anna")

    async def cut_off(request: httpx.Request) -> None:
        if request.method == "POST":
            raise httpx.ConnectError("gone")

    witness = Witness(WITNESS, memory, client)
    client.event_hooks = {"request": [cut_off]}
    with pytest.raises(NotSeenError, match="does not answer"):
        await witness.see(watched)
    client.event_hooks = {"request": []}
    await grow(service, desk, "Ben")
    seen = await witness.see(watched)
    assert (await client.get(f"{AT}/log/checkpoint", headers=recorder)).text == str(seen)


async def test_what_cannot_be_asked_is_no_fault_of_the_log(
    client: Client, memory: Memory, watched: Watched, folder: pathlib.Path
) -> None:
    witness = Witness(WITNESS, memory, client)
    for other, reason in (
        (replace(watched, access_key="rq_none"), "answers 401: This access key is unknown"),
        (replace(watched, address="/v1/ledgers/nowhere"), "answers 401"),
        (replace(watched, address="/v1/ledgers/village/log"), "answers 404"),
    ):
        with pytest.raises(NotSeenError, match=reason):
            await witness.see(other)
    unknown = Witness(SignerKey("nobody.example", bytes(32), COSIGNATURE), memory, client)
    with pytest.raises(NotSeenError, match="answers 403: No witness"):
        await unknown.see(watched)
    (folder / "requite.local%2Fvillage.checkpoint").write_text("nothing")
    with pytest.raises(NotSeenError, match="is damaged"):
        await witness.see(watched)


async def test_answers_that_are_none(memory: Memory, watched: Watched) -> None:
    for answer, reason in ((b"<html>", "answers with no checkpoint"), (b"x" * 2**21, "more than it should")):
        transport = httpx.MockTransport(lambda _, answer=answer: httpx.Response(200, content=answer))
        async with httpx.AsyncClient(transport=transport, base_url="http://log.test") as client:
            with pytest.raises(NotSeenError, match=reason):
                await Witness(WITNESS, memory, client).see(watched)


async def test_a_folder_has_one_witness_at_a_time(memory: Memory, folder: pathlib.Path) -> None:
    del memory
    with pytest.raises(NotSeenError, match="Another witness"):
        Memory(folder)
