"""A topic's schedule for a unit or for everybody, changed by who leads after a confirmation that says what it means."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, time, timedelta
from typing import Final

from handlers.conversation.access import Denied, ScheduleOf, may
from handlers.conversation.errors import ButtonUnknown, NotAllowed
from handlers.conversation.reply import Button, Buttons, Fact, Facts, Reply, Text
from handlers.conversation.request import Outcome, Request
from handlers.conversation.wording import Days, listed
from handlers.figures import roster as rosters
from handlers.figures.roster import several, unknown
from handlers.numbers.periods import FiscalCalendar
from handlers.numbers.spans import DAY
from handlers.reach import holding
from handlers.reach.gate import Never, Reach, Verdict, gate
from handlers.reach.topic import Topic
from handlers.schedules.changes import Due, Version, due
from handlers.schedules.read import read as read_rule
from handlers.schedules.slots import moment
from handlers.settings import standing
from handlers.settings.buttons import issuer
from handlers.settings.errors import (
    ChangedSince,
    NoSchedule,
    NoUnitsBelow,
    SameAlready,
    UnitUnknown,
    WhenShallItCome,
    WhichTopic,
    WhichUnit,
)
from handlers.settings.read import Wish
from handlers.settings.topics import Topics
from storage import audit, people, reach, units
from storage.database import Transaction
from storage.reach import Scheduled
from storage.units import Unit

EVERYBODY: Final = frozenset(("everybody", "everyone", "all", "the company", "company", "us all", "the whole company"))
_NEXT: Final = 3
_AHEAD: Final = (60, 400, 1200)
"""Days that are looked ahead for the next times, as far as is needed."""


def wanted(topics: Topics, request: Request, tx: Transaction, wish: Wish) -> Outcome:
    """Asks whether it is meant. Raises NotAllowed, UnitUnknown, WhichUnit, NoSchedule, SameAlready."""
    topic = _one(topics, wish)
    if topic.audience is None:
        raise NoSchedule(title=topic.title)
    unit = _unit(request, tx, topic, wish)
    check(request, tx, unit)
    if topic.audience == "leaders" and unit is not None and not _above_others(tx, unit):
        raise NoUnitsBelow(title=topic.title, unit=unit.name)
    versions = _versions(tx, topic.name, unit)
    rule = wish.rule
    if wish.kind == "on" and rule is None:
        rule = next((one.rule for one in reversed(versions) if one.rule is not None), None) or topic.rule
        if rule is None:
            raise WhenShallItCome(title=topic.title, whom=_whom(unit), example=_said(request, _example(topic, unit)))
    now = standing.in_words(versions[-1]) if versions else None
    if now == rule and (versions or rule is None):
        raise SameAlready(title=topic.title, whom=_whom(unit), rule=_said(request, rule or "off"))
    data = {"topic": topic.name, "unit": unit.id if unit else None, "rule": rule, "instead": now}
    token = issuer.token_for(request, tx, "schedule", data)
    label = "Set it" if rule else "Turn it off"
    return Outcome(reply=_question(request, tx, topic, unit, versions, rule, Button(label, token, "primary")))


def confirmed(topics: Topics, request: Request, tx: Transaction) -> Outcome:
    """*Set it*: from now on."""
    data = request.data
    topic = topics.named(str(data["topic"]))
    unit = rosters.load(tx).unit(data["unit"]) if data["unit"] else None
    if topic is None or (unit is None and data["unit"]):
        raise ButtonUnknown
    check(request, tx, unit)
    versions, by = _versions(tx, topic.name, unit), request.actor.person
    if (standing.in_words(versions[-1]) if versions else None) != data["instead"]:
        raise ChangedSince
    if unit is not None and not any(one.unit == unit.id for one in versions):
        # What held till now is the unit's own from here on, so that nothing doubles or is swallowed in this period.
        for one in versions[-1:]:
            reach.schedule(tx, topic.name, one.rule, since=one.since, by=one.set_by, unit=unit.id)
    reach.schedule(tx, topic.name, data["rule"], since=request.now, by=by, unit=unit.id if unit else None)
    details = {"topic": topic.name, "unit": unit.id if unit else None, "rule": data["rule"]}
    audit.write(tx, "schedule changed", at=request.now, person=by, install=request.incoming.install, details=details)
    if data["rule"] is None:
        return Outcome(reply=Reply(f"{topic.title} is off for {_whom(unit)} from now on."))
    coming = _next(request, tx, topic, [*(standing.version(one) for one in versions), _new(request, data["rule"])])
    first = f" The next one is due {_times(request, coming[:1])[0]}." if coming else ""
    return Outcome(reply=Reply(f"Set: {topic.title} comes {_said(request, data['rule'])} for {_whom(unit)}.{first}"))


def _above_others(tx: Transaction, unit: Unit) -> bool:
    return any(one.parent == unit.id for one in units.everything(tx))


def may_change(request: Request, tx: Transaction, unit: Unit | None) -> bool:
    """Whether this person changes the schedules of that unit; None: everybody's."""
    return not isinstance(may(request.actor, "change a schedule", _subject(request, tx, unit)), Denied)


def check(request: Request, tx: Transaction, unit: Unit | None) -> None:
    """Raises NotAllowed for who may not."""
    verdict = may(request.actor, "change a schedule", _subject(request, tx, unit))
    if isinstance(verdict, Denied):
        raise NotAllowed(reason=verdict.sentence)


def _subject(request: Request, tx: Transaction, unit: Unit | None) -> ScheduleOf:
    if unit is None:
        return ScheduleOf(frozenset())
    line = holding.with_above(tx, unit.id)
    return ScheduleOf(frozenset(person for person, led in _leads(tx, request.basis.now.date()) if led in line))


def _leads(tx: Transaction, day: date) -> list[tuple[str, str]]:
    return [
        (one.person, one.unit)
        for one in units.memberships_of(tx)
        if one.leads and one.since <= day and (one.until is None or one.until > day)
    ]


def _one(topics: Topics, wish: Wish) -> Topic:
    found = [topic for name in wish.topics if (topic := topics.named(name)) is not None]
    if len(found) != 1:
        raise WhichTopic(words=wish.words, topics=listed([one.title for one in found or topics.all], "or"))
    return found[0]


def led_by(request: Request, tx: Transaction) -> list[Unit]:
    """The units that they lead, without those below another one of theirs."""
    mine = {unit for person, unit in _leads(tx, request.basis.now.date()) if person == request.actor.person}
    return [
        unit for unit in units.everything(tx) if unit.id in mine and not mine & set(holding.with_above(tx, unit.id)[1:])
    ]


def _unit(request: Request, tx: Transaction, topic: Topic, wish: Wish) -> Unit | None:
    """The unit that is meant; None: everybody."""
    words = wish.unit.strip().casefold().removeprefix("my ")
    if words in EVERYBODY:
        return None
    if words and words not in ("team", "unit", "region", "people"):
        roster = rosters.load(tx)
        found = roster.units_called(wish.unit)
        if len(found) == 1:
            return found[0]
        names = [one.name for one in roster.units]
        raise UnitUnknown(sentence=several(wish.unit, found) if found else unknown(wish.unit, names, "unit"))
    mine = led_by(request, tx)
    if "admin" in request.actor.roles and not words:
        return None
    if len(mine) == 1:
        return mine[0]
    if not mine:
        raise NotAllowed(reason=_refusal(request, tx))
    raise WhichUnit(
        example=_said(request, _example(topic, mine[0], wish.rule)),
        who=f"You lead {listed([one.name for one in mine])}.",
    )


def _refusal(request: Request, tx: Transaction) -> str:
    verdict = may(request.actor, "change a schedule", _subject(request, tx, None))
    return verdict.sentence if isinstance(verdict, Denied) else "You lead no unit, so say for which one."


def _versions(tx: Transaction, topic: str, unit: Unit | None) -> list[Scheduled]:
    """Those of the unit; where it has none of its own, of the nearest above it."""
    every = reach.scheduled(tx, [topic])
    for near in [*holding.with_above(tx, unit.id if unit else None), None]:
        found = [one for one in every if one.unit == near]
        if found:
            return found
    return []


def _new(request: Request, rule: str | None) -> Version:
    return Version(None if rule is None else read_rule(rule, today=request.basis.now.date()), request.now)


def _question(
    request: Request, tx: Transaction, topic: Topic, unit: Unit | None, versions: Sequence[Scheduled],
    rule: str | None, button: Button,
) -> Reply:  # fmt: skip
    last = versions[-1] if versions else None
    now = (standing.in_words(last) if last else None) or "off"
    if last is not None and last.set_by:
        who = people.person(tx, last.set_by)
        now += f", set by {who.name if who else 'somebody'}"
    now = _said(request, now)
    ask = (
        f"{topic.title} for {_whom(unit)}: {_said(request, rule)}, instead of {now}?"
        if rule
        else f"Turn {topic.title} off for {_whom(unit)}? It comes {now} till now."
    )
    rows: list[Fact] = []
    if rule:
        coming = _next(request, tx, topic, [*(standing.version(one) for one in versions), _new(request, rule)])
        times = listed(_times(request, coming)) or "none in sight"
        rows.append(Fact("Next", times))
    count = _people(request, tx, topic, unit)
    rows.append(Fact("For", f"{count}, each in their own zone"))
    more = "Nothing is changed yet."
    said = " ".join(f"{row.label}: {row.value}." for row in rows)
    return Reply(f"{ask} {said} {more}", (Text(ask), Facts(tuple(rows)), Text(more, style="quiet"), Buttons((button,))))


def _people(request: Request, tx: Transaction, topic: Topic, unit: Unit | None) -> str:
    who = {"sellers": "who sells", "managers": "who manages or leads", "leaders": "who leads a unit of units"}.get(
        topic.audience or "", "everybody"
    )
    return f"{who} in {unit.name} and below" if unit else f"{who} in {request.company.name}"


def _next(request: Request, tx: Transaction, topic: Topic, versions: Sequence[Version]) -> list[Due]:
    """The next ones that are said: one on a day off that is worth nothing after it never is."""
    zone, calendar = standing.calendar_of(request, tx)
    fiscal, found = FiscalCalendar(request.company.fiscal_year_start), list[Due]()
    around = Reach(zone=zone, calendar=calendar, quiet=(time(0), time(0)))
    for days in _AHEAD:
        coming = due(versions, request.now, request.now + timedelta(days=days), zone, calendar, fiscal)
        found = [one for one in coming if not isinstance(_day_allows(topic, one, around), Never)]
        if len(found) >= _NEXT:
            break
    return found[:_NEXT]


def _day_allows(topic: Topic, one: Due, around: Reach) -> Verdict:
    over = moment(one.slot.day + DAY, time(0), around.zone)
    until = over if topic.worth is None else one.instant + topic.worth
    return gate(topic.name, one.instant, until, around, counts=False)


def _times(request: Request, coming: Sequence[Due]) -> list[str]:
    days, said = Days.of(request.basis), []
    for one in coming:
        here = one.instant.astimezone(request.basis.zone)
        said.append(days.moment(here.date(), here.time(), near=False))
    return said


def _said(request: Request, rule: str) -> str:
    return standing.on_the_clock(rule, Days.of(request.basis))


def _whom(unit: Unit | None) -> str:
    return unit.name if unit else "everybody"


def _example(topic: Topic, unit: Unit | None, rule: str | None = None) -> str:
    name = topic.called[0] if topic.called else topic.title
    return f"{name} {rule or 'every Wednesday at 14:00'} for {_whom(unit)}"
