"""`whom to see`: on Monday a manager reads whom to talk to this week and why, from facts; one click opens each."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Final

import msgspec

from handlers.checkins import team
from handlers.checkins.buttons import issuer
from handlers.checkins.prompts import nothing
from handlers.conversation.buttons import Wanted
from handlers.conversation.reply import Buttons, Part, Reply, Text
from handlers.conversation.request import Request
from handlers.conversation.wording import Days, listed, plural
from handlers.figures import credited, number, past_week, week
from handlers.figures.freshness import freshness
from handlers.figures.number import Own
from handlers.figures.standing import limits_of
from handlers.figures.wording import percent
from handlers.numbers.spans import DAY, Span
from handlers.numbers.status import Standing, status
from handlers.reach.topic import Topic
from storage import actions, checkins, tallies
from storage.database import Transaction
from storage.notices import Notice
from storage.people import Person

NAMED: Final = 3
"""People in one message: as many as one talks to on top of everything else."""
REASONS: Final = 2
SILENT: Final = timedelta(days=14)
"""Without a check-in for so long a manager is told."""
FELL: Final = Fraction(1, 10)
"""A pace that fell by so much within a week is worth a word."""
BIG: Final = Fraction(1, 10)
"""A win is big from this share of the period's target on."""
_ORDER: Final = (Standing.AHEAD, Standing.ON_PACE, Standing.BEHIND, Standing.AT_RISK)


@dataclass
class Whom:
    """A report, and why to see them: (how much it matters, the words)."""

    who: Person
    reasons: list[tuple[int, str]] = field(default_factory=list)

    @property
    def weight(self) -> int:
        return sum(weight for weight, _ in self.reasons)

    @property
    def line(self) -> str:
        """`Rae Quinn: pace fell from 98 % to 81 %; nothing was logged last week.`"""
        words = [words for _, words in sorted(self.reasons, key=lambda one: -one[0])[:REASONS]]
        return f"{self.who.name}: {'; '.join(words)}."


def compose(request: Request, tx: Transaction, notice: Notice) -> Reply | None:
    """Up to three of their people with a reason or two; nothing for who manages nobody, or where all is well."""
    if not request.actor.reports:
        return nothing(request, tx, notice, "manages nobody")
    return words(request, tx) or nothing(request, tx, notice, "nobody needs a word more than others")


def words(request: Request, tx: Transaction) -> Reply | None:
    """The same, whenever it is asked for; None where there is nothing to say."""
    found = look(request, tx)
    taking_part = team.participation(request, tx)
    if not found and not taking_part:
        return None
    lead = "Whom to see this week" if found else "Your team's check-ins"
    said, parts = [f"{lead}."], [Text(lead, style="strong")]
    laid: list[Part] = list(parts)
    if found:
        lines = [one.line for one in found[:NAMED]]
        if len(found) > NAMED:
            lines.append(f"Also: {listed([one.who.name for one in found[NAMED : NAMED + 3]])}.")
        said += lines
        laid.append(Text("\n".join(lines)))
        wanted: list[Wanted] = [(one.who.name, "start", {"person": one.who.id}) for one in found[:NAMED]]
        listing = msgspec.structs.replace(request, listing=True)
        laid.append(Buttons(tuple(issuer.lasting(listing, tx, wanted))))
    if taking_part:
        said.append(taking_part)
        laid.append(Text(taking_part, style="quiet"))
    return Reply(" ".join(said), tuple(laid))


def look(request: Request, tx: Transaction) -> list[Whom]:
    """Their reports who are here this week and have a reason, whom it matters most first."""
    reports = team.mine(request, tx)
    ids = [one.id for one in reports]
    days, last = Days.of(request.basis), week.last_week(request)
    given = checkins.last_given(tx, request.actor.person, ids)
    flagged = {person for _, person in checkins.flagged(tx, request.actor.person, ids)}
    overdue: dict[str, int] = {}
    for action in actions.open_about(tx, ids):
        if action.due is not None and action.due < days.today:
            overdue[action.subject] = overdue.get(action.subject, 0) + 1
    logged = {row[0] for row in tallies.logged(tx, last.first, last.last, persons=ids)}
    low = team.low(request, tx, ids)
    found = []
    for one in reports:
        own = number.of_person(request, tx, one.id, one.name)
        if own is None or _away(own, one.id, days.today):
            continue
        why = Whom(one)
        if one.id in low:
            why.reasons.append((6, f"said {low[one.id]} of 5 in the last check-in"))
        if one.id in flagged:
            why.reasons.append((5, "you kept something for the one-to-one"))
        if one.id in overdue:
            why.reasons.append((3, f"{plural(overdue[one.id], 'action item is', 'action items are')} overdue"))
        if one.id not in logged and own.plan.unit_of(one.id, days.today) is not None and _worked(own, one.id, last):
            why.reasons.append((4, "nothing was logged last week"))
        why.reasons += _of_number(request, tx, own, one)
        why.reasons += _silent(request, given.get(one.id), own, one)
        if why.reasons:
            found.append(why)
    return sorted(found, key=lambda one: (-one.weight, one.who.name))


def _silent(request: Request, given: datetime | None, own: Own, who: Person) -> list[tuple[int, str]]:
    days = Days.of(request.basis)
    if given is None:
        return [(1, "no check-in with you yet")] if own.plan.unit_of(who.id, days.today) is not None else []
    last = given.astimezone(request.basis.zone).date()
    return [(3, f"no check-in since {days.on(last)}")] if days.today - last >= SILENT else []


def _away(own: Own, person: str, today: date) -> bool:
    """All the rest of the week."""
    seller = own.plan.sellers[person]
    left = Span(today, today + timedelta(days=6 - today.weekday()))
    return bool(seller.leave) and seller.calendar.count(left) > 0 and seller.calendar.count(left, seller.leave) == 0


def _worked(own: Own, person: str, span: Span) -> bool:
    seller = own.plan.sellers[person]
    return seller.calendar.count(span, seller.leave) > 0


def _of_number(request: Request, tx: Transaction, own: Own, who: Person) -> list[tuple[int, str]]:
    """A pace that fell, and a win that was big."""
    now, plan, span, today = own.found.status, own.plan, own.found.span, request.basis.now.date()
    found = []
    then = today - timedelta(days=7)
    fresh = not freshness(request, tx, own.found.measure).is_old
    if fresh and now.pace is not None and then > span.first:
        seller = plan.sellers[who.id]
        won = credited.by_person(tx, request.company, plan, Span(span.first, then - DAY), {who.id}).get(who.id, 0)
        before = status(won, plan.person_months(who.id), span, then, seller.calendar, seller.leave,
                        limits_of(request.company), plan.carrier(seller))  # fmt: skip
        if before.pace is not None and before.standing is not None and now.standing is not None:
            worse = _ORDER.index(now.standing) > _ORDER.index(before.standing)
            if now.standing.is_behind and (worse or before.pace - now.pace >= FELL):
                found.append((4, f"pace fell from {percent(before.pace)} to {percent(now.pace)}"))
    events = past_week.load(tx, request.company, plan, {who.id}, week.last_week(request))
    big = next((one for one in events if one.kind == "won" and _big(one.amount, now.target)), None)
    if big is not None:
        words = big.line(Days.of(request.basis)).replace(f" ({who.name})", "")
        found.append((3, f"a win to praise: {words}"))
    return found


def _big(amount: int | None, target: int | None) -> bool:
    return bool(amount) and bool(target) and Fraction(amount or 0, target or 1) >= BIG


TOPIC: Final = Topic(
    name="whom to see",
    title="Whom to see this week",
    why="people report to you, and a manager reads on Monday whom to talk to and why",
    compose=compose,
    audience="managers",
    rule="every Monday at 08:30",
    called=("coaching prompt", "manager prompt", "weekly prompt"),
)
