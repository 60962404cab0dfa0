"""`morning`: what somebody wrote down or promised for today, and what they planned and have not confirmed.

It asks once about each: what came up since the last working morning.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

from handlers.conversation.buttons import Wanted
from handlers.conversation.reply import Buttons, Part, Reply, Text
from handlers.conversation.request import Request
from handlers.conversation.wording import Days, listed
from handlers.figures.activity_words import next_line, one_line
from handlers.figures.plan import Seller, load_own
from handlers.nudges.buttons import LOG, TODO, below
from handlers.nudges.nothing import nothing
from handlers.numbers.spans import DAY, Span
from handlers.reach.topic import Topic
from storage import actions, activities, people
from storage.actions import Action
from storage.activities import Activity
from storage.database import Transaction
from storage.notices import Notice

FIRST: Final = 3
"""Of each of the four with buttons: together a phone's screen full. `home` shows the others."""
_MOST: Final = 50
_FURTHEST: Final = 31
"""Days back; who was away for longer finds the rest on their own page."""


def compose(request: Request, tx: Transaction, notice: Notice) -> Reply | None:
    """Planned for today, next steps due, and what was planned and is over; nothing where there is none of them."""
    today, me = request.basis.now.date(), request.actor.person
    plan = load_own(tx, request.company, Span(today, today), me)
    last = _last_morning(plan.sellers[me], today) if plan is not None else today - DAY
    steps = activities.next_due(tx, me, last + DAY, today, _MOST)[::-1]
    planned = activities.planned_until(tx, me, today, _MOST, since=last)
    ahead = [one for one in planned if one.day == today]
    over = [one for one in planned if one.day < today]
    promised = _promised(request, tx, last, today)
    if not steps and not planned and not promised:
        return nothing(request, tx, notice, "no next step is due and nothing planned is open")
    days = Days.of(request.basis)
    groups = (
        ("Planned for today", ahead, [_ahead(one, days) for one in ahead], _CONFIRM),
        ("Next steps due", steps, [_step(one, days) for one in steps], _FOLLOW),
        ("Did it happen?", over, [_capital(one_line(one, days)) for one in over], _CONFIRM),
    )
    said, parts = [], []
    for heading, some, lines, labels in groups:
        if some:
            colon = "" if heading.endswith("?") else ":"
            said.append(f"{heading}{colon} {'; '.join(lines)}.")
            parts += _group(request, tx, heading, some, lines, labels)
    if promised:
        lines = [_action(tx, one, days) for one in promised]
        said.append(f"Action items due: {'; '.join(lines)}.")
        parts.append(Text("Action items due", style="strong"))
        for one, line in list(zip(promised, lines, strict=True))[:FIRST]:
            ends: list[Wanted] = [("Done", "done", {"action": one.id}), ("Change", "edit", {"action": one.id})]
            parts += [Text(line), Buttons(below(TODO, request, tx, ends))]
        if len(promised) > FIRST:
            parts.append(Text(f"And {len(promised) - FIRST} more: “todo” shows them.", style="quiet"))
    return Reply(" ".join(said), tuple(parts))


_CONFIRM: Final = (("It happened", "confirm"), ("Edit", "edit"))
_FOLLOW: Final = (("Log it", "follow"), ("Edit", "edit"))


def _group(
    request: Request,
    tx: Transaction,
    heading: str,
    some: Sequence[Activity],
    lines: Sequence[str],
    labels: Sequence[tuple[str, str]],
) -> list[Part]:
    parts: list[Part] = [Text(heading, style="strong")]
    for activity, line in list(zip(some, lines, strict=True))[:FIRST]:
        wanted: list[Wanted] = [(label, action, {"entry": activity.entry}) for label, action in labels]
        parts += [Text(line), Buttons(below(LOG, request, tx, wanted))]
    if len(some) > FIRST:
        parts.append(Text(f"And {len(some) - FIRST} more: {'; '.join(lines[FIRST:])}.", style="quiet"))
    return parts


def _step(activity: Activity, days: Days) -> str:
    """`Initech: send NDA, today`."""
    who = activity.account_name or activity.account_text or listed(activity.contacts)
    line = next_line(activity, days)
    if activity.next_day == days.today and activity.next_time is None:
        line = activity.next_text or "follow up"
    return f"{who}: {line}" if who else _capital(line)


def _promised(request: Request, tx: Transaction, last: date, today: date) -> list[Action]:
    """Action items on their day, on the working morning after it, and then each Monday until they end."""
    mine = request.actor.person, *request.actor.reports
    return [
        one
        for one in actions.due_by(tx, request.actor.person, today)
        if one.subject in mine and (today.weekday() == 0 or (one.due is not None and one.due >= last))
    ]


def _ahead(one: Activity, days: Days) -> str:
    """That it is today stands above it."""
    line = one_line(one, days).replace(", today ", ", ").replace(", today,", ",").removesuffix(", today")
    return _capital(line)


def _action(tx: Transaction, one: Action, days: Days) -> str:
    whom = people.person(tx, one.about) if one.about else None
    late = f", was due {days.day(one.due)}" if one.due is not None and one.due < days.today else ""
    return f"{_capital(one.text)}{f' (for {whom.name})' if whom else ''}{late}"


def _last_morning(seller: Seller, today: date) -> date:
    """The last day on which such a message may have reached them."""
    day = today - DAY
    for _ in range(_FURTHEST):
        if seller.calendar.works(day) and not any(day in absence for absence in seller.leave):
            break
        day -= DAY
    return day


def _capital(line: str) -> str:
    return f"{line[0].upper()}{line[1:]}"


TOPIC: Final = Topic(
    name="morning",
    title="Today",
    plain="what is due or planned for today",
    why="you wrote down or promised something for today, or planned something that you have not confirmed",
    compose=compose,
    audience="everybody",
    rule="every working day at 08:30",
    counts=False,
    joins=True,
    called=("morning message", "next steps"),
)
