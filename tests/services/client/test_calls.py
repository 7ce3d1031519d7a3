"""Both clients against a running server: what they send, what they answer, and what they raise."""

from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import UUID, uuid4

import httpx
import msgspec
import pytest

from services.client import (
    AsyncClient,
    BadRequestError,
    Client,
    ConflictError,
    ForbiddenError,
    NotFoundError,
    RefusedError,
    UnauthorizedError,
    structs,
)
from services.client.calls import Ledger
from tests.services.client.conftest import Place
from tests.serving import Serving


@pytest.fixture
def client(serving: Serving, place: Place) -> Iterator[Client]:
    with Client(serving.address, place.key) as opened:
        yield opened


@pytest.fixture
def ledger(client: Client) -> Ledger:
    return client.ledger("village")


def two(ledger: Ledger) -> tuple[UUID, UUID]:
    return ledger.parties.register(name="Anna Abel").id, ledger.parties.register(name="Ben Berg").id


def test_a_parameter_that_may_be_given_several_times(ledger: Ledger) -> None:
    two(ledger)
    chosen = ledger.events.list(topic=("ledger.opened", "party.*"), limit=2)
    topics = {msgspec.json.decode(msgspec.json.encode(one.event))["topic"] for one in chosen}
    assert topics == {"ledger.opened", "party.registered"}


def test_a_promise_from_making_to_audit(ledger: Ledger) -> None:
    anna, ben = two(ledger)
    due = datetime(2099, 6, 1, 18, tzinfo=UTC)
    made = ledger.promises.make(by=ben, promisor=ben, promisee=anna, what="Build a bookshelf", due=due)
    assert isinstance(made, structs.PromiseReceipt)
    assert made.advice is not None
    ledger.promises.report_delivery(made.id, by=ben)
    accepted = ledger.promises.accept(made.id, by=anna, note="Just right.")
    assert [event.topic for event in accepted.events] == ["promise.accepted"]
    promise = ledger.promises.read(made.id)
    assert promise.promise.standing == "kept_on_time"
    assert promise.promise.due == "2099-06-01T18:00:00Z"
    before = ledger.promises.read(made.id, as_of=made.position)
    assert before.promise.standing == "not_started"
    assert ledger.promises.read(made.id, as_of=datetime.now(UTC)).promise.standing == "kept_on_time"
    audit = ledger.promises.audit(promisor=ben)
    assert audit.totals is not None
    assert audit.totals.made == 1
    assert ledger.promises.audit_csv(promisor=ben).count("\n") >= 2


def test_a_favour_moves_a_balance(ledger: Ledger) -> None:
    anna, ben = two(ledger)
    wanted = uuid4()
    receipt = ledger.favours.record(id=wanted, giver=anna, receiver=ben, what="Watered the plants", quantity=2)
    assert receipt.id == wanted
    again = ledger.favours.record(giver=ben, receiver=anna, idempotency_key="favour-1")
    assert ledger.favours.record(giver=ben, receiver=anna, idempotency_key="favour-1").id == again.id
    assert ledger.relationships.read(anna, ben).position >= again.position
    assert len(list(ledger.favours.list(party=anna, other=ben))) == 2


def test_lists_go_on_from_page_to_page(ledger: Ledger) -> None:
    parties = [ledger.parties.register(name=f"Page {number}").id for number in range(7)]
    listed = [party.id for party in ledger.parties.list(limit=3)]
    assert {*parties} <= {*listed}
    assert len(listed) == len({*listed})
    assert len(ledger.parties.list(limit=3).page().items) == 3
    assert next(len(page.items) for page in ledger.parties.list(limit=3).pages()) == 3
    found = ledger.parties.list(name="Page 6").page()
    assert [party.id for party in found.items] == parties[6:]
    after = found.position - 2
    positions = [event.position for event in ledger.events.list(after=str(after))]
    assert positions == [after + 1, after + 2]


def test_what_belongs_to_the_ledger_and_to_none(client: Client, ledger: Ledger) -> None:
    assert client.health.ready().status == "ok"
    view = ledger.read()
    assert view.units == ("favour",)
    changed = ledger.change_policy(policy=structs.Policy(units=("favour", "hour")))
    assert ledger.read().position == changed.position
    assert ledger.read().units == ("favour", "hour")
    assert ledger.log.checkpoint().startswith("requite.local/")
    key = ledger.keys.create(label="Reads", scopes=("read",))
    assert ledger.keys.revoke(key.id).revoked_at is not None


def test_problems_are_raised(serving: Serving, client: Client, ledger: Ledger) -> None:
    anna, ben = two(ledger)
    with pytest.raises(NotFoundError) as unknown:
        ledger.promises.read(uuid4())
    assert (unknown.value.status, unknown.value.code) == (404, "promise_not_found")
    assert unknown.value.request_id
    with pytest.raises(RefusedError) as refused:
        ledger.favours.record(giver=anna, receiver=anna)
    assert refused.value.code == "same_party"
    assert refused.value.idempotency_key
    promise = ledger.promises.make(promisor=anna, promisee=ben, what="Mend the gate").id
    ledger.promises.retract(promise)
    with pytest.raises(ConflictError) as late:
        ledger.promises.report_delivery(promise, by=anna)
    assert "promise.reinstate" in " ".join(late.value.allowed) or late.value.allowed
    with pytest.raises(BadRequestError) as bad:
        ledger.parties.list(limit=-1).page()
    assert bad.value.errors[0].parameter == "limit"
    assert "limit" in str(bad.value)
    with pytest.raises(UnauthorizedError):
        client.ledger("other").read()
    key = ledger.keys.create(label="Reads", scopes=("read",))
    with Client(serving.address, key.token) as reader, pytest.raises(ForbiddenError) as forbidden:
        reader.ledger("village").parties.register(name="Nobody")
    assert forbidden.value.code == "wrong_scope"


def test_an_act_may_build_on_a_version(ledger: Ledger) -> None:
    anna, ben = two(ledger)
    favour = ledger.favours.record(giver=anna, receiver=ben)
    thanked = ledger.favours.thank(favour.id, by=ben, note="Thank you.", if_match=favour.version)
    assert thanked.version == favour.version + 1
    with pytest.raises(ConflictError) as late:
        ledger.favours.acknowledge(favour.id, by=ben, if_match=favour.version)
    assert late.value.status == 412
    assert ledger.favours.acknowledge(favour.id, by=ben, if_match=f'"v{thanked.version}"').events


def test_names_from_outside_stay_within_their_place(client: Client, ledger: Ledger) -> None:
    with pytest.raises(NotFoundError):
        client.ledger("village/parties?x=").read()
    with pytest.raises(NotFoundError):
        ledger.keys.revoke("../keys")


async def test_the_same_awaited(serving: Serving, place: Place) -> None:
    async with AsyncClient(serving.address, place.key, timeout=httpx.Timeout(20)) as client:
        ledger = client.ledger("village")
        anna = (await ledger.parties.register(name="Anna Await")).id
        ben = (await ledger.parties.register(name="Ben Await")).id
        for _ in range(3):
            await ledger.favours.record(giver=anna, receiver=ben)
        favours = ledger.favours.list(party=anna, limit=2)
        assert len([favour async for favour in favours]) == 3
        assert len((await favours.page()).items) == 2
        assert (await client.health.live()).status == "ok"
        assert (await ledger.promises.audit(promisor=anna)).lines == ()
        with pytest.raises(NotFoundError):
            await ledger.favours.read(uuid4())
