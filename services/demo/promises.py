"""Forty promises that were made in the valley, and how each of them stands."""

from typing import Literal, NamedTuple

Course = Literal[
    "kept",
    "sent back, then kept",
    "late",
    "partly",
    "broken",
    "reneged",
    "released",
    "overdue",
    "not started",
    "in progress",
    "behind",
    "reported",
    "unconfirmed",
    "assessed",
    "retracted",
]


class Word(NamedTuple):
    """A promise: by whom, to whom, what, how it went, and how many days before the ledger's opening it was made."""

    promisor: str
    promisee: str
    what: str
    course: Course
    made_days_ago: int
    days: int
    """From the day on which it was made to the day on which it is due."""
    minutes: int = 0
    """0: it counts as one favour."""
    note: str | None = None
    """What was said at its end."""
    fraction: float | None = None
    assessor: str | None = None


WORDS = (
    Word("piotr", "edith", "Put a handrail on the garden steps before the frost", "kept", 402, 21, 120),
    Word("leila", "wheels", "Bring the mileage book up to date", "kept", 391, 14, 240, "Every receipt in its place."),
    Word("chidi", "surgery", "Build the surgery a new web page with opening hours that are true", "late", 380, 45, 900),
    Word("wheels", "walter", "Take Walter to cardiac rehab on six Mondays", "kept", 371, 45, 540),
    Word("rosa", "agnes", "Cook for Agnes's family in the week of the operation", "kept", 355, 16),
    Word("tom", "gwen", "Scan the parish magazines from 1921 to 1950", "partly", 348, 60, 1200, "To 1938.", 0.6),
    Word("gareth", "dot", "Bring two loads of well-rotted manure to allotment 14", "late", 340, 20),
    Word("maren", "amina", "Write the medical part of the carers' grant bid", "kept", 333, 18, 180),
    Word(
        "kofi",
        "surgery",
        "Bring the choir to the open day",
        "kept",
        322,
        30,
        90,
        "Half the queue sang along.",
        assessor="sunil",
    ),
    Word("marcus", "kitchen", "Find six volunteers for the Friday shift", "partly", 315, 28, 0, "Four came.", 0.7),
    Word(
        "hana",
        "kofi",
        "Make forty mugs for the choir's tour",
        "late",
        301,
        40,
        0,
        "Worth the wait; the glaze is a dream.",
    ),
    Word("bram", "joseph", "Put the nurses' two pool bikes in order", "kept", 290, 12, 150),
    Word("ivo", "rosa", "Fetch the donated oven from Harrowby", "kept", 284, 9, 120),
    Word(
        "gwen",
        "amina",
        "Get the carers' café on the parish council's agenda",
        "kept",
        276,
        25,
        0,
        "Passed, nine to one.",
    ),
    Word(
        "gareth",
        "wheels",
        "Lend the barn to the minibus while its garage is rebuilt",
        "reneged",
        268,
        30,
        0,
        "The roof came down in the storm. I am sorry, and I tell you while you can still find another place.",
    ),
    Word("sorcha", "walter", "Come by weekly until the hip is strong again", "kept", 255, 56, 320),
    Word(
        "nia",
        "edith",
        "Teach Edith to use her tablet well enough to see her sister",
        "sent back, then kept",
        247,
        21,
        180,
    ),
    Word("yusuf", "surgery", "Go through all repeat prescriptions of the over-eighties", "late", 238, 35, 600),
    Word("piotr", "kitchen", "Replace the back step with a ramp", "sent back, then kept", 226, 30, 480),
    Word("dot", "nia", "Keep a row of the allotment for the children", "kept", 214, 40),
    Word(
        "tom",
        "walter",
        "Sort the workshop shelves",
        "broken",
        203,
        15,
        180,
        "He found the van, and I never saw him again.",
    ),
    Word(
        "chidi",
        "gwen",
        "Get the library bus online",
        "released",
        195,
        30,
        240,
        "The county has done it. Thank you anyway.",
    ),
    Word("sunil", "leila", "Read the trustees' report before it goes to print", "kept", 188, 10, 120),
    Word(
        "surgery",
        "kitchen",
        "Hold a blood pressure morning in the kitchen each month of spring",
        "partly",
        181,
        75,
        540,
        "Two of three; the nurse was ill in April.",
        0.65,
    ),
    Word("joseph", "agnes", "Show the night sitter how to use the hoist", "kept", 167, 7, 60),
    Word("marcus", "tom", "Write a reference for the apprenticeship", "kept", 154, 8, 40, "He got it!"),
    Word("hana", "dot", "Fire the gnomes", "late", 146, 21, 0, "All eleven, and none cracked."),
    Word("beatrix", "gareth", "Vaccinate the flock at cost", "kept", 133, 14, 300),
    Word(
        "wheels",
        "surgery",
        "Run a Saturday bus to the vaccination clinic",
        "broken",
        121,
        20,
        360,
        "Forty people waited for nothing.",
        assessor="sunil",
    ),
    Word(
        "tilda",
        "amina",
        "Give the carers' group a shelf and a screen in the waiting room",
        "assessed",
        110,
        25,
        0,
        "The shelf stands, the screen shows.",
        assessor="sunil",
    ),
    Word(
        "rosa",
        "marcus",
        "Cater for the youth club's camp",
        "reneged",
        96,
        35,
        600,
        "I start the new job that week. Ask me for the autumn.",
    ),
    Word("leila", "hana", "Close the craft market's year", "unconfirmed", 80, 20, 240),
    Word("amina", "agnes", "Arrange a week of respite care", "kept", 66, 28),
    Word("leila", "hana", "Close the craft market's books", "retracted", 79, 19, 240, "The same as the one before."),
    Word("ivo", "walter", "Take the grandfather clock to the auction", "overdue", 31, 21, 120),
    Word("gwen", "tilda", "Find the minutes of the 1998 well dispute", "overdue", 27, 18),
    Word("chidi", "kitchen", "Put the menu on a screen in the window", "reported", 20, 17, 180),
    Word(
        "piotr", "surgery", "Make the side door open by itself", "behind", 24, 29, 360, "The motor comes from Bergen."
    ),
    Word("dot", "kitchen", "Plant the herb bed by the kitchen door", "in progress", 13, 34, 240, "The thyme is in."),
    Word("kofi", "agnes", "Keep a chair in the second altos, whenever you are ready", "not started", 6, 90),
)
