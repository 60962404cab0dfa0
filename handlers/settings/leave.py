"""Leave: said in words or by form, by whose it is or by somebody above them; merged, cut short, cancelled, undone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, Final

from handlers.conversation.access import Denied, LeaveOf, may
from handlers.conversation.errors import ButtonUnknown, NotAllowed
from handlers.conversation.reply import Button, Buttons, Choice, DateField, Form, Option, Reply, Text
from handlers.conversation.request import Message, Outcome, Request
from handlers.conversation.wording import Days, plural
from handlers.figures import roster as rosters
from handlers.figures.chain import above
from handlers.figures.roster import several, unknown
from handlers.numbers.spans import DAY, Span
from handlers.numbers.working_days import WorkCalendar
from handlers.settings.buttons import issuer
from handlers.settings.errors import BackAlready, ChangedSince, NoLeave, TooLong, UnitUnknown
from handlers.settings.read import Wish
from handlers.settings.standing import calendar_of
from storage import absences, notices, people, reach
from storage.absences import Absence, Changed
from storage.database import Transaction
from storage.people import Person

LONGEST: Final = 366
"""Days at a time."""
_NEAR: Final = timedelta(days=10)
"""Coming back so soon after leave that is known means a longer leave, not another one."""


def wanted(request: Request, tx: Transaction, wish: Wish) -> Outcome:
    """Leave, coming back, or cancelling, as it was said."""
    who = _whose(request, tx, wish.who)
    if wish.kind == "cancel leave":
        return _cancel(request, tx, who, wish.days.first if wish.days else None)
    if wish.kind == "back":
        assert wish.days is not None
        return _back(request, tx, who, wish.days.first)
    if wish.days is None:
        return Outcome(form=_form(request, tx))
    return _add(request, tx, who, wish.days)


def known(tx: Transaction, words: str) -> bool:
    """Whether somebody here is called so."""
    return any(one.imported and not one.left for one in rosters.load(tx).people_called(words))


def _whose(request: Request, tx: Transaction, words: str) -> Person:
    """The person meant. Raises UnitUnknown, NotAllowed."""
    if not words:
        own = people.person(tx, request.actor.person)
        assert own is not None
        return own
    roster = rosters.load(tx)
    found = [one for one in roster.people_called(words) if not one.left]
    if len(found) != 1:
        names = [one.name for one in roster.people if not one.left]
        raise UnitUnknown(sentence=several(words, found) if found else unknown(words, names, "person"))
    check(request, tx, found[0].id)
    return found[0]


def check(request: Request, tx: Transaction, person: str) -> None:
    """Raises NotAllowed for who may not enter their leave."""
    of = LeaveOf(person, frozenset() if person == request.actor.person else above(tx, person, request.basis.now.date()))
    verdict = may(request.actor, "enter leave", of)
    if isinstance(verdict, Denied):
        raise NotAllowed(reason=verdict.sentence)


def _add(request: Request, tx: Transaction, who: Person, days: Span) -> Outcome:
    if days.days > LONGEST:
        raise TooLong(days=days.days)
    changed = absences.add(tx, who.id, days.first, days.last, at=request.now)
    assert changed.made is not None
    merged = (changed.made.first, changed.made.last) != (days.first, days.last)
    joined = " It is one with the leave that was there." if merged else ""
    return _done(request, tx, who, changed, f"{_said(request, tx, who, changed.made)}{joined}")


def _back(request: Request, tx: Transaction, who: Person, day: date) -> Outcome:
    today = request.basis.now.date()
    standing = [one for one in absences.of(tx, who.id, since=today) if one.first < day]
    if standing and day - standing[-1].last <= _NEAR:
        changed = absences.cut(tx, who.id, standing[-1], day - DAY, at=request.now)
        if day <= today:
            return _done(request, tx, who, changed, _gone(request, who))
        assert changed.made is not None
        return _done(request, tx, who, changed, _said(request, tx, who, changed.made))
    if day <= today:
        # Leave that began on that very day is gone whole.
        now = next((one for one in absences.of(tx, who.id, since=today) if one.first == day), None)
        if now is None:
            raise NoLeave(when="today") if day == today else BackAlready(day=Days.of(request.basis).on(day))
        changed = absences.cut(tx, who.id, now, day - DAY, at=request.now)
        return _done(request, tx, who, changed, _gone(request, who))
    return _add(request, tx, who, Span(today, day - DAY))


def _cancel(request: Request, tx: Transaction, who: Person, day: date | None) -> Outcome:
    today, days = request.basis.now.date(), Days.of(request.basis)
    ahead = [one for one in absences.of(tx, who.id, since=today) if day is None or one.first <= day <= one.last]
    if not ahead:
        raise NoLeave(when=f"on {days.on(day)}" if day else "ahead")
    if len(ahead) > 1:
        token = issuer.token_for(request, tx, "cancel leave", {"person": who.id})
        options = tuple(Option(in_words(days, one), one.id) for one in ahead[:20])
        ask = "Which leave shall I cancel?"
        return Outcome(reply=Reply(ask, (Choice(ask, token, options),)))
    return _cancelled(request, tx, who, ahead[0])


def _cancelled(request: Request, tx: Transaction, who: Person, one: Absence) -> Outcome:
    """Days of it that are over stay leave."""
    changed = absences.cut(tx, who.id, one, request.basis.now.date() - DAY, at=request.now)
    lead = f"Cancelled: {_of(request, who)} leave {in_words(Days.of(request.basis), one)}."
    kept = " The days that are over stay leave." if changed.made else ""
    return _done(request, tx, who, changed, f"{lead}{kept} I may write on those days again.")


def _gone(request: Request, who: Person) -> str:
    if who.id == request.actor.person:
        return "Welcome back: your leave ends before today, and I may write to you again."
    return f"{who.name}'s leave ends before today, and I may write to them again."


def _said(request: Request, tx: Transaction, who: Person, one: Absence) -> str:
    """What it means."""
    days = Days.of(request.basis)
    mine = who.id == request.actor.person
    calendar = calendar_of(request, tx)[1] if mine else _calendar(request, tx, who)
    working = calendar.count(Span(one.first, one.last))
    back = one.last + DAY
    while not calendar.works(back) and back - one.last < timedelta(days=30):
        back += DAY
    whom, theirs = ("you", "your") if mine else (who.name, "their")
    several = one.first != one.last
    both = ", both days included" if several else ""
    meanwhile = "those days, they are" if several else "that day, it is"
    return (
        f"{_of(request, who).capitalize() if mine else _of(request, who)} leave: {in_words(days, one)}{both} "
        f"({plural(working, 'working day')}), back {days.on(back)}. I send {whom} nothing unasked on {meanwhile} "
        f"taken out of {theirs} pace, and {theirs} target stays as it is."
    )


def _of(request: Request, who: Person) -> str:
    return "your" if who.id == request.actor.person else f"{who.name}'s"


def _calendar(request: Request, tx: Transaction, who: Person) -> WorkCalendar:
    place, company = reach.place_of(tx, who.id), request.company
    if place is not None and place.country:
        return WorkCalendar(place.country, place.subdivision)
    return WorkCalendar(company.country, company.subdivision)


def in_words(days: Days, one: Absence) -> str:
    """`Mon 21 Dec to Sat 2 Jan 2027`."""
    return days.on(one.first) if one.first == one.last else days.span(one.first, one.last)


def _done(request: Request, tx: Transaction, who: Person, changed: Changed, sentence: str) -> Outcome:
    notices.look_again(tx, who.id, now=request.now)
    data: dict[str, Any] = {
        "person": who.id,
        "made": changed.made.id if changed.made else None,
        "cancelled": list(changed.cancelled),
    }
    undo = issuer.token_for(request, tx, "undo leave", data)
    messages: tuple[Message, ...] = ()
    if who.id != request.actor.person:
        told = _told(request, who, changed)
        if told:
            key = f"leave:{changed.made.id if changed.made else changed.cancelled[0]}:{request.incoming.key}"
            messages = (Message(to=who.id, reply=Reply(told), topic="leave", key=key),)
            sentence += f" {who.name} is told."
    reply = Reply(sentence, (Text(sentence), Buttons((Button("Undo", undo),))))
    return Outcome(reply=reply, messages=messages)


def _told(request: Request, who: Person, changed: Changed) -> str:
    days, by = Days.of(request.basis), request.actor.name
    more = "If that is wrong, say “cancel my leave”, or the right days."
    if changed.made is None:
        return f"{by} has cancelled leave of yours. Say “I'm on leave” with the days if that is wrong."
    meanwhile = "those days, they are" if changed.made.first != changed.made.last else "that day, it is"
    return (
        f"{by} has entered leave for you: {in_words(days, changed.made)}. I send you nothing unasked on {meanwhile} "
        f"taken out of your pace, and your target stays as it is. {more}"
    )


# ---------------------------------------------------------------- buttons and form


def undo_button(request: Request, tx: Transaction) -> Outcome:
    """*Undo*: as it was before."""
    person, cancelled = str(request.data["person"]), [str(one) for one in request.data["cancelled"]]
    check(request, tx, person)
    if not absences.take_back(tx, person, request.data["made"], cancelled, at=request.now):
        raise ChangedSince
    notices.look_again(tx, person, now=request.now)
    standing = absences.of(tx, person, since=request.basis.now.date())
    days = Days.of(request.basis)
    ahead = f"Leave ahead: {', '.join(in_words(days, one) for one in standing)}." if standing else "No leave is ahead."
    messages: Sequence[Message] = ()
    if person != request.actor.person:
        text = f"{request.actor.name} has taken back the last change of your leave. {ahead}"
        messages = (Message(to=person, reply=Reply(text), topic="leave", key=f"leave:undo:{request.incoming.key}"),)
    return Outcome(reply=Reply(f"Undone. {ahead}"), messages=tuple(messages))


def cancel_choice(request: Request, tx: Transaction) -> Outcome:
    """One of several was chosen."""
    person = people.person(tx, str(request.data["person"]))
    if person is None:
        raise ButtonUnknown
    check(request, tx, person.id)
    for one in absences.of(tx, person.id, since=request.basis.now.date()):
        if one.id == request.value:
            return _cancelled(request, tx, person, one)
    raise ChangedSince


def form_button(request: Request, tx: Transaction) -> Outcome:
    """*Add leave*."""
    return Outcome(form=_form(request, tx))


def _form(request: Request, tx: Transaction) -> Form:
    today = request.basis.now.date().isoformat()
    fields = (
        DateField("first", "First day", today),
        DateField("last", "Last day", today, "Included: the day before you are back."),
    )
    intro = "I send you nothing unasked on those days, and they are taken out of your pace. Your target stays."
    return Form("Leave", issuer.token_for(request, tx, "leave added", {}), fields, intro=intro)


def form_sent(request: Request, tx: Transaction) -> Outcome:
    """The days were given."""
    problems: dict[str, str] = {}
    days = {}
    for name in ("first", "last"):
        try:
            days[name] = date.fromisoformat(request.values.get(name, "").strip())
        except ValueError:
            problems[name] = "Write it like 2026-12-21."
    if not problems and days["last"] < days["first"]:
        problems["last"] = "That is before the first day."
    elif not problems and (days["last"] - days["first"]).days >= LONGEST:
        problems["last"] = "I take at most a year at a time."
    if problems:
        return Outcome(problems=problems)
    return _add(request, tx, _whose(request, tx, ""), Span(days["first"], days["last"]))
