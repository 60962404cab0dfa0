"""Whose numbers somebody may see (GLOSSARY: *Peers*; DESIGN: *Who may see what*): one pure function."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from handlers.conversation.request import Actor
from handlers.figures.plan import Plan, Seller
from handlers.figures.standing import Subject
from handlers.numbers.spans import DAY, Span

ENOUGH_TO_HIDE = 3
"""People with a target in a unit from which on its sum gives nobody's away to one of them who knows their own."""
ENOUGH_BESIDES = 2
"""The same of those whom a wider unit has besides a narrower one that is seen too: one sum less the other is theirs."""

PEER = "{name}'s numbers are theirs and their manager's. You can ask for your own, or for your team's ranking."
NOT_YOURS = "{name} is not a unit of yours. You can ask for your own numbers, or for {own}."
NO_UNIT = "{name} is not a unit of yours, and you are in none yet. You can ask for your own numbers."
TOO_FEW = (
    "{name} has so few targets in that time that its sum would give a colleague's away. Your own number is yours to "
    "ask for."
)
ONE_BESIDES = (
    "Of what {name} adds to {own} in that time all is one colleague's, so its sum would give theirs away. You can ask "
    "for {own}."
)


def refusal(actor: Actor, plan: Plan, subject: Subject, day: date, span: Span | None = None) -> str | None:
    """The sentence for whoever may not see the subject's numbers of that span (None: of that day); None for who may.

    Admins see all numbers, everybody their own, managers their reports', leaders their tree's. A unit's sum is seen by
    its members too, where it gives nobody's target away: on no day of the span, since a sum of a few days can be asked
    for and a longer one less a shorter one is that too.
    """
    if "admin" in actor.roles or subject.person == actor.person:
        return None
    led = {unit.id for unit in plan.led_by(actor.person, day)}
    if subject.person is not None:
        if subject.person in actor.reports or any(plan.was_in(subject.person, unit, day) for unit in led):
            return None
        return PEER.format(name=subject.name)
    assert subject.unit is not None
    above = plan.with_above(subject.unit)
    if led & set(above):
        return None
    if not plan.was_in(actor.person, subject.unit, day):
        own = plan.unit_of(actor.person, day) or next(iter(plan.led_by(actor.person, day)), None)
        return NOT_YOURS.format(name=subject.name, own=own.name) if own else NO_UNIT.format(name=subject.name)
    return _gives_away(actor, plan, subject, day, span or Span(day, day))


def _gives_away(actor: Actor, plan: Plan, subject: Subject, day: date, span: Span) -> str | None:
    """From their own unit up to the one asked for: whether a sum less what they see already is one colleague's."""
    assert subject.unit is not None
    own = plan.unit_of(actor.person, day)
    path = plan.with_above(own.id) if own else [subject.unit]
    seen: str | None = None
    for unit in path[: path.index(subject.unit) + 1]:
        refused = None
        if _is_few(plan, plan.inside(unit), span, ENOUGH_TO_HIDE):
            refused = TOO_FEW.format(name=subject.name)
        elif seen and _is_few(plan, plan.inside(unit) - plan.inside(seen), span, ENOUGH_BESIDES):
            refused = ONE_BESIDES.format(name=subject.name, own=plan.units[seen].name)
        if unit == subject.unit:
            return refused
        if not refused:
            seen = unit
    return None


def _is_few(plan: Plan, units: Collection[str], span: Span, enough: int) -> bool:
    """Whether on some day of the span fewer carry a target there than are enough, and somebody does; where nobody
    carries one in all of it, everybody who is there counts."""
    there = [
        seller
        for seller in plan.sellers.values()
        if any(one.unit in units and one.meets(span) for one in seller.member_of)
    ]
    months = {month.first for _, month in span.by_month()}
    carrying = [one for one in there if months & {month for month, of in plan.person_months(one.id).items() if of}]

    def counts(one: Seller, at: date) -> bool:
        held = any(place.unit in units and place.holds(at) for place in one.member_of)
        return held and (not carrying or bool(plan.person_months(one.id).get(at.replace(day=1))))

    counted = carrying or there
    starts = {one.first for seller in counted for one in seller.member_of if one.unit in units}
    ends = {one.last + DAY for seller in counted for one in seller.member_of if one.unit in units and one.last}
    days = {span.first, *(first for first in months | starts | ends if first in span)}
    return any(0 < sum(counts(one, at) for one in counted) < enough for at in days)


def gives_nobody_away(plan: Plan, unit: str, span: Span) -> bool:
    """Whether the unit's target may stand where colleagues read it."""
    return not _is_few(plan, plan.inside(unit), span, ENOUGH_TO_HIDE)


def sees_each(actor: Actor, plan: Plan, subject: Subject, day: date) -> bool:
    """Whether whoever may see the subject's sum sees what each of its people brings to it: leaders and admins do."""
    if "admin" in actor.roles or subject.unit is None:
        return True
    led = {unit.id for unit in plan.led_by(actor.person, day)}
    return bool(led & set(plan.with_above(subject.unit)))
