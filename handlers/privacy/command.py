"""`privacy`: what is kept about somebody, who sees it and for how long; and all of it as a file, for them alone."""

from __future__ import annotations

from typing import Final

from handlers.conversation.buttons import Issuer
from handlers.conversation.command import Command
from handlers.conversation.company import Company
from handlers.conversation.reply import Buttons, Fact, Facts, Reply, Text
from handlers.conversation.request import Outcome, Request
from handlers.conversation.route import plain
from handlers.figures import roster as rosters
from handlers.privacy import mine
from handlers.privacy.errors import OnlyOwn
from storage.database import Transaction

NAME: Final = "privacy"
issuer = Issuer(NAME)
_EXPORT: Final = frozenset(("export", "export me", "export my data", "my data", "data", "download", "file"))
MAKING: Final = "I am putting together everything that I keep about you, and send it to you alone when it is ready."
LEAD: Final = "What I keep about you, and who sees it"
ROWS: Final = (
    ("Only you", "notes and next steps, check-ins not given yet, action items not shared, what I say to you"),
    (
        "You and your manager",
        "check-ins given to them, what they answered, shared action items, activities and figures",
    ),
    ("Those above you, and admins", "deals, targets and figures; never a check-in or a note"),
    ("Everybody", "your rank without amounts, and wins and thanks as you chose"),
)


def handle(request: Request, tx: Transaction) -> Outcome:
    """`privacy`, `privacy export`, `export my data`."""
    words = plain(request.text)
    if words in _EXPORT:
        return making(request, tx)
    if words.startswith("export "):
        found = rosters.load(tx).people_called(request.text.split(None, 1)[1])
        if found and all(one.id != request.actor.person for one in found):
            raise OnlyOwn(name=found[0].name)
        return making(request, tx)
    facts = [Fact(who, what) for who, what in ROWS]
    facts.append(Fact("For how long", kept_for(request.company)))
    sentence = f"{LEAD}. " + " ".join(f"{fact.label}: {fact.value}." for fact in facts)
    button = issuer.lasting(request, tx, [("Export my data", "export", {})])
    ask = "“export my data” gives you all of it as a file. When somebody has left, an admin can erase it."
    parts = (Text(LEAD, style="strong"), Facts(tuple(facts)), Text(ask, style="quiet"), Buttons(tuple(button)))
    return Outcome(reply=Reply(f"{sentence} {ask}", parts))


def making(request: Request, tx: Transaction) -> Outcome:
    """The file is made by a job; only ever of who asks."""
    return Outcome(reply=Reply(MAKING), jobs=(mine.wanted(request),), replace=False)


def kept_for(company: Company) -> str:
    """The settings' `retention`, in words."""
    kept = company.retention
    said = [f"messages {kept.message_days} days"]
    said.append(f"check-ins {kept.checkin_months} months" if kept.checkin_months else "check-ins until they are erased")
    said.append(f"notes {kept.note_months} months" if kept.note_months else "notes until they are erased")
    if kept.leaver_months:
        said.append(f"who has left is erased after {kept.leaver_months} months")
    return ", ".join(said)


COMMAND = Command(
    name=NAME,
    summary="See what I keep about you, and get all of it as a file",
    usage="[export]",
    examples=("privacy", "export my data"),
    explain=(
        "“export my data” makes a ZIP of everything that is about you or written by you: a CSV for each kind of rows, "
        "and all of it as JSON. It comes in our own chat, and nobody can ask for somebody else's. What others wrote "
        "privately is not in it."
    ),
    handle=handle,
    actions={"export": making},
    shorthands=dict.fromkeys(
        (
            "export me", "export my data", "export all my data", "my data", "download my data", "give me my data",
            "send me my data", "what do you know about me", "export everything about me",
        ),
        "export",
    ) | dict.fromkeys(("what do you keep about me", "who can see my data", "who sees my notes"), ""),
    slash=False,
)  # fmt: skip
