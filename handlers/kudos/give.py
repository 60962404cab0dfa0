"""Giving and taking back: the row, the notices of who is thanked, the post in the channel, and what the giver reads."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from handlers.conversation.access import Denied, KudosOf, may
from handlers.conversation.command import Done
from handlers.conversation.errors import NotAllowed
from handlers.conversation.reply import Buttons, Part, Reply, Text
from handlers.conversation.request import Address, Message, Outcome, Place, Request
from handlers.conversation.wording import listed, plural
from handlers.figures import roster as rosters
from handlers.figures.roster import Roster
from handlers.kudos import wording
from handlers.kudos.buttons import NAME, issuer
from handlers.kudos.errors import Enough, GoneAlready, NothingToUndo, NotOneself, TooLong, TooMany, UndoTooLate
from handlers.numbers.spans import month_of
from storage import kudos, notices
from storage.database import Transaction
from storage.kudos import Kudos

LONGEST: Final = 500
"""Characters of a reason."""
MOST: Final = 10
"""People at a time."""
WORTH: Final = timedelta(days=35)
"""How long who is thanked is told; a leave does not count."""


def subject(one: Kudos) -> KudosOf:
    """As `may` asks of it."""
    return KudosOf(one.giver, frozenset(one.to), private=one.private)


def left(request: Request, tx: Transaction) -> int | None:
    """How many people may still be thanked this month, by the giver's own calendar; None: there is no limit."""
    limit = request.company.kudos.monthly
    if not limit:
        return None
    month = month_of(request.basis.now.date())
    return max(limit - kudos.thanked(tx, request.actor.person, month.first, month.last), 0)


def check(request: Request, tx: Transaction, to: Sequence[str], said: str) -> None:
    """Raises NotOneself, TooMany or Enough."""
    if request.actor.person in to:
        raise NotOneself(said=said)
    if len(to) > MOST:
        raise TooMany(most=MOST, count=len(to), said=said)
    still = left(request, tx)
    if still is not None and len(to) > still:
        raise Enough(left=still, limit=request.company.kudos.monthly, wanted=len(to), said=said)


def check_reason(reason: str, said: str) -> None:
    """Raises TooLong."""
    if len(reason) > LONGEST:
        raise TooLong(length=len(reason), most=LONGEST, said=said)


def given(
    request: Request, tx: Transaction, roster: Roster, to: Sequence[str], *, reason: str, value: str, private: bool
) -> Outcome:
    """It is kept; who is thanked hears of it as soon as they may be written to, the channel at once."""
    one = kudos.give(
        tx, giver=request.actor.person, to=to, reason=reason, value=value, private=private,
        day=request.basis.now.date(), at=request.now,
    )  # fmt: skip
    notices.plan(
        tx,
        [
            notices.Wanted(
                topic=NAME, person=person, slot=one.id, subject=one.id, due_at=request.now, until=request.now + WORTH,
                data={},
            )
            for person in one.to
        ],
        at=request.now,
    )  # fmt: skip
    posts = _posts(request, roster, one)
    if posts:
        kudos.posted(tx, one.id, [message.key for message in posts])
    return Outcome(reply=_said(request, tx, roster, one, posted=bool(posts)), messages=posts)


def _posts(request: Request, roster: Roster, one: Kudos) -> tuple[Message, ...]:
    """What the channel reads; nothing of what is private."""
    if one.private or not request.company.kudos.conversation:
        return ()
    return (
        Message(to="", reply=public(request, roster, one), topic=NAME, key=f"kudos:{one.id}", place=_place(request)),
    )


def _place(request: Request) -> Place:
    there = request.company.kudos
    return Place(there.install, Address(conversation=there.conversation))


def public(request: Request, roster: Roster, one: Kudos) -> Reply:
    """One as everybody reads it."""
    lead, tagged = wording.headline(one, roster.name), wording.tagged(request.company, one)
    parts = (Text(lead, style="strong"), Text(wording.quoted(one)), Text(tagged, style="quiet"))
    return Reply(f"{wording.in_one_line(request.company, one, roster.name)}.", parts, private=False)


def _said(request: Request, tx: Transaction, roster: Roster, one: Kudos, *, posted: bool) -> Reply:
    names = [roster.name(person) for person in one.to]
    value = wording.value_of(request.company, one.value)
    lead = f"You thanked {listed(names)}"
    if one.private:
        how = f"I tell them, and only {listed(['you', *names])} can see it."
    else:
        how = "I tell them, and it is posted in the channel for kudos." if posted else "I tell them."
    still = left(request, tx)
    month = "" if still is None else f"Kudos left this month: {plural(still, 'person', 'people')}."
    undo = ("Undo", "undo", {"kudos": one.id})
    minutes = timedelta(minutes=request.company.undo_minutes)
    buttons = issuer.once_and_lasting(request, tx, undo, minutes, ())
    parts: list[Part] = [
        Text(lead, style="strong"),
        Text(f"{wording.quoted(one)} ({value.name})"),
        Text(" ".join(filter(None, (how, month))), style="quiet"),
        Buttons(tuple(buttons)),
    ]
    text = f"{lead}: {wording.quoted(one)} ({value.name}). {how}"
    return Reply(" ".join(filter(None, (text, month))), tuple(parts))


# ---------------------------------------------------------------- taken back


def undo_button(request: Request, tx: Transaction) -> Outcome:
    """*Undo*: exactly that one."""
    one = kudos.get(tx, str(request.data["kudos"]))
    if one is None:
        raise GoneAlready
    return _take_back(request, tx, one)


def latest_at(request: Request, tx: Transaction) -> Done | None:
    """When I last thanked somebody."""
    latest = kudos.latest_by(tx, request.actor.person)
    return Done(latest.given_at, latest.id) if latest is not None else None


def undo_said(request: Request, tx: Transaction) -> Outcome:
    """`undo`: my latest, within the set time."""
    latest = kudos.latest_by(tx, request.actor.person)
    if latest is None:
        raise NothingToUndo
    if latest.taken_back_at is not None:
        raise GoneAlready
    minutes = request.company.undo_minutes
    if request.now - latest.given_at > timedelta(minutes=minutes):
        what = wording.in_one_line(request.company, latest, rosters.load(tx).name)
        raise UndoTooLate(minutes=minutes, what=what)
    return _take_back(request, tx, latest)


def _take_back(request: Request, tx: Transaction, one: Kudos) -> Outcome:
    verdict = may(request.actor, "take kudos back", subject(one))
    if isinstance(verdict, Denied):
        raise NotAllowed(reason=verdict.sentence)
    if not kudos.take_back(tx, one.id, at=request.now):
        raise GoneAlready
    roster = rosters.load(tx)
    gone = Reply(wording.TAKEN_BACK, private=False)
    edits = [
        Message(to="", reply=gone, topic=NAME, key=f"{key}:gone", place=_place(request), edits=key) for key in one.posts
    ]
    heard = kudos.told(tx, NAME, one.id)
    edits += [
        Message(to="", reply=gone, topic=NAME, key=f"{key}:gone", place=Place(install, Address()), edits=key)
        for _, install, key in heard
    ]
    sentence = f"Taken back: {wording.in_one_line(request.company, one, roster.name)}."
    if heard:
        names = listed([roster.name(person) for person, _, _ in heard])
        sentence += f" {names} may have read it already; the message says now that it was taken back."
    return Outcome(reply=Reply(sentence), messages=tuple(edits))
