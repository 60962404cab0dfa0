"""`weekly nudge`: on Monday a rep's number, what it takes, last week's activity, and one suggestion."""

from __future__ import annotations

from typing import Final

from handlers.conversation.reply import Buttons, Part, Reply, Text
from handlers.conversation.request import Request
from handlers.figures import number, week
from handlers.figures.freshness import freshness
from handlers.figures.standing import BOOKINGS
from handlers.figures.wording import as_of
from handlers.nudges import claims, old_data, warm
from handlers.nudges.nothing import nothing
from handlers.nudges.suggestion import suggest
from handlers.numbers.spans import DAY
from handlers.reach.topic import Topic
from storage.database import Transaction
from storage.notices import Notice


def compose(request: Request, tx: Transaction, notice: Notice) -> Reply | None:
    """The number first; nothing while the data is older than three days, of which the admins are told."""
    own = number.own(request, tx)
    if own is None:
        return nothing(request, tx, notice, "is in no plan")
    fresh = freshness(request, tx, own.found.measure)
    if fresh.is_old and (own.has_target or fresh.as_of is not None):
        return old_data.held_back(request, tx, notice, fresh, "the weekly nudge")
    activity = week.load(request, tx, own.plan, week.last_week(request))
    has_number = own.has_target or own.found.status.credited or own.found.claimed
    if not has_number and not activity.over:
        return nothing(request, tx, notice, "has no target, no win and no activity")
    said = number.sentences(request, own.found) if has_number else []
    parts: list[Part] = number.parts(request, own.found) if has_number else []
    if words := claims.of_mine(request, tx, own):
        # Right after the figure that is without it.
        said.insert(1 if said else 0, words)
        parts.append(Text(words))
    suggestion = suggest(request, tx, own.plan) if own.found.measure == BOOKINGS else None
    if has_number and number.warm(own.found):
        parts.append(Text(number.warm(own.found)))
    elif kind := warm.word(request, tx, own, beside=suggestion.sentence if suggestion is not None else ""):
        said.append(kind)
        parts.append(Text(kind))
    if number.is_new(own.found.span, request.basis.now.date()):
        before = number.own(request, tx, on=own.found.span.first - DAY)
        if before is not None and (words := number.ended(request, before.found)):
            said.append(words)
            parts.append(Text(words))
    if activity.over:
        said.append(f"Last week: {activity.over}.")
        parts.append(Text(said[-1]))
    if suggestion is not None:
        said.append(suggestion.sentence)
        parts += [Text(suggestion.sentence), Buttons(suggestion.buttons)]
    if has_number and fresh.as_of is not None:
        words = as_of(request, fresh.as_of)
        said.append(f"{words[0].upper()}{words[1:]}.")
        parts.append(Text(said[-1], style="quiet"))
    return Reply(" ".join(said), tuple(parts))


TOPIC: Final = Topic(
    name="weekly nudge",
    title="Your week",
    plain="your number and your week",
    why="you sell, and whoever sells gets their number and one suggestion at the start of the week",
    compose=compose,
    audience="sellers",
    rule="every Monday at 08:30",
    called=("weekly number", "attainment nudge"),
)
