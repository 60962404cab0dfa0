"""People whom no imported person explains: the admins are told, and say who they are or refuse them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from rapidfuzz import fuzz

from handlers.conversation.access import Denied, may
from handlers.conversation.audited import audited
from handlers.conversation.buttons import LISTED
from handlers.conversation.errors import ButtonUnknown, NotAllowed
from handlers.conversation.facts import PersonArrived
from handlers.conversation.reply import Button, Buttons, Choice, Option, Part, Reply, Text
from handlers.conversation.request import Message, Outcome, Request
from handlers.conversation.wording import plural
from handlers.people.buttons import NAME
from handlers.people.errors import LinkedMeanwhile, NobodyLeft
from storage import people, tokens
from storage.database import Transaction

GOOD_FOR = timedelta(days=30)
MOST_OFFERED = 20
ON_HOME = 3


def tell_admins(fact: PersonArrived, request: Request, tx: Transaction) -> Outcome:
    """Somebody arrived whom the plan does not know."""
    if fact.matched:
        return Outcome()
    who = _described(request.actor.name, request.incoming.profile.email)
    sentence = f"{who} has written to me for the first time and is not in the plan. They can log; they have no target."
    return Outcome(
        messages=tuple(
            Message(
                to=admin.id,
                reply=Reply(text=sentence, parts=(Text(sentence), _buttons(request, tx, admin.id, fact.identity, who))),
                topic="newcomer",
                key=f"newcomer:{fact.identity}:{admin.id}",
            )
            for admin in people.by_emails(tx, request.company.admins)
            if admin.id != request.actor.person
        )
    )


def _described(name: str, email: str) -> str:
    return f"{name} ({email})" if email else name


def _buttons(request: Request, tx: Transaction, admin: str, identity: str, who: str) -> Buttons:
    data: dict[str, Any] = {"identity": identity, "who": who, **({LISTED: True} if request.listing else {})}
    link, refuse = tokens.issue(
        tx,
        ("link", data),
        ("refuse", data),
        person=admin,
        command=NAME,
        at=request.now,
        expires_at=request.now + GOOD_FOR,
    )
    return Buttons((Button("Link to a person", link, "primary", opens_form=True), Button("Refuse", refuse, "danger")))


def waiting(request: Request, tx: Transaction) -> tuple[str, list[Part]]:
    """Who waits to be linked: the sentence, and the same laid out with buttons."""
    found = people.newcomers(tx)
    if not found:
        sentence = "No one is waiting. Everyone who has written to me is in the plan."
        return sentence, [Text(sentence, style="quiet")]
    lead = f"{plural(len(found), 'person', 'people')} wrote to me and {'is' if len(found) == 1 else 'are'} in no plan:"
    parts: list[Part] = [Text(lead, style="strong")]
    for newcomer in found:
        who = _described(newcomer.person.name, newcomer.email)
        parts += [Text(who), _buttons(request, tx, request.actor.person, newcomer.identity, who)]
    names = "; ".join(_described(newcomer.person.name, newcomer.email) for newcomer in found)
    return f"{lead} {names}.", parts


def home(request: Request, tx: Transaction) -> tuple[Part, ...]:
    """Who waits to be linked, on an admin's own page."""
    found = people.newcomers(tx)
    if not found:
        return ()
    lead = f"{plural(len(found), 'newcomer')} in no plan"
    parts: list[Part] = [Text(lead, style="strong")]
    for newcomer in found[:ON_HOME]:
        who = _described(newcomer.person.name, newcomer.email)
        parts += [Text(who), _buttons(request, tx, request.actor.person, newcomer.identity, who)]
    if len(found) > ON_HOME:
        parts.append(Text(f"And {len(found) - ON_HOME} more: “people” shows them.", style="quiet"))
    return tuple(parts)


def link_button(request: Request, tx: Transaction) -> Outcome:
    """*Link to a person*: whom? Names like the newcomer's come first."""
    _check(request)
    candidates = people.unlinked(tx, request.incoming.install)
    if not candidates:
        raise NobodyLeft
    who = str(request.data["who"])
    candidates.sort(key=lambda person: -fuzz.WRatio(person.name, who))
    offered = candidates[:MOST_OFFERED]
    (token,) = tokens.issue(
        tx,
        ("linked", {**request.data, "people": [person.id for person in offered]}),
        person=request.actor.person,
        command=NAME,
        at=request.now,
        expires_at=request.now + GOOD_FOR,
    )
    ask = f"Who is {who}?"
    options = tuple(Option(person.name, str(number)) for number, person in enumerate(offered))
    names = ", ".join(person.name for person in offered)
    return Outcome(reply=Reply(text=f"{ask} I can link them to: {names}.", parts=(Choice(ask, token, options),)))


def linked_choice(request: Request, tx: Transaction) -> Outcome:
    """The person was chosen: the newcomer is them from now on, with what they logged."""
    _check(request)
    offered = dict(enumerate(request.data["people"]))
    chosen = offered.get(int(request.value)) if request.value.isascii() and request.value.isdecimal() else None
    person = people.person(tx, chosen) if chosen else None
    if person is None:
        raise ButtonUnknown
    if people.is_in_the_plan(tx, request.data["identity"]):
        raise LinkedMeanwhile(who=request.data["who"])
    people.link(tx, request.data["identity"], person)
    _audit(request, tx, "linked", person.id)
    return Outcome(reply=Reply(text=f"Done: {request.data['who']} is {person.name}. What they logged came along."))


def refuse_button(request: Request, tx: Transaction) -> Outcome:
    """*Refuse*: the newcomer is not served any more."""
    _check(request)
    if people.is_in_the_plan(tx, request.data["identity"]):
        raise LinkedMeanwhile(who=request.data["who"])
    people.refuse(tx, request.data["identity"], request.now)
    _audit(request, tx, "refused", None)
    return Outcome(reply=Reply(text=f"Done: I serve {request.data['who']} no more. What they logged is kept."))


def _check(request: Request) -> None:
    verdict = may(request.actor, "link a newcomer", None)
    if isinstance(verdict, Denied):
        raise NotAllowed(reason=verdict.sentence)


def _audit(request: Request, tx: Transaction, event: str, to: str | None) -> None:
    audited(request, tx, event, identity=request.data["identity"], to=to)
