"""How an activity is laid out, beside its one line."""

from __future__ import annotations

from handlers.conversation.reply import Fact
from handlers.conversation.wording import Days
from handlers.figures.activity_words import next_line
from storage.activities import Activity


def details(activity: Activity, days: Days) -> tuple[Fact, ...]:
    """What the one line does not hold: the next step, tags and the note."""
    rows = []
    if following := next_line(activity, days):
        rows.append(Fact("Next", following))
    if activity.tags:
        rows.append(Fact("Tags", " ".join(f"#{tag}" for tag in activity.tags)))
    if activity.note:
        rows.append(Fact("Note", activity.note))
    return tuple(rows)
