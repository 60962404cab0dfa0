"""`/quota commission`: what somebody will earn, always called an estimate; worth.py says what one deal adds to it."""

from __future__ import annotations

from typing import Final

from handlers.ask.reading import Question, Scope
from handlers.conversation.buttons import Issuer
from handlers.conversation.reply import Buttons, Reply, Text
from handlers.conversation.request import Request
from handlers.conversation.wording import plural
from handlers.figures.commission import Commissions, Paid, Piece, TooManyPeriodsError
from handlers.figures.plan import Plan
from handlers.figures.sight import refusal, sees_each
from handlers.figures.standing import Subject
from handlers.language.fold import words_of
from handlers.numbers.periods import before
from handlers.numbers.spans import Span
from handlers.quota import commission_words as words
from handlers.quota import worth
from handlers.quota.asked import subject_of
from handlers.quota.org import org_of
from storage.database import Transaction

MOST_PEOPLE: Final = 50
_ME: Final = frozenset(("i", "my", "mine", "me", "myself"))
PEERS = "What others earn is theirs and their managers' to see. You can ask “my commission”."
TOO_MANY_PEOPLE = "{name} has {people}. Ask for the commission of one of its teams, or of a person."
A_PERSONS = "What a deal is worth is somebody's own: ask “what is {deal} worth to me”, or name a person."
NO_OTE = "No OTE is named in {plans}; an admin can add it there as “ote”."
issuer = Issuer("quota")


def answer(request: Request, tx: Transaction, question: Question, plan: Plan, subject: Subject) -> Reply:
    """The estimate of a person, of everybody in a unit, or what a deal adds to it. Who may see a person was asked
    before; a unit's is for those who lead it, and admins."""
    named = set(words_of(question.scope.name or "")) if question.scope else set()
    somebody = bool(named.intersection(words_of(request.text)))
    own = not somebody and _is_own(request, question)
    asks_worth = worth.is_asked(request.text)
    said = None
    if asks_worth or worth.OF_AN_ACCOUNT in question.said:
        said = worth.spoken(request.text, request.basis.names, subject.name if somebody else "")
    of_deal = asks_worth or said is not None
    # "What do we get if we win Acme" is asked for oneself.
    own = own or (of_deal and not somebody)
    person = Subject(request.actor.name, person=request.actor.person) if own else subject
    if of_deal:
        if person.person is None:
            return Reply(text=A_PERSONS.format(deal=said.names[0] if said else "this deal"))
        unread = () if said else question.not_understood
        return worth.answer(request, tx, person, said.names if said else (), unread=unread)
    asked = question.period if "period" in question.said else None
    led = plan.led_by(request.actor.person, request.basis.now.date())
    if own and led and question.by in ("rep", "team"):
        person = Subject(led[0].name, unit=led[0].id)
    try:
        if question.against_scope is not None:
            return _of_two(request, tx, plan, person, question.against_scope, asked)
        if person.person is None:
            return _of_unit(request, tx, plan, person, asked)
        if question.against is not None and question.period is not None:
            return _beside(request, tx, person, (question.period, question.against))
        return _of_person(request, tx, plan, person, asked)
    except TooManyPeriodsError:
        return Reply(text=words.TOO_MANY)


def _of_two(request: Request, tx: Transaction, plan: Plan, first: Subject, other: Scope, asked: Span | None) -> Reply:
    """`Dana vs Omar`: one after the other; the second only for who may see it, as was asked before of the first."""
    today = request.basis.now.date()
    second = subject_of(request, plan, other, org_of(plan, today))
    refused = refusal(request.actor, plan, second, today, asked)
    replies = [
        _of_unit(request, tx, plan, one, asked) if one.person is None else _of_person(request, tx, plan, one, asked)
        for one in ((first,) if refused else (first, second))
    ]
    replies += [Reply(text=refused)] if refused else []
    parts = [part for reply in replies for part in (reply.parts or (Text(reply.text),))]
    return Reply(text=" ".join(reply.text for reply in replies), parts=tuple(parts))


def _is_own(request: Request, question: Question) -> bool:
    """Nobody is said, or oneself: of somebody who leads, too, the commission is their own."""
    if question.scope is None or question.scope.kind == "me" or "scope" not in question.said:
        return True
    return bool(_ME.intersection(words_of(request.text)))


def _of_person(request: Request, tx: Transaction, plan: Plan, subject: Subject, asked: Span | None) -> Reply:
    assert subject.person is not None
    today = request.basis.now.date()
    whose = "You" if subject.person == request.actor.person else subject.name
    held = Commissions(tx, request.company, today, persons=[subject.person])
    found = held.found(subject.person, asked)
    if found.at_once or not found.pieces:
        led = plan.led_by(subject.person, today) if whose == "You" and not found.at_once else []
        if led:
            reply = _of_unit(request, tx, plan, Subject(led[0].name, unit=led[0].id), asked)
            note = "No commission plan is for you yourself."
            return Reply(
                text=f"{reply.text} {note}", parts=(*(reply.parts or (Text(reply.text),)), Text(note, "quiet"))
            )
        return worth.no_estimate(request, found.at_once, asked or Span(today, today), whose)
    paid = [held.paid(piece, subject) for piece in found.pieces]
    if len(paid) == 1:
        reply = words.one_reply(request, paid[0], whose, asked)
    else:
        assert asked is not None
        reply = words.several_reply(request, paid, whose, words.period_in_words(request, asked))
    if "ote" in words_of(request.text) and all(one.piece.plan.ote is None for one in paid):
        note = NO_OTE.format(
            plans=words.plans_named(list({one.piece.plan.name: one.piece.plan for one in paid}.values()))
        )
        reply = Reply(text=f"{note} {reply.text}", parts=(Text(note), *(reply.parts or (Text(reply.text),))))
    return _with_buttons(request, tx, reply, subject, paid, asked)


def _beside(request: Request, tx: Transaction, subject: Subject, asked: tuple[Span, Span]) -> Reply:
    """A period beside another one."""
    assert subject.person is not None
    whose = "You" if subject.person == request.actor.person else subject.name
    held = Commissions(tx, request.company, request.basis.now.date(), persons=[subject.person])
    sides: list[list[Paid]] = []
    for span in asked:
        found = held.found(subject.person, span)
        if found.at_once or not found.pieces:
            return worth.no_estimate(request, found.at_once, span, whose)
        sides.append([held.paid(piece, subject) for piece in found.pieces])
        if (without := next((one for one in sides[-1] if one.estimate is None), None)) is not None:
            return Reply(text=words.no_target(request, without, whose))
    return words.change_reply(request, whose, (sides[0], sides[1]), asked)


def _with_buttons(
    request: Request, tx: Transaction, reply: Reply, subject: Subject, paid: list[Paid], asked: Span | None
) -> Reply:
    own = subject.person == request.actor.person
    span = before(paid[0].piece.period if len(paid) == 1 or asked is None else asked)
    whose = "my commission" if own else f"commission of {subject.name}"
    wanted = [("Period before", "again", {"text": f"{whose} {span.first} to {span.last}"})]
    if own and paid[-1].piece.plan.measure == "bookings":
        wanted.append(("What is a deal worth?", "again", {"text": "what is this deal worth to me"}))
    buttons = Buttons(tuple(issuer.lasting(request, tx, wanted)))
    return Reply(text=reply.text, parts=(*(reply.parts or (Text(reply.text),)), buttons))


def _of_unit(request: Request, tx: Transaction, plan: Plan, subject: Subject, asked: Span | None) -> Reply:
    today = request.basis.now.date()
    if subject.unit is None or not sees_each(request.actor, plan, subject, today):
        return Reply(text=PEERS)
    span = asked or Span(today, today)
    sellers = plan.sellers_in(subject.unit or "", span)
    if len(sellers) > MOST_PEOPLE:
        return Reply(text=TOO_MANY_PEOPLE.format(name=subject.name, people=plural(len(sellers), "person", "people")))
    held = Commissions(tx, request.company, today)
    at_once: list[str] = []
    theirs: list[tuple[Subject, Piece]] = []
    for seller in sellers:
        found = held.found(seller.id, asked)
        if found.at_once:
            at_once.append(f"{seller.name}: two plans hold at once, {words.plans_named(found.at_once)}.")
        theirs += [(Subject(seller.name, person=seller.id), one) for one in found.pieces]
    paid_to: dict[Subject, list[Paid]] = {}
    for (who, _), paid in zip(theirs, held.paid_in(subject.unit or "", theirs), strict=True):
        paid_to.setdefault(who, []).append(paid)
    each = [(who.name, paid) for who, paid in paid_to.items()]
    if not each:
        nobody = words.NOTHING_PAID.format(name=subject.name, period=words.period_in_words(request, span))
        return Reply(text=" ".join([nobody, *at_once]))
    periods = {one.piece.span for _, paid in each for one in paid}
    over = asked or Span(min(one.first for one in periods), max(one.last for one in periods))
    reply = words.unit_reply(request, subject.name, words.period_in_words(request, over), each)
    if not at_once:
        return reply
    return Reply(text=" ".join([reply.text, *at_once]), parts=(*reply.parts, *(Text(one) for one in at_once)))
