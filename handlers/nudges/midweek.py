"""`midweek nudge`: a word in the middle of the week to who has logged much less than is expected by then. Off until it
is turned on."""

from __future__ import annotations

from fractions import Fraction
from typing import Final

from handlers.conversation.reply import Buttons, Reply, Text
from handlers.conversation.request import Request
from handlers.conversation.wording import plural
from handlers.figures import week
from handlers.figures.plan import load_own
from handlers.nudges.buttons import LOG, below
from handlers.nudges.nothing import nothing
from handlers.numbers.spans import Span
from handlers.numbers.working_days import week_of
from handlers.reach.topic import Topic
from storage.database import Transaction
from storage.notices import Notice

ENOUGH: Final = Fraction(1, 2)
"""Of what is expected by now, all kinds together; more of one kind does not make up for another."""
DID_MORE: Final = "Did more happen? One line logs it, for example “/log 12 dials”."


def compose(request: Request, tx: Transaction, notice: Notice) -> Reply | None:
    """What there is beside what is expected of the days that are over; nothing for whoever has half of it."""
    today = request.basis.now.date()
    this_week = Span(*week_of(today))
    plan = load_own(tx, request.company, this_week, request.actor.person)
    if plan is None:
        return nothing(request, tx, notice, "is in no plan")
    found = week.load(request, tx, plan, this_week)
    by_now = sum(one.so_far for one in found.expected.values())
    done = sum(min(found.done.get(kind, 0), one.so_far) for kind, one in found.expected.items())
    if not by_now:
        return nothing(request, tx, notice, "no activity is expected by now")
    if done >= ENOUGH * by_now:
        return nothing(request, tx, notice, "has logged enough by now")
    seller = plan.sellers[request.actor.person]
    left = seller.calendar.count(Span(today, this_week.last), seller.leave)
    lead = f"{found.by_now} expected by now this week"
    more = f"{DID_MORE} {plural(left, 'working day')} left, today included." if left else DID_MORE
    buttons = below(LOG, request, tx, [("Log an activity", "new", {})])
    return Reply(f"{lead}. {more}", (Text(lead, style="strong"), Text(more), Buttons(buttons)))


TOPIC: Final = Topic(
    name="midweek nudge",
    title="Your week so far",
    why="you had logged less than half of the activity that your role expects by then",
    compose=compose,
    audience="sellers",
    suggested="every Wednesday at 14:00",
    called=("activity nudge",),
)
