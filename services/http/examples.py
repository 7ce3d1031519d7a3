"""An example for every operation: what the OpenAPI shows, and what the tests send.

One story: Anna promises Ben a bookshelf, and Cara watches over it. The bodies are by operation id.
"""

import json
from typing import Any
from uuid import UUID

from domain.tie import tie_id

ANNA = "01920000-0000-7000-8000-0000000000a1"
BEN = "01920000-0000-7000-8000-0000000000b2"
CARA = "01920000-0000-7000-8000-0000000000c3"
DORA = "01920000-0000-7000-8000-0000000000d4"
LIBRARY = "01920000-0000-7000-8000-0000000000e5"

LEDGER = "demo"
STREAMS = {
    "parties": ANNA,
    "favours": "01920000-0000-7000-8000-00000000fa01",
    "introductions": "01920000-0000-7000-8000-000000001201",
    "promises": "01920000-0000-7000-8000-00000000d001",
    "contacts": "01920000-0000-7000-8000-00000000c001",
    "ties": str(tie_id(UUID(ANNA), UUID(BEN))),
    "imports": "01920000-0000-7000-8000-000000001301",
}
"""By what stands before ``{id}`` in an address."""
CHOSEN_IDS = {
    **STREAMS,
    "parties": DORA,
    "request": "01920000-0000-7000-8000-00000000d002",
    "offer": "01920000-0000-7000-8000-00000000d003",
}
"""By the last part of an address: the id under which to create."""

BODIES: dict[str, dict[str, Any]] = {
    "party_register": {
        "name": "Dora Diaz",
        "kind": "person",
        "references": [{"source": "crm", "id": "4711"}],
    },
    "party_add_reference": {"reference": {"source": "crm", "id": "1001"}},
    "party_rename": {"name": "Anna Abel-Adams"},
    "party_list_interests": {"by": ANNA, "interests": ["Old furniture", "Sailing"]},
    "party_list_knowledge": {"by": ANNA, "knows_about": ["Joinery", "Grant applications"]},
    "party_set_findable": {"by": ANNA, "findable": True},
    "party_set_reminders": {"by": ANNA, "mail": "anna@village.example"},
    "party_clear_reminders": {"by": ANNA},
    "party_join": {"organisation": LIBRARY},
    "party_leave": {"organisation": LIBRARY},
    "party_merge": {"into": CARA},
    "party_unmerge": {},
    "party_erase": {},
    "party_retract": {},
    "favour_record": {
        "giver": ANNA,
        "receiver": BEN,
        "what": "Watered the plants for a week",
        "quantity": 2,
        "topic": "gardening",
        "occurred_at": "2024-05-01T09:00:00Z",
    },
    "favour_thank": {"by": BEN, "note": "It was a weight off my mind."},
    "favour_acknowledge": {"by": BEN, "value": 7, "note": "They never looked better."},
    "favour_dispute": {"by": BEN, "reason": "It was three days, not a week."},
    "favour_settle": {"by": ANNA, "quantity": 1},
    "favour_withdraw_dispute": {"by": BEN},
    "favour_retract": {"reason": "Recorded twice."},
    "favour_reinstate": {},
    "introduction_propose": {
        "by": CARA,
        "introducer": CARA,
        "first": ANNA,
        "second": BEN,
        "why": "Both restore old furniture.",
        "occurred_at": "2024-05-02T09:00:00Z",
    },
    "introduction_consent": {"by": ANNA, "note": "Gladly."},
    "introduction_decline": {"by": BEN, "note": "Not this year."},
    "introduction_make": {"by": CARA, "details": "Meet at the workshop on Friday at six."},
    "introduction_record_outcome": {"by": BEN, "outcome": "useful"},
    "introduction_retract": {"reason": "They had met before."},
    "introduction_reinstate": {},
    "promise_request": {
        "by": BEN,
        "promisor": ANNA,
        "promisee": BEN,
        "assessor": CARA,
        "what": "Build a bookshelf",
        "due": "2124-06-01T18:00:00Z",
        "topic": "woodwork",
        "occurred_at": "2024-05-02T09:00:00Z",
    },
    "promise_offer": {
        "by": ANNA,
        "promisor": ANNA,
        "promisee": BEN,
        "what": "Build a bookshelf",
        "topic": "woodwork",
    },
    "promise_counter": {"by": ANNA, "due": "2124-07-01T18:00:00Z", "note": "The oak comes in June."},
    "promise_agree": {"by": ANNA, "note": "Gladly."},
    "promise_decline": {"by": ANNA, "reason": "no_capacity", "note": "Ask me in autumn."},
    "promise_withdraw": {"by": BEN, "note": "I found one in the attic."},
    "promise_make": {
        "by": ANNA,
        "promisor": ANNA,
        "promisee": BEN,
        "assessor": CARA,
        "what": "Build a bookshelf",
        "due": "2024-06-01T18:00:00Z",
        "occurred_at": "2024-05-03T09:00:00Z",
    },
    "promise_report_progress": {"by": ANNA, "behind": False, "note": "The wood is cut."},
    "promise_report_delivery": {"by": ANNA, "note": "It stands in your hall.", "evidence": "https://example.org/shelf"},
    "promise_take_back_report": {"by": ANNA, "note": "The varnish is not dry yet."},
    "promise_propose_terms": {"by": ANNA, "due": "2124-07-01T18:00:00Z", "note": "The oak comes in June."},
    "promise_agree_to_terms": {"by": BEN},
    "promise_refuse_terms": {"by": BEN, "note": "I move in June."},
    "promise_take_back_terms": {"by": ANNA},
    "promise_ask_for_date": {"by": BEN, "note": "By when?"},
    "promise_name_date": {"by": ANNA, "due": "2124-07-01T18:00:00Z"},
    "promise_delegate": {"by": ANNA, "to": CARA, "note": "She has the better saw."},
    "promise_assign": {"by": BEN, "to": CARA, "note": "It goes to her hall."},
    "promise_consent_to_handover": {"by": CARA},
    "promise_refuse_handover": {"by": CARA, "note": "I have no time."},
    "promise_take_back_handover": {"by": ANNA},
    "promise_dispute": {"by": ANNA, "reason": "It stood there on the day."},
    "promise_settle": {"by": ANNA, "outcome": "partly_kept", "fraction": 0.5},
    "promise_withdraw_dispute": {"by": ANNA},
    "promise_accept": {"by": BEN, "note": "Just right."},
    "promise_accept_in_part": {"by": BEN, "fraction": 0.5, "note": "The upper half is missing."},
    "promise_reject": {"by": BEN, "reason": "It wobbles."},
    "promise_declare_broken": {"by": BEN, "reason": "I heard nothing."},
    "promise_release": {"by": BEN, "note": "I found one in the attic."},
    "promise_renege": {"by": ANNA, "reason": "I hurt my hand."},
    "promise_assess": {"by": CARA, "outcome": "partly_kept", "fraction": 0.8, "note": "One board is missing."},
    "promise_reword": {"what": "Build a bookshelf of oak"},
    "promise_retract": {"reason": "Recorded twice."},
    "promise_reinstate": {},
    "contact_record": {
        "by": ANNA,
        "initiator": ANNA,
        "other": BEN,
        "channel": "in_person",
        "felt": 5,
        "learnt": "He restores chairs.",
        "occurred_at": "2024-05-04T09:00:00Z",
    },
    "contact_reword": {"learnt": "He restores chairs, and looks for old varnish."},
    "contact_retract": {"reason": "That was Cara."},
    "contact_reinstate": {},
    "tie_declare": {
        "by": ANNA,
        "party": ANNA,
        "other": BEN,
        "closeness": "close",
        "occurred_at": "2024-05-05T09:00:00Z",
    },
    "tie_undeclare": {"by": ANNA},
    "log_cosign": {
        "note": "requite.local/village\n1042\nrC1Rk0pSDmDPPcTgpsEFcV1p1sHQkHAWRKmDxi4Kx9k=\n\n"
        "— witness.example AQIDBAAAAABndGVzdA==\n"
    },
    "ledger_change_policy": {"policy": {"units": ["favour", "minute"], "grace_days": 7}},
    "webhook_create": {"url": "https://hooks.example.org/requite", "topics": ["favour.*", "promise.made"]},
    "webhook_change": {"topics": ["favour.*"], "enabled": True},
    "webhook_rotate": {"overlap_hours": 48},
    "webhook_replay": {"first": 3, "last": 12},
    "key_create": {"label": "Anna's phone", "scopes": ["read", "record"], "parties": [ANNA]},
    "key_rotate": {"overlap_s": 3600},
    "ledger_batch": {
        "commands": [
            {"act": "favour.record", "body": {"giver": ANNA, "receiver": BEN, "what": "Lent the ladder"}},
            {
                "act": "promise.make",
                "id": "0197a3b0-5f00-7000-8000-0000000000b1",
                "body": {"by": BEN, "promisor": BEN, "promisee": ANNA, "what": "Bring the ladder back"},
                "idempotency_key": "ladder-1",
            },
        ],
        "atomic": True,
    },
}

UPLOADS = {
    "import_start": "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Emil Engel\r\nEMAIL:emil@example.org\r\nEND:VCARD\r\n",
}
"""By operation id: the files that stand in place of a JSON body."""

PARAMETERS: dict[str, Any] = {
    "ledger": LEDGER,
    "key_id": "mfzwi3lfojxw4",
    "number": 1,
    "webhook_id": "01920000-0000-7000-8000-00000000ee01",
    "after": "mfzwi3lfojxw4",
    "limit": 50,
}
"""By name, for parameters that bring no example of their own; ``id`` follows from the address."""

ANSWERS: dict[str, Any] = {"health_live": {"status": "ok"}, "health_ready": {"status": "ok"}}
"""For operations that take neither body nor parameter."""

LOGGED_EXAMPLE: dict[str, Any] = {
    "position": 12,
    "event": {
        "ledger": LEDGER,
        "stream": STREAMS["favours"],
        "version": 1,
        "topic": "favour.thanked",
        "class_version": 1,
        "recorded_at": "2024-05-01T18:00:00Z",
        "event": {
            "occurred_at": "2024-05-01T18:00:00Z",
            "who": {"capacity": "party", "key": "mfzwi3lfojxw4", "by": BEN},
            "giver": ANNA,
            "receiver": BEN,
        },
    },
}
CLOUD_EVENT_EXAMPLE: dict[str, Any] = {
    "specversion": "1.0",
    "id": "12",
    "source": f"//requite.local/{LEDGER}",
    "type": "favour.thanked",
    "subject": STREAMS["favours"],
    "time": "2024-05-01T18:00:00Z",
    "sequence": "0000000000000000012",
    "datacontenttype": "application/json",
    "data": LOGGED_EXAMPLE,
}
SSE_EXAMPLE = f"id: 12\ndata: {json.dumps(LOGGED_EXAMPLE)}\n\n"
