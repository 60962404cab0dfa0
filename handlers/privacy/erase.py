"""`erase NAME`: an admin has everything about somebody who left taken away, once they have typed the name again."""

from __future__ import annotations

from typing import Final

from handlers.conversation.access import Denied, may
from handlers.conversation.audited import audited
from handlers.conversation.buttons import Issuer
from handlers.conversation.command import Command
from handlers.conversation.errors import NotAllowed
from handlers.conversation.reply import Button, Buttons, Form, Reply, Text, TextField
from handlers.conversation.request import Outcome, Request
from handlers.figures import roster as rosters
from handlers.figures.roster import several, unknown
from handlers.privacy.errors import ErasedAlready, NobodyCalled, StillHere, WhoIsErased
from handlers.privacy.job import wanted
from storage import erasure, people
from storage.database import Transaction
from storage.people import Person

NAME: Final = "erase"
issuer = Issuer(NAME, forms=frozenset({"confirm"}))

GOES: Final = (
    "Goes for good: name, e-mail and chat accounts; notes and every line they typed; check-ins, remarks, agenda items, "
    "minutes, thanks and reasons in their words; leave, settings, calendars and the messages about them."
)
STAYS: Final = (
    "Stays under “Former colleague”: deals, amounts, credits, targets and the number of activities, so that no past "
    "figure changes by a cent; and who did what, by an id."
)
NO_WAY_BACK: Final = "There is no way back."


def handle(request: Request, tx: Transaction) -> Outcome:
    """`erase Dana Reyes`: what would go and what would stay, and a button."""
    who = erasable(tx, request.text)
    button = issuer.lasting(request, tx, [("Erase …", "confirm", {"person": who.id})])[0]
    lead = f"Erase what is kept about {who.name}?"
    return Outcome(
        reply=Reply(
            text=f"{lead} {GOES} {STAYS} {NO_WAY_BACK} “Erase …” asks for the name once more.",
            parts=(
                Text(lead, style="strong"),
                Text(GOES),
                Text(STAYS),
                Text(NO_WAY_BACK, style="quiet"),
                Buttons((Button(button.label, button.token, style="danger", opens_form=True),)),
            ),
        )
    )


def erasable(tx: Transaction, words: str) -> Person:
    """Who is meant, if they may be erased. Raises WhoIsErased, NobodyCalled, StillHere, ErasedAlready."""
    if not words.strip():
        raise WhoIsErased
    roster = rosters.load(tx)
    found = [one for one in roster.people_called(words) if not erasure.is_erased(tx, one.id)]
    if not found:
        names = [one.name for one in roster.people if not erasure.is_erased(tx, one.id)]
        raise NobodyCalled(sentence=unknown(words.strip(), names, "person"))
    if len(found) > 1:
        raise NobodyCalled(sentence=several(words.strip(), found))
    return _checked(tx, found[0])


def _checked(tx: Transaction, who: Person) -> Person:
    if erasure.is_erased(tx, who.id):
        raise ErasedAlready(name=who.name)
    if who.imported and not who.left:
        raise StillHere(name=who.name)
    return who


def confirm(request: Request, tx: Transaction) -> Outcome:
    """*Erase …*: the name is to be typed."""
    who = _asked_for(request, tx)
    token = issuer.token_for(request, tx, "confirmed", {"person": who.id})
    field = TextField("name", "Their name, as it stands above", hint=who.name, max_length=200)
    return Outcome(form=Form(title="Erase for good", token=token, fields=(field,), submit="Erase", intro=NO_WAY_BACK))


def confirmed(request: Request, tx: Transaction) -> Outcome:
    """The form was sent: where it is the name, the job begins."""
    who = _asked_for(request, tx)
    typed = " ".join(request.values.get("name", "").split())
    if typed.casefold() != " ".join(who.name.split()).casefold():
        return Outcome(problems={"name": f"That is not “{who.name}”, so nothing was erased."})
    audited(request, tx, "erasure asked", person=who.id)
    said = f"I am erasing what is kept about {who.name}, and say so here when it is done."
    return Outcome(reply=Reply(text=said), jobs=(wanted(who.id, request.incoming.key),))


def _asked_for(request: Request, tx: Transaction) -> Person:
    verdict = may(request.actor, "change people", None)
    if isinstance(verdict, Denied):
        raise NotAllowed(reason=verdict.sentence)
    who = people.person(tx, str(request.data["person"]))
    if who is None:
        raise WhoIsErased
    return _checked(tx, who)


COMMAND = Command(
    name=NAME,
    summary="Erase what is kept about somebody who has left",
    usage="[name]",
    examples=("erase",),
    explain=(
        "“erase Dana Reyes” says what goes and what stays, and wants the name typed once more. Only for people who "
        "have left (“people Dana Reyes”, Has left). Amounts stay as they are, under “Former colleague 1”. "
        "docs/privacy.md has all of it; `retention` in the settings does it by itself after some months."
    ),
    roles=frozenset({"admin"}),
    handle=handle,
    actions={"confirm": confirm, "confirmed": confirmed},
    aliases=("people erase",),
    slash=False,
)
