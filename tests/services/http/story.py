"""Sends the examples of the OpenAPI in an order in which each of them may succeed."""

import asyncio
import json
from typing import Any
from uuid import UUID, uuid4

from litestar import Litestar
from litestar.openapi.spec import OpenAPIMediaType, Operation, Parameter, RequestBody

from domain.tie import tie_id
from services.http.examples import ANNA, LIBRARY
from services.http.openapi import operations
from services.proof.note import Note, SignerKey, read_note
from tests.services.conftest import LEDGER, WITNESS
from tests.services.http.conftest import Client, Headers

CREATES = {
    "parties": "party_register",
    "favours": "favour_record",
    "introductions": "introduction_propose",
    "promises": "promise_make",
    "contacts": "contact_record",
    "ties": "tie_declare",
}
OF_A_NEWCOMER = {
    "party_list_interests",
    "party_list_knowledge",
    "party_join",
    "party_leave",
    "party_merge",
    "party_unmerge",
    "party_erase",
    "party_retract",
}
"""Sent to a party of its own; other operations on parties are Anna's."""
OF_A_MEMBER = {"party_join", "party_leave"}
"""There has to be the organisation for."""
REQUESTED = ("promise_counter", "promise_agree", "promise_decline", "promise_withdraw")
OFFERED = ("promise_ask_for_date", "promise_name_date", "promise_delegate", "promise_consent_to_handover")
BEGINS = {
    **dict.fromkeys(REQUESTED, "promise_request"),
    **dict.fromkeys((*OFFERED, "promise_refuse_handover", "promise_take_back_handover"), "promise_offer"),
}
"""By operation: what its stream begins with, where that is not what begins most of its kind."""
DELEGATED = ("promise_agree:second", "promise_delegate")
BEFORE = {
    "party_leave": ("party_join",),
    "party_unmerge": ("party_merge",),
    "favour_settle": ("favour_dispute",),
    "favour_withdraw_dispute": ("favour_dispute",),
    "favour_reinstate": ("favour_retract",),
    "introduction_make": ("introduction_consent", "introduction_consent:second"),
    "introduction_record_outcome": ("introduction_consent", "introduction_consent:second", "introduction_make"),
    "introduction_reinstate": ("introduction_retract",),
    "promise_take_back_report": ("promise_report_delivery",),
    "promise_agree_to_terms": ("promise_propose_terms",),
    "promise_refuse_terms": ("promise_propose_terms",),
    "promise_take_back_terms": ("promise_propose_terms",),
    "promise_ask_for_date": ("promise_agree:second",),
    "promise_name_date": ("promise_agree:second", "promise_ask_for_date"),
    "promise_delegate": ("promise_agree:second",),
    "promise_consent_to_handover": DELEGATED,
    "promise_refuse_handover": DELEGATED,
    "promise_take_back_handover": DELEGATED,
    "promise_dispute": ("promise_declare_broken",),
    "promise_settle": ("promise_declare_broken", "promise_dispute"),
    "promise_withdraw_dispute": ("promise_declare_broken", "promise_dispute"),
    "promise_accept": ("promise_report_delivery",),
    "promise_accept_in_part": ("promise_report_delivery",),
    "promise_reject": ("promise_report_delivery",),
    "promise_reinstate": ("promise_retract",),
    "contact_reinstate": ("contact_retract",),
}
"""By operation: what has to be sent to its stream before; ``:second`` in the name of the other party."""


class Story:
    """Prepares streams so that an operation's example may be sent to one."""

    def __init__(self, app: Litestar, client: Client, headers: Headers) -> None:
        self._client = client
        self._headers = headers
        document = app.openapi_schema
        self.operations = {found.operation_id: (path, method, found) for path, method, found in operations(document)}

    async def path_for(self, operation_id: str) -> str:
        """The address of an operation, its parameters filled in with things that are as it needs them."""
        path, _, _ = self.operations[operation_id]
        path = path.replace("{ledger}", LEDGER)
        collection = path.removeprefix(f"/v1/ledgers/{LEDGER}/").partition("/")[0]
        if collection == "imports" and "{id}" in path:
            path = path.replace("{id}", await self._import())
        if "{id}" in path:
            of_anna = collection == "parties" and operation_id not in OF_A_NEWCOMER
            path = path.replace("{id}", ANNA if of_anna else await self._stream(collection, operation_id))
        if "{key_id}" in path:
            made = await self.send("key_create", f"/v1/ledgers/{LEDGER}/keys")
            path = path.replace("{key_id}", made.json()["id"])
            if "{number}" in path:  # of a former secret
                await self.send("key_rotate", f"/v1/ledgers/{LEDGER}/keys/{made.json()['id']}/rotate")
        if "{webhook_id}" in path:
            made = await self.send("webhook_create", f"/v1/ledgers/{LEDGER}/webhooks")
            path = path.replace("{webhook_id}", made.json()["id"])
        for name, example in parameters(self.operations[operation_id][2], "path").items():
            path = path.replace(f"{{{name}}}", str(example))
        return path

    async def _stream(self, collection: str, operation_id: str) -> str:
        stream, change = str(uuid4()), {}
        if collection == "ties":  # whose id follows from its parties
            await self._create("party_register", stream)
            stream, change = str(tie_id(UUID(ANNA), UUID(stream))), {"other": stream}
        created = await self._create(BEGINS.get(operation_id, CREATES[collection]), stream, change)
        assert created.status_code == 201, created.text
        if operation_id in OF_A_MEMBER:
            await self._create("party_register", LIBRARY, {"kind": "organisation"})
        for step in BEFORE.get(operation_id, ()):
            earlier, _, second = step.partition(":")
            path, _, _ = self.operations[earlier]
            change = {"by": body(self.operations["introduction_decline"][2])["by"]} if second else {}
            sent = await self.send(earlier, path.replace("{ledger}", LEDGER).replace("{id}", stream), change)
            assert sent.status_code == 200, sent.text
        return stream

    async def _cosigned(self) -> str:
        """The log's checkpoint as a witness signs it, which no fixed example can be."""
        note = (await self._client.get(f"/v1/ledgers/{LEDGER}/log/checkpoint", headers=self._headers)).text
        return str(cosign(note))

    async def _import(self) -> str:
        """An import that is done."""
        begun = await self.send("import_start", f"/v1/ledgers/{LEDGER}/imports")
        assert begun.status_code == 202, begun.text
        standing = begun.json()["imported"]
        while standing["state"] != "done":
            await asyncio.sleep(0.01)
            path = f"/v1/ledgers/{LEDGER}/imports/{standing['id']}"
            standing = (await self._client.get(path, headers=self._headers)).json()
        return str(standing["id"])

    async def _create(self, operation_id: str, stream: str, change: dict[str, Any] | None = None) -> Any:
        known_nowhere: dict[str, Any] = {"references": []} if operation_id == "party_register" else {}
        path, _, _ = self.operations[operation_id]
        path = path.replace("{ledger}", LEDGER)
        return await self.send(operation_id, path, {**known_nowhere, **(change or {})}, id=stream)

    async def send(
        self,
        operation_id: str,
        path: str,
        change: dict[str, Any] | None = None,
        *,
        examples: bool = False,
        **params: str,
    ) -> Any:
        """Send an operation's example body; with ``examples`` those of its query and header parameters as well."""
        _, method, operation = self.operations[operation_id]
        headers = dict(self._headers)
        if examples:
            params |= {name: value for name, value in parameters(operation, "query").items() if value is not None}
            headers |= parameters(operation, "header")
        if operation_id == "log_cosign":
            change = {"note": await self._cosigned()}
        example = body(operation)
        if isinstance(example, str):
            content: str | None = example
            headers["Content-Type"] = "application/octet-stream"
        elif example is not None:
            content = json.dumps({**example, **(change or {})})
            headers["Content-Type"] = "application/json"
        else:
            content = None
        return await self._client.request(method, path, params=params, headers=headers, content=content)


def cosign(note: str, time: int = 1, witness: SignerKey = WITNESS) -> Note:
    """A checkpoint with a witness's signature below it."""
    read = read_note(note)
    return Note(read.text, (*read.signatures, witness.sign(read.text, time)))


def body(operation: Operation) -> Any:
    """The example of an operation's body, ``None`` where it takes none."""
    if operation.request_body is None:
        return None
    assert isinstance(operation.request_body, RequestBody)
    media_type = next(iter(operation.request_body.content.values()))
    assert isinstance(media_type, OpenAPIMediaType)
    return media_type.example


def parameters(operation: Operation, where: str) -> dict[str, Any]:
    """The examples of an operation's parameters by name."""
    return {
        parameter.name: example_of(parameter)
        for parameter in operation.parameters or ()
        if isinstance(parameter, Parameter) and parameter.param_in == where
    }


def example_of(parameter: Parameter) -> Any:
    """A parameter's first example."""
    if parameter.example is not None:
        return parameter.example
    found = next(iter((parameter.examples or {}).values()), None)
    return getattr(found, "value", None)
