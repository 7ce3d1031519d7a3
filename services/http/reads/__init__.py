"""Reading over HTTP: the controllers that answer from the read models."""

from litestar import Controller

from services.http.reads.attention import AttentionReads, TieReads
from services.http.reads.audit import AuditReads
from services.http.reads.capacity import CapacityReads
from services.http.reads.contacts import ContactReads
from services.http.reads.events import EventReads
from services.http.reads.favours import FavourReads
from services.http.reads.gifts import GiftReads
from services.http.reads.introductions import IntroducerReads, IntroductionReads
from services.http.reads.log import LogReads
from services.http.reads.network import NetworkReads, PartyNetworkReads
from services.http.reads.parties import PartyReads
from services.http.reads.party_data import PartyDataReads
from services.http.reads.promises import PromiseReads
from services.http.reads.relationships import RelationshipReads
from services.http.reads.timeline import PairTimelineReads, PartyTimelineReads
from services.http.reads.trust import TrustReads

READ_CONTROLLERS: list[type[Controller]] = [
    PartyReads,
    PartyDataReads,
    AttentionReads,
    TieReads,
    PartyTimelineReads,
    IntroducerReads,
    TrustReads,
    CapacityReads,
    PartyNetworkReads,
    NetworkReads,
    RelationshipReads,
    PairTimelineReads,
    FavourReads,
    GiftReads,
    ContactReads,
    IntroductionReads,
    PromiseReads,
    AuditReads,
    EventReads,
    LogReads,
]
