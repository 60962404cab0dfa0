"""The form: `/kudos` alone, and *Thank for this* on a message, whose words are the reason's draft."""

from __future__ import annotations

from handlers.conversation.reply import ChoiceField, Form, Option, TextField
from handlers.conversation.request import LogThis, Outcome, Request
from handlers.conversation.wording import listed
from handlers.figures import roster as rosters
from handlers.figures.roster import Roster, several, unknown
from handlers.kudos import give, parse
from handlers.kudos.buttons import issuer
from handlers.kudos.flow import called
from storage.database import Transaction

_EVERYBODY, _US = "everybody", "us"


def empty(request: Request, tx: Transaction) -> Outcome:
    """Nothing is known yet."""
    return Outcome(form=_form(request, tx, ""))


def from_message(request: Request, tx: Transaction) -> Outcome:
    """*Thank for this*."""
    words, what = request.text.strip(), request.incoming.what
    reason = words if len(words) <= give.LONGEST else words[: give.LONGEST - 1] + "…"
    whom = _known(request, tx, what.author) if isinstance(what, LogThis) else ""
    return Outcome(form=_form(request, tx, reason, whom))


def _known(request: Request, tx: Transaction, author: str) -> str:
    """Who wrote the message, where that is one colleague and not oneself."""
    found = called(rosters.load(tx), author) if author.strip() else []
    return found[0].name if len(found) == 1 and found[0].id != request.actor.person else ""


def _form(request: Request, tx: Transaction, reason: str, whom: str = "") -> Form:
    values = tuple(Option(one.name, one.key) for one in request.company.values)
    still = give.left(request, tx)
    where = (
        "I tell them, and post it in the channel for kudos." if request.company.kudos.conversation else "I tell them."
    )
    intro = where if still is None else f"{where} You have kudos for {still} more this month."
    fields = (
        TextField("who", "Whom do you thank?", whom, hint="Robin Lee, Alex Kim", max_length=300),
        TextField("reason", "What for?", reason, multiline=True, max_length=give.LONGEST),
        ChoiceField("value", "Which of our values was it?", values),
        ChoiceField(
            "sees", "Who can see it?", (Option("Everybody", _EVERYBODY), Option("Only they and I", _US)), _EVERYBODY
        ),
    )
    return Form("Kudos", issuer.token_for(request, tx, "form", {}), fields, submit="Give", intro=intro)


def sent(request: Request, tx: Transaction) -> Outcome:
    """The form was sent."""
    values = {name: value.strip() for name, value in request.values.items()}
    roster = rosters.load(tx)
    problems: dict[str, str] = {}
    to = _people(roster, values.get("who", ""), problems)
    reason, value = " ".join(values.get("reason", "").split()), values.get("value", "")
    if not reason:
        problems["reason"] = "Say what you thank them for."
    elif len(reason) > give.LONGEST:
        problems["reason"] = f"I take up to {give.LONGEST} characters, and this is {len(reason)}."
    if value not in {one.key for one in request.company.values}:
        problems["value"] = f"Choose one: {listed([one.name for one in request.company.values], 'or')}."
    if values.get("sees") not in (_EVERYBODY, _US):
        problems["sees"] = "Choose one."
    if "who" not in problems:
        _refused(request, tx, to, problems)
    if problems:
        return Outcome(problems=problems)
    return give.given(request, tx, roster, to, reason=reason, value=value, private=values["sees"] == _US)


def _people(roster: Roster, typed: str, problems: dict[str, str]) -> tuple[str, ...]:
    names = parse.pieces(typed)
    if not names:
        problems["who"] = "Say whom you thank."
    found: list[str] = []
    for name in names:
        people = called(roster, name)
        if len(people) == 1:
            found.append(people[0].id)
        elif "who" not in problems:
            here = [one.name for one in roster.people if not one.left]
            problems["who"] = several(name, people) if people else unknown(name, here, "person")
    return tuple(dict.fromkeys(found))


def _refused(request: Request, tx: Transaction, to: tuple[str, ...], problems: dict[str, str]) -> None:
    if request.actor.person in to:
        problems["who"] = "Kudos go to somebody else."
        return
    if len(to) > give.MOST:
        problems["who"] = f"I take up to {give.MOST} people at a time."
        return
    still = give.left(request, tx)
    if still is not None and len(to) > still:
        problems["who"] = f"You have kudos for {still} more this month. New ones come on the first of the month."
