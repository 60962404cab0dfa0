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
from handlers.privacy import asked, kept, mine
from handlers.privacy.errors import OnlyOwn
from storage.database import Transaction

NAME: Final = "privacy"
issuer = Issuer(NAME)
_EXPORT: Final = frozenset(("export", "export me", "export my data", "my data", "data", "download", "file"))
MAKING: Final = "I am putting together everything that I keep about you, and send it to you alone when it is ready."
LEAD: Final = "What I keep about you, and who sees it"
NOT_NOW: Final = "Nothing is deleted now: “undo” and the lists take back single things."


def handle(request: Request, tx: Transaction) -> Outcome:
    """`privacy`, `privacy export`, `export my data`."""
    asks = request.prepared if isinstance(request.prepared, asked.Asks) else None
    if asks:
        return _about(asks)
    words = plain(request.text)
    if words in _EXPORT:
        return making(request, tx)
    if words.startswith("export "):
        found = rosters.load(tx).people_called(request.text.split(None, 1)[1])
        if found and all(one.id != request.actor.person for one in found):
            raise OnlyOwn(name=found[0].name)
        return making(request, tx)
    facts = [Fact(who, what) for who, what in kept.rows()]
    facts.append(Fact("For how long", kept_for(request.company)))
    sentence = " ".join((f"{LEAD}.", *(f"{fact.label}: {fact.value}." for fact in facts), kept.NEVER))
    button = issuer.lasting(request, tx, [("Export my data", "export", {})])
    ask = "“export my data” gives you all of it as a file. When somebody has left, an admin can erase it."
    small = Text(f"{kept.NEVER} {ask}", style="quiet")
    parts = (Text(LEAD, style="strong"), Facts(tuple(facts)), small, Buttons(tuple(button)))
    if words == "delete":
        return Outcome(reply=Reply(f"{NOT_NOW} {sentence} {ask}", (Text(NOT_NOW), *parts)))
    return Outcome(reply=Reply(f"{sentence} {ask}", parts))


def _about(asks: asked.Asks) -> Outcome:
    """The part that is asked about."""
    manager = asks == "manager"
    lead = "What your manager sees of you" if manager else f"Who sees {kept.CALLED[asks]}"
    facts = [Fact(who, what) for who, what in (kept.of_manager() if manager else kept.rows(asks))]
    small = " ".join(filter(None, ("" if manager else kept.more(asks), "“privacy” shows all of it.")))
    sentence = " ".join((f"{lead}.", *(f"{fact.label}: {fact.value}." for fact in facts), small))
    return Outcome(reply=Reply(sentence, (Text(lead, style="strong"), Facts(tuple(facts)), Text(small, style="quiet"))))


def making(request: Request, tx: Transaction) -> Outcome:
    """The file is made by a job; only ever of who asks."""
    return Outcome(reply=Reply(MAKING), jobs=(mine.wanted(request),), replace=False)


def kept_for(company: Company) -> str:
    """The settings' `retention`, in words."""
    time = company.retention
    said = [f"messages {time.message_days} days"]
    said.append(f"check-ins {time.checkin_months} months" if time.checkin_months else "check-ins until they are erased")
    said.append(f"notes {time.note_months} months" if time.note_months else "notes until they are erased")
    if time.leaver_months:
        said.append(f"who has left is erased after {time.leaver_months} months")
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
    prepare=lambda text, basis, company: asked.prepare(text),
    understands=lambda read: isinstance(read, asked.Asks),
    asked_first=True,
    actions={"export": making},
    shorthands=dict.fromkeys(
        (
            "export me", "export my data", "export all my data", "my data", "download my data", "give me my data",
            "send me my data", "what do you know about me", "export everything about me", "show my data",
            "show me my data", "a copy of my data",
        ),
        "export",
    ) | dict.fromkeys(("what do you keep about me", "who can see my data", "who sees my notes"), "")
    | dict.fromkeys(
        (
            "delete my data", "delete all my data", "delete my account", "delete me", "delete everything about me",
            "erase my data", "erase all my data", "erase me", "remove my data", "forget me", "forget my data",
        ),
        "delete",
    ),
    slash=False,
)  # fmt: skip
