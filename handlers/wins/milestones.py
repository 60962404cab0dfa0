"""What a win makes its owner or their team reach, each once by its key.

First deal, personal best, a streak of weeks and the team's target are said with the win. That somebody has reached
their own target is theirs to tell: they are asked, one time a period.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

import msgspec

from handlers.conversation.reply import Buttons, Reply, Text
from handlers.conversation.request import Message, Outcome, Request
from handlers.figures.plan import load_own
from handlers.figures.stages import WON
from handlers.numbers.spans import Span
from handlers.numbers.targets import over
from handlers.wins import announce, team
from handlers.wins.errors import NothingReached
from handlers.wins.preview import ISSUER
from storage import credits, deals, units, wins
from storage.database import Transaction
from storage.deals import Deal, Named
from storage.wins import Milestone

NEW_HERE: Final = timedelta(days=365)
"""Of who came longer ago a first deal is more likely one that nobody has told Pacer of."""
BEST_OF: Final = 4
"""Wins of the same currency among which the largest is a personal best."""
STREAKS: Final = (4, 8, 13, 26, 52)
"""Weeks in a row."""


def reach(request: Request, tx: Transaction, named: Named) -> list[Message]:
    """Keep what this win reaches; the question to its owner, where they have reached their own target. Of a win that
    does not count yet nothing is reached."""
    deal, wanted = named.deal, set(request.company.wins.milestones)
    if deal.claimed or deal.owner is None or deal.closes_on is None or not wanted:
        return []
    owner, day = deal.owner, deal.closes_on
    theirs = wins.won_by(tx, owner)
    found: list[Milestone] = []
    if "first" in wanted and len(theirs) == 1 and _is_new_here(tx, owner, day):
        found.append(Milestone(f"first:{owner}", "first", deal.id, owner, None, None))
    if "best" in wanted and _is_best(theirs, deal):
        found.append(Milestone(f"best:{deal.id}", "best", deal.id, owner, None, None))
    if "streak" in wanted and (streak := _streak(theirs, day)):
        since, weeks = streak
        key = f"streak:{owner}:{weeks}:{since.isoformat()}"
        found.append(Milestone(key, "streak", deal.id, owner, None, weeks))
    if "team" in wanted and (there := team.team_of(tx, request.company, deal)) is not None:
        target, brought = there.target, team.credit_of(tx, deal.id)
        if target and there.won - brought < target <= there.won:
            key = f"team:{there.unit.id}:{there.span.first.isoformat()}:{there.span.last.isoformat()}"
            found.append(Milestone(key, "team", deal.id, None, there.unit.id, None))
    for one in found:
        wins.reach(tx, one, at=request.now)
    return _own_target(request, tx, deal) if "quota" in wanted else []


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


def _own_target(request: Request, tx: Transaction, deal: Deal) -> list[Message]:
    assert deal.owner is not None
    span = _reached_own(request, tx, deal)
    if span is None:
        return []
    period = team.period_of(request.company, span)
    sentence = (
        f"With that you have reached your target for {period}. Well done. Only you read this; shall the team read it "
        "with the win? No figure is said."
    )
    # Its buttons are the owner's, whoever made the win count.
    whose = _as_owner(request, deal.owner)
    pressable = ISSUER.lasting(whose, tx, [("Tell the team", "tell quota", {"deal": deal.id})])
    reply = Reply(sentence, (Text(sentence), Buttons(tuple(pressable))))
    key = f"win:quota:{deal.owner}:{span.first.isoformat()}:{span.last.isoformat()}"
    return [Message(deal.owner, reply, announce.TOPIC, key, request.now + announce.WORTH)]


def _as_owner(request: Request, owner: str) -> Request:
    return msgspec.structs.replace(request, actor=msgspec.structs.replace(request.actor, person=owner))


def _reached_own(request: Request, tx: Transaction, deal: Deal) -> Span | None:
    """The period in which the deal took its owner over their target."""
    assert deal.owner is not None
    assert deal.closes_on is not None
    span = team.span_of(request.company, deal.closes_on)
    plan = load_own(tx, request.company, span, deal.owner)
    seller = plan.sellers.get(deal.owner) if plan else None
    if plan is None or seller is None:
        return None
    target = over(plan.person_months(deal.owner), span, seller.calendar, plan.carrier(seller))
    won = credits.by_person(tx, span.first, span.last, persons=[deal.owner], kind="revenue").get(deal.owner, 0)
    brought = team.credit_of(tx, deal.id, deal.owner)
    return span if target and won - brought < target <= won else None


def tell_quota_button(request: Request, tx: Transaction) -> Outcome:
    """*Tell the team*: said with the win, where that is announced, and as soon as it is where it is not yet."""
    named = deals.get(tx, request.data["deal"])
    row = wins.get(tx, request.data["deal"])
    if named is None or row is None or named.deal.stage != WON or named.deal.owner != request.actor.person:
        raise NothingReached
    span = team.span_of(request.company, named.deal.closes_on or named.deal.created_on)
    key = f"quota:{request.actor.person}:{span.first.isoformat()}:{span.last.isoformat()}"
    wins.reach(tx, Milestone(key, "quota", named.deal.id, request.actor.person, None, None), at=request.now)
    messages = announce.announce(request, tx, named) if row.state == "announced" else []
    sentence = "It stands with your win now." if messages else "It is said with your win when that is announced."
    return Outcome(reply=Reply(sentence), messages=tuple(messages))
