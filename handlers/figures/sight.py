"""Whose numbers somebody may see (GLOSSARY: *Peers*; DESIGN: *Who may see what*): one pure function."""

from __future__ import annotations

from datetime import date

from handlers.conversation.request import Actor
from handlers.figures.plan import Plan
from handlers.figures.standing import Subject
from handlers.numbers.spans import Span

ENOUGH_TO_HIDE = 3
"""People with a target in a unit from which on its sum gives nobody's away to one of them who knows their own."""

PEER = "{name}'s numbers are theirs and their manager's. You can ask for your own, or for your team's ranking."
NOT_YOURS = "{name} is not a unit of yours. You can ask for your own numbers, or for {own}."
NO_UNIT = "{name} is not a unit of yours, and you are in none yet. You can ask for your own numbers."
TOO_FEW = "{name} has so few targets that its sum would give a colleague's away. Your own number is yours to ask for."


def refusal(actor: Actor, plan: Plan, subject: Subject, day: date) -> str | None:
    """The sentence for whoever may not see the subject's numbers; None for who may.

    Admins see all numbers, everybody their own, managers their reports', leaders their tree's. A unit's sum is seen by
    its members too, where it gives nobody's target away.
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
    carrying = [one for one in plan.sellers_in(subject.unit, Span(day, day)) if plan.person_months(one.id)]
    return TOO_FEW.format(name=subject.name) if 0 < len(carrying) < ENOUGH_TO_HIDE else None


def sees_each(actor: Actor, plan: Plan, subject: Subject, day: date) -> bool:
    """Whether whoever may see the subject's sum sees what each of its people brings to it: leaders and admins do."""
    if "admin" in actor.roles or subject.unit is None:
        return True
    led = {unit.id for unit in plan.led_by(actor.person, day)}
    return bool(led & set(plan.with_above(subject.unit)))
