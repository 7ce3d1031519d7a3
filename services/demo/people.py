"""Who lives in the Wendle Valley, whom they help most, and what they do for each other. All of them are invented."""

from typing import NamedTuple

from domain.party import Kind


class Deed(NamedTuple):
    """Something that one does for another now and then; ``{to}`` is the other's first name."""

    what: str
    minutes: int = 0
    """About how long it takes; 0: it is counted as a favour, not by the clock."""


class Member(NamedTuple):
    """One member of the community."""

    handle: str
    name: str
    note: str
    regulars: str
    """The handles of those for whom this member does most."""
    deeds: tuple[Deed, ...]
    kind: Kind = "person"

    @property
    def first_name(self) -> str:
        """What the others call it."""
        if self.kind == "organisation":
            return f"the {self.name.rsplit(' ', 1)[-1]}"
        return self.name.removeprefix("Dr ").partition(" ")[0]


MEMBERS = (
    Member(
        "surgery",
        "Wendle Valley Surgery",
        "General practice, two sites.",
        "kitchen wheels edith walter agnes",
        (
            Deed("Lent the waiting room for an evening meeting"),
            Deed("Printed and put up the new poster in both waiting rooms"),
            Deed("Passed on the spare walking frame that {to} needed"),
            Deed("Ran a flu clinic on a Saturday so that {to} did not have to travel", 180),
            Deed("Let {to} use the meeting room and the projector", 120),
        ),
        "organisation",
    ),
    Member(
        "kitchen",
        "Mill Lane Kitchen",
        "Community kitchen, open Tuesdays and Fridays.",
        "wheels surgery edith agnes marcus",
        (
            Deed("Put aside two hot meals a day while {to} was housebound"),
            Deed("Cooked for the winter health fair", 240),
            Deed("Saved the vegetable peelings for {to}'s compost"),
            Deed("Lent the big pots and the trestle tables"),
            Deed("Kept the kitchen open late for {to}'s group", 90),
        ),
        "organisation",
    ),
    Member(
        "wheels",
        "Wendle Wheels",
        "Volunteer transport: one minibus, four cars, eleven drivers.",
        "edith walter agnes kitchen surgery",
        (
            Deed("Drove {to} to the eye clinic in Harrowby and waited", 150),
            Deed("Collected the repeat prescriptions and took them round", 75),
            Deed("Took the minibus out for {to} on a Sunday", 180),
            Deed("Brought {to} home from hospital after the last bus had gone", 90),
            Deed("Carried the crates for the health fair"),
        ),
        "organisation",
    ),
    Member(
        "maren",
        "Dr Maren Aldous",
        "General practitioner.",
        "joseph amina tilda edith yusuf",
        (
            Deed("Looked over {to}'s referral letter before it went off"),
            Deed("Rang the consultant's secretary so that {to} got an earlier slot", 25),
            Deed("Explained the scan results once more, slowly", 30),
            Deed("Covered the Friday evening surgery", 150),
            Deed("Read and commented on {to}'s funding bid", 60),
        ),
    ),
    Member(
        "joseph",
        "Joseph Okello",
        "District nurse.",
        "walter edith agnes sorcha maren",
        (
            Deed("Changed {to}'s dressing on the way home", 20),
            Deed("Showed {to} how to use the blood pressure cuff", 30),
            Deed("Swapped a weekend shift"),
            Deed("Sat with {to} until the ambulance came", 70),
            Deed("Checked on {to} on Christmas morning", 25),
        ),
    ),
    Member(
        "tilda",
        "Tilda Brandt",
        "Practice manager.",
        "maren amina leila gwen kitchen",
        (
            Deed("Found a free room for {to}'s group at a day's notice"),
            Deed("Sorted out the double booking"),
            Deed("Went through the data protection form with {to}", 45),
            Deed("Put {to}'s notice in the practice newsletter"),
            Deed("Trained {to} on the new appointment system", 90),
        ),
    ),
    Member(
        "yusuf",
        "Yusuf Karaman",
        "Pharmacist on the square.",
        "edith walter nia wheels agnes",
        (
            Deed("Opened after hours because {to} had run out of inhalers", 20),
            Deed("Made up {to}'s weekly tray of tablets", 30),
            Deed("Went through all of {to}'s medicines and found two that clash", 40),
            Deed("Dropped {to}'s prescription through the door"),
        ),
    ),
    Member(
        "edith",
        "Edith Pomfret",
        "Taught three generations at the village school.",
        "nia tom walter hana dot",
        (
            Deed("Listened to {to}'s children read", 45),
            Deed("Proofread {to}'s application letter", 40),
            Deed("Taught {to} to turn a heel", 60),
            Deed("Minded the cat while {to} was away"),
            Deed("Wrote out the names for the war memorial"),
        ),
    ),
    Member(
        "walter",
        "Walter Pomfret",
        "Clockmaker, nearly retired.",
        "bram edith gwen piotr",
        (
            Deed("Mended {to}'s kitchen clock"),
            Deed("Sharpened all of {to}'s knives", 45),
            Deed("Lent the long ladder"),
            Deed("Rewired the reading lamp", 50),
        ),
    ),
    Member(
        "nia",
        "Nia Prosser",
        "Two small children, one allotment.",
        "edith gareth hana dot amina",
        (
            Deed("Did {to}'s shopping along with her own", 40),
            Deed("Took the children so that {to} could go to the dentist", 90),
            Deed("Set up video calls on {to}'s tablet", 60),
            Deed("Passed on the pushchair and a bag of winter clothes"),
            Deed("Brought soup when {to} had the flu"),
        ),
    ),
    Member(
        "gareth",
        "Gareth Prosser",
        "Sheep, some cattle, one temperamental tractor.",
        "piotr dot beatrix bram wheels",
        (
            Deed("Cleared the snow from {to}'s lane", 60),
            Deed("Pulled {to}'s van out of the ditch", 45),
            Deed("Delivered a trailer of logs"),
            Deed("Mowed the meadow behind {to}'s house", 120),
            Deed("Lent the trailer for the weekend"),
        ),
    ),
    Member(
        "amina",
        "Amina Diallo",
        "Social prescriber: knows who knows.",
        "agnes edith marcus kofi joseph",
        (
            Deed("Filled in the attendance allowance form with {to}", 90),
            Deed("Found {to} a place in the carers' group"),
            Deed("Went along to {to}'s first meeting", 75),
            Deed("Put {to} in touch with the council's home adaptation team"),
            Deed("Took minutes for {to}", 60),
        ),
    ),
    Member(
        "bram",
        "Bram Visser",
        "Mends bicycles in the old forge.",
        "tom joseph marcus sorcha hana",
        (
            Deed("Trued {to}'s back wheel", 40),
            Deed("Lent {to} the cargo bike"),
            Deed("Fitted brakes and lights to {to}'s commuter bike", 70),
            Deed("Taught {to}'s group to mend a puncture", 90),
        ),
    ),
    Member(
        "sorcha",
        "Sorcha Devlin",
        "Physiotherapist.",
        "walter gareth agnes kofi joseph",
        (
            Deed("Worked out shoulder exercises for {to}", 40),
            Deed("Looked at {to}'s knee on the touchline", 15),
            Deed("Ran a falls prevention hour", 60),
            Deed("Lent the exercise bands"),
        ),
    ),
    Member(
        "piotr",
        "Piotr Zielinski",
        "Builder.",
        "edith kitchen hana surgery agnes",
        (
            Deed("Put up a grab rail in {to}'s bathroom", 60),
            Deed("Fixed the leak under {to}'s sink", 50),
            Deed("Built a ramp to {to}'s back door", 240),
            Deed("Gave {to} the timber left over from the barn"),
            Deed("Came out at ten at night for a burst pipe", 80),
        ),
    ),
    Member(
        "hana",
        "Hana Sato",
        "Potter, and treasurer of the craft market.",
        "kitchen nia kofi dot rosa",
        (
            Deed("Fired {to}'s tiles in her kiln"),
            Deed("Gave {to} a stall at the craft market"),
            Deed("Ran a clay afternoon for {to}'s group", 120),
            Deed("Glued the handle back on {to}'s mother's teapot", 25),
        ),
    ),
    Member(
        "marcus",
        "Marcus Bell",
        "Youth worker.",
        "tom kitchen amina kofi nia",
        (
            Deed("Brought six teenagers to weed {to}'s front garden", 120),
            Deed("Had a word with the lads by the bus shelter for {to}"),
            Deed("Coached {to} for an interview", 50),
            Deed("Lent the sound system"),
            Deed("Looked after the door at {to}'s event", 150),
        ),
    ),
    Member(
        "leila",
        "Leila Farahani",
        "Bookkeeper.",
        "kitchen wheels hana bram piotr",
        (
            Deed("Did {to}'s end-of-year accounts", 180),
            Deed("Set up a spreadsheet for the petty cash", 60),
            Deed("Explained the gift aid form to {to}", 30),
            Deed("Found the error in {to}'s VAT return", 45),
        ),
    ),
    Member(
        "tom",
        "Tom Ashby",
        "Sixth former, saving for a van.",
        "edith walter gwen dot agnes",
        (
            Deed("Carried {to}'s shopping up the hill"),
            Deed("Backed up {to}'s photographs", 60),
            Deed("Dug over {to}'s bean bed", 90),
            Deed("Walked {to}'s dog all week", 150),
            Deed("Got the printer to work again", 30),
        ),
    ),
    Member(
        "rosa",
        "Rosa Iglesias",
        "Cooks at Mill Lane.",
        "kitchen agnes ivo edith marcus",
        (
            Deed("Baked the cake for {to}'s ninetieth"),
            Deed("Taught {to} three suppers for under a fiver", 75),
            Deed("Took over {to}'s Friday shift", 180),
            Deed("Left a lasagne on {to}'s doorstep"),
        ),
    ),
    Member(
        "ivo",
        "Ivo Marek",
        "Drives for Wendle Wheels.",
        "walter agnes wheels rosa kofi",
        (
            Deed("Fetched {to} from the station at midnight", 45),
            Deed("Drove {to}'s donated fridge across the valley", 60),
            Deed("Took the Thursday run for {to}", 120),
            Deed("Changed {to}'s tyre in the rain"),
        ),
    ),
    Member(
        "gwen",
        "Gwen Tansley",
        "Parish clerk, and keeper of the library bus.",
        "tilda walter amina tom leila",
        (
            Deed("Got {to}'s road closure through the parish council"),
            Deed("Kept back the new crime novels for {to}"),
            Deed("Helped {to} with the family tree", 90),
            Deed("Read {to} the small print of the grant", 35),
            Deed("Booked the village hall for {to}"),
        ),
    ),
    Member(
        "chidi",
        "Chidi Eze",
        "Works from home, mends everyone's computers.",
        "surgery kitchen gwen hana edith",
        (
            Deed("Rescued the files from {to}'s old laptop", 120),
            Deed("Set up {to}'s website", 240),
            Deed("Got rid of the scam pop-ups on {to}'s computer", 45),
            Deed("Ran a cable to {to}'s shed", 80),
            Deed("Gave {to} his old screen"),
        ),
    ),
    Member(
        "agnes",
        "Agnes Holm",
        "Cares for her husband.",
        "joseph rosa beatrix edith",
        (
            Deed("Knitted a hat for {to}'s newborn"),
            Deed("Sat at the welcome desk", 120),
            Deed("Shared her notes on respite care with {to}"),
            Deed("Made marmalade for {to}"),
        ),
    ),
    Member(
        "kofi",
        "Kofi Mensah",
        "Leads the choir, teaches the trombone.",
        "marcus agnes hana surgery edith",
        (
            Deed("Brought the choir to sing for {to}", 60),
            Deed("Gave {to}'s daughter a trombone lesson", 45),
            Deed("Chaired a difficult meeting for {to}", 90),
            Deed("Lent {to} the chairs from the chapel"),
        ),
    ),
    Member(
        "beatrix",
        "Beatrix Lund",
        "Vet.",
        "gareth agnes dot tom",
        (
            Deed("Came out at three in the morning for {to}'s ewe", 120),
            Deed("Looked at {to}'s old spaniel for nothing", 25),
            Deed("Took in {to}'s hens while the run was rebuilt"),
        ),
    ),
    Member(
        "sunil",
        "Sunil Rao",
        "Retired auditor, chairs the patients' group.",
        "surgery leila amina wheels tilda",
        (
            Deed("Checked {to}'s accounts before the trustees met", 120),
            Deed("Sat in on {to}'s appeal hearing", 150),
            Deed("Drafted the letter to the health board", 60),
            Deed("Played chess with {to} on the ward", 90),
        ),
    ),
    Member(
        "dot",
        "Dot Fairweather",
        "Allotment 14, the one with the gnomes.",
        "kitchen nia edith rosa hana",
        (
            Deed("Brought {to} a crate of courgettes"),
            Deed("Started {to}'s tomatoes in her greenhouse"),
            Deed("Pruned {to}'s apple trees", 100),
            Deed("Watered {to}'s plot through the heatwave", 60),
            Deed("Gave {to} her spare rhubarb crowns"),
        ),
    ),
)

THANKS = (
    "Could not have managed without you.",
    "Much appreciated.",
    "That saved me a week of worry.",
    "You never make it feel like a bother.",
    "Lovely job, thank you.",
    "I owe you one.",
    "It made the day a good one.",
    "The children still talk about it.",
    "Quicker than I dared to hope.",
    "And you stayed for tea.",
    "Just what was needed.",
    "I had been putting that off for months.",
)
