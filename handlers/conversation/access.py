"""Who may do what: one pure function, and its rules as a table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from handlers.conversation.command import Command
from handlers.conversation.request import Actor


@dataclass(frozen=True, slots=True)
class Allowed:
    """Nothing stands against it."""


@dataclass(frozen=True, slots=True)
class Denied:
    """It may not be, and the sentence that says so."""

    sentence: str


def _own(actor: Actor, subject: object) -> bool:
    return subject == actor.person


def _admin(actor: Actor, _subject: object) -> bool:
    return "admin" in actor.roles


@dataclass(frozen=True, slots=True)
class DealOf:
    """A deal as far as it matters who may change it: its owner (None: nobody known), everybody above the owner, and who
    has a share of its credit."""

    owner: str | None
    above: frozenset[str]
    credited: frozenset[str] = frozenset()


def _change_deal(actor: Actor, subject: object) -> bool:
    assert isinstance(subject, DealOf)
    return "admin" in actor.roles or actor.person == subject.owner or actor.person in subject.above


def _confirm_win(actor: Actor, subject: object) -> bool:
    assert isinstance(subject, DealOf)
    return actor.person != subject.owner and actor.person not in subject.credited and _change_deal(actor, subject)


@dataclass(frozen=True, slots=True)
class TargetOf:
    """A target as far as it matters who may set it: whose own it is (the person, or who leads the unit), and
    everybody above them."""

    own: frozenset[str]
    above: frozenset[str]


@dataclass(frozen=True, slots=True)
class AdjustmentOf:
    """A change of a target that may be withdrawn: who made it, and whose own target it is."""

    by: str
    own: frozenset[str]


def _set_target(actor: Actor, subject: object) -> bool:
    assert isinstance(subject, TargetOf)
    return actor.person not in subject.own and ("admin" in actor.roles or actor.person in subject.above)


def _withdraw(actor: Actor, subject: object) -> bool:
    assert isinstance(subject, AdjustmentOf)
    return actor.person not in subject.own and ("admin" in actor.roles or actor.person == subject.by)


def _answer_target(actor: Actor, subject: object) -> bool:
    return isinstance(subject, frozenset) and actor.person in subject


@dataclass(frozen=True, slots=True)
class LeaveOf:
    """Somebody's leave: whose it is, and everybody above them."""

    person: str
    above: frozenset[str]


@dataclass(frozen=True, slots=True)
class ScheduleOf:
    """When a topic comes to a unit, or to the company: who leads the unit or one above it; nobody the company's."""

    leads: frozenset[str]


def _enter_leave(actor: Actor, subject: object) -> bool:
    assert isinstance(subject, LeaveOf)
    return "admin" in actor.roles or actor.person == subject.person or actor.person in subject.above


def _change_schedule(actor: Actor, subject: object) -> bool:
    assert isinstance(subject, ScheduleOf)
    return "admin" in actor.roles or actor.person in subject.leads


@dataclass(frozen=True, slots=True)
class MeetingOf:
    """A meeting as far as it matters who may do what with it: who organises it, who takes part, everybody above these
    or leading a unit that is invited, and whether its organiser has left."""

    organiser: str
    takes_part: frozenset[str]
    above: frozenset[str]
    orphaned: bool = False


def _change_meeting(actor: Actor, subject: object) -> bool:
    assert isinstance(subject, MeetingOf)
    if subject.orphaned and actor.person in subject.takes_part:
        return True
    return actor.person == subject.organiser or actor.person in subject.above


def _take_part(actor: Actor, subject: object) -> bool:
    assert isinstance(subject, MeetingOf)
    return actor.person in subject.takes_part


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
    """An action item: who promised it, the person whom it is about, and whether the manager sees it too."""

    owner: str
    about: str
    shared: bool


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


def _see_one_to_one(actor: Actor, subject: object) -> bool:
    assert isinstance(subject, OneToOneOf)
    if actor.person == subject.person:
        return subject.today
    return actor.person == subject.manager and subject.person in actor.reports


def _see_note(actor: Actor, subject: object) -> bool:
    """Its author always; the other once it is shared. What was shared with a report stays theirs to read, what was
    shared with a manager ends with their being the manager."""
    assert isinstance(subject, NoteOf)
    if actor.person == subject.author:
        return True
    of = subject.of
    return subject.readable and (actor.person == of.person or _see_one_to_one(actor, of))


def _change_note(actor: Actor, subject: object) -> bool:
    assert isinstance(subject, NoteOf)
    return actor.person == subject.author


def _reads_checkin(actor: Actor, of: CheckinOf) -> bool:
    """As today's manager: of what was given to them, or shared with them. Whoever was the manager before reads no
    more, and no role reads by itself."""
    theirs = actor.person == of.given_to or actor.person in of.shared
    return theirs and of.person in actor.reports and actor.person != of.person


def _see_checkin(actor: Actor, subject: object) -> bool:
    assert isinstance(subject, CheckinOf)
    return actor.person == subject.person or _reads_checkin(actor, subject)


def _answer_checkin(actor: Actor, subject: object) -> bool:
    assert isinstance(subject, CheckinOf)
    return _reads_checkin(actor, subject)


def _change_checkin(actor: Actor, subject: object) -> bool:
    assert isinstance(subject, CheckinOf)
    return actor.person == subject.person


def _see_remark(actor: Actor, subject: object) -> bool:
    assert isinstance(subject, RemarkOf)
    of = subject.checkin
    return actor.person == of.person or (actor.person == subject.author and _reads_checkin(actor, of))


def _manage(actor: Actor, subject: object) -> bool:
    return subject in actor.reports and subject != actor.person


def _see_action(actor: Actor, subject: object) -> bool:
    assert isinstance(subject, ActionOf)
    if actor.person == subject.owner and subject.about in (actor.person, *actor.reports):
        return True
    return subject.shared and (actor.person == subject.about or subject.about in actor.reports)


def _change_action(actor: Actor, subject: object) -> bool:
    assert isinstance(subject, ActionOf)
    return _see_action(actor, subject) and (actor.person == subject.owner or subject.about in actor.reports)


@dataclass(frozen=True, slots=True)
class UnitOf:
    """A unit, and the ones that the actor sells in or leads."""

    unit: str
    own: frozenset[str]


def _invite_unit(actor: Actor, subject: object) -> bool:
    assert isinstance(subject, UnitOf)
    return bool(actor.roles & {"manager", "leader", "admin"}) or subject.unit in subject.own


@dataclass(frozen=True, slots=True)
class KudosOf:
    """A thank-you: who gave it, who is thanked, and whether only they see it."""

    giver: str
    to: frozenset[str]
    private: bool


def _see_kudos(actor: Actor, subject: object) -> bool:
    """No role reads what is private by itself."""
    assert isinstance(subject, KudosOf)
    return not subject.private or actor.person == subject.giver or actor.person in subject.to


def _take_kudos_back(actor: Actor, subject: object) -> bool:
    assert isinstance(subject, KudosOf)
    return actor.person == subject.giver


def _use(actor: Actor, subject: object) -> bool:
    return isinstance(subject, Command) and bool(actor.roles & subject.roles)


RULES: dict[str, tuple[Callable[[Actor, object], bool], str]] = {
    # action: (the rule, what a person reads who may not); the subject is the person whose row it is, the
    # deal, the target, whose target it is, or the command
    "use a command": (_use, "That is not yours to use: it is for {who}. Type “help” to see what is."),
    "change an activity": (_own, "That activity is somebody else's: only they can change it."),
    "see an activity": (_own, "That activity is somebody else's. Type “/log list” for yours."),
    "change a deal": (
        _change_deal,
        "That deal is not yours: only its owner, their managers and admins change it.",
    ),
    "change a win that counts": (
        _confirm_win,
        "That win counts already, and nobody changes their own credit: a manager of yours or an admin can change it.",
    ),
    "confirm a win": (
        _confirm_win,
        "A win is confirmed by a manager of its owner or an admin, not by the owner nor by who has a share of it.",
    ),
    "answer an inquiry": (_admin, "Only an admin answers what somebody found wrong in a figure."),
    "link a newcomer": (_admin, "Only an admin can say who a newcomer is."),
    "change people": (_admin, "Only an admin adds people, changes their place or says that they have left."),
    "set a target": (
        _set_target,
        "A target is set and changed by an admin or by somebody above whose it is, and nobody sets their own.",
    ),
    "withdraw an adjustment": (
        _withdraw,
        "An adjustment is withdrawn by who made it or by an admin, and never by whose target it is.",
    ),
    "enter leave": (_enter_leave, "Leave is entered by whose it is, by somebody above them or by an admin."),
    "change a schedule": (
        _change_schedule,
        "A unit's schedule is changed by who leads it or a unit above it, and the company's by an admin. What comes to "
        "you alone you can snooze or turn off: type “settings”.",
    ),
    "change a meeting": (
        _change_meeting,
        "That meeting is moved, changed and cancelled by who organises it and by the managers of those invited.",
    ),
    "take part in a meeting": (
        _take_part,
        "That meeting's agenda and minutes are for those who take part in it.",
    ),
    "see a check-in": (
        _see_checkin,
        "A check-in is between the person and the manager whom it was given to. Admins see numbers, never check-ins.",
    ),
    "answer a check-in": (_answer_checkin, "A check-in is answered by the manager whom it was given to."),
    "change a check-in": (_change_checkin, "Only whose check-in it is changes it."),
    "see a remark": (_see_remark, "What a manager said to a check-in is between the two."),
    "ask for a check-in": (_manage, "A check-in is asked for by the person's manager."),
    "see who checked in": (_manage, "Who checks in, and how often, is for the person's manager alone."),
    "see an action item": (
        _see_action,
        "That action item is between whose it is and, where it is shared, their manager.",
    ),
    "change an action item": (
        _change_action,
        "That action item is changed by who promised it, or by their manager where it is shared.",
    ),
    "see a one-to-one": (_see_one_to_one, "A one-to-one is between a manager and who reports to them."),
    "see a note": (_see_note, "That note is its author's own."),
    "change a note": (_change_note, "Only who wrote a note shares it, takes it back or deletes it."),
    "invite a unit": (
        _invite_unit,
        "A whole unit is invited by who sells in it, by managers, leaders and admins. Please name the people.",
    ),
    "see kudos": (_see_kudos, "Those kudos are private: only who gave them and who is thanked can see them."),
    "take kudos back": (_take_kudos_back, "Kudos are taken back by who gave them."),
    "answer for a target": (_answer_target, "Only whose target it is accepts it or objects."),
}


def may(actor: Actor, action: str, subject: object) -> Allowed | Denied:
    """Whether `actor` may do `action` (a key of RULES) to `subject`."""
    rule, sentence = RULES[action]
    if rule(actor, subject):
        return Allowed()
    who = " and ".join(f"{role}s" for role in sorted(subject.roles)) if isinstance(subject, Command) else ""
    return Denied(sentence.format(who=who))
