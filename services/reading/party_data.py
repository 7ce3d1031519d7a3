"""Everything that a ledger says about one party, in one document: what it has a right to see (GDPR, article 15).

It shows what the party itself may read, whoever asks: what is another's own matter (``Event.private_to``) is not in it,
not even for an administrator, who may be about to hand it over.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from services.access.keys import Scope, list_keys_of
from services.network.networks import Networks, NotReadyError, TooLargeError
from services.reading.aliases import read_aliases
from services.reading.as_of import NOW, Answer, now
from services.reading.attention import Attention, TieLine, list_ties, read_attention
from services.reading.balance import PartyBalance, Relationship, list_relationships, read_party_balance
from services.reading.memberships import Membership, list_memberships
from services.reading.network import PartyNetwork, read_party_network
from services.reading.pages import Page
from services.reading.parties import PartyView, read_party, require_parties
from services.reading.reader import Reader, not_own
from services.reading.snapshot import Look, Snapshot
from services.reading.timeline import TimelineEntry, read_party_timeline
from services.reading.trust import TrustAnswer, read_trust
from services.reading.words import read_names

EVENTS_SHOWN = 5_000
"""How many events are shown at most, the latest: what a browser still prints."""
LISTED = 5_000
"""How much of anything else."""


class ActingKey(Struct, frozen=True, kw_only=True):
    """An access key that acts, or acted, for the party; ``who.key`` of an event names it by its id."""

    id: str
    label: str
    scopes: tuple[Scope, ...]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None


class Strand(Struct, frozen=True, kw_only=True):
    """One favour, introduction, promise, contact or tie, or the party's own profile."""

    kind: str
    id: UUID
    events: tuple[TimelineEntry, ...]
    """In the order in which they were recorded; those that name the party."""


class PartyData(Answer, frozen=True, kw_only=True):
    """All that a ledger says about a party."""

    ledger: str
    asked_at: datetime
    party: PartyView
    names: dict[str, str]
    """By id: what the others that are named in here are called."""
    keys: tuple[ActingKey, ...]
    """Who may act for it. Recorders and administrators may as well."""
    memberships: tuple[Membership, ...]
    balance: PartyBalance
    relationships: tuple[Relationship, ...]
    """With whom, in which units; ``a`` is the party."""
    ties: tuple[TieLine, ...]
    """How close it says that others are to it."""
    trust: TrustAnswer
    """What is thought of its promises: figures, the version of their formulas, and all their evidence."""
    network: PartyNetwork | None
    """Its place in the network; null where that is not known at the moment."""
    attention: Attention
    strands: tuple[Strand, ...]
    """What happened, the latest first."""
    earlier: str | None
    """Null: that is all. Else there are earlier events, from this ``after`` of the party's timeline on."""


async def read_party_data(
    look: Look, networks: Networks, party: UUID, reader: Reader, events: int = EVENTS_SHOWN
) -> PartyData:
    """All about a party, with as many of its events.

    Raises ``Refusal`` where the ledger does not know it, or the reader neither acts for it nor for the ledger.
    """
    async with look() as snapshot:
        await require_parties(snapshot, party)
        ids = (await read_aliases(snapshot, now(snapshot))).ids(party)
        if not any(reader.is_own(one) for one in (party, *ids)):
            raise not_own()
    network = await _network(look, networks, ids[0])
    async with look() as snapshot:
        return await _read(snapshot, ids, network, events)


async def _network(look: Look, networks: Networks, party: UUID) -> PartyNetwork | None:
    try:
        return await read_party_network(look, networks, party)
    except (NotReadyError, TooLargeError):
        return None


async def _read(snapshot: Snapshot, ids: Sequence[UUID], network: PartyNetwork | None, events: int) -> PartyData:
    party, itself, listed = ids[0], Reader(parties=tuple(ids)), Page(limit=LISTED)
    keys = await list_keys_of(snapshot.connection, snapshot.ledger_id, ids)
    relationships = (await list_relationships(snapshot, party, NOW, listed)).items
    trust = await read_trust(snapshot, party, page=listed)
    history = await read_party_timeline(snapshot, party, page=Page(limit=events), reader=itself)
    named = {one.b for one in relationships}
    named |= {one for line in trust.evidence for one in (line.promisee, line.said_by)}
    named |= {one for entry in history.items for one in (*entry.parties, entry.who.by) if one is not None}
    names = await read_names(snapshot, named)
    return PartyData(
        position=snapshot.position,
        ledger=snapshot.ledger_id,
        asked_at=snapshot.now,
        party=(await read_party(snapshot, party)).party,
        names={str(one): name for one, name in names.items()},
        keys=tuple(
            ActingKey(
                id=key.key_id,
                label=key.label,
                scopes=key.scopes,
                created_at=key.created_at,
                expires_at=key.expires_at,
                revoked_at=key.revoked_at,
            )
            for key in keys
        ),
        memberships=(await list_memberships(snapshot, party, NOW, listed)).items,
        balance=await read_party_balance(snapshot, party),
        relationships=relationships,
        ties=(await list_ties(snapshot, party, NOW, itself)).items,
        trust=trust,
        network=network,
        attention=await read_attention(snapshot, party, NOW, itself),
        strands=_strands(history.items),
        earlier=history.next,
    )


def _strands(entries: Iterable[TimelineEntry]) -> tuple[Strand, ...]:
    """Entries, the latest first, by what they are about."""
    strands: dict[UUID, list[TimelineEntry]] = {}
    for entry in entries:
        strands.setdefault(entry.stream, []).append(entry)
    return tuple(
        Strand(kind=events[0].kind, id=stream, events=tuple(reversed(events))) for stream, events in strands.items()
    )
