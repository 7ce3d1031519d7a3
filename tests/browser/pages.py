"""Every page of the demo, by name."""

from services.demo.story import LEDGER, party_id
from services.service import Service

CHIDI, EDITH, WALTER = map(party_id, ("chidi", "edith", "walter"))
PROMISE = "SELECT promise_id FROM promise WHERE ledger_id = $1 AND status = $2 ORDER BY promise_id LIMIT 1"
FAVOUR = "SELECT stream_id FROM event WHERE ledger_id = $1 AND topic = $2 ORDER BY position LIMIT 1"
INTRODUCTION = "SELECT introduction_id FROM introduction WHERE ledger_id = $1 AND status = $2 LIMIT 1"
FIRST = {
    "promise": (PROMISE, "promised"),
    "kept": (PROMISE, "kept"),
    "favour": (FAVOUR, "favour.disputed"),
    "introduction": (INTRODUCTION, "made"),
}


async def paths_of(service: Service) -> dict[str, str]:
    """The addresses of all pages of the demo that there are to look at."""
    ids = {name: await service.pool.fetchval(query, LEDGER, value) for name, (query, value) in FIRST.items()}
    return {
        "standing": "/",
        "standing-party": f"/?party={WALTER}",
        "attention": "/attention",
        "attention-party": f"/attention?party={EDITH}",
        "relationships": "/relationships",
        "relationship": f"/relationships/{EDITH}/{WALTER}",
        "promises": "/promises",
        "promises-side": f"/promises?party={CHIDI}&side=made&came_due=true",
        "calibration": "/promises/calibration",
        "audit-print": "/promises/as/print",
        "promise": f"/promises/{ids['promise']}",
        "promise-kept": f"/promises/{ids['kept']}",
        "favour": f"/favours/{ids['favour']}",
        "introductions": "/introductions",
        "introduction": f"/introductions/{ids['introduction']}",
        "network": "/network",
        "network-party": f"/network?party={EDITH}",
        "people": "/people",
        "people-none": "/people?q=zzzz",
        "party": f"/people/{WALTER}",
        "trust": f"/people/{CHIDI}/trust",
        "trust-unknown": f"/people/{EDITH}/trust",
        "imports": "/import",
        "log": "/log",
        "event": "/log/40",
        "settings": "/settings",
        "webhooks": "/settings/webhooks",
        "form-favour": f"/do/favour.record?giver={EDITH}&receiver={WALTER}",
        "form-promise": f"/do/promise.make?promisor={EDITH}",
        "form-introduce": "/do/introduction.propose",
        "form-erase": f"/do/party.erase?stream={EDITH}",
        "form-terms": f"/do/promise.propose_terms?stream={ids['promise']}",
    }
