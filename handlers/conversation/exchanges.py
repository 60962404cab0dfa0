"""The rules of what passes between people: check-ins, one-to-ones, notes, action items, thanks and wins.

What each is as far as it matters who sees or changes it, and the rule itself; access.py holds them as one table. No
role opens any of them by itself, save a win: an admin may make one known.
"""

from __future__ import annotations

from dataclasses import dataclass

from handlers.conversation.request import Actor


@dataclass(frozen=True, slots=True)
class CheckinOf:
    """A check-in: whose it is, to whom it was given (None: to nobody yet), and with whom it was shared since."""

    person: str
    given_to: str | None = None
    shared: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class RemarkOf:
    """What a manager said to a check-in."""

    checkin: CheckinOf
    author: str


@dataclass(frozen=True, slots=True)
class ActionOf:
    """An action item: who promised it, the person whom it is about, and whether the manager sees it too. `of_both`: it
    came of what passes between the two, so neither takes it away from the other."""

    owner: str
    about: str
    shared: bool
    of_both: bool = False


@dataclass(frozen=True, slots=True)
class OneToOneOf:
    """What a manager and a report want to talk about; `today`: they are manager and report today."""

    manager: str
    person: str
    today: bool = True


@dataclass(frozen=True, slots=True)
class NoteOf:
    """A note of one of the two. `readable`: it was shared, and the time to take it back is over."""

    of: OneToOneOf
    author: str
    readable: bool


def see_one_to_one(actor: Actor, subject: object) -> bool:
    """The two of them, while they are manager and report."""
    assert isinstance(subject, OneToOneOf)
    if actor.person == subject.person:
        return subject.today
    return actor.person == subject.manager and subject.person in actor.reports


def see_note(actor: Actor, subject: object) -> bool:
    """Its author always; the other once it is shared. What was shared with a report stays theirs to read, what was
    shared with a manager ends with their being the manager."""
    assert isinstance(subject, NoteOf)
    if actor.person == subject.author:
        return True
    of = subject.of
    return subject.readable and (actor.person == of.person or see_one_to_one(actor, of))


def change_note(actor: Actor, subject: object) -> bool:
    """Its author."""
    assert isinstance(subject, NoteOf)
    return actor.person == subject.author


def _reads_checkin(actor: Actor, of: CheckinOf) -> bool:
    """As today's manager: of what was given to them, or shared with them. Whoever was the manager before reads no
    more, and no role reads by itself."""
    theirs = actor.person == of.given_to or actor.person in of.shared
    return theirs and of.person in actor.reports and actor.person != of.person


def see_checkin(actor: Actor, subject: object) -> bool:
    """Whose it is, and the manager who reads it."""
    assert isinstance(subject, CheckinOf)
    return actor.person == subject.person or _reads_checkin(actor, subject)


def answer_checkin(actor: Actor, subject: object) -> bool:
    """The manager who reads it."""
    assert isinstance(subject, CheckinOf)
    return _reads_checkin(actor, subject)


def change_checkin(actor: Actor, subject: object) -> bool:
    """Whose it is."""
    assert isinstance(subject, CheckinOf)
    return actor.person == subject.person


def see_remark(actor: Actor, subject: object) -> bool:
    """Whose check-in it is, and who said it for as long as they read the check-in."""
    assert isinstance(subject, RemarkOf)
    of = subject.checkin
    return actor.person == of.person or (actor.person == subject.author and _reads_checkin(actor, of))


def manage(actor: Actor, subject: object) -> bool:
    """Their manager of today; the subject is the person."""
    return subject in actor.reports and subject != actor.person


def see_action(actor: Actor, subject: object) -> bool:
    """Who promised it, while it is about them or a report of theirs; where it is shared, whom it is about and the
    manager of today."""
    assert isinstance(subject, ActionOf)
    if actor.person == subject.owner and subject.about in (actor.person, *actor.reports):
        return True
    return subject.shared and (actor.person == subject.about or subject.about in actor.reports)


def change_action(actor: Actor, subject: object) -> bool:
    """Who sees it and promised it, or manages whom it is about."""
    assert isinstance(subject, ActionOf)
    return see_action(actor, subject) and (actor.person == subject.owner or subject.about in actor.reports)


def take_over_action(actor: Actor, subject: object) -> bool:
    """What somebody else owes to a person is taken over by that person's manager of today."""
    assert isinstance(subject, ActionOf)
    return change_action(actor, subject) and subject.about != subject.owner and subject.about in actor.reports


def share_action(actor: Actor, subject: object) -> bool:
    """Whose it is says who may see it, unless it is of both."""
    assert isinstance(subject, ActionOf)
    return actor.person == subject.owner and not subject.of_both and change_action(actor, subject)


@dataclass(frozen=True, slots=True)
class KudosOf:
    """A thank-you: who gave it, who is thanked, and whether only they see it."""

    giver: str
    to: frozenset[str]
    private: bool


def see_kudos(actor: Actor, subject: object) -> bool:
    """No role reads what is private by itself."""
    assert isinstance(subject, KudosOf)
    return not subject.private or actor.person == subject.giver or actor.person in subject.to


def take_kudos_back(actor: Actor, subject: object) -> bool:
    """Who gave them."""
    assert isinstance(subject, KudosOf)
    return actor.person == subject.giver


@dataclass(frozen=True, slots=True)
class WinOf:
    """A win that is to be made known: its owner (None: nobody known), who told of it, and everybody above the owner.
    `decided`: who hears of it was chosen already, by the owner or by the teller."""

    owner: str | None
    teller: str | None
    above: frozenset[str] = frozenset()
    decided: bool = False


def make_win_known(actor: Actor, subject: object) -> bool:
    """Its owner, who told of it, who is above the owner, and admins; once it was decided, the first two alone."""
    assert isinstance(subject, WinOf)
    if subject.decided and (subject.owner or subject.teller):
        return actor.person in {subject.owner, subject.teller}
    return "admin" in actor.roles or actor.person in subject.above | {subject.owner, subject.teller}


def tell_of_target(actor: Actor, subject: object) -> bool:
    """That a target is reached is its bearer's to tell, whoever else may see it."""
    assert isinstance(subject, WinOf)
    return actor.person == subject.owner
