"""Fifteen times that someone in the valley thought two others should meet."""

from typing import Literal, NamedTuple

from domain.introduction.events import Outcome

Answer = Literal["yes", "no", ""]


class Meeting(NamedTuple):
    """An introduction: who brings whom together and why, what the two said, and what became of it."""

    introducer: str
    first: str
    second: str
    why: str
    answers: tuple[Answer, Answer] = ("yes", "yes")
    outcome: Outcome | None = None
    note: str | None = None
    made: bool = True


MEETINGS = (
    Meeting(
        "amina",
        "agnes",
        "rosa",
        "Rosa nursed her mother through the same illness.",
        outcome="useful",
        note="We talk every Sunday now.",
    ),
    Meeting(
        "maren",
        "sorcha",
        "joseph",
        "You keep treating the same knees; plan it together.",
        outcome="useful",
        note="One joint visit instead of three.",
    ),
    Meeting(
        "tilda",
        "chidi",
        "surgery",
        "The surgery's web page is from another century, and Chidi has evenings.",
        outcome="led_to",
        note="He promised us a new one.",
    ),
    Meeting(
        "hana",
        "dot",
        "rosa",
        "Dot drowns in courgettes, and Rosa cooks for forty.",
        outcome="useful",
        note="Two crates a week, all summer.",
    ),
    Meeting(
        "kofi",
        "marcus",
        "surgery",
        "The choir and the youth club could both use the waiting room after six.",
        outcome="met",
    ),
    Meeting(
        "gwen",
        "leila",
        "wheels",
        "Wendle Wheels needs someone who likes receipts.",
        outcome="led_to",
        note="She does our books now.",
    ),
    Meeting("joseph", "walter", "bram", "Two people who mend small things with great patience.", outcome="useful"),
    Meeting(
        "sunil",
        "piotr",
        "kitchen",
        "The kitchen's back step is a broken hip waiting to happen.",
        outcome="led_to",
        note="Ramp promised for the spring.",
    ),
    Meeting("edith", "nia", "tom", "Nia needs a sitter, and Tom needs the money for his van.", outcome="met"),
    Meeting("marcus", "tom", "chidi", "Tom wants to learn how networks work.", outcome="useful", note="He is good."),
    Meeting(
        "yusuf",
        "sunil",
        "beatrix",
        "Both of you keep asking me who could talk to the health board about dispensing.",
        outcome="came_to_nothing",
        note="Pleasant, but we want different things.",
    ),
    Meeting("amina", "kofi", "agnes", "Singing may be what Agnes misses most.", made=False),
    Meeting(
        "leila",
        "gareth",
        "hana",
        "Gareth has an empty barn, and the craft market has no roof.",
        answers=("no", "yes"),
        note="The barn is for lambing, sorry.",
    ),
    Meeting(
        "rosa",
        "ivo",
        "beatrix",
        "Ivo's dog has been limping since Easter, and he will not ask.",
        answers=("yes", ""),
    ),
    Meeting("maren", "tilda", "sunil", "The patients' group should see the new rota first.", answers=("", "")),
)
