"""What the people of the large demo company say: in check-ins, in thanks, in one-to-ones. Invented."""

from __future__ import annotations

from typing import Final

WELL: Final = {
    "eager": (
        "Two first meetings that turned into real evaluations. {account} asked for pricing without me bringing it up.",
        "Great week. {account} brought their CFO along and stayed twenty minutes longer.",
        "Booked five meetings for next week, and {account} is in legal.",
    ),
    "quiet": (
        "{account} signed off the scope.",
        "One good call with {account}. They are ready.",
        "Fewer calls, better ones.",
    ),
    "busy": (
        "Lots of dials, good energy. {account} finally picked up.",
        "Kept my call blocks every day. Three new conversations at {account}.",
        "Pipeline is full. Closing is the part I have to get better at.",
    ),
    "falling": ("Not much, to be honest. {account} is still talking to us.", "{account} answered.", "A quiet week."),
    "new": (
        "First demo on my own, at {account}. I forgot the pricing slide and nobody minded.",
        "Shadowed two calls and ran one. {account} wants a second meeting.",
        "I can explain the analytics part without notes now.",
    ),
    "": (
        "{account} moved to proposal after the reference call.",
        "Good meeting with the operations team at {account}.",
        "Got the security questionnaire for {account} back in three days.",
        "The pricing talk with {account} went better than I feared.",
        "{account} agreed to a pilot in two sites.",
        "Multi-threaded {account}: I know four people there now.",
    ),
}
"""By mood; the last for every other one."""
WAY: Final = (
    "Legal at {account} takes two weeks for every redline.",
    "{account} wants a discount that I cannot give.",
    "I need somebody technical for the call with {account}.",
    "The champion at {account} has left, and I do not know who decides now.",
    "Nobody answers at {account} since the budget freeze.",
    "Too many internal meetings on Tuesday and Wednesday.",
    "Procurement at {account} asks for a certificate that we do not have yet.",
    "",
    "",
    "",
)
NEXT: Final = (
    "Close {account}, and book three first meetings.",
    "Get {account} to a decision, yes or no.",
    "Visit {account} on Thursday. Clean up my close dates.",
    "Finish the proposal for {account}; call every account that I have not touched this month.",
    "Bring {manager} into the call with {account}.",
    "Two demos, and a proper plan for {account}.",
    "Forty dials, and no excuses about {account}.",
)
HELP: Final = (
    "An hour with you on the two deals that hang.",
    "Fewer reports, more time on the phone.",
    "A week without travel.",
    "Honest feedback on my last three demos.",
)
HAPPENED: Final = (
    "{account} slid into the next quarter at the last minute; their board meets a week later.",
    "I counted on a renewal that procurement held back.",
    "I called two deals that had no date from the customer. I will not do that again.",
)
COMMENTS: Final = (
    "Good to read. Send me the recording of the {account} call?",
    "I will call their head of procurement on Monday.",
    "Let us take {account} apart on Tuesday.",
    "That is how it is done.",
    "Bring me in before you discount.",
)
KIND_COMMENTS: Final = (
    "Thank you for saying it. I keep Thursday at nine free for you.",
    "Let us take an hour on Tuesday, the two of us and no slides.",
    "I take the internal meetings off your week. Then we look at {account} together.",
)
"""To who does not feel well."""
THANKS_FOR: Final = (
    ("customer-first", "staying on the line with {account} until their import ran"),
    ("customer-first", "telling {account} honestly what we cannot do yet"),
    ("customer-first", "driving two hours to show {account} the new dashboard in person"),
    ("one-team", "taking over my demo when my train stood still"),
    ("one-team", "the reference call with {account}"),
    ("one-team", "going through my proposal on a Friday evening"),
    ("one-team", "lending me your best discovery questions"),
    ("own-it", "saying early that {account} would slip"),
    ("own-it", "cleaning up forty close dates without being asked"),
    ("own-it", "calling {account} back yourself after the outage"),
    ("keep-learning", "the lunch talk about pricing conversations"),
    ("keep-learning", "sharing why we lost {account}, without excuses"),
    ("keep-learning", "the notes from the security training"),
)
"""The key of a value, and the reason."""
TO_DO: Final = (
    "send the security summary to {account}",
    "rewrite the close plan for {account}",
    "ask legal for a fallback clause for {account}",
    "get a reference customer for {account}",
    "role-play the pricing talk",
    "put a real date on every open deal",
    "call the former champion of {account}",
)
OWED: Final = (
    "join the call with the CFO of {account}",
    "get {account} an answer about the discount",
    "sit in on the demo at {account}",
    "ask marketing for a case study for {account}",
)
"""What a manager promises a rep."""
TO_TALK: Final = (
    "The {account} renewal",
    "How to share leads with the other teams",
    "My plan for next quarter",
    "What I learned from losing {account}",
    "Time for the certification",
)
NOTES: Final = (
    "Asks good questions, interrupts too early. Next time: count to three.",
    "Wants to lead a team one day. Give the onboarding of the next hire.",
    "Discounts too soon. Agreed: no discount without a date in return.",
    "Prepared like nobody else for {account}.",
)
STORIES: Final = (
    "they chose us for the onboarding",
    "eight months, three champions, one signature",
    "the pilot convinced their night shift",
    "beat the incumbent on service, not on price",
)
FIRST_WORDS: Final = (
    *(
        "Alder",
        "Amber",
        "Anchor",
        "Aspen",
        "Beacon",
        "Birchwood",
        "Blue Ridge",
        "Bramble",
        "Canyon",
        "Cedar",
        "Chestnut",
    ),
    *("Clearwater", "Copper", "Cypress", "Driftwood", "Eastgate", "Ember", "Falcon", "Fenwick", "Granite", "Hawthorn"),
    *(
        "Heron",
        "Highland",
        "Hillcrest",
        "Ivory",
        "Jasper",
        "Kingfisher",
        "Lakeshore",
        "Lantern",
        "Lindenhof",
        "Magnolia",
    ),
    *("Maple", "Mistral", "Nordlicht", "Oakhurst", "Orchard", "Osprey", "Pebble", "Pinewood", "Prairie", "Quartz"),
    *("Ravenna", "Riverside", "Rosewood", "Saffron", "Sandpiper", "Silverlake", "Sparrow", "Stonegate", "Summit"),
    *("Sycamore", "Thistle", "Timber", "Tulip", "Umbra", "Valley", "Westbrook", "Whitehall", "Willow", "Zephyr"),
)
TRADES: Final = (
    *("Foods", "Clinics", "Logistics", "Hotels", "Robotics", "Insurance", "Textiles", "Energy", "Schools", "Airlines"),
    *("Furniture", "Brewing", "Optics", "Pharma", "Dairy", "Steel", "Paper", "Media", "Bank", "Outfitters"),
)
