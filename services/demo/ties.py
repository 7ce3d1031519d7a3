"""Who in the valley met whom of late, who counts whom as close, and which gifts were offered to the surgery."""

from collections.abc import Iterator
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from domain.command import Command
from domain.contact import Channel, RecordContact
from domain.favour.commands import Gift, RecordFavour, ThankFavour
from domain.tie import Closeness, DeclareTie
from services.demo.bargains import At, Party


class Talk(NamedTuple):
    """A contact: who began it, how it went, and what was learnt."""

    initiator: str
    other: str
    days_ago: int
    channel: Channel = "in_person"
    felt: int | None = None
    learnt: str | None = None


class Circle(NamedTuple):
    """How close one says that some others are."""

    party: str
    closeness: Closeness
    others: str
    """Their handles."""


class Present(NamedTuple):
    """A gift that was offered: taken or not, and what it was worth in pounds."""

    giver: str
    receiver: str
    days_ago: int
    pounds: int
    what: str
    gift: Gift = "declared"


TALKS = (
    Talk("amina", "agnes", 4, "in_person", 5, "She sings again, on Thursdays."),
    Talk("agnes", "amina", 33, "call", 4),
    Talk("amina", "rosa", 51, "message", 3, "The kitchen is short of hands before Christmas."),
    Talk("amina", "kofi", 120, "social", 4, "He looks for a second tenor."),
    Talk("maren", "sorcha", 9, "in_person", 4, "The new plinth helps, she says."),
    Talk("sorcha", "joseph", 16, "call", 5),
    Talk("joseph", "walter", 40, "in_person", 4, "He has given up the allotment, and minds."),
    Talk("tilda", "chidi", 6, "video", 4, "He can start on the web page in a fortnight."),
    Talk("chidi", "tilda", 20, "message"),
    Talk("hana", "rosa", 12, "in_person", 5, "Squash by the crate from September."),
    Talk("kofi", "marcus", 28, "in_person", 5, "Two boys of the club want to sing."),
    Talk("gwen", "leila", 70, "mail", 4, "She would keep the books for one more year."),
    Talk("edith", "nia", 3, "in_person", 5, "The little one walks."),
    Talk("nia", "edith", 45, "call", 2, "She is not sleeping; ask again."),
    Talk("yusuf", "sunil", 61, "call", 3, "The board meets in spring, not before."),
    Talk("beatrix", "ivo", 8, "in_person", 4, "The dog's leg is on the mend."),
    Talk("piotr", "walter", 95, "in_person", 4),
    Talk("tom", "marcus", 14, "social", 4, "A van that runs is worth more than one that shines."),
    Talk("bram", "dot", 130, "in_person", 5, "Her clock was her father's."),
)

CIRCLES = (
    Circle("amina", "close", "agnes rosa"),
    Circle("amina", "good", "kofi maren"),
    Circle("amina", "loose", "gareth ivo"),
    Circle("maren", "close", "sorcha joseph"),
    Circle("maren", "loose", "tilda"),
    Circle("agnes", "close", "amina"),
    Circle("rosa", "good", "hana dot"),
    Circle("kofi", "good", "marcus"),
    Circle("kofi", "dormant", "yusuf"),
    Circle("edith", "close", "nia"),
    Circle("nia", "good", "edith"),
    Circle("tom", "loose", "chidi"),
)

PRESENTS = (
    Present("gareth", "surgery", 210, 30, "Half a lamb, for the night shifts"),
    Present("gareth", "surgery", 24, 35, "The other half"),
    Present("beatrix", "surgery", 150, 12, "Honey for the waiting room"),
    Present("yusuf", "surgery", 80, 200, "A weekend by the sea for the whole team", "refused"),
)
"""The second half of the lamb is one too many: with it, more came from one hand within a year than the policy likes."""


def tell_ties(at: At, party: Party) -> Iterator[tuple[Command, ...]]:
    """For each contact, tie and gift its commands, in the order in which they were given."""
    for talk in TALKS:
        initiator, other = party(talk.initiator), party(talk.other)
        yield (
            RecordContact(
                by=initiator,
                occurred_at=at(talk.days_ago),
                initiator=initiator,
                other=other,
                channel=talk.channel,
                felt=talk.felt,
                learnt=talk.learnt,
            ),
        )
    for circle in CIRCLES:
        one = party(circle.party)
        for other in map(party, circle.others.split()):
            yield (DeclareTie(by=one, occurred_at=at(140), party=one, other=other, closeness=circle.closeness),)
    for present in PRESENTS:
        yield _present(at, present, party(present.giver), party(present.receiver))


def _present(at: At, present: Present, giver: UUID, receiver: UUID) -> tuple[Command, ...]:
    record = RecordFavour(
        by=receiver,
        occurred_at=at(present.days_ago),
        giver=giver,
        receiver=receiver,
        unit="pound",
        quantity=present.pounds,
        gift=present.gift,
        what=present.what,
    )
    if present.gift == "refused":
        return (record,)
    thanks = ThankFavour(by=receiver, occurred_at=at(present.days_ago) + timedelta(hours=2), note="From all of us.")
    return record, thanks
