"""`whom to see`: on Monday a manager reads whom to talk to this week and why, from facts; one click opens each."""

from __future__ import annotations

from collections.abc import Sequence
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
from handlers.conversation.wording import Days, listed
from handlers.figures import credited, past_week, week
from handlers.figures.freshness import freshness
from handlers.figures.plan import Plan, Seller, load
from handlers.figures.standing import limits_of
from handlers.figures.wording import percent
from handlers.numbers.periods import FiscalCalendar, Length
from handlers.numbers.spans import DAY, Span
from handlers.numbers.status import Standing, Status, status
from handlers.numbers.targets import over
from handlers.reach.topic import Topic
from storage import actions, checkins, one_to_ones, tallies
from storage.actions import Action
from storage.database import Transaction
from storage.notices import Notice
from storage.people import Person

NAMED: Final = 3
"""People in one message: as many as one talks to on top of everything else."""
REASONS: Final = 2
LONGEST: Final = 60
"""Characters of an action item that is named."""
SILENT: Final = timedelta(days=14)
"""Without a check-in or a one-to-one for so long a manager is told."""
FELL: Final = Fraction(1, 10)
"""A pace that fell by so much within a week is worth a word."""
BIG: Final = Fraction(1, 10)
"""A win is big from this share of the period's target on."""
PRAISE: Final = 2
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
    today, last = request.basis.now.date(), week.last_week(request)
    fiscal = FiscalCalendar(request.company.fiscal_year_start)
    span = fiscal.holding(Length(request.company.quota_period), today)
    plan = load(tx, request.company, span, persons=ids)
    talked = checkins.last_given(tx, request.actor.person, ids)
    for person, at in one_to_ones.last_met(tx, request.actor.person, ids).items():
        talked[person] = max(at, talked.get(person, at))
    flagged = {person for _, person in checkins.flagged(tx, request.actor.person, ids)}
    overdue: dict[str, list[Action]] = {}
    for item in actions.open_about(tx, ids):
        # What the manager owes them stands in the manager's own morning message.
        if item.due is not None and item.due < today and item.owner != request.actor.person:
            overdue.setdefault(item.subject, []).append(item)
    logged = {row[0] for row in tallies.logged(tx, last.first, last.last, persons=ids)}
    low = team.low(request, tx, ids)
    numbers = _of_numbers(request, tx, plan, span)
    found = []
    for one in reports:
        seller = plan.sellers.get(one.id)
        if seller is None or _away(seller, today):
            continue
        # Who leads a team and carries no target of their own is measured by the team, not by what they log.
        leads_only = bool(plan.led_by(one.id, today)) and not plan.person_months(one.id)
        sells = plan.unit_of(one.id, today) is not None and not leads_only
        why = Whom(one, list(numbers.get(one.id, ())))
        if one.id in low:
            why.reasons.append((6, f"felt {low[one.id]} of 5 in the last check-in"))
        if one.id in flagged:
            why.reasons.append((5, "you kept something for the one-to-one"))
        if one.id in overdue:
            why.reasons.append((3, _overdue(overdue[one.id])))
        if one.id not in logged and sells and seller.calendar.count(last, seller.leave) > 0:
            why.reasons.append((4, "nothing was logged last week"))
        why.reasons += _silent(request, talked.get(one.id), sells=sells)
        if why.reasons:
            found.append(why)
    return sorted(found, key=lambda one: (-one.weight, one.who.name))


def _overdue(late: Sequence[Action]) -> str:
    """`“send the NDA” is overdue`, `2 action items are overdue`."""
    if len(late) > 1:
        return f"{len(late)} action items are overdue"
    text = late[0].text.rstrip(".")
    text = text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
    return f"“{text}” is overdue"


def _silent(request: Request, talked: datetime | None, *, sells: bool) -> list[tuple[int, str]]:
    days = Days.of(request.basis)
    if talked is None:
        return [(1, "no check-in with you yet")] if sells else []
    last = talked.astimezone(request.basis.zone).date()
    return [(3, f"no conversation since {days.on(last)}")] if days.today - last >= SILENT else []


def _away(seller: Seller, today: date) -> bool:
    """All the rest of the week."""
    left = Span(today, today + timedelta(days=6 - today.weekday()))
    return seller.calendar.count(left) > 0 and seller.calendar.count(left, seller.leave) == 0


def _of_numbers(request: Request, tx: Transaction, plan: Plan, span: Span) -> dict[str, list[tuple[int, str]]]:
    """By person, a pace that fell and a win that was big; a few queries for all of them."""
    today, limits = request.basis.now.date(), limits_of(request.company)
    then = today - timedelta(days=7)
    ids = set(plan.sellers)
    found: dict[str, list[tuple[int, str]]] = {}
    if then > span.first and not freshness(request, tx).is_old:
        won = credited.by_person(tx, request.company, plan, Span(span.first, today), ids)
        won_then = credited.by_person(tx, request.company, plan, Span(span.first, then - DAY), ids)
        for one in plan.sellers.values():

            def stood(credit: int, day: date, who: Seller = one) -> Status:
                months, carrier = plan.person_months(who.id), plan.carrier(who)
                return status(credit, months, span, day, who.calendar, who.leave, limits, carrier)

            before, now = stood(won_then.get(one.id, 0), then), stood(won.get(one.id, 0), today)
            if words := _fell(before, now):
                found.setdefault(one.id, []).append((4, words))
    days = Days.of(request.basis)
    for event in past_week.load(tx, request.company, plan, ids, week.last_week(request)):
        owner = event.named.deal.owner or ""
        target = over(plan.person_months(owner), span, plan.sellers[owner].calendar, plan.carrier(plan.sellers[owner]))
        told = any(weight == PRAISE for weight, _ in found.get(owner, ()))
        if event.kind == "won" and event.amount and target and Fraction(event.amount, target) >= BIG and not told:
            line = event.line(days).replace(f" ({event.named.owner})", "")
            found.setdefault(owner, []).append((PRAISE, f"a win to praise: {line}"))
    return found


def _fell(before: Status, now: Status) -> str:
    """`pace fell from 98 % to 81 %`, where it is behind now; else empty."""
    if before.pace is None or now.pace is None or before.standing is None or now.standing is None:
        return ""
    worse = _ORDER.index(now.standing) > _ORDER.index(before.standing)
    if now.standing.is_behind and (worse or before.pace - now.pace >= FELL):
        return f"pace fell from {percent(before.pace)} to {percent(now.pace)}"
    return ""


TOPIC: Final = Topic(
    name="whom to see",
    title="Whom to see this week",
    why="people report to you, and a manager reads on Monday whom to talk to and why",
    compose=compose,
    audience="managers",
    rule="every Monday at 08:30",
    called=("coaching prompt", "manager prompt", "weekly prompt"),
)
