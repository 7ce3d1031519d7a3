"""A server that is killed under its clients: what they were answered is there, and nothing is there twice."""

import signal
import threading
import time
from uuid import UUID

from services.client import Client, Retries
from tests.services.client.conftest import Place
from tests.serving import Serving

STUBBORN = Retries(tries=60, first_s=0.05, longest_s=1.0, within_s=90)
WRITERS = 4


def test_every_write_is_there_once(place: Place) -> None:
    answered: dict[str, UUID] = {}
    failed: list[Exception] = []
    end = threading.Event()
    with Serving(place.data, "--port", "0") as first:
        port = first.address.rpartition(":")[2]
        client = Client(first.address, place.key, retries=STUBBORN)
        ledger = client.ledger("village")

        def write(writer: int) -> None:
            number = 0
            while not end.is_set():
                name = f"Written {writer} {number}"
                try:
                    answered[name] = ledger.parties.register(name=name).id
                except Exception as error:  # noqa: BLE001 - told at the end
                    failed.append(error)
                    return
                number += 1

        writers = [threading.Thread(target=write, args=(writer,)) for writer in range(WRITERS)]
        for writer in writers:
            writer.start()
        _wait_for(answered, 20)
        first.kill()
    with Serving(place.data, "--port", port) as second:
        _wait_for(answered, len(answered) + 20)
        assert second.interrupt(signal.SIGTERM) == 0
    with Serving(place.data, "--port", port) as third:
        _wait_for(answered, len(answered) + 20)
        end.set()
        for writer in writers:
            writer.join(90)
        assert not failed
        named = {party.id: party.name for party in ledger.parties.list(name="Written", limit=200)}
        assert named == {party: name for name, party in answered.items()}
        client.close()
        assert third.interrupt() == 0


def _wait_for(answered: dict[str, UUID], count: int) -> None:
    deadline = time.monotonic() + 60
    while len(answered) < count:
        assert time.monotonic() < deadline
        time.sleep(0.02)
