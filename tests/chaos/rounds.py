"""What is said unasked while processes are killed: a round a minute to everybody, some of it worth seconds only."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from handlers.conversation.reply import Reply
from handlers.conversation.request import Request
from handlers.numbers.working_days import WorkCalendar
from handlers.reach.topic import Topic
from handlers.schedules.rule import WEEKDAYS
from storage.database import Transaction
from storage.notices import Notice

ROUNDS = 60
SHORT_LIVED = 3
"""Every third round is worth saying for a few seconds only."""
WORTH = timedelta(seconds=5)


def begin(today: date) -> datetime:
    """Just before ten on the last working day that is over, five seconds before the first round. In the past, for
    what is looked for on a platform is looked for from when it was made."""
    calendar = WorkCalendar("US")
    day = today - timedelta(days=1)
    while not calendar.works(day):
        day -= timedelta(days=1)
    return datetime(day.year, day.month, day.day, 9, 59, 55, tzinfo=UTC)


def rounds(weekday: int) -> tuple[Topic, ...]:
    """One each minute from ten on, on that day of the week (0 is Monday)."""
    return tuple(
        Topic(
            name=f"round {number:02}",
            title=f"Round {number:02}",
            why="it is tried out",
            compose=_say,
            audience="everybody",
            rule=f"every {WEEKDAYS[weekday]} at 10:{number:02}",
            worth=WORTH if number % SHORT_LIVED == 1 else None,
            counts=False,
        )
        for number in range(ROUNDS)
    )


def _say(request: Request, tx: Transaction, notice: Notice) -> Reply:
    return Reply(f"This is {notice.topic} for {request.actor.name}.")
