"""Who of a manager's people is asked for check-ins at all, by which schedule, and how that is turned on."""

from __future__ import annotations

from collections.abc import Sequence

from handlers.checkins.prompts import OF_MANAGERS, TOPIC
from handlers.conversation.access import Allowed, ScheduleOf, may
from handlers.conversation.request import Request
from handlers.conversation.wording import listed
from handlers.reach import holding
from handlers.reach.topic import Topic
from storage import reach, units
from storage.database import Transaction
from storage.people import Person


def not_asked(request: Request, tx: Transaction, people: Sequence[Person], *, of_all: bool) -> list[str]:
    """A sentence for those whom a schedule asks and who were not asked lately, one for those whom none asks.
    `of_all`: they are all of the manager's people, so those whom a schedule asks are not named."""
    day = request.basis.now.date()
    coming: list[str] = []
    off: dict[str, list[str]] = {}
    for one in people:
        meant = [topic for topic in (TOPIC, OF_MANAGERS) if reach.is_meant(tx, topic.audience or "", one.id, day)]
        holds = holding.schedules_of(tx, [topic.name for topic in meant], one.id, day)
        if meant and not any(holds[topic.name].rule if topic.name in holds else topic.rule for topic in meant):
            off.setdefault(meant[-1].name, []).append(one.name)
        else:
            coming.append(one.name)
    said = [f"Not asked in that time: {listed(coming)}."] if coming and (off or not of_all) else []
    for topic in (TOPIC, OF_MANAGERS):
        if topic.name in off:
            said.append(_off(request, tx, topic, off[topic.name], everybody=of_all and len(off) == 1 and not coming))
    return said


def _off(request: Request, tx: Transaction, topic: Topic, names: Sequence[str], *, everybody: bool) -> str:
    whom = "Your managers" if topic is OF_MANAGERS else "Your people"
    are = f"{whom} are" if everybody else f"{listed(names)} {'is' if len(names) == 1 else 'are'}"
    words = f"“{'manager check-ins' if topic is OF_MANAGERS else 'weekly check-in'} {topic.suggested or topic.rule}”"
    day = request.basis.now.date()
    leads = any(
        one.leads and one.since <= day and (one.until is None or one.until > day)
        for one in units.memberships_of(tx, persons=[request.actor.person])
    )
    led = ScheduleOf(frozenset((request.actor.person,) if leads else ()))
    mine = isinstance(may(request.actor, "change a schedule", led), Allowed)
    how = f"{words} turns them on." if mine else f"an admin says {words} for that."
    return f"{are} not asked for check-ins; {how}"
