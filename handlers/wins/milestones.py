"""What a win makes its owner or their team reach, each once by its key.

First deal, personal best, a streak of weeks and the team's target are said with the win. That somebody has reached
their own target is theirs to tell: they are asked, one time a period.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from handlers.conversation.request import Request
from handlers.figures.plan import load_own
from handlers.numbers.periods import day_in
from handlers.numbers.spans import Span
from handlers.numbers.targets import over
from handlers.wins import announce, team
from storage import credits, units, wins
from storage.database import Transaction
from storage.deals import Deal, Named
from storage.wins import Milestone

NEW_HERE: Final = timedelta(days=365)
"""Of who came longer ago a first deal is more likely one that nobody has told Pacer of."""
BEST_OF: Final = 4
"""Wins of the same currency among which the largest is a personal best."""
STREAKS: Final = (4, 8, 13, 26, 52)
"""Weeks in a row."""
ASKED: Final = "quota asked"
"""The owner was asked whether the team shall read that they reached their target."""


def reach(request: Request, tx: Transaction, named: Named) -> None:
    """Keep what this win reaches; its owner is told where they have reached their own target. Of a win that does not
    count yet nothing is reached."""
    deal = named.deal
    if deal.claimed or deal.owner is None or deal.closes_on is None or not request.company.wins.milestones:
        return
    _reach(request, tx, deal, deal.owner, was=None)
    # From now on it is among what others are measured by.
    wins.set_(tx, deal.id, claimed=False)


def correct(request: Request, tx: Transaction, named: Named, was: Deal) -> None:
    """A win was corrected: what is not so any more goes, what it reaches now is kept. As `reach` else."""
    deal = named.deal
    if was.claimed or was.owner != deal.owner or deal.claimed or deal.owner is None or deal.closes_on is None:
        if was.owner != deal.owner:
            # What it reached was the other owner's.
            wins.unreach(tx, deal.id, at=request.now)
        reach(request, tx, named)
        return
    same = (was.amount_minor, was.currency, was.closes_on) == (deal.amount_minor, deal.currency, deal.closes_on)
    if same or not request.company.wins.milestones:
        return
    gone = _untrue(request, tx, deal, deal.owner, was)
    wins.unreach(tx, deal.id, at=request.now, kinds=gone)
    _reach(request, tx, deal, deal.owner, was=was)


def _reach(request: Request, tx: Transaction, deal: Deal, owner: str, *, was: Deal | None) -> None:
    assert deal.closes_on is not None
    wanted, day = set(request.company.wins.milestones), deal.closes_on
    theirs = _theirs(request, tx, deal, owner)
    found: list[Milestone] = []
    if "first" in wanted and was is None and len(theirs) == 1 and _is_new_here(tx, owner, day):
        found.append(Milestone(f"first:{owner}", "first", deal.id, owner, None, None))
    if "best" in wanted and (was is None or _is_raised(was, deal)) and _is_best(theirs, deal):
        found.append(Milestone(f"best:{deal.id}", "best", deal.id, owner, None, None))
    if "streak" in wanted and _is_another_week(was, day) and (streak := _streak(theirs, day)):
        since, weeks = streak
        key = f"streak:{owner}:{weeks}:{since.isoformat()}"
        found.append(Milestone(key, "streak", deal.id, owner, None, weeks))
    if "team" in wanted and (there := team.team_of(tx, request.company, deal)) is not None:
        target = there.target
        # Others' part is looked for where it matters alone: each win of a large import comes by here.
        won = there.won - _of_others(request, tx, there, deal) if target and there.won >= target else 0
        if target and won - _brought(request, tx, deal, was, there.span) < target <= won:
            key = f"team:{there.unit.id}:{key_of(there.span)}"
            found.append(Milestone(key, "team", deal.id, None, there.unit.id, None))
    for one in found:
        wins.reach(tx, one, at=request.now)
    if "quota" in wanted:
        _own_target(request, tx, deal, owner, was)


def _untrue(request: Request, tx: Transaction, deal: Deal, owner: str, was: Deal) -> set[str]:
    """The kinds of which what stands with the deal is not so any more, since it was corrected."""
    assert deal.closes_on is not None
    before, day = was.closes_on, deal.closes_on
    moved = before is None or team.span_of(request.company, before) != team.span_of(request.company, day)
    gone = {"streak"} if _is_another_week(was, day) else set()
    if moved:
        gone |= {"team", "quota", ASKED}
    # What others' corrections made of it since then is no reason: it was so when it was said.
    if not _is_lowered(was, deal):
        return gone
    if not _is_best([one for one in _theirs(request, tx, deal, owner) if one[1] <= day], deal):
        gone.add("best")
    there = team.team_of(tx, request.company, deal)
    if there is not None and there.target is not None and there.won < there.target:
        gone.add("team")
    own = _own(request, tx, deal, owner)
    return gone | {"quota", ASKED} if own is None or own.won < own.target else gone


def _theirs(
    request: Request, tx: Transaction, deal: Deal, owner: str
) -> list[tuple[str, date, int | None, str | None]]:
    """The owner's wins that count, without those of the same import that are still to be heard of."""
    later = wins.to_be_heard(tx, deal.id, owner, since=_news_since(request))
    return [one for one in wins.won_by(tx, owner) if one[0] not in later]


def _news_since(request: Request) -> date:
    return _today(request) - timedelta(days=request.company.wins.news_days - 1)


def _today(request: Request) -> date:
    return day_in(request.company.zone, request.now)


def _of_others(request: Request, tx: Transaction, there: team.Team, deal: Deal) -> int:
    """What those wins of the same import bring to the team, in minor units: it is theirs to reach."""
    brought = _yet_to_come(request, tx, deal, there.span)
    return sum(amount for person, day, amount in brought if there.plan.was_in(person, there.unit.id, day))


def _yet_to_come(request: Request, tx: Transaction, deal: Deal, span: Span) -> list[tuple[str, date, int]]:
    """(person, win date, minor units) that those wins count for in that span, for everybody."""
    return wins.yet_to_bring(tx, deal.id, since=_news_since(request), first=span.first, last=span.last)


def _brought(
    request: Request, tx: Transaction, deal: Deal, was: Deal | None, span: Span, person: str | None = None
) -> int:
    """By how much the deal has raised that span's sum: all of it, or what it counts for more than it did before."""
    now = team.credit_of(tx, deal.id, person)
    if was is None or was.closes_on is None or was.closes_on not in span:
        return now
    if _today(request) not in span:
        # What is corrected once the month is over counts on the day of the correction.
        return 0
    before, after = team.in_plan(tx, request.company, was), team.in_plan(tx, request.company, deal)
    return now - now * (before or 0) // after if after else 0


def _is_raised(was: Deal, now: Deal) -> bool:
    return was.currency != now.currency or (was.amount_minor or 0) < (now.amount_minor or 0)


def _is_lowered(was: Deal, now: Deal) -> bool:
    return was.currency != now.currency or (was.amount_minor or 0) > (now.amount_minor or 0)


def _is_another_week(was: Deal | None, day: date) -> bool:
    return was is None or was.closes_on is None or _monday(was.closes_on) != _monday(day)


def _is_new_here(tx: Transaction, person: str, day: date) -> bool:
    since = [one.since for one in units.memberships_of(tx, persons=[person])]
    return bool(since) and day - min(since) <= NEW_HERE


def _is_best(theirs: list[tuple[str, date, int | None, str | None]], deal: Deal) -> bool:
    same = [amount or 0 for id_, _, amount, currency in theirs if currency == deal.currency and id_ != deal.id]
    return len(same) + 1 >= BEST_OF and (deal.amount_minor or 0) > max(same)


def _streak(theirs: list[tuple[str, date, int | None, str | None]], day: date) -> tuple[date, int] | None:
    """(its first Monday, weeks) where this week makes it one of the lengths that are said."""
    weeks = {_monday(won) for _, won, _, _ in theirs if won is not None}
    at, count = _monday(day), 0
    if any(one > at for one in weeks):
        return None
    while at in weeks:
        at, count = at - timedelta(days=7), count + 1
    return (at + timedelta(days=7), count) if count in STREAKS else None


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _own_target(request: Request, tx: Transaction, deal: Deal, owner: str, was: Deal | None) -> None:
    """Told once in a period, however often the number falls below the target and reaches it again."""
    own = _own(request, tx, deal, owner)
    if own is None or not own.won - _brought(request, tx, deal, was, own.span, owner) < own.target <= own.won:
        return
    key = f"{ASKED}:{owner}:{key_of(own.span)}"
    before = wins.milestone(tx, key, standing=False)
    told = before.value if before is not None else None
    # Kept, since the message's own row is forgotten before the period is over.
    if not wins.reach(tx, Milestone(key, ASKED, deal.id, owner, None, told), at=request.now):
        return
    if not told:
        announce.tell_of(
            request, tx, deal, [owner], f"quota:{key_of(own.span)}:{request.now.isoformat()}", {"key": key}
        )
    public = wins.milestone(tx, f"quota:{owner}:{key_of(own.span)}", standing=False)
    if public is not None and public.deal == deal.id:
        # They told the team, and it is so again.
        wins.reach(tx, public, at=request.now)


def key_of(span: Span) -> str:
    """A period, as the keys of what is reached in it say it."""
    return f"{span.first.isoformat()}:{span.last.isoformat()}"


@dataclass(frozen=True, slots=True)
class _Own:
    """A person's own target of the company's period, and what they have won in it; minor units."""

    span: Span
    target: int
    won: int


def _own(request: Request, tx: Transaction, deal: Deal, owner: str) -> _Own | None:
    """Of the deal's owner, in the period in which it was won, without what is still to be heard of; None where there
    is no target."""
    assert deal.closes_on is not None
    span = team.span_of(request.company, deal.closes_on)
    plan = load_own(tx, request.company, span, owner)
    seller = plan.sellers.get(owner) if plan else None
    if plan is None or seller is None:
        return None
    target = over(plan.person_months(owner), span, seller.calendar, plan.carrier(seller))
    won = credits.by_person(tx, span.first, span.last, persons=[owner], kind="revenue").get(owner, 0)
    if not target:
        return None
    if won >= target:
        won -= sum(amount for person, _, amount in _yet_to_come(request, tx, deal, span) if person == owner)
    return _Own(span, target, won)
