"""What the service is given and answers. Written from its OpenAPI document by ``just client``; do not edit it."""

from typing import Any, Literal
from uuid import UUID

from msgspec import Struct


class ActingKey(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An access key that acts, or acted, for the party; ``who.key`` of an event names it by its id."""

    id: str
    label: str
    scopes: tuple[Literal["admin", "audit", "read", "record"], ...]
    created_at: str
    expires_at: str | None
    revoked_at: str | None


class AnswerTime(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How long the party takes to answer."""

    answers: int
    median_s: float | None


class Ask(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something that waits for the party's answer."""

    kind: Literal["counter", "date", "dispute", "handover", "introduction", "offer", "report", "request", "terms"]
    stream: UUID
    asked_by: UUID
    name: str | None
    what: str | None
    since: str


class Attempt(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One try: the status of the answer, or an error where there was none."""

    at: str
    status: int | None
    error: str | None
    latency_ms: int


class Due(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An open promise of the party that is due."""

    promise: UUID
    promisee: UUID
    name: str | None
    what: str | None
    due: str
    overdue: bool


class Reach(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Someone to reach out to."""

    party: UUID
    name: str | None
    closeness: Literal["close", "dormant", "good", "loose"]
    cadence_days: int
    declared_at: str
    last_at: str | None
    due_at: str


class EventLink(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An event behind a line, and the proof that it is in the log."""

    position: int
    event: str
    proof: str


class ProvenEvent(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An event, and the way from it up to the checkpoint's root. Hashes are base64."""

    position: int
    event: str | None
    leaf: str
    hashes: tuple[str, ...]


class BatchCommand(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A command as a line of ``requite import`` has it."""

    act: Literal[
        "contact.record",
        "contact.reinstate",
        "contact.retract",
        "contact.reword",
        "favour.acknowledge",
        "favour.dispute",
        "favour.record",
        "favour.reinstate",
        "favour.retract",
        "favour.settle",
        "favour.thank",
        "favour.withdraw_dispute",
        "introduction.consent",
        "introduction.decline",
        "introduction.make",
        "introduction.propose",
        "introduction.record_outcome",
        "introduction.reinstate",
        "introduction.retract",
        "ledger.change_policy",
        "party.add_reference",
        "party.clear_reminders",
        "party.erase",
        "party.join",
        "party.leave",
        "party.list_interests",
        "party.list_knowledge",
        "party.merge",
        "party.register",
        "party.rename",
        "party.retract",
        "party.set_findable",
        "party.set_reminders",
        "party.unmerge",
        "promise.accept",
        "promise.accept_in_part",
        "promise.agree",
        "promise.agree_to_terms",
        "promise.ask_for_date",
        "promise.assess",
        "promise.assign",
        "promise.consent_to_handover",
        "promise.counter",
        "promise.declare_broken",
        "promise.decline",
        "promise.delegate",
        "promise.dispute",
        "promise.make",
        "promise.name_date",
        "promise.offer",
        "promise.propose_terms",
        "promise.refuse_handover",
        "promise.refuse_terms",
        "promise.reinstate",
        "promise.reject",
        "promise.release",
        "promise.renege",
        "promise.report_delivery",
        "promise.report_progress",
        "promise.request",
        "promise.retract",
        "promise.reword",
        "promise.settle",
        "promise.take_back_handover",
        "promise.take_back_report",
        "promise.take_back_terms",
        "promise.withdraw",
        "promise.withdraw_dispute",
        "tie.declare",
        "tie.undeclare",
    ]
    id: UUID | None = None
    body: dict[str, Any] = {}
    idempotency_key: str | None = None
    if_match: str | None = None


class Beliefs(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An opinion as subjective logic writes it; the first three add up to 1."""

    belief: float
    disbelief: float
    uncertainty: float
    base_rate: float


class Bin(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How many values lie in one named part of a histogram."""

    name: str
    count: int
    lines: str | None


class Neighbour(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A party that another has to do with."""

    id: UUID
    name: str | None


class Cadence(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """After how many days without any event a tie wants attention, by its closeness; 0: never.

    At first a month, a quarter and a year, as people keep in touch (see ``domain/tie.py``). A dormant tie never
    asks.
    """

    close: int = 30
    good: int = 90
    loose: int = 365


class CalendarAddress(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The address of a party's calendar. It is shown this once, and whoever has it may read the calendar."""

    path: str


class ChangeEvent(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An event that came in between."""

    position: int
    event: str
    proof: str
    topic: str


class Stood(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How a promise stands at a moment."""

    standing: Literal[
        "broken",
        "countered",
        "declined",
        "disputed",
        "in_progress",
        "kept_late",
        "kept_on_time",
        "lapsed",
        "not_started",
        "offered",
        "partly_kept",
        "released",
        "reneged",
        "reported",
        "requested",
        "retracted",
        "unconfirmed",
        "withdrawn",
    ]
    overdue: bool
    behind: bool


class Named(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A party by id and name."""

    party: UUID
    name: str | None


class Reciprocity(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How giving stands to taking, in counts of acts: quantities of different units can't be added."""

    given: int
    taken: int
    value: float


class Share(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How many of how many."""

    count: int
    of: int
    rate: float | None


class ConsentView(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What one of the two answered."""

    party: UUID
    consented: bool


class ConsistencyProof(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """That a smaller tree is the beginning of a larger one. Hashes are base64."""

    first: int
    second: int
    hashes: tuple[str, ...]


class Who(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who acted: the party that is said to act, in which capacity, by which access key."""

    capacity: Literal["admin", "party", "recorder"]
    key: str
    by: UUID | None = None


class Cosigned(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The latest checkpoint that a witness signed."""

    witness: str
    size: int
    seen_at: str
    note: str


class LoggedEvent(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An event at its position."""

    position: int
    event: Any | None
    words: dict[str, Any] | None = None


class EvidenceLine(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What one promise says of the party, and how much that weighs by now."""

    promise: UUID
    promisee: UUID
    topic: str | None
    said_by: UUID
    outcome: Literal[
        "broken",
        "countered",
        "declined",
        "disputed",
        "kept",
        "offered",
        "partly_kept",
        "promised",
        "released",
        "reneged",
        "reported",
        "requested",
        "withdrawn",
    ]
    fraction: float | None
    said_at: str
    decay: float
    r: float
    s: float
    said_in: int
    positions: tuple[int, ...]
    contest: str


class FieldError(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is wrong with one field of the body (``pointer``, RFC 6901) or one parameter."""

    detail: str
    pointer: str | None = None
    parameter: str | None = None


class GiftLimits(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a gift may be worth before it is drawn attention to: nothing is refused.

    Gifts from one source within 12 months count together, as NHS England has it (Managing conflicts of interest in
    the NHS: 50 pounds either way).
    """

    unit: str
    one: int | None = None
    year: int | None = None


class GiftLine(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A gift on the register."""

    id: UUID
    giver: UUID
    receiver: UUID
    gift: Literal["declared", "refused"]
    unit: str
    quantity: int
    counts: int
    over_limit: bool
    over_year_limit: bool
    topic: str | None
    what: str | None
    note: str | None
    occurred_at: str
    recorded_at: str
    recorded_in: int


class Health(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """All is well; what is not is a problem instead."""

    status: Literal["ok"]


class Posting(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What one event adds to what the giver gave the receiver, in the unit's smallest division; may be negative.

    ``quantity`` and ``count`` move the undisputed balance, ``disputed`` the quantity that is under dispute. A
    balance is the plain sum of the postings of its events, so every correction is a posting of its own.
    """

    unit: str
    quantity: int = 0
    count: int = 0
    disputed: int = 0


class Kept(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something that an undoing left, and the code of why."""

    kind: Literal["contact", "favour", "introduction", "party", "promise", "reference"]
    id: UUID
    code: str


class Refused(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An entry that was not recorded: its place in the file, which rule refused it, and in words why."""

    place: int
    code: str
    detail: str


class InclusionProof(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """That an event stands at its position in a tree. Hashes are base64."""

    position: int
    size: int
    leaf: str
    hashes: tuple[str, ...]
    root: str
    checkpoint: str | None
    tlog_proof: str | None


class Interval(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where the true figure lies: in 9 of 10 cases for a party's rate, in 19 of 20 for a plain share."""

    low: float
    high: float


class IntroducerRecord(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a party did as an introducer: of how many introductions something can be said."""

    position: int
    moment: str
    occurred: str | None
    party: UUID
    proposed: int
    waiting: int
    declined: int
    consented: int
    made: int
    met: int
    useful: int
    led_to: int
    came_to_nothing: int
    grown: int


class OutcomeView(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What one of the two said became of it."""

    party: UUID
    outcome: Literal["came_to_nothing", "led_to", "met", "useful"]
    led_to: tuple[UUID, ...]


class Secret(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One secret of a key: not what it is, but since when and until when it opens."""

    number: int
    created_at: str
    ends_at: str | None = None
    last_used_at: str | None = None


class Side(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What went one way."""

    quantity: int = 0
    count: int = 0
    disputed: int = 0
    disputed_count: int = 0
    last_at: str | None = None


class Knower(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A party that knows about what was asked."""

    party: UUID
    name: str | None
    subjects: tuple[str, ...]


class LogKeys(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """By what the ledger's checkpoints are known."""

    origin: str
    keys: tuple[str, ...]


class MadeWebhook(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An endpoint with a new secret."""

    id: UUID
    url: str
    topics: tuple[str, ...] | None
    payload: Literal["full", "thin"]
    signing: Literal["ed25519", "hmac"]
    public_keys: tuple[str, ...] | None
    created_at: str
    enabled: bool
    disabled_for: Literal["failing", "gone", "request"] | None
    disabled_at: str | None
    position: int
    failing_since: str | None
    waiting: int
    dead: int
    secret: str | None


class Proportion(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How much of how many, with the lines of either."""

    count: float
    of: int
    share: float | None
    lines: str | None
    of_lines: str | None


class Member(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A member by id and name."""

    party: UUID
    name: str | None


class Membership(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A time for which a party was a member of an organisation."""

    organisation: UUID
    name: str | None
    joined_at: str
    left_at: str | None
    recorded_in: int


class NetworkAnswer(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A ledger's network as of a position."""

    position: int
    recorded_at: str
    behind: int
    took_s: float
    parties: int
    ties: int
    given: int
    reciprocity: float | None
    bridges: int
    between_organisations: int


class Notice(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a receipt draws attention to: a stable code, and what it means in words."""

    code: str
    detail: str


class TieLine(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How close a party says that another is to it."""

    id: UUID
    other: UUID
    name: str | None
    closeness: Literal["close", "dormant", "good", "loose"]
    declared_at: str


class Reference(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How a partner's system names a party: the system and its own id there."""

    source: str
    id: str


class PersonMatch(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who somebody in the file is to the ledger."""

    place: int
    name: str
    how: Literal["name", "new", "reference"]
    party: UUID | None = None
    source: str | None = None
    suggestions: tuple[UUID, ...] = ()


class PromiseLine(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A promise as it stands at a moment, with the events behind that. Times of length are in seconds."""

    id: UUID
    promisor: UUID
    promisor_name: str | None
    promisee: UUID
    promisee_name: str | None
    assessor: UUID | None
    what: str | None
    status: Literal[
        "broken",
        "countered",
        "declined",
        "disputed",
        "kept",
        "offered",
        "partly_kept",
        "promised",
        "released",
        "reneged",
        "reported",
        "requested",
        "withdrawn",
    ]
    standing: Literal[
        "broken",
        "countered",
        "declined",
        "disputed",
        "in_progress",
        "kept_late",
        "kept_on_time",
        "lapsed",
        "not_started",
        "offered",
        "partly_kept",
        "released",
        "reneged",
        "reported",
        "requested",
        "retracted",
        "unconfirmed",
        "withdrawn",
    ]
    overdue: bool
    behind: bool
    unit: str
    quantity: int
    fraction: float | None
    delivered: int
    topic: str | None
    begun_at: str
    made_at: str | None
    due: str | None
    delivered_at: str | None
    ended_at: str | None
    lateness_s: int | None
    notice_s: int | None
    notice_share: float | None
    declined: str | None
    terms_changed: int
    terms_from: UUID | None
    newcomer: UUID | None
    delegated_from: UUID | None
    assigned_from: UUID | None
    positions: tuple[int, ...]


class ReceiptEvent(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An event that a command led to."""

    position: int
    topic: str


class Quantiles(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Of values in order, each the one below which that share of them lies, linear in between."""

    lowest: float
    p10: float
    p25: float
    median: float
    p75: float
    p90: float
    highest: float


class Quantities(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What was promised and delivered in one unit."""

    unit: str
    promised: int
    delivered: int
    lines: str | None


class Reminders(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How a party is reminded."""

    position: int
    party: UUID
    mail: str | None
    calendar_since: str | None


class ReplayBegun(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """They will be sent, and stand among the deliveries."""

    first: int
    last: int


class TestAnswer(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What came of a ping."""

    arrived: bool
    status: int | None
    error: str | None
    latency_ms: int


class TieView(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A tie, seen from one side."""

    id: UUID
    party: UUID
    other: UUID
    closeness: Literal["close", "dormant", "good", "loose"] | None
    declared_at: str


class WebhookView(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An endpoint, without its secret."""

    id: UUID
    url: str
    topics: tuple[str, ...] | None
    payload: Literal["full", "thin"]
    signing: Literal["ed25519", "hmac"]
    public_keys: tuple[str, ...] | None
    created_at: str
    enabled: bool
    disabled_for: Literal["failing", "gone", "request"] | None
    disabled_at: str | None
    position: int
    failing_since: str | None
    waiting: int
    dead: int


class Delivery(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An event on its way to an endpoint: arrived, waiting (to be tried again, or for an earlier one), or given up."""

    id: str
    position: int
    state: Literal["arrived", "dead", "waiting"]
    next_at: str | None
    attempts: tuple[Attempt, ...]


class Attention(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What wants a party's attention, the most pressing first; each list has at most 200."""

    position: int
    moment: str
    occurred: str | None
    party: UUID
    reach_out: tuple[Reach, ...]
    waiting: tuple[Ask, ...]
    promises: tuple[Due, ...]


class AuditLine(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A promise at the audit's moment, with the addresses of what it rests on."""

    id: UUID
    promisor: UUID
    promisor_name: str | None
    promisee: UUID
    promisee_name: str | None
    assessor: UUID | None
    what: str | None
    status: Literal[
        "broken",
        "countered",
        "declined",
        "disputed",
        "kept",
        "offered",
        "partly_kept",
        "promised",
        "released",
        "reneged",
        "reported",
        "requested",
        "withdrawn",
    ]
    standing: Literal[
        "broken",
        "countered",
        "declined",
        "disputed",
        "in_progress",
        "kept_late",
        "kept_on_time",
        "lapsed",
        "not_started",
        "offered",
        "partly_kept",
        "released",
        "reneged",
        "reported",
        "requested",
        "retracted",
        "unconfirmed",
        "withdrawn",
    ]
    overdue: bool
    behind: bool
    unit: str
    quantity: int
    fraction: float | None
    delivered: int
    topic: str | None
    begun_at: str
    made_at: str | None
    due: str | None
    delivered_at: str | None
    ended_at: str | None
    lateness_s: int | None
    notice_s: int | None
    notice_share: float | None
    declined: str | None
    terms_changed: int
    terms_from: UUID | None
    newcomer: UUID | None
    delegated_from: UUID | None
    assigned_from: UUID | None
    positions: tuple[int, ...]
    history: str
    events: tuple[EventLink, ...]


class AuditProof(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """That the events behind the listed promises are in the ledger's tree."""

    checkpoint: str
    size: int
    events: tuple[ProvenEvent, ...]
    not_yet_proven: tuple[int, ...]


class Bridge(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A tie that holds the network, or organisations, together."""

    a: Neighbour
    b: Neighbour


class OrganisationPair(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Two organisations with ties between those who belong to them."""

    a: Neighbour
    b: Neighbour
    ties: int


class PartyNetwork(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One party's place in the network as of a position."""

    position: int
    party: UUID
    ties: int
    reciprocity: float | None
    constraint: float | None
    effective_size: float | None
    bridge_count: int
    bridges: tuple[Neighbour, ...]
    between_organisations: int


class Path(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A way to someone who knows."""

    introducers: tuple[Neighbour, ...]
    knower: Neighbour


class Suggestion(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An introduction that would serve a party."""

    id: UUID
    name: str | None
    gain: float
    gain_of_other: float
    in_common: int
    introducers: tuple[Neighbour, ...]


class ChangedLine(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A promise that stands otherwise at the later moment."""

    id: UUID
    promisor: UUID
    promisor_name: str | None
    promisee: UUID
    promisee_name: str | None
    what: str | None
    before: Stood | None
    after: Stood | None
    history: str
    events: tuple[ChangeEvent, ...]


class CommonGround(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What two parties have in common, and what they could ask each other. Subjects are as ``a`` has them."""

    position: int
    interests: tuple[str, ...]
    knows_about: tuple[str, ...]
    a_can_tell_b: tuple[str, ...]
    b_can_tell_a: tuple[str, ...]
    organisations: tuple[Named, ...]
    relations: tuple[Named, ...]
    next: str | None


class Conduct(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How the party deals with all, or with one other."""

    reciprocity: Reciprocity
    acknowledgement: Share
    disputes: Share
    answer_time: AnswerTime
    improper_asks: int


class ContactView(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A contact as it stands."""

    id: UUID
    initiator: UUID
    other: UUID
    channel: Literal["call", "in_person", "mail", "message", "other", "social", "video"]
    felt: int | None
    learnt: str | None
    standing: Literal["recorded", "retracted"]
    occurred_at: str
    recorded_at: str
    recorded_by: Who
    recorded_in: int


class FavourView(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A favour as it stands."""

    id: UUID
    giver: UUID
    receiver: UUID
    unit: str
    quantity: int
    standing: Literal["disputed", "recorded", "retracted", "settled"]
    gift: Literal["declared", "refused"] | None
    topic: str | None
    acknowledged: bool
    thanked: bool
    value: int | None
    what: str | None
    note: str | None
    occurred_at: str
    recorded_at: str
    recorded_by: Who
    recorded_in: int


class Cosignatures(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What witnesses signed last."""

    items: tuple[Cosigned, ...]


class EventAnswer(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One event of the log."""

    position: int
    event: LoggedEvent


class EventPage(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Events by position, without a gap where all are wanted.

    Where ``next`` is null this is all up to ``position``: what comes later comes after that.
    """

    position: int
    items: tuple[LoggedEvent, ...]
    next: str | None


class Problem(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An RFC 9457 problem."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    allowed: tuple[str, ...] = ()
    errors: tuple[FieldError, ...] = ()


class Policy(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a ledger's members agreed on. Stored whole: no default may speak for an old event.

    Quantities are integers in the unit's smallest division.
    """

    units: tuple[str, ...] = ("favour",)
    grace_days: int = 0
    window_days: int = 14
    half_life_days: int = 365
    base_rate: float = 0.5
    quantity_limit: int = 1000000000
    open_promises_limit: int | None = None
    words_kept_days: int | None = None
    cadence: Cadence = Cadence(close=30, good=90, loose=365)
    gifts: GiftLimits | None = None


class GiftPage(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Gifts in the order in which they were recorded."""

    position: int
    moment: str
    occurred: str | None
    items: tuple[GiftLine, ...]
    next: str | None


class HistoryEntry(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One event of a stream."""

    position: int
    version: int
    topic: str
    occurred_at: str
    recorded_at: str
    who: Who
    posting: Posting | None
    facts: dict[str, Any]
    words: dict[str, Any] | None


class TimelineEntry(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One event."""

    position: int
    kind: str
    stream: UUID
    version: int
    topic: str
    parties: tuple[UUID, ...]
    occurred_at: str
    recorded_at: str
    who: Who
    posting: Posting | None
    facts: dict[str, Any]
    words: dict[str, Any] | None


class ImportView(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An import, and how far it is."""

    id: UUID
    format: str
    state: Literal["done", "interrupted", "running", "undoing", "undone"]
    key: str
    me: UUID | None
    begun_at: str
    ended_at: str | None
    things: int
    done: int
    recorded: dict[str, int]
    recorded_before: int
    left_out: dict[str, int]
    refused: dict[str, int]
    refusals: tuple[Refused, ...]
    undone: int
    kept: tuple[Kept, ...]


class KeptOnTime(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How a party's promises ended."""

    kept_on_time: int
    of: int
    interval: Interval
    median_days: float | None


class PlainShare(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The same evidence as a plain count: nothing decays, and no base rate."""

    kept: int
    of: int
    wilson: Interval


class IntroductionView(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An introduction as it stands."""

    id: UUID
    introducer: UUID
    first: UUID
    second: UUID
    status: Literal["consented", "declined", "made", "proposed", "retracted"]
    answered: int
    answers: tuple[ConsentView, ...]
    outcomes: tuple[OutcomeView, ...]
    why: str | None
    occurred_at: str
    recorded_at: str
    recorded_in: int


class KeyView(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An access key, without its secret."""

    id: str
    label: str
    scopes: tuple[Literal["admin", "audit", "read", "record"], ...]
    parties: tuple[UUID, ...] | None
    created_at: str
    expires_at: str | None
    revoked_at: str | None
    last_used_at: str | None
    secrets: tuple[Secret, ...]


class MadeKey(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A key that was just made, or given a new secret. The token is shown this once."""

    id: str
    label: str
    scopes: tuple[Literal["admin", "audit", "read", "record"], ...]
    parties: tuple[UUID, ...] | None
    created_at: str
    expires_at: str | None
    revoked_at: str | None
    last_used_at: str | None
    secrets: tuple[Secret, ...]
    token: str


class KindBalance(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One kind of giving, in one unit."""

    kind: str
    given: Side
    received: Side
    net: int


class KnowerPage(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who knows about something, by id."""

    position: int
    items: tuple[Knower, ...]
    next: str | None


class MemberPage(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The members of an organisation, by id."""

    position: int
    moment: str
    occurred: str | None
    items: tuple[Member, ...]
    next: str | None


class MembershipPage(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A party's memberships, in the order in which joining was recorded."""

    position: int
    moment: str
    occurred: str | None
    items: tuple[Membership, ...]
    next: str | None


class TieList(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A party's ties as it declared them, by the other's id; 5,000 at most."""

    position: int
    moment: str
    occurred: str | None
    party: UUID
    items: tuple[TieLine, ...]


class PartyView(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A party as it stands."""

    id: UUID
    kind: Literal["organisation", "person"]
    name: str
    erased: bool
    note: str | None
    references: tuple[Reference, ...]
    interests: tuple[str, ...]
    knows_about: tuple[str, ...]
    organisations: tuple[UUID, ...]
    findable: bool
    registered_at: str
    aliases: tuple[UUID, ...]
    merged_into: UUID | None


class Preview(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What an import would record, refuse and leave out, and who matches whom; nothing was recorded."""

    format: str
    people: int
    matches: tuple[PersonMatch, ...]
    recorded: dict[str, int]
    recorded_before: int
    left_out: dict[str, int]
    refused: dict[str, int]
    refusals: tuple[Refused, ...]


class PromisePage(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Promises by id."""

    position: int
    moment: str
    occurred: str | None
    items: tuple[PromiseLine, ...]
    next: str | None


class Receipt(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a command led to: its stream, that stream's version, and the ledger's position at which it holds.

    ``events`` is empty where the command's effect was there already.
    """

    ledger: str
    id: UUID
    version: int
    position: int
    recorded_at: str
    events: tuple[ReceiptEvent, ...]
    notices: tuple[Notice, ...] = ()


class Spread(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How values are distributed."""

    n: int
    lines: str | None
    quantiles: Quantiles | None
    bins: tuple[Bin, ...]


class Totals(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How many promises stand how."""

    made: int
    open: int
    not_started: int
    in_progress: int
    reported: int
    overdue: int
    behind: int
    kept: int
    kept_on_time: int
    kept_late: int
    partly_kept: int
    broken: int
    reneged: int
    released: int
    disputed: int
    unconfirmed: int
    retracted: int
    requested: int
    offered: int
    countered: int
    lapsed: int
    declined: int
    withdrawn: int
    quantities: tuple[Quantities, ...]
    lines: dict[str, str | None]


class WebhookList(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """All endpoints of the ledger, in the order in which they were made."""

    items: tuple[WebhookView, ...]


class DeliveryPage(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Deliveries, the latest positions first."""

    items: tuple[Delivery, ...]
    next: str | None


class BridgePage(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Bridges in the order of their parties' ids."""

    position: int
    items: tuple[Bridge, ...]
    next: str | None


class OrganisationPage(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Pairs of organisations, most ties first."""

    position: int
    items: tuple[OrganisationPair, ...]
    next: str | None


class PathsAnswer(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The shortest ways from a party to those who know; none where nobody is found within four ties."""

    position: int
    party: UUID
    paths: tuple[Path, ...]


class SuggestedIntroductions(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The best next introductions of a party, as of a position."""

    position: int
    party: UUID
    suggestions: tuple[Suggestion, ...]


class ContactPage(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Contacts in the order in which they were recorded."""

    position: int
    items: tuple[ContactView, ...]
    next: str | None


class FavourPage(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Favours in the order in which they were recorded."""

    position: int
    items: tuple[FavourView, ...]
    next: str | None


class LedgerView(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A ledger as it stands."""

    id: str
    title: str | None
    units: tuple[str, ...]
    policy: Policy
    position: int
    recorded_at: str


class ContactAnswer(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One contact with its history."""

    position: int
    moment: str
    occurred: str | None
    contact: ContactView
    history: tuple[HistoryEntry, ...]


class FavourAnswer(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One favour with its history."""

    position: int
    moment: str
    occurred: str | None
    favour: FavourView
    history: tuple[HistoryEntry, ...]


class PromiseAnswer(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One promise with its history."""

    position: int
    moment: str
    occurred: str | None
    promise: PromiseLine
    history: tuple[HistoryEntry, ...]


class TieAnswer(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One tie with its history."""

    position: int
    moment: str
    occurred: str | None
    tie: TieView
    history: tuple[HistoryEntry, ...]


class Strand(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One favour, introduction, promise, contact or tie, or the party's own profile."""

    kind: str
    id: UUID
    events: tuple[TimelineEntry, ...]


class Timeline(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Events, the latest recorded first."""

    position: int
    moment: str
    occurred: str | None
    items: tuple[TimelineEntry, ...]
    next: str | None


class ImportPage(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Imports, the latest first."""

    items: tuple[ImportView, ...]


class Capacity(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a party has open, and how it did under such a load before."""

    position: int
    moment: str
    occurred: str | None
    party: UUID
    open: int
    reported: int
    overdue: int
    limit: int | None
    alike_from: int
    alike_to: int
    at_such_load: KeptOnTime
    ever: KeptOnTime


class TrustAnswer(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is thought of a party's promises at a moment, and why."""

    position: int
    moment: str
    occurred: str | None
    party: UUID
    seen_by: UUID | None
    topic: str | None
    formula: str
    half_life_days: int
    prior_weight: float
    r: float
    s: float
    expected: float
    opinion: Beliefs
    interval: Interval
    plain: PlainShare
    conduct: Conduct
    whole: bool
    evidence: tuple[EvidenceLine, ...]
    next: str | None


class IntroductionAnswer(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One introduction with its history, in which others' answers are left out."""

    position: int
    moment: str
    occurred: str | None
    introduction: IntroductionView
    history: tuple[HistoryEntry, ...]


class IntroductionPage(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Introductions by id."""

    position: int
    items: tuple[IntroductionView, ...]
    next: str | None


class KeyPage(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Keys by id; ``next`` is the ``after`` of the page that follows, where there is one."""

    items: tuple[KeyView, ...]
    next: str | None


class UnitBalance(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """All kinds of giving in one unit. Units are never added up."""

    unit: str
    given: Side
    received: Side
    net: int
    kinds: tuple[KindBalance, ...]


class PartyAnswer(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One party."""

    position: int
    party: PartyView


class PartyPage(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Parties by id."""

    position: int
    items: tuple[PartyView, ...]
    next: str | None


class ImportAnswer(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What became of an upload: a preview where one was asked for, and else the import that was begun."""

    preview: Preview | None = None
    imported: ImportView | None = None


class BatchResult(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What one command led to: ``status`` and the receipt or the problem that it would have been answered with."""

    status: int
    receipt: Receipt | None = None
    problem: Problem | None = None


class Measures(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How promises were delivered, and how those that were not were given notice of."""

    on_time: Proportion
    delivered: Proportion
    lateness_s: Spread
    notice_s: Spread
    notice_share: Spread


class PromiseReceipt(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a command led to, and what the promisor may want to know before it promises more."""

    ledger: str
    id: UUID
    version: int
    position: int
    recorded_at: str
    events: tuple[ReceiptEvent, ...]
    notices: tuple[Notice, ...] = ()
    advice: Capacity | None = None


class PartyBalance(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a party gave and received in all, in every unit of the ledger."""

    position: int
    moment: str
    occurred: str | None
    party: UUID
    relationships: int
    units: tuple[UnitBalance, ...]


class Relationship(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The two directions between two parties; ``given`` is from ``a`` to ``b``."""

    a: UUID
    b: UUID
    units: tuple[UnitBalance, ...]


class BatchAnswer(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What each command led to, in the order in which they were sent."""

    recorded: int
    refused: int
    results: tuple[BatchResult, ...]


class AuditAt(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The audit's figures at one of the moments; on the first page only."""

    position: int
    moment: str
    occurred: str | None
    totals: Totals | None
    measures: Measures | None


class Group(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The totals of one promisor, promisee, pair, organisation or period.

    A promise is its promisor's organisation's when it was made: of several, of each of them; of none, ``none``'s.
    Its period is the one in which it was made; where it never was, in which it was asked for or offered.
    """

    key: str
    parties: tuple[UUID, ...] = ()
    names: tuple[str | None, ...] = ()
    period: str | None = None
    lines: str | None
    totals: Totals
    measures: Measures


class PartyData(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """All that a ledger says about a party."""

    position: int
    ledger: str
    asked_at: str
    party: PartyView
    names: dict[str, str]
    keys: tuple[ActingKey, ...]
    memberships: tuple[Membership, ...]
    balance: PartyBalance
    relationships: tuple[Relationship, ...]
    ties: tuple[TieLine, ...]
    trust: TrustAnswer
    network: PartyNetwork | None
    attention: Attention
    strands: tuple[Strand, ...]
    earlier: str | None


class RelationshipAnswer(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One relationship, in every unit of the ledger: zeros where nothing was given."""

    position: int
    moment: str
    occurred: str | None
    relationship: Relationship


class RelationshipPage(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Relationships in which there ever was a balance, in the units in which there was."""

    position: int
    moment: str
    occurred: str | None
    items: tuple[Relationship, ...]
    next: str | None


class AuditChanges(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What changed between two moments."""

    position: int
    earlier: AuditAt
    later: AuditAt
    moved: int
    lines: tuple[ChangedLine, ...]
    next: str | None


class ProvenAudit(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Made against delivered, with the proof of the lines where it was asked for."""

    position: int
    moment: str
    occurred: str | None
    totals: Totals | None
    measures: Measures | None
    in_several: int | None
    groups: tuple[Group, ...] | None
    lines: tuple[AuditLine, ...] | None
    next: str | None
    proof: AuditProof | None = None
