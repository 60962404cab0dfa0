"""Who may do what: one pure function, and its rules as a table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from handlers.conversation import exchanges
from handlers.conversation.command import Command
from handlers.conversation.errors import NotYourButton
from handlers.conversation.exchanges import ActionOf, CheckinOf, KudosOf, NoteOf, OneToOneOf, RemarkOf, WinOf
from handlers.conversation.request import Actor

__all__ = [
    "RULES",
    "ActionOf",
    "AdjustmentOf",
    "AgendaItemOf",
    "Allowed",
    "CheckinOf",
    "DealOf",
    "Denied",
    "KudosOf",
    "LeaveOf",
    "MeetingOf",
    "NoteOf",
    "OneToOneOf",
    "RemarkOf",
    "ScheduleOf",
    "TargetOf",
    "UnitOf",
    "WinOf",
    "may",
]


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


def _press(actor: Actor, subject: object) -> bool:
    return subject is None or subject == actor.person


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
class AgendaItemOf:
    """A point of a meeting's agenda, and who put it there."""

    meeting: MeetingOf
    author: str


def _take_off_agenda(actor: Actor, subject: object) -> bool:
    assert isinstance(subject, AgendaItemOf)
    return _take_part(actor, subject.meeting) and actor.person in (subject.author, subject.meeting.organiser)


def _use(actor: Actor, subject: object) -> bool:
    return isinstance(subject, Command) and bool(actor.roles & subject.roles)


@dataclass(frozen=True, slots=True)
class UnitOf:
    """A unit, and the ones that the actor sells in or leads."""

    unit: str
    own: frozenset[str]


def _invite_unit(actor: Actor, subject: object) -> bool:
    assert isinstance(subject, UnitOf)
    return bool(actor.roles & {"manager", "leader", "admin"}) or subject.unit in subject.own


RULES: dict[str, tuple[Callable[[Actor, object], bool], str]] = {
    # action: (the rule, what a person reads who may not); the subject is the person whose row it is, the
    # deal, the target, whose target it is, or the command
    "use a command": (_use, "That is not yours to use: it is for {who}. Type “help” to see what is."),
    "press a button": (
        _press,
        NotYourButton().sentence,
    ),
    "change an activity": (_own, "That activity is somebody else's: only they can change it."),
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
        "That meeting's agenda, minutes and calendar file are for those who take part in it.",
    ),
    "take off an agenda": (
        _take_off_agenda,
        "That point is taken off the agenda by who put it there and by who organises the meeting.",
    ),
    "see a check-in": (
        exchanges.see_checkin,
        "A check-in is between the person and the manager whom it was given to. Admins never read check-ins.",
    ),
    "answer a check-in": (exchanges.answer_checkin, "A check-in is answered by the manager whom it was given to."),
    "change a check-in": (exchanges.change_checkin, "Only whose check-in it is changes it."),
    "see a remark": (exchanges.see_remark, "What a manager said to a check-in is between the two."),
    "ask for a check-in": (exchanges.manage, "A check-in is asked for by the person's manager."),
    "see who checked in": (exchanges.manage, "Who checks in, and how often, is for the person's manager alone."),
    "see an action item": (
        exchanges.see_action,
        "That action item is between whose it is and, where it is shared, their manager.",
    ),
    "change an action item": (
        exchanges.change_action,
        "That action item is changed by who promised it, or by their manager where it is shared.",
    ),
    "take over an action item": (
        exchanges.take_over_action,
        "An action item is taken over by the manager of whom it is for.",
    ),
    "share an action item": (
        exchanges.share_action,
        "Only whose action item it is says who may see it; one that came of a check-in or one-to-one stays with both.",
    ),
    "see a one-to-one": (exchanges.see_one_to_one, "A one-to-one is between a manager and who reports to them."),
    "see a note": (exchanges.see_note, "That note is its author's own."),
    "change a note": (
        exchanges.change_note,
        "Only who wrote a note changes it, shares it, takes it back or deletes it.",
    ),
    "invite a unit": (
        _invite_unit,
        "A whole unit is invited by who sells in it, by managers, leaders and admins. Please name the people.",
    ),
    "see kudos": (exchanges.see_kudos, "Those kudos are private: only who gave them and who is thanked can see them."),
    "take kudos back": (exchanges.take_kudos_back, "Kudos are taken back by who gave them."),
    "make a win known": (
        exchanges.make_win_known,
        "A win is made known by its owner, by somebody above them, by an admin, or by who told me of it.",
    ),
    "tell of a target reached": (
        exchanges.tell_of_target,
        "That somebody has reached their target is theirs to tell.",
    ),
    "answer for a target": (_answer_target, "Only whose target it is accepts it or objects."),
}


def may(actor: Actor, action: str, subject: object) -> Allowed | Denied:
    """Whether `actor` may do `action` (a key of RULES) to `subject`."""
    rule, sentence = RULES[action]
    if rule(actor, subject):
        return Allowed()
    who = " and ".join(f"{role}s" for role in sorted(subject.roles)) if isinstance(subject, Command) else ""
    return Denied(sentence.format(who=who))
